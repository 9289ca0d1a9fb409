"""The picture of an evening: a bar a quarter of an hour, in whole numbers, which every language writes the same in an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pizzeria.ordering.baking import QUARTER
from pizzeria.ordering.evening import EveningQuarter
from pizzeria.stores.hours import PARIS

HEIGHT = 100
STEP = 12
WIDTH_OF_BAR = 10
NEARLY_FULL = 85
"""In percent of what there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EveningBar:
    """A quarter of an hour: how high what there is stands, and what orders hold of it; `percent` is how full it is."""

    quarter: EveningQuarter
    x: int
    there_y: int
    there: int
    held_y: int
    held: int
    percent: int
    is_now: bool
    hour: int | None
    """The hour that begins here, to be written under the bar."""

    @property
    def state(self) -> str:
        if self.percent >= 100:  # noqa: PLR2004
            return "full"
        return "nearly" if self.percent >= NEARLY_FULL else "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class EveningChart:
    width: int
    height: int
    bar_width: int
    bars: Sequence[EveningBar]


def evening_chart(quarters: Sequence[EveningQuarter], *, at: datetime) -> EveningChart:
    top = max((each.minutes + each.lost for each in quarters), default=0) or 1
    bars = [_bar(each, number, top, at) for number, each in enumerate(quarters)]
    return EveningChart(width=STEP * len(bars), height=HEIGHT, bar_width=WIDTH_OF_BAR, bars=bars)


def _bar(quarter: EveningQuarter, number: int, top: int, at: datetime) -> EveningBar:
    there, held = (HEIGHT * minutes // top for minutes in (quarter.minutes, quarter.reserved))
    wall = quarter.starts_at.astimezone(PARIS)
    return EveningBar(
        quarter=quarter,
        x=STEP * number + 1,
        there_y=HEIGHT - there,
        there=there,
        held_y=HEIGHT - held,
        held=held,
        percent=100 * (quarter.minutes - quarter.free) // quarter.minutes if quarter.minutes else 100,
        is_now=quarter.starts_at <= at < quarter.starts_at + QUARTER,
        hour=wall.hour if wall.minute == 0 else None,
    )
