"""What to order for tomorrow: what the same weekday used of late, and what today will still use, minus what is there.

Today's part belongs to it because the delivery comes after today's service: without it, tomorrow would begin with what
today has left of a stock that was just enough for tomorrow.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.stock.models import Movement, Proposal, StockItem
from pizzeria.stock.services import move_locked, tell_changed
from pizzeria.stores.models import Store

WEEKS = 4
LOCK = "SELECT pg_advisory_xact_lock(hashtext('stock.proposals'), %s)"

USED = """
SELECT movement.item_id, (movement.created_at AT TIME ZONE 'Europe/Paris')::date AS day, -sum(movement.change)
FROM stock_movement AS movement JOIN stock_stockitem AS item ON item.id = movement.item_id
WHERE item.store_id = %(store)s AND movement.reason IN ('order', 'return')
  AND movement.created_at >= %(start)s
  AND (movement.created_at AT TIME ZONE 'Europe/Paris')::date = ANY(%(days)s)
GROUP BY movement.item_id, day
"""

Used = Mapping[tuple[int, date], int]
"""What was used by stock item and day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """The figures of one proposal; averages are rounded up."""

    weekday_use: int
    rest_of_today: int
    available: int

    @property
    def missing(self) -> int:
        return max(0, self.weekday_use + self.rest_of_today - self.available)


@transaction.atomic
def propose_order(*, store: Store, at: datetime) -> int:
    """Propose what a store should order for the day after `at`; how many ingredients are on the list.

    Computed again it is the same for the same stock. Proposals of other days that nobody took up go; what was received
    already is not proposed again.
    """
    with connection.cursor() as cursor:
        # Two updates of one store at once take turns.
        cursor.execute(LOCK, [store.pk])
    tomorrow = timezone.localdate(at) + timedelta(days=1)
    waiting = Proposal.objects.filter(item__store=store, received_at=None)
    waiting.exclude(for_day=tomorrow).delete()
    taken_up = Proposal.objects.filter(item__store=store, for_day=tomorrow).exclude(received_at=None)
    done = set(taken_up.values_list("item_id", flat=True))
    fresh = {item.pk: proposal for item, proposal in _proposals(store, at) if item.pk not in done}
    kept = {proposal.item_id: proposal for proposal in waiting}
    Proposal.objects.filter(pk__in=[kept[item].pk for item in kept if item not in fresh]).delete()
    Proposal.objects.bulk_create(proposal for item, proposal in fresh.items() if item not in kept)
    for item in fresh.keys() & kept.keys():
        _take_over(kept[item], fresh[item])
    return len(fresh)


@transaction.atomic
def receive_order(*, store: Store, for_day: date, acting_user: User) -> int:
    """Add everything that is proposed for a day to the stock; how many ingredients. A second call finds none.

    Raises InvalidQuantity, and nothing is added then.
    """
    proposals = Proposal.objects.filter(item__store=store, for_day=for_day, received_at=None)
    found = list(proposals.select_for_update(of=["self"]).order_by("item_id"))
    # All stock rows before the store's row, which `tell_changed` locks.
    items = StockItem.objects.select_for_update().filter(pk__in=[each.item_id for each in found]).order_by("pk")
    locked = {item.pk: item for item in items}
    for proposal in found:
        item = locked[proposal.item_id]
        move_locked(item=item, change=proposal.quantity, reason=Movement.Reason.DELIVERY, acting_user=acting_user)
    if locked:
        tell_changed(store=store, ingredient_ids=[item.ingredient_id for item in locked.values()])
    proposals.filter(pk__in=[each.pk for each in found]).update(received_at=timezone.now(), received_by=acting_user)
    return len(found)


def proposed_order(*, store: Store, for_day: date) -> QuerySet[Proposal]:
    """A day's list, what was received included."""
    proposals = Proposal.objects.filter(item__store=store, for_day=for_day)
    return proposals.select_related("item__ingredient", "received_by")


def _proposals(store: Store, at: datetime) -> list[tuple[StockItem, Proposal]]:
    today = timezone.localdate(at)
    tomorrow = today + timedelta(days=1)
    before_today, before_tomorrow = _same_weekdays(today), _same_weekdays(tomorrow)
    used = _used(store, [*before_today, *before_tomorrow, today])
    found = []
    for item in StockItem.objects.filter(store=store).select_related("ingredient").order_by("pk"):
        still = _average(used, item.pk, before_today) - used.get((item.pk, today), 0)
        need = Need(
            weekday_use=_average(used, item.pk, before_tomorrow), rest_of_today=max(0, still), available=item.available
        )
        if need.missing:
            found.append((item, _proposal(item, need, tomorrow)))
    return found


def _proposal(item: StockItem, need: Need, for_day: date) -> Proposal:
    unit = item.ingredient.unit_quantity
    return Proposal(
        item=item,
        for_day=for_day,
        quantity=-(-need.missing // unit) * unit,
        weekday_use=need.weekday_use,
        rest_of_today=need.rest_of_today,
        available=need.available,
    )


def _same_weekdays(day: date) -> list[date]:
    return [day - timedelta(weeks=week) for week in range(1, WEEKS + 1)]


def _used(store: Store, days: Collection[date]) -> Used:
    start = timezone.make_aware(datetime.combine(min(days), time.min))
    with connection.cursor() as cursor:
        cursor.execute(USED, {"store": store.pk, "start": start, "days": list(days)})
        return {(item, day): int(quantity) for item, day, quantity in cursor.fetchall()}


def _average(used: Used, item: int, days: Collection[date]) -> int:
    """Over the days on which the store used anything at all: a closed day, or one before it opened, is no zero."""
    open_days = {day for _item, day in used} & set(days)
    if not open_days:
        return 0
    return -(-max(0, sum(used.get((item, day), 0) for day in open_days)) // len(open_days))


def _take_over(kept: Proposal, fresh: Proposal) -> None:
    """Write the new figures only where they differ."""
    names = ("quantity", "weekday_use", "rest_of_today", "available")
    changed = [name for name in names if getattr(kept, name) != getattr(fresh, name)]
    for name in changed:
        setattr(kept, name, getattr(fresh, name))
    if changed:
        kept.save(update_fields=changed)
