"""The geometry of a bar chart: whole numbers, which every language writes the same in an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

HEIGHT = 1000
STEP = 10
"""From one bar to the next."""
WIDTH_OF_BAR = 7
NICE = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart:
    """Bars in a drawing of `width` by `height`; the scale goes from nothing to `top`."""

    width: int
    height: int
    bar_width: int
    bars: list[Bar]
    top: Decimal

    @property
    def middle(self) -> Decimal:
        return self.top / 2


def bar_chart(values: Sequence[Decimal]) -> BarChart:
    top = nice_ceiling(max(values, default=Decimal(0)))
    heights = [int(HEIGHT * value / top) for value in values]
    return BarChart(
        width=STEP * len(values),
        height=HEIGHT,
        bar_width=WIDTH_OF_BAR,
        bars=[Bar(x=STEP * number + 1, y=HEIGHT - height, height=height) for number, height in enumerate(heights)],
        top=top,
    )


def nice_ceiling(value: Decimal) -> Decimal:
    """The next of 1, 2, 2.5, 5 times a power of ten, from 10 on: where a scale ends."""
    power = Decimal(10)
    while power * 10 < value:
        power *= 10
    return next(power * step for step in NICE if power * step >= value)
