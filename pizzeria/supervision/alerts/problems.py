"""What a rule finds, and what it says when it cannot look."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime


class CannotTell(Exception):
    """What the rule looks at cannot be read now: an alert of it neither begins nor ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that somebody must look at. French, and not translated: it is sent by mail, and kept as it was sent."""

    key: str
    subject: str = ""
    """One line. Empty: it goes on, and there is nothing new to say of it; only for what is open already."""
    detail: str = ""
    """What more there is to know, in a sentence or two."""
    since: datetime | None = None
    """When it began, where that is known; otherwise it begins when it is found."""


Find = Callable[..., Iterable[Problem]]
"""`find(at=…, open_keys=…)`: every problem that there is at a moment.

`open_keys` are those whose alert is open, for rules that end later than they begin. Raises CannotTell.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Finds the problems of one kind, whose keys are `kind` or begin with `kind:`."""

    kind: str
    find: Find

    def owns(self, key: str) -> bool:
        return kind_of(key) == self.kind


def kind_of(key: str) -> str:
    return key.partition(":")[0]


def goes_on(key: str, *, open_keys: Collection[str]) -> list[Problem]:
    """The problem of this key as it was, if its alert is open."""
    return [Problem(key=key)] if key in open_keys else []


def minutes_ago(at: datetime, moment: datetime) -> int:
    return int((at - moment).total_seconds() // 60)
