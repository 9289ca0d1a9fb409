"""Prices that are planned: in force on their days, taken back after them, and never two at once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError

from pizzeria.catalogue.errors import InvalidPlan
from pizzeria.catalogue.models import PlannedPrice, Product, Variant
from pizzeria.catalogue.prices import Changed, apply_planned_prices, cancel_plan, plan_new_price, plan_reduction
from pizzeria.catalogue.selectors import edition
from pizzeria.ordering.models import OrderLine
from tests.cast import House

TODAY = date(2026, 11, 25)
FIRST, LAST = date(2026, 12, 1), date(2026, 12, 7)
DAY = timedelta(days=1)


def reduce(house: House, percent: int = 20, starts_on: date = FIRST, ends_on: date = LAST) -> list[PlannedPrice]:
    reine = Product.objects.get(slug="reine")
    return plan_reduction(
        product=reine, percent=percent, starts_on=starts_on, ends_on=ends_on, today=TODAY, planned_by=None
    )


def price(house: House, size: str = "m") -> Decimal:
    return house.variant("reine", size).price


def test_twenty_percent_off_from_one_day_to_another_on_every_size(house: House) -> None:
    assert len(reduce(house)) == 2
    assert apply_planned_prices(on=FIRST - DAY) == Changed(applied=0, ended=0)
    assert price(house) == Decimal("12.00")
    assert apply_planned_prices(on=FIRST) == Changed(applied=2, ended=0)
    assert (price(house), price(house, "s")) == (Decimal("9.60"), Decimal("7.68"))
    assert apply_planned_prices(on=LAST) == Changed(applied=0, ended=0)
    assert price(house) == Decimal("9.60")
    assert apply_planned_prices(on=LAST + DAY) == Changed(applied=0, ended=2)
    assert (price(house), price(house, "s")) == (Decimal("12.00"), Decimal("9.60"))
    assert apply_planned_prices(on=LAST + DAY) == Changed(applied=0, ended=0)


def test_the_menu_is_told_and_orders_already_placed_keep_their_price(house: House) -> None:
    order = house.order(lines=[house.line("reine")])
    before = edition()
    reduce(house)
    apply_planned_prices(on=FIRST)
    assert edition() != before
    assert OrderLine.objects.get(order=order).unit_price == Decimal("12.00")
    assert house.order(lines=[house.line("reine")]).subtotal == Decimal("9.60")


def test_applying_the_same_day_again_changes_nothing_not_even_the_menus_edition(house: House) -> None:
    reduce(house)
    apply_planned_prices(on=FIRST)
    before, rows = edition(), list(PlannedPrice.objects.values())
    apply_planned_prices(on=FIRST)
    assert (edition(), list(PlannedPrice.objects.values())) == (before, rows)


def test_a_new_price_stays_for_good_and_another_reduction_may_follow(house: House) -> None:
    plan_new_price(
        variant=house.variant("reine"), price=Decimal("12.90"), starts_on=FIRST, today=TODAY, planned_by=None
    )
    reduce(house, starts_on=FIRST + DAY, ends_on=LAST)
    apply_planned_prices(on=FIRST)
    assert price(house) == Decimal("12.90")
    apply_planned_prices(on=FIRST + DAY)
    assert price(house) == Decimal("9.60")
    apply_planned_prices(on=LAST + DAY)
    assert price(house) == Decimal("12.90")


def test_a_morning_that_was_missed_is_made_up_for_and_what_is_over_is_not_applied(house: House) -> None:
    reduce(house)
    apply_planned_prices(on=FIRST + 3 * DAY)
    assert price(house) == Decimal("9.60")
    apply_planned_prices(on=LAST + 10 * DAY)
    assert price(house) == Decimal("12.00")
    reduce(house, starts_on=LAST + 11 * DAY, ends_on=LAST + 12 * DAY)
    assert apply_planned_prices(on=LAST + 20 * DAY) == Changed(applied=0, ended=0)
    assert set(PlannedPrice.objects.values_list("state", flat=True)) == {"done"}


def test_one_reduction_ends_and_the_next_begins_on_the_same_morning(house: House) -> None:
    reduce(house)
    reduce(house, percent=50, starts_on=LAST + DAY, ends_on=LAST + DAY)
    apply_planned_prices(on=FIRST)
    assert apply_planned_prices(on=LAST + DAY) == Changed(applied=2, ended=2)
    assert price(house) == Decimal("6.00")
    apply_planned_prices(on=LAST + 2 * DAY)
    assert price(house) == Decimal("12.00")


def test_a_price_that_somebody_changed_meanwhile_is_not_taken_back(house: House) -> None:
    reduce(house)
    apply_planned_prices(on=FIRST)
    Variant.objects.filter(pk=house.variant("reine").pk).update(price=Decimal("11.00"))
    apply_planned_prices(on=LAST + DAY)
    assert price(house) == Decimal("11.00")


def test_what_is_planned_or_in_force_can_be_taken_back_once(house: House) -> None:
    medium = next(plan for plan in reduce(house) if plan.variant == house.variant("reine"))
    apply_planned_prices(on=FIRST)
    assert cancel_plan(pk=medium.pk) is not None
    assert (price(house), price(house, "s")) == (Decimal("12.00"), Decimal("7.68"))
    assert cancel_plan(pk=medium.pk) is None
    assert cancel_plan(pk=0) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"percent": 0}, "de 1 à 90"),
        ({"percent": 91}, "de 1 à 90"),
        ({"starts_on": TODAY}, "demain au plus tôt"),
        ({"ends_on": FIRST - DAY}, "avant le premier"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(house: House, changed: dict[str, object], why: str) -> None:
    with pytest.raises(InvalidPlan, match=why):
        reduce(house, **changed)  # type: ignore[arg-type]
    assert not PlannedPrice.objects.exists()


def test_two_prices_for_one_day_are_refused_and_nothing_of_the_second_is_kept(house: House) -> None:
    reduce(house)
    with pytest.raises(InvalidPlan, match="a déjà un prix prévu"):
        reduce(house, starts_on=LAST, ends_on=LAST + DAY)
    assert PlannedPrice.objects.count() == 2
    # What was cancelled is in nobody's way.
    for plan in PlannedPrice.objects.all():
        cancel_plan(pk=plan.pk)
    reduce(house, starts_on=LAST, ends_on=LAST + DAY)


def test_the_database_itself_refuses_two_prices_for_one_day(house: House) -> None:
    [plan, _other] = reduce(house)
    with pytest.raises(IntegrityError, match="planned_price_one_at_a_time"):
        PlannedPrice.objects.create(variant=plan.variant, price=1, starts_on=LAST, ends_on=LAST)
