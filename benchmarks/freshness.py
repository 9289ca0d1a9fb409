"""For how long a menu is still shown as it was before a change of stock, through everything that is kept on its way."""

import contextlib
import http.client
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PAUSE_SECONDS = 0.004

Connect = Callable[[], http.client.HTTPConnection]
Seen = tuple[float, str]
"""When an answer was there, and its ETag."""


def stale_seconds(connect: Connect, store: str, *, changes: int, environment: Mapping[str, str]) -> list[float]:
    """By change, the time from its commit to the last answer that did not show it yet; 0 when there was none."""
    seen: list[Seen] = []
    over = threading.Event()
    reader = threading.Thread(target=_read, args=(connect, f"/carte/{store}/", seen, over))
    reader.start()
    try:
        said = subprocess.run(
            [sys.executable, "-m", "benchmarks.change_stock", store, str(changes)],
            cwd=CHECKOUT, env=dict(environment), stdout=subprocess.PIPE, text=True, check=True,
        ).stdout  # fmt: skip
        time.sleep(1.5)
    finally:
        over.set()
        reader.join()
    committed = [(float(at), state) for at, state in (line.split() for line in said.splitlines())]
    return _stale(committed, seen)


def _read(connect: Connect, path: str, seen: list[Seen], over: threading.Event) -> None:
    with contextlib.closing(connect()) as connection:
        while not over.is_set():
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            if answer.status == http.HTTPStatus.OK:
                seen.append((time.time(), answer.headers["ETag"]))
            time.sleep(PAUSE_SECONDS)


def _stale(committed: Sequence[Seen], seen: Sequence[Seen]) -> list[float]:
    waits = []
    ends = [at for at, _state in committed[1:]] + [float("inf")]
    for (at, state), end in zip(committed, ends, strict=True):
        shown = [(when, state in etag) for when, etag in seen if at <= when < end]
        if not any(is_new for _when, is_new in shown):
            raise RuntimeError(f"the change to {state} was never seen")
        waits.append(max((when - at for when, is_new in shown if not is_new), default=0.0))
    return waits
