"""The sales facts are those of the orders, to the cent, however often they are computed."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from pizzeria.ordering.models import DaySales, Order, OrderLine, ProductDaySales
from pizzeria.ordering.sales import recompute_sales
from pizzeria.ordering.sales_selectors import best_sellers, sales_by_channel, sales_by_day
from pizzeria.stores.hours import PARIS
from tests.cast import House, People

SIX = datetime(2026, 12, 2, 6, 0, tzinfo=PARIS)
NOON = datetime(2026, 12, 1, 12, 0, tzinfo=PARIS)
MONDAY, TUESDAY = date(2026, 11, 30), date(2026, 12, 1)


def sold(house: House, *lines: object, at: datetime = NOON, **fields: object) -> Order:
    order = house.order(lines=list(lines) or None)  # type: ignore[arg-type]
    Order.objects.filter(pk=order.pk).update(placed_at=at, **fields)
    return order


def compute(house: House) -> int:
    return recompute_sales(store=house.bastille, at=SIX)


def test_a_day_is_told_in_orders_euros_and_delivery_fees(house: House) -> None:
    sold(house)
    sold(house, house.line("reine", quantity=2))
    compute(house)
    day = DaySales.objects.get()
    assert (day.day, day.channel, day.orders) == (TUESDAY, "online", 2)
    assert (day.turnover, day.delivery_fees) == (Decimal("38.00"), Decimal("5.00"))


def test_each_product_has_its_quantity_its_orders_and_its_euros(house: House) -> None:
    sold(house, house.line(quantity=2), house.line(size="s"), house.line("cola", None, quantity=3))
    sold(house)
    compute(house)
    found = {row.product.slug: (row.quantity, row.orders, row.turnover) for row in ProductDaySales.objects.all()}
    assert found == {
        "margherita": (Decimal("4.0"), 2, Decimal("34.20")),
        "cola": (Decimal("3.0"), 1, Decimal("7.50")),
    }


def test_a_pizza_of_two_halves_counts_half_for_each_and_no_cent_is_lost(house: House) -> None:
    order = sold(house, house.line("reine", second_half_id=house.variant("chevre-miel").pk))
    OrderLine.objects.filter(order=order).update(unit_price=Decimal("12.55"), amount=Decimal("12.55"))
    compute(house)
    found = {row.product.slug: (row.quantity, row.turnover) for row in ProductDaySales.objects.all()}
    assert found == {
        "reine": (Decimal("0.5"), Decimal("6.27")),
        "chevre-miel": (Decimal("0.5"), Decimal("6.28")),
    }


def test_what_a_cashier_took_is_told_apart(house: House, people: People) -> None:
    sold(house)
    sold(house, house.line("reine"), taken_by=people.cashier)
    compute(house)
    shares = sales_by_channel(store_ids=[house.bastille.pk], since=TUESDAY, until=TUESDAY)
    assert [(share.channel, share.turnover) for share in shares] == [
        ("au comptoir ou par téléphone", Decimal("14.50")),
        ("en ligne", Decimal("11.50")),
    ]


@pytest.mark.parametrize("status", ["cancelled", "awaiting_payment"])
def test_what_was_not_sold_does_not_count(house: House, status: str) -> None:
    sold(house, status=status)
    assert compute(house) == 0
    assert not DaySales.objects.exists()


def test_a_day_is_a_day_in_paris_and_today_is_not_over(house: House) -> None:
    midnight = datetime(2026, 12, 1, 0, 0, tzinfo=PARIS)
    for at in (midnight - timedelta(seconds=1), midnight, SIX):
        sold(house, at=at)
    compute(house)
    days = sales_by_day(store_ids=[house.bastille.pk], until=TUESDAY, days=3)
    assert [(day.day, day.orders) for day in days] == [(date(2026, 11, 29), 0), (MONDAY, 1), (TUESDAY, 1)]


def test_a_day_computed_again_is_the_same_and_a_change_is_taken_over(house: House) -> None:
    order, other = sold(house), sold(house, house.line("reine"))
    assert compute(house) == 3
    before = list(DaySales.objects.values()), list(ProductDaySales.objects.values())
    assert compute(house) == 0
    assert (list(DaySales.objects.values()), list(ProductDaySales.objects.values())) == before
    Order.objects.filter(pk=order.pk).update(status="cancelled")
    assert compute(house) == 2
    assert ProductDaySales.objects.get().product.slug == "reine"
    Order.objects.filter(pk=other.pk).update(status="cancelled")
    compute(house)
    assert not DaySales.objects.exists()


def test_days_that_nobody_computed_are_made_up_for(house: House) -> None:
    old, older = SIX - timedelta(days=100), SIX - timedelta(days=200)
    sold(house, at=older)
    compute(house)
    assert DaySales.objects.get().day == older.date()
    sold(house, at=old)
    compute(house)
    assert sorted(DaySales.objects.values_list("day", flat=True)) == [older.date(), old.date()]


def test_the_best_sellers_come_first_and_other_stores_are_not_counted(house: House) -> None:
    sold(house, house.line("reine", quantity=3), house.line(quantity=1))
    elsewhere = house.order(store=house.croix_rousse, fulfilment="collection")
    Order.objects.filter(pk=elsewhere.pk).update(placed_at=NOON)
    compute(house)
    recompute_sales(store=house.croix_rousse, at=SIX)
    here = best_sellers(store_ids=[house.bastille.pk], since=MONDAY, until=TUESDAY)
    assert [(row.product.slug, row.quantity) for row in here] == [("reine", Decimal(3)), ("margherita", Decimal(1))]
    everywhere = best_sellers(store_ids=[house.bastille.pk, house.croix_rousse.pk], since=MONDAY, until=TUESDAY)
    assert [(row.product.slug, row.quantity) for row in everywhere] == [
        ("reine", Decimal(3)),
        ("margherita", Decimal(2)),
    ]
