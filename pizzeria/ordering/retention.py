"""How long we know who ordered what. The amounts stay for good; the person goes when the law does not ask for them any more.

History (events, stock movements) is never changed, but for why a client cancelled, which is theirs: it may go on pointing
to a client's row, in which nothing is left.
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, F, Func, JSONField, OuterRef, ProtectedError, Q, QuerySet, Value
from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.accounts.retention import anonymise, clients_without_activity, never_confirmed
from pizzeria.ordering.models import Order, OrderChange, OrderEvent, OrderLine
from pizzeria.ordering.reviews import forget_words
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.payments.models import CashRound, Discrepancy, Refund
from pizzeria.stores.models import Store

BATCH = 1000
NO_MORE = "…"
"""That something was explained stays; the words go, which may name somebody."""


def anonymise_inactive_clients(*, years: int, at: datetime) -> int:
    """Anonymise the clients who have neither signed in nor ordered for so many years; how many there were."""
    before = _midnight(_years_before(timezone.localdate(at), years))
    ordered = Order.objects.filter(customer=OuterRef("pk"), placed_at__gte=before)
    quiet = clients_without_activity(before=before).filter(~Exists(ordered)).order_by("pk")
    count = 0
    while found := list(quiet.values_list("pk", flat=True)[:BATCH]):
        anonymised = anonymise(user_ids=found, at=at)
        if not anonymised:
            # Another city's update, which has them in hand.
            break
        count += anonymised
    # Theirs, and those that were placed or claimed while an account was being deleted.
    take_out_of_account(Order.objects.filter(customer__anonymised_at__isnull=False))
    return count


def delete_never_confirmed(*, days: int, at: datetime) -> int:
    """Delete the accounts that nobody has confirmed within so many days; how many. One that has orders is not deleted."""
    ordered = Order.objects.filter(customer=OuterRef("pk"))
    begun = never_confirmed(before=at - timedelta(days=days)).filter(~Exists(ordered))
    return sum(_delete_unconfirmed(begun.filter(pk=pk), at) for pk in list(begun.values_list("pk", flat=True)))


@transaction.atomic
def _delete_unconfirmed(begun: QuerySet[User], at: datetime) -> bool:
    # Asked again under its lock: it may have been confirmed since, or have ordered.
    user = begun.select_for_update(of=("self",)).first()
    if user is None:
        return False
    try:
        user.delete()
    except ProtectedError:
        # History points to it.
        anonymise(user_ids=[user.pk], at=at)
    return True


def anonymise_old_orders(*, years: int, at: datetime) -> int:
    """Take the person off the orders of the years whose accounts need not be kept any more; how many there were.

    A year's documents are kept for `years` years from its end.
    """
    before = _midnight(date(timezone.localdate(at).year - years, 1, 1))
    CashRound.objects.filter(closed_at__lt=before).exclude(explanation__in=["", NO_MORE]).update(explanation=NO_MORE)
    return sum(_anonymise_orders(store, before, at) for store in Store.objects.order_by("pk"))


def _anonymise_orders(store: Store, before: datetime, at: datetime) -> int:
    # Store by store: the index of its orders by time finds them.
    old = Order.objects.filter(store=store, placed_at__lt=before, anonymised_at=None).order_by("pk")
    count = 0
    while found := list(old.values_list("pk", flat=True)[:BATCH]):
        changed = anonymise_orders(order_ids=found, at=at)
        if not changed:
            break
        count += changed
    return count


@transaction.atomic
def anonymise_orders(*, order_ids: Collection[int], at: datetime) -> int:
    """Take the person off these orders; off how many."""
    changed = Order.objects.filter(pk__in=order_ids, anonymised_at=None).update(
        customer=None,
        first_name="",
        last_name="",
        phone="",
        email="",
        street="",
        complement="",
        postal_code="",
        town="",
        comment="",
        anonymised_at=at,
    )
    OrderLine.objects.filter(order__in=order_ids).exclude(comment="").update(comment="")
    _forget_in_changes(Order.objects.filter(pk__in=order_ids))
    _forget_reasons(Order.objects.filter(pk__in=order_ids))
    forget_words(orders=Order.objects.filter(pk__in=order_ids))
    Refund.objects.filter(payment__order__in=order_ids).exclude(words="").update(words="")
    explained = Discrepancy.objects.filter(payment__order__in=order_ids).exclude(explanation="")
    explained.update(explanation=NO_MORE)
    return changed


@transaction.atomic
def take_out_of_account(orders: QuerySet[Order]) -> None:
    """Make orders nobody's; of those that were handed over, who and where stay, which the law asks for.

    `orders` is by whose they are: what is taken out is not in it any more.
    """
    _forget_in_changes(orders.filter(status=Order.Status.DELIVERED))
    _forget_reasons(orders)
    orders.filter(status=Order.Status.DELIVERED).update(customer=None, phone="", email="", comment="")
    orders.update(customer=None)


def _forget_in_changes(orders: QuerySet[Order]) -> None:
    """What was changed stays; whose it was, and what they said, goes: `contact`, of what was replaced and of what by."""
    changes = OrderChange.objects.filter(order__in=orders).filter(
        Q(before__has_key="contact") | Q(after__has_key="contact")
    )
    changes.update(before=_without_contact("before"), after=_without_contact("after"))


def _forget_reasons(orders: QuerySet[Order]) -> None:
    """Why a client cancelled, in their own words, goes; why the house did stays."""
    OrderEvent.objects.filter(order__in=orders, role=CUSTOMER).exclude(reason="").update(reason="")


def _without_contact(column: str) -> Func:
    return Func(F(column), Value("contact"), template="%(expressions)s", arg_joiner=" - ", output_field=JSONField())


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        # From 29 February to a year that has none.
        return day.replace(year=day.year - years, day=28)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
