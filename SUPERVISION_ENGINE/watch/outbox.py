"""Messages on their way: each is sent by a process of its own, so that a mail server that hangs stops no watch."""

import json
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import subprocess

PATIENCE = 60.0
"""Seconds for one attempt."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
TURN, TRIES = 6, 100
"""After so many attempts a message goes behind those that wait, after so many (some eight hours) it is given up."""
KEPT = 100
"""Messages that wait at most: a server that never answers must not fill the memory."""
SENDER = [sys.executable, "-m", "SUPERVISION_ENGINE.watch.telling"]


class Outbox:
    """In order, one at a time; what fails is tried again with growing pauses, by the ways that failed alone.

    What is refused again and again does not keep the others from being sent.
    """

    def __init__(self, log: Callable[[str], None], waiting: list[dict[str, Any]] | None = None) -> None:
        self._log = log
        self._waiting = list(waiting or [])
        self._sender: subprocess.Popen[str] | None = None
        self._deadline = self._not_before = 0.0
        self._pause = FIRST_PAUSE

    def memory(self) -> list[dict[str, Any]]:
        return self._waiting

    @property
    def is_busy(self) -> bool:
        return bool(self._waiting)

    def add(self, message: dict[str, Any]) -> None:
        self._waiting = [*self._waiting, {"message": message, "ways": None}][-KEPT:]

    def go_on(self, now: float) -> None:
        """Look how the sending goes, and begin the next; never waits."""
        if self._sender is not None:
            self._look(self._sender, now)
        elif self._waiting and now >= self._not_before:
            self._begin(now)

    def _begin(self, now: float) -> None:
        # For the few who ever send.
        import subprocess  # noqa: PLC0415

        # A file without a name and not a pipe: a sender that ends at once breaks nothing here.
        message = os.memfd_create("message")
        try:
            os.write(message, json.dumps(self._waiting[0]).encode())
            os.lseek(message, 0, os.SEEK_SET)
            self._sender = subprocess.Popen(  # noqa: S603 - our own module
                SENDER,
                stdin=message,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )
        finally:
            os.close(message)
        self._deadline = now + PATIENCE

    def _look(self, sender: "subprocess.Popen[str]", now: float) -> None:
        if sender.poll() is None and now < self._deadline:
            return
        if sender.returncode is None:
            sender.kill()
        said = sender.communicate()[0]
        self._sender = None
        failed = json.loads(said) if sender.returncode == 0 else ["tous : l’envoi n’a pas abouti"]
        subject = self._waiting[0]["message"]["subject"]
        if not failed:
            self._log(f"message envoyé : {subject}")
            self._waiting = self._waiting[1:]
            self._pause = FIRST_PAUSE
            return
        self._fail(failed, now, are_known=sender.returncode == 0)

    def _fail(self, failed: list[str], now: float, *, are_known: bool) -> None:
        """`failed` tells the ways; they are not known when the sender itself failed: then all are tried again."""
        head, *others = self._waiting
        subject = head["message"]["subject"]
        # A message that the release before has left behind was not counted.
        head = head | {"tries": head.get("tries", 0) + 1}
        if are_known:
            head["ways"] = [failure.partition(" ")[0] for failure in failed]
        if head["tries"] >= TRIES:
            self._log(f"message abandonné après {TRIES} essais ({', '.join(failed)}) : {subject}")
            self._waiting, self._pause = others, FIRST_PAUSE
            return
        self._log(f"message pas encore envoyé ({', '.join(failed)}), nouvel essai dans {self._pause:.0f} s : {subject}")
        self._waiting = [*others, head] if head["tries"] % TURN == 0 else [head, *others]
        self._not_before = now + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
