"""The cashier's form: what it holds, and what it comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _

from pizzeria.accounts.details import POSTAL_CODE
from pizzeria.accounts.models import User
from pizzeria.errors import BusinessError
from pizzeria.ordering.callers import phone_digits
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.drafts import Writing
from pizzeria.ordering.errors import InvalidLine
from pizzeria.ordering.lines import LineRequest, PricedLine, needs_of, price_each
from pizzeria.ordering.models import Channel, Fulfilment, Source
from pizzeria.ordering.planning import Promise
from pizzeria.ordering.pricing import Quote, quote
from pizzeria.ordering.promise import SlotOffer, days_offered, oven_minutes_of, promise_of, slots_of
from pizzeria.payments.models import AT_DOOR, Method
from pizzeria.stock.selectors import short_ingredients
from pizzeria.stores.errors import BelowMinimum, NotDeliverable
from pizzeria.stores.models import DeliveryZone, Store
from pizzeria.stores.selectors import informed, zone_of
from pizzeria.words import lines as kept_lines

PERSON = ("phone", "first_name", "last_name", "street", "complement", "postal_code", "town", "comment")
FIELDS = (*PERSON, "source", "fulfilment", "day", "wanted_at", "payment_method", "change_for", "code", "pay_now")
SOURCES = (Source.PHONE, Source.COUNTER)
DIGITS, LONGEST = frozenset("0123456789"), 12
MOST_OF_A_FIELD = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line with its price, or with what keeps it from being ordered now."""

    number: int
    request: LineRequest
    priced: PricedLine | None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """What is written so far comes to: `notice` is what stands in the way of a price, `trouble` of a promise."""

    rows: Sequence[Row]
    quote: Quote | None = None
    zone: DeliveryZone | None = None
    notice: str = ""
    promise: Promise | None = None
    trouble: BusinessError | None = None
    days: Sequence[date] = ()
    day: date | None = None
    slots: Sequence[SlotOffer] = ()
    """What is free of `day`."""

    @property
    def alternatives(self) -> list[datetime]:
        """The next hours that are free, where the one that was wanted is not."""
        told = self.trouble.details.get("alternatives", []) if self.trouble else []
        return [found for each in told if (found := moment_of(str(each)))]  # type: ignore[attr-defined]

    @property
    def is_ready(self) -> bool:
        return self.quote is not None and self.promise is not None and not any(row.problem for row in self.rows)


def begun() -> Writing:
    """An order of which nothing is known yet: most come by phone, to be delivered."""
    values = dict.fromkeys(FIELDS, "") | {
        "source": Source.PHONE.value,
        "fulfilment": Fulfilment.DELIVERY.value,
        "payment_method": Method.TERMINAL.value,
    }
    return Writing(values=values)


def write(writing: Writing, posted: QueryDict) -> None:
    """What the form says now. Another phone is somebody else's: whoever was found by the old one is forgotten."""
    for name in FIELDS:
        if name in posted or name == "pay_now":
            writing.values[name] = kept_lines(posted.get(name, ""))[:MOST_OF_A_FIELD]
    for number in list(writing.lines):
        typed = posted.get(f"quantity-{number}")
        if typed is not None:
            writing.count(number, whole(typed))
    if writing.values.get("looked_up") != phone_digits(writing.values["phone"]):
        writing.values.pop("looked_up", None)
        writing.values.pop("customer", None)


def contact_of(values: Mapping[str, str]) -> Contact:
    return Contact(**{name: values[name] for name in PERSON})


def change_for(values: Mapping[str, str]) -> Decimal | None:
    """The cash that will be handed over, in euros; None for the exact amount, and for what is not paid in cash."""
    if values["payment_method"] != Method.CASH or not values["change_for"]:
        return None
    return amount(values["change_for"])


def method_of(values: Mapping[str, str]) -> str:
    return values["payment_method"] if values["payment_method"] in AT_DOOR else ""


def source_of(values: Mapping[str, str]) -> str:
    return values["source"] if values["source"] in SOURCES else Source.PHONE.value


def reckoned(*, store: Store, writing: Writing, customer: User | None, at: datetime) -> Reckoned:
    """What is written, priced and promised as far as it can be. Never raises."""
    # With its hours and roads: they are asked for a hundred quarters of an hour.
    store = informed(store=store)
    values, zone = writing.values, None
    if values["fulfilment"] == Fulfilment.DELIVERY and POSTAL_CODE.match(values["postal_code"]):
        zone = zone_of(store=store, postal_code=values["postal_code"])
    rows = _rows(store, writing)
    if not rows or any(row.priced is None for row in rows):
        return Reckoned(rows=rows, zone=zone)
    priced, notice = _priced(store, writing, customer, at)
    if priced is None:
        return Reckoned(rows=rows, zone=zone, notice=notice)
    rows = [
        Row(number=row.number, request=row.request, priced=line, problem=row.problem)
        for row, line in zip(rows, priced.lines, strict=True)
    ]
    minutes, wanted_at = oven_minutes_of(priced.lines), moment_of(values["wanted_at"])
    promise, trouble = _promised(store, minutes, zone, at, wanted_at)
    days = days_offered(store=store, at=at)
    day = next((each for each in days if each.isoformat() == values["day"]), next(iter(days), None))
    return Reckoned(
        rows=rows,
        quote=priced,
        zone=zone,
        notice=notice,
        promise=promise,
        trouble=trouble,
        days=days,
        day=day,
        slots=_slots(store, minutes, zone, at, day),
    )


def _rows(store: Store, writing: Writing) -> list[Row]:
    found = price_each(list(writing.lines.values())) if writing.lines else []
    usable = [line for line in found if isinstance(line, PricedLine)]
    short = short_ingredients(store=store, needs=needs_of(usable)) if usable else set()
    return [
        _row(number, request, line, short) for (number, request), line in zip(writing.lines.items(), found, strict=True)
    ]


def _row(number: int, request: LineRequest, line: PricedLine | InvalidLine, short: set[int]) -> Row:
    if isinstance(line, InvalidLine):
        return Row(number=number, request=request, priced=None, problem=line.message)
    problem = _("Il n’y en a plus assez.") if short & set(line.needs) else ""
    return Row(number=number, request=request, priced=line, problem=problem)


def _priced(store: Store, writing: Writing, customer: User | None, at: datetime) -> tuple[Quote | None, str]:
    """The price, and what keeps it from being the whole one: an address that is not known, or not served."""
    values = writing.values
    price = partial(
        quote,
        store=store,
        requests=list(writing.lines.values()),
        code=values["code"],
        customer=customer,
        channel=Channel.COUNTER,
        at=at,
    )
    is_delivery, notice = values["fulfilment"] == Fulfilment.DELIVERY, ""
    try:
        if is_delivery and POSTAL_CODE.match(values["postal_code"]):
            try:
                return price(fulfilment=Fulfilment.DELIVERY, postal_code=values["postal_code"]), ""
            except (NotDeliverable, BelowMinimum) as refusal:
                notice = refusal.message
        elif is_delivery:
            notice = _("Plus la livraison : son prix vient avec le code postal.")
        chosen = Fulfilment.COLLECTION if is_delivery else values["fulfilment"]
        return price(fulfilment=chosen), notice
    except BusinessError as refusal:
        return None, refusal.message


def _promised(
    store: Store, minutes: int, zone: DeliveryZone | None, at: datetime, wanted_at: datetime | None
) -> tuple[Promise | None, BusinessError | None]:
    try:
        return promise_of(store=store, oven_minutes=minutes, zone=zone, at=at, wanted_at=wanted_at), None
    except BusinessError as refusal:
        return None, refusal


def _slots(store: Store, minutes: int, zone: DeliveryZone | None, at: datetime, day: date | None) -> list[SlotOffer]:
    if day is None:
        return []
    found = slots_of(store=store, oven_minutes=minutes, zone=zone, at=at, day=day)
    return [slot for slot in found if slot.room]


def whole(text: str) -> int:
    """A whole number; 0, which no row has, for anything else."""
    return int(text) if text and len(text) < LONGEST and DIGITS.issuperset(text) else 0


def amount(text: str) -> Decimal:
    """An amount; −1, which no total is, for anything else."""
    euros, _dot, cents = text.replace(",", ".").partition(".")
    is_amount = euros and len(euros) < LONGEST and len(cents) <= 2 and DIGITS.issuperset(euros + cents)  # noqa: PLR2004
    return Decimal(f"{euros}.{cents or '0'}") if is_amount else Decimal(-1)


def moment_of(text: str) -> datetime | None:
    """A moment as the page wrote it; None for anything else."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and is_aware(found) else None
