"""Hours that are planned while orders stand: whoever closes a door is told who was promised something behind it."""

from collections.abc import Callable, Collection
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import ngettext

from pizzeria.ordering.breakdowns import lock_ovens, refit_ovens
from pizzeria.ordering.errors import OrdersInTheWay
from pizzeria.ordering.models import Order
from pizzeria.ordering.rushes import tell_promise
from pizzeria.ordering.selectors import OPEN
from pizzeria.stores import planning
from pizzeria.stores.hours import period_at
from pizzeria.stores.models import Store
from pizzeria.stores.planning import DayPlan, OvenPlan, Week
from pizzeria.stores.selectors import store_with_hours


@transaction.atomic
def plan_week(*, store: Store, week: Week, seen: str, accepted: Collection[str]) -> None:
    """As `planning.plan_week`; raises OrdersInTheWay for orders of a time that closes, but for those in `accepted`."""
    _plan(store, accepted, lambda: planning.plan_week(store=store, week=week, seen=seen))


@transaction.atomic
def plan_day(*, store: Store, day: date, plan: DayPlan | None, seen: str, accepted: Collection[str]) -> None:
    """As `planning.plan_day`; raises OrdersInTheWay as `plan_week` does."""
    _plan(store, accepted, lambda: planning.plan_day(store=store, day=day, plan=plan, seen=seen))


@transaction.atomic
def plan_holidays(*, store: Store, on_holidays: str, seen: str, accepted: Collection[str]) -> None:
    """As `planning.plan_holidays`; raises OrdersInTheWay as `plan_week` does."""
    _plan(store, accepted, lambda: planning.plan_holidays(store=store, on_holidays=on_holidays, seen=seen))


@transaction.atomic
def plan_ovens(*, store: Store, plan: OvenPlan, seen: str) -> None:
    """As `planning.plan_ovens`; quarters of an hour of which something is promised already get what the ovens have now."""
    # Whoever orders has its quarters when it asks for the store's row: in the other order both would wait for ever.
    locked = lock_ovens(store=store)
    planning.plan_ovens(store=store, plan=plan, seen=seen)
    refit_ovens(store=store, locked=locked)
    tell_promise(store_id=store.pk)


def _plan(store: Store, accepted: Collection[str], write: Callable[[], None]) -> None:
    """Write, and look behind closed doors before it stands: what is refused is not written."""
    now = timezone.now()
    before = _outside(store, now)
    write()
    tell_promise(store_id=store.pk)
    found = [order for order in _outside(store, now) if order not in before and order.number not in accepted]
    if found:
        words = ngettext(
            "%(count)s commande est promise à une heure qui ferme.",
            "%(count)s commandes sont promises à des heures qui ferment.",
            len(found),
        )
        raise OrdersInTheWay(words % {"count": len(found)}, found)


def _outside(store: Store, now: datetime) -> list[Order]:
    """The orders that are promised for later, to a time at which the doors are shut."""
    fresh = store_with_hours(pk=store.pk)
    waiting = (*OPEN, Order.Status.AWAITING_PAYMENT)
    orders = Order.objects.filter(store=store, status__in=waiting, promised_at__gt=now).order_by("promised_at")
    return [order for order in orders if not _is_within_hours(order, fresh)]


def _is_within_hours(order: Order, store: Store) -> bool:
    """Whether one opening holds the work on an order and what is promised."""
    period = period_at(store=store, at=order.start_at or order.promised_at)
    return period is not None and order.promised_at <= period[1]
