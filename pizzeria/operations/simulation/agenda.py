"""Simulated time: what happens when, one thing after another. It knows neither kitchens nor databases."""

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

Action = Callable[[], None]


class Agenda:
    """Actions in the order of their moments; those of one moment in the order in which they were written down."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._numbers = count()
        self._waiting: list[tuple[datetime, int, Action]] = []

    def at(self, moment: datetime, action: Action) -> None:
        """Write an action down; what should have happened already happens now."""
        heapq.heappush(self._waiting, (max(moment, self.now), next(self._numbers), action))

    def run(self, until: datetime) -> None:
        """Let happen everything up to a moment, what is written down meanwhile included."""
        while self._waiting and self._waiting[0][0] <= until:
            self.now, _number, action = heapq.heappop(self._waiting)
            action()
        self.now = until
