"""UC 1.3, more than once: the money agrees after any row of changes, and no hour is full because of the order itself."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import F, Sum
from django.utils import timezone

from pizzeria.ordering.lines import LineRequest
from pizzeria.ordering.models import Order, OvenReservation, OvenSlot
from pizzeria.ordering.paying import receive
from pizzeria.ordering.promise import days_offered, slots_of
from pizzeria.ordering.recap import recap_of
from pizzeria.ordering.tests.test_changing import change, lines_of
from pizzeria.payments.models import Payment, PaymentStatus, Refund
from pizzeria.payments.selectors import due_of
from pizzeria.stores.selectors import zone_of
from tests.cast import House, People
from tests.money import pay_online, place_online
from tests.races.together import books_that_do_not_balance

pytestmark = pytest.mark.story


def any_basket(house: House, rng: random.Random) -> list[LineRequest]:
    pizzas = [house.line(name, quantity=rng.randint(1, 3)) for name in ("margherita", "reine") if rng.random() < 0.7]
    drinks = [house.line("cola", None, quantity=rng.randint(1, 4))] if rng.random() < 0.5 else []
    return [*(pizzas or [house.line("reine")]), *drinks]


def received_of(order: Order) -> Decimal:
    paid = Payment.objects.filter(order=order, status__in=(PaymentStatus.PAID, PaymentStatus.REFUNDED))
    return paid.aggregate(sum=Sum("amount", default=Decimal(0)))["sum"]  # type: ignore[no-any-return]


def refunds_of(order: Order) -> Decimal:
    refunds = Refund.objects.filter(payment__order=order)
    return refunds.aggregate(sum=Sum("amount", default=Decimal(0)))["sum"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("seed", ["basil", "capers"])
def test_after_ten_changes_of_a_paid_order_its_money_still_adds_up(
    house: House, people: People, online: None, seed: str
) -> None:
    rng, order = random.Random(seed), pay_online(place_online(house), reference="pi_1")
    totals = {order.total}
    for number in range(10):
        order = change(order, lines=any_basket(house, rng), pay_by=rng.choice(["cash", "terminal", "voucher"]))
        totals.add(order.total)
        due = due_of(order=order)
        left = due.amount if due else Decimal(0)
        assert received_of(order) + left == order.total + refunds_of(order), number
        # A difference goes one way: what is due is never beside something that is kept too much.
        assert received_of(order) - refunds_of(order) <= order.total
        if due and number == 5:
            receive(order=order, acting_user=people.cashier)
    assert len(totals) > 5
    assert books_that_do_not_balance() == []


def test_a_difference_at_the_door_is_told_by_its_own_means(house: House, online: None) -> None:
    order = pay_online(place_online(house), reference="pi_1")
    changed = change(order, lines=[*lines_of(order), house.line("reine")], pay_by="voucher")
    recap = recap_of(order=Order.objects.get(pk=changed.pk))
    assert (recap.due, recap.due_by) == (Decimal("12.00"), "titre-restaurant")


def test_its_own_hour_is_never_full_for_itself(house: House) -> None:
    order, now = house.order(), timezone.now()
    day = days_offered(store=house.bastille, at=now)[1]
    zone = zone_of(store=house.bastille, postal_code=order.postal_code)
    asked = {"store": house.bastille, "oven_minutes": 6, "zone": zone, "at": now, "day": day}
    wanted = slots_of(**asked)[40].starts_at  # type: ignore[arg-type]
    change(order, wanted_at=wanted)
    asked["oven_minutes"] = sum(OvenReservation.objects.values_list("minutes", flat=True))
    # Nothing is left of the ovens around it but what it has itself.
    around = [wanted + timedelta(minutes=15 * number) for number in range(-24, 5)]
    quarters = [OvenSlot(store=house.bastille, starts_at=start, minutes=0, reserved=0) for start in around]
    OvenSlot.objects.bulk_create(quarters, ignore_conflicts=True)
    OvenSlot.objects.update(minutes=F("reserved"), gone=0)
    of_others, of_its_own = (
        {slot.starts_at: slot.room for slot in slots_of(**asked, besides=besides)}  # type: ignore[arg-type]
        for besides in (None, order)
    )
    assert (of_others[wanted], of_its_own[wanted]) == (0, 1)
    assert change(order, wanted_at=wanted).promised_at == Order.objects.get().promised_at
