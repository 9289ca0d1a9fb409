"""The geometry of bar charts: whole numbers, which every language writes the same in an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

HEIGHT = 1000
STEP = 10
"""From one bar to the next."""
WIDTH_OF_BAR = 7
MOST_LABELS = 9
"""As many as a page of a desk has room for; a phone shows every second one."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A value of a chart, in words too, and what it is compared with: an average, or how much there is room for."""

    label: str
    value: Decimal
    words: str
    against: Decimal | None = None
    against_words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A column as it stands in the drawing; `mark` is the height of what it is compared with."""

    column: Column
    bar: Bar
    mark: Bar | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture of columns with its words; `name` is unique on the page. `_chart.html` shows it, with its table.

    `against` names what the columns are compared with: a mark across each, or, where it is room, the empty part of it.
    """

    name: str
    title: str
    heading: str
    """What the columns are of: the head of the table's first column."""
    values: str
    columns: Sequence[Column]
    scale: tuple[str, str, str]
    top: Decimal
    against: str = ""
    is_room: bool = False

    @property
    def width(self) -> int:
        return STEP * len(self.columns)

    @property
    def height(self) -> int:
        return HEIGHT

    @property
    def bar_width(self) -> int:
        return WIDTH_OF_BAR

    @property
    def drawn(self) -> list[Drawn]:
        return [
            Drawn(
                column=column,
                bar=_bar(number, column.value, self.top),
                mark=None if column.against is None else _bar(number, column.against, self.top),
            )
            for number, column in enumerate(self.columns)
        ]

    @property
    def labels(self) -> list[str]:
        return [column.label for column in self.columns[:: -(-len(self.columns) // MOST_LABELS) or 1]]


def bar_chart(values: Sequence[Decimal]) -> BarChart:
    top = nice_ceiling(max(values, default=Decimal(0)))
    return BarChart(
        width=STEP * len(values),
        height=HEIGHT,
        bar_width=WIDTH_OF_BAR,
        bars=[_bar(number, value, top) for number, value in enumerate(values)],
        top=top,
    )


def top_of(columns: Sequence[Column]) -> Decimal:
    """Where the scale of these columns ends, with what they are compared with."""
    values = [column.value for column in columns]
    return nice_ceiling(max([*values, *(column.against or Decimal(0) for column in columns)], default=Decimal(0)))


def nice_ceiling(value: Decimal) -> Decimal:
    """The next of 1, 2, 2.5, 5 times a power of ten, from 10 on: where a scale ends."""
    power = Decimal(10)
    while power * 10 < value:
        power *= 10
    return next(power * step for step in NICE if power * step >= value)


def _bar(number: int, value: Decimal, top: Decimal) -> Bar:
    height = min(HEIGHT, int(HEIGHT * value / top)) if value > 0 else 0
    return Bar(x=STEP * number + 1, y=HEIGHT - height, height=height)
