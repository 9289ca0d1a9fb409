"""When people order: lunch, dinner, and above all Friday and Saturday evening."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from pizzeria.operations.demo.places import Place
from pizzeria.stores.hours import PARIS, is_open

ORDERS_A_DAY = 36.0
"""Of the whole group, on an average day."""

DAYS = (0.78, 0.80, 0.86, 0.92, 1.32, 1.38, 0.94)
"""Monday to Sunday, around 1."""

HOURS = (
    1.2, 0.6, 0.3, 0.15, 0.1, 0.1, 0.1, 0.15, 0.2, 0.3, 0.6, 3.5, 9.0, 8.0,
    2.5, 0.8, 0.7, 1.0, 4.5, 12.0, 14.0, 10.0, 5.5, 2.6,
)  # fmt: skip
"""How often each hour of the day is chosen."""

LATE_WEEKEND = (4, 5)
LATE_HOURS = {0: 2.2, 1: 3.0, 20: 1.25, 21: 1.4, 22: 1.7, 23: 2.0}
"""On Friday and Saturday the evening lasts: these hours count for more."""


def moments(*, place: Place, day: date, rng: random.Random) -> Iterator[datetime]:
    """The moments of a day at which somebody orders there, all inside its opening hours, in no order.

    In UTC: what follows a moment by minutes does so on the two odd nights of the year as well.
    """
    expected = ORDERS_A_DAY * place.row.share * DAYS[day.weekday()]
    late = day.weekday() in LATE_WEEKEND
    weights = [weight * (LATE_HOURS.get(hour, 1.0) if late else 1.0) for hour, weight in enumerate(HOURS)]
    for _ in range(int(expected + rng.random())):
        hour = rng.choices(range(24), weights)[0]
        # The small hours belong to the evening before.
        shift = timedelta(days=1 if hour < 3 else 0)  # noqa: PLR2004
        clock = time(hour, rng.randrange(60), rng.randrange(60))
        at = datetime.combine(day + shift, clock, tzinfo=PARIS).astimezone(UTC)
        if is_open(store=place.store, at=at):
            yield at
