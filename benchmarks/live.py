"""How long a watching page waits for an event after its commit, beside a bare LISTEN on the same database."""

import statistics
import threading
import time
import urllib.request
from collections.abc import Callable
from itertools import islice
from queue import Queue

import psycopg

from benchmarks.place import Place

EVENTS = 200
LONE_SECONDS = 0.05
"""Between one event and the next, where each is answered at once: longer than the hub gathers what comes in a rush (`GATHER_SECONDS`)."""
RUSH_SECONDS = 0.005
"""Where each comes so soon behind another that it waits for the reading they share."""
TOPIC = "menu:1"
EVENT = (
    "INSERT INTO live_liveevent (topic, kind, payload, created_at) VALUES (%s, 'makeable', '{\"counts\": {}}', now())"
)
BARE = "benchmark_bare"


def page_seconds(place: Place, pause: float = LONE_SECONDS) -> list[float]:
    """From the commit to the page, over server-sent events, with a pause before the next."""
    heard: Queue[float] = Queue()
    stream = urllib.request.urlopen(f"{place.live}/live/?topic={TOPIC}", timeout=30)

    def listen() -> None:
        told = (line for line in stream if line.startswith((b"event: hello", b"event: makeable")))
        for _line in islice(told, 1 + EVENTS):
            heard.put(time.perf_counter())
        # Nobody watches while the other figures are taken: somebody who does costs the live process a reading an order.
        stream.close()

    threading.Thread(target=listen, daemon=True).start()
    heard.get(timeout=10)
    with psycopg.connect(place.database_url, autocommit=True) as database:
        return _waits(lambda: database.execute(EVENT, [TOPIC]), heard, pause)


def bare_seconds(place: Place) -> list[float]:
    """From a NOTIFY to somebody who does nothing but LISTEN."""
    heard: Queue[float] = Queue()
    ready = threading.Event()

    def listen() -> None:
        with psycopg.connect(place.database_url, autocommit=True) as database:
            database.execute(f"LISTEN {BARE}")
            ready.set()
            for _notification in database.notifies(stop_after=EVENTS):
                heard.put(time.perf_counter())

    threading.Thread(target=listen, daemon=True).start()
    ready.wait(10)
    with psycopg.connect(place.database_url, autocommit=True) as database:
        return _waits(lambda: database.execute(f"NOTIFY {BARE}"), heard, LONE_SECONDS)


def _waits(tell: Callable[[], object], heard: "Queue[float]", pause: float) -> list[float]:
    waits = []
    for _event in range(EVENTS):
        started = time.perf_counter()
        tell()
        waits.append(heard.get(timeout=10) - started)
        time.sleep(pause)
    return waits


def per_second(waits: list[float]) -> float:
    """The median wait, as so many a second: the form that the table compares."""
    return 1 / statistics.median(waits)
