"""The list of orders that the house searches and filters (UC 6.1): late ones first, then the newest, page by page.

A page begins where the one before it ended, at an order and not at a count: what comes in meanwhile moves nothing.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.db.models import BooleanField, Func, Q, QuerySet, Value

from pizzeria.accounts.models import Role, User
from pizzeria.days import midnight
from pizzeria.ordering.folding import folded_words, phone_backwards, words_vector
from pizzeria.ordering.models import NUMBER_LENGTH, Order
from pizzeria.ordering.selectors import OPEN, history

PAGE_SIZE = 40
MOST_LATE = 100
MOST_COUNTED = 1000
"""Beyond it they are told as « plus de »: counting the orders of years would cost more than showing a page of them."""

FEW = 1000
"""Of orders that words may mean."""
NATIONAL_DIGITS = 9
"""A French number without its 0 or +33."""
FEWEST_DIGITS = 4
"""Fewer figures than these are rather a piece of an order's number."""
CURSOR = re.compile(r"\A([0-9]{1,17})\.([0-9]{1,18})\Z")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which orders; whatever is empty keeps all. `since` and `until` are days in Paris, both included."""

    words: str = ""
    status: str = ""
    is_late: bool = False
    fulfilment: str = ""
    source: str = ""
    payment: str = ""
    since: date | None = None
    until: date | None = None
    person_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`late` stand on the first page alone; `newer` and `older` are the cursors of the pages beside this one."""

    late: list[Order] = field(default_factory=list)
    rows: list[Order]
    newer: str = ""
    older: str = ""


def find_orders(*, store_ids: Collection[int], wanted: Wanted, at: datetime) -> QuerySet[Order]:
    """The orders of these stores that are wanted, newest first."""
    found = history(store_ids=store_ids)
    exactly = {
        "status": wanted.status,
        "fulfilment": wanted.fulfilment,
        "source": wanted.source,
        "payment_status": wanted.payment,
    }
    found = found.filter(**{name: value for name, value in exactly.items() if value})
    if wanted.is_late:
        found = found.filter(late_at(at))
    if wanted.since:
        found = found.filter(placed_at__gte=midnight(wanted.since))
    # The last day that there is has no next.
    if wanted.until and wanted.until < date.max:
        found = found.filter(placed_at__lt=midnight(wanted.until + timedelta(days=1)))
    if wanted.person_id:
        found = found.filter(Q(pizzaiolo_id=wanted.person_id) | Q(driver_id=wanted.person_id))
    return _narrowed(found, store_ids, wanted.words) if wanted.words else found


def looked_for(*, store_ids: Collection[int], words: str) -> QuerySet[Order]:
    """The orders of these stores that somebody may mean by these words, in no order."""
    return Order.objects.filter(_matching(words), store_id__in=store_ids).order_by()


def of_phone(digits: str) -> Q:
    """Those whose phone ends with these figures."""
    return Q(_StartsWith(phone_backwards(), Value(f"{digits[::-1]}%")))


def _narrowed(found: QuerySet[Order], store_ids: Collection[int], words: str) -> QuerySet[Order]:
    # First which they are, then the newest of them: asked for both at once, the planner reads years of orders from the
    # newest on, because it does not know how few match. Where many do, that is the quick way.
    keys = list(looked_for(store_ids=store_ids, words=words).values_list("pk", flat=True)[: FEW + 1])
    return found.filter(pk__in=keys) if len(keys) <= FEW else found.filter(_matching(words))


def page_of(*, found: QuerySet[Order], at: datetime, before: str = "", after: str = "") -> Page:
    """The page that ends after one cursor, or before another; a cursor that says nothing sensible is the first page.

    Whoever is late comes first, the longest first, and is not told a second time in its place.
    """
    older, newer = _place_of(before), _place_of(after)
    in_place = found.exclude(late_at(at))
    if newer:
        rows = list(in_place.filter(_newer_than(newer)).order_by("placed_at", "pk")[: PAGE_SIZE + 1])
        if len(rows) > PAGE_SIZE:
            rows = rows[PAGE_SIZE - 1 :: -1]
            return Page(rows=rows, newer=_cursor(rows[0]), older=_cursor(rows[-1]))
    rows = list((in_place.filter(_older_than(older)) if older else in_place)[: PAGE_SIZE + 1])
    shown = rows[:PAGE_SIZE]
    last = _cursor(shown[-1]) if len(rows) > PAGE_SIZE else ""
    if older:
        return Page(rows=shown, newer=_cursor(shown[0]) if shown else before, older=last)
    late = list(found.filter(late_at(at)).order_by("promised_at", "pk")[:MOST_LATE])
    return Page(late=late, rows=shown, older=last)


def late_at(at: datetime) -> Q:
    """Those that `is_late` says are late at a moment."""
    return Q(status__in=OPEN, promised_at__lt=at)


def count_of(found: QuerySet[Order]) -> int:
    """How many there are, at most one more than `MOST_COUNTED`."""
    return found.order_by()[: MOST_COUNTED + 1].count()


def makers_and_drivers(*, store_ids: Collection[int]) -> QuerySet[User]:
    """Whom orders may be filtered by: those who make or drive them at these stores."""
    people = User.objects.filter(roles__store_id__in=store_ids, roles__role__in=[Role.PIZZAIOLO, Role.DRIVER])
    return people.order_by("first_name", "last_name", "pk").distinct()


def _matching(words: str) -> Q:
    """What an index finds: the beginning of a number, the end of a phone, the beginnings of words of a name or street."""
    found = Q(pk__in=[])
    number = re.sub(r"[^0-9A-Z]", "", words.upper())
    if 1 < len(number) <= NUMBER_LENGTH + 1 and len(words.split()) == 1:
        found |= Q(number__startswith=f"P-{number}") | Q(number__startswith=f"P-{number.removeprefix('P')}")
    digits = re.sub(r"\D", "", words)
    # `+33 6 …` and `06 …` are one phone.
    if len(digits) >= FEWEST_DIGITS:
        found |= of_phone(digits[-NATIONAL_DIGITS:])
    typed = folded_words(words)
    if typed:
        wanted = " & ".join(f"'{word}':*" for word in typed)
        query = Func(Value(wanted), function="to_tsquery", template="%(function)s('simple', %(expressions)s)")
        found |= Q(_Matches(words_vector(), query))
    return found


class _StartsWith(Func):
    """LIKE with a pattern that is at hand: Django's own lookup escapes nothing that figures could hold."""

    template = "%(expressions)s"
    arg_joiner = " LIKE "
    output_field = BooleanField()


class _Matches(Func):
    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


def _place_of(cursor: str) -> tuple[datetime, int] | None:
    told = CURSOR.match(cursor)
    return (EPOCH + int(told[1]) * MICROSECOND, int(told[2])) if told else None


def _cursor(order: Order) -> str:
    return f"{(order.placed_at - EPOCH) // MICROSECOND}.{order.pk}"


def _older_than(place: tuple[datetime, int]) -> Q:
    at, pk = place
    return Q(placed_at__lte=at) & (Q(placed_at__lt=at) | Q(pk__lt=pk))


def _newer_than(place: tuple[datetime, int]) -> Q:
    at, pk = place
    return Q(placed_at__gte=at) & (Q(placed_at__gt=at) | Q(pk__gt=pk))
