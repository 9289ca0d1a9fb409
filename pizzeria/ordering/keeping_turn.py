"""An order that is changed and needs less of the ovens keeps its turn: what it needs no more is given back, its hour stays."""

from django.db.models import Sum

from pizzeria.ordering.models import Order, OvenReservation, OvenSlot


def held_minutes(*, order: Order) -> int:
    """The minutes of oven that an order holds."""
    held = OvenReservation.objects.filter(order=order).aggregate(minutes=Sum("minutes", default=0))
    return held["minutes"]  # type: ignore[no-any-return]


def shrink(*, order: Order, oven_minutes: int) -> None:
    """Give back what an order, whose lock the caller holds, has beyond these minutes: the last ones first.

    Planned anew, it would get in behind everybody who came since, for fewer pizzas. Locks nothing for one that needs as much.
    """
    excess = held_minutes(order=order) - oven_minutes
    if excess <= 0:
        return
    holds = OvenReservation.objects.filter(order=order)
    # In the order of their time, as everybody locks the ovens.
    slots = OvenSlot.objects.select_for_update(no_key=True).filter(pk__in=holds.values("slot_id"))
    by_key = {slot.pk: slot for slot in slots.order_by("starts_at")}
    for hold in sorted(holds, key=lambda each: by_key[each.slot_id].starts_at, reverse=True):
        if excess <= 0:
            return
        given = min(excess, hold.minutes)
        excess -= given
        _give_back(hold, by_key[hold.slot_id], given)


def _give_back(hold: OvenReservation, slot: OvenSlot, minutes: int) -> None:
    if minutes == hold.minutes:
        hold.delete()
    else:
        hold.minutes -= minutes
        hold.save(update_fields=["minutes"])
    slot.reserved -= minutes
    slot.save(update_fields=["reserved"])
