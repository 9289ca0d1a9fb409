"""What an offer is, as it is reckoned with: plain values, no database. Amounts are in euros unless a name says cents."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from pizzeria.promotions.models import Audience, Kind, Reach

BIRTHDAY_DAYS = timedelta(days=3)
"""Before and after the birthday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One thing in a basket. `menu` is its price on the menu, `price` that with its supplements, both in cents.

    A pizza of two halves has two products; it fits where both do.
    """

    kind: str
    products: tuple[int, ...]
    size: int | None
    menu: int
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What fits: a kind, some products, some sizes; empty means any."""

    kind: str = ""
    products: frozenset[int] = frozenset()
    sizes: frozenset[int] = frozenset()
    names: tuple[tuple[str, str], ...] = ()
    """Of its products and sizes, in French and in English."""

    def fits(self, unit: Unit) -> bool:
        return (
            self.kind in ("", unit.kind)
            and (not self.products or self.products.issuperset(unit.products))
            and (not self.sizes or unit.size in self.sizes)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """An offer: what it gives and on which conditions. The fields are those of `models.Offer`."""

    pk: int
    name: str
    name_en: str = ""
    kind: str
    reach: str = Reach.ORDER.value
    percent: int = 0
    amount: Decimal = Decimal(0)
    price: Decimal = Decimal(0)
    bought: int = 0
    given: int = 0
    same_size: bool = True
    parts: tuple[Part, ...] = ()
    code: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    weekdays: frozenset[int] = frozenset()
    from_time: time | None = None
    until_time: time | None = None
    minimum: Decimal = Decimal(0)
    stores: tuple[tuple[int, str], ...] = ()
    """Their keys and names."""
    fulfilments: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    audience: str = Audience.EVERYBODY.value
    audience_number: int = 0
    most: int | None = None
    most_each: int | None = None
    is_combinable: bool = True

    @property
    def takes_what_is_left(self) -> bool:
        """A percentage or an amount off the order: it is taken off what the others leave."""
        return self.kind in (Kind.PERCENT, Kind.AMOUNT) and self.reach == Reach.ORDER

    @property
    def is_by_unit(self) -> bool:
        return self.kind in (Kind.PERCENT, Kind.AMOUNT) and self.reach == Reach.ITEMS

    @property
    def knows_clients(self) -> bool:
        """Whether it asks who orders: nobody who is not signed in has it."""
        return self.audience != Audience.EVERYBODY or self.most_each is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What an offer may ask of a client. Orders that were cancelled count for nothing."""

    pk: int
    birthday: date | None = None
    orders: int = 0
    last_order_at: datetime | None = None
    uses: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """How often they used an offer in a period, by (offer, period)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """Where, when (in Paris), how and by whom a basket is ordered.

    `gross` is what the lines cost before any offer; `used` how often the offers that are counted were used; `held` the
    offers that the order has already, when it is being changed: of these only the basket is asked.
    """

    at: datetime
    store: int
    fulfilment: str
    channel: str
    gross: Decimal
    client: Client | None = None
    used: Mapping[int, int] = field(default_factory=dict)
    held: Collection[int] = ()


class Obstacle(StrEnum):
    """What keeps an offer from a basket."""

    NOT_YET = "not_yet"
    OVER = "over"
    USED_UP = "used_up"
    NOT_HERE = "not_here"
    NOT_THIS_WAY = "not_this_way"
    NOT_NOW = "not_now"
    SIGN_IN = "sign_in"
    NOT_FOR_YOU = "not_for_you"
    HAD_IT = "had_it"
    MINIMUM = "minimum"


def period_of(deal: Deal, *, birthday: date | None, on: date) -> int:
    """In what a client's uses are counted: the birthday's year, or 0 for ever."""
    if deal.audience != Audience.BIRTHDAY or birthday is None:
        return 0
    return nearest(birthday, on).year


def nearest(birthday: date, on: date) -> date:
    """The birthday that is closest to a day; that of 29 February is on the 28th in other years."""
    return min((_in_year(birthday, on.year + shift) for shift in (-1, 0, 1)), key=lambda day: abs(day - on))


def obstacle(deal: Deal, found: Circumstances) -> Obstacle | None:
    """The first thing that keeps the offer from this basket, whatever is in it; None when nothing does."""
    last = Obstacle.MINIMUM if deal.minimum > found.gross else None
    if deal.pk in found.held:
        return last
    return known_obstacle(deal, found) or _of_who_and_how_often(deal, found) or last


def known_obstacle(deal: Deal, found: Circumstances) -> Obstacle | None:
    """What keeps the offer from here and now, before anything is asked of the database."""
    return of_its_dates(deal, found.at) or _of_its_hours(deal, found.at) or _of_the_place(deal, found)


def day_of(now: datetime, *, since: time | None, until: time | None) -> date:
    """The day that a moment of Paris is of, for an offer with these hours: a night belongs to the evening it began on."""
    is_after_midnight = until is not None and until <= (since or time.min) and now.time() < until
    return now.date() - timedelta(days=1) if is_after_midnight else now.date()


def of_its_dates(deal: Deal, now: datetime) -> Obstacle | None:
    """Whether a moment of Paris is before the offer's first day or after its last one, whatever the hour of the day."""
    today = day_of(now, since=deal.from_time, until=deal.until_time)
    if deal.ends_on and today > deal.ends_on:
        return Obstacle.OVER
    if deal.starts_on and today < deal.starts_on:
        return Obstacle.NOT_YET
    return None


def _of_its_hours(deal: Deal, now: datetime) -> Obstacle | None:
    if deal.weekdays and day_of(now, since=deal.from_time, until=deal.until_time).weekday() not in deal.weekdays:
        return Obstacle.NOT_NOW
    return None if _is_within(now.time(), deal.from_time or time.min, deal.until_time) else Obstacle.NOT_NOW


def _is_within(now: time, since: time, until: time | None) -> bool:
    """From `since` on, and before `until`; one that ends after midnight ends before it begins."""
    if until is None:
        return since <= now
    return since <= now < until if since < until else now >= since or now < until


def _of_the_place(deal: Deal, found: Circumstances) -> Obstacle | None:
    if deal.stores and found.store not in dict(deal.stores):
        return Obstacle.NOT_HERE
    if (deal.fulfilments and found.fulfilment not in deal.fulfilments) or (
        deal.channels and found.channel not in deal.channels
    ):
        return Obstacle.NOT_THIS_WAY
    return None


def _of_who_and_how_often(deal: Deal, found: Circumstances) -> Obstacle | None:
    if deal.most is not None and found.used.get(deal.pk, 0) >= deal.most:
        return Obstacle.USED_UP
    if not deal.knows_clients:
        return None
    client, today = found.client, found.at.date()
    if client is None:
        return Obstacle.SIGN_IN
    if not _is_meant(deal, client, found.at, today):
        return Obstacle.NOT_FOR_YOU
    had = client.uses.get((deal.pk, period_of(deal, birthday=client.birthday, on=today)), 0)
    return Obstacle.HAD_IT if deal.most_each is not None and had >= deal.most_each else None


def _is_meant(deal: Deal, client: Client, at: datetime, today: date) -> bool:
    if deal.audience == Audience.NEW:
        return client.orders == 0
    if deal.audience == Audience.NTH:
        return client.orders + 1 == deal.audience_number
    if deal.audience == Audience.ABSENT:
        return client.last_order_at is not None and client.last_order_at <= at - timedelta(days=deal.audience_number)
    if deal.audience == Audience.BIRTHDAY:
        return client.birthday is not None and abs(nearest(client.birthday, today) - today) <= BIRTHDAY_DAYS
    return True


def _in_year(birthday: date, year: int) -> date:
    try:
        return birthday.replace(year=year)
    except ValueError:
        return birthday.replace(year=year, day=28)
