"""What a line costs and needs: additive, never negative, equal to the recipe."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pizzeria.catalogue.services import scaled
from pizzeria.ordering.errors import EmptyCart, InvalidChoice, InvalidLine
from pizzeria.ordering.lines import MAX_LINES, LineRequest, needs_of, price_each, price_lines
from pizzeria.ordering.models import Fulfilment
from pizzeria.ordering.pricing import quote
from pizzeria.ordering.vat import vat_included
from pizzeria.stores.errors import BelowMinimum, NotDeliverable
from tests.cast import House

PIZZAS = ("margherita", "reine", "chevre-miel")
EXTRAS = ("mozzarella", "jambon", "champignons", "chevre")
PER_TEST = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def _needs(house: House, request: LineRequest) -> dict[str, int]:
    by_pk = {item.pk: slug for slug, item in house.ingredients.items()}
    [line] = price_lines([request])
    return {by_pk[pk]: quantity for pk, quantity in line.needs.items()}


def _ids(house: House, *slugs: str) -> tuple[int, ...]:
    return tuple(house.ingredients[slug].pk for slug in slugs)


def test_a_pizza_costs_its_price_and_needs_its_recipe(house: House) -> None:
    [line] = price_lines([house.line("reine", quantity=2)])
    assert (line.unit_price, line.amount, line.label) == (Decimal("12.00"), Decimal("24.00"), "Reine — Moyenne")
    assert _needs(house, house.line("reine")) == {
        "pate": 260,
        "sauce-tomate": 80,
        "mozzarella": 90,
        "jambon": 60,
        "champignons": 50,
    }


def test_a_small_pizza_needs_less(house: House) -> None:
    assert _needs(house, house.line("reine", "s"))["jambon"] == 42


def test_what_is_removed_is_not_taken_and_costs_nothing_less(house: House) -> None:
    request = house.line("reine", removed=_ids(house, "jambon", "jambon"))
    assert "jambon" not in _needs(house, request)
    assert price_lines([request])[0].unit_price == Decimal("12.00")


def test_an_extra_is_paid_once_and_scaled_with_the_size(house: House) -> None:
    request = house.line("reine", "s", extras=_ids(house, "jambon", "jambon"))
    assert _needs(house, request)["jambon"] == 42 + 21
    assert price_lines([request])[0].unit_price == Decimal("9.60") + Decimal("2.00")


def test_half_and_half_costs_the_dearer_half_and_needs_half_of_each(house: House) -> None:
    request = house.line("margherita", second_half_id=house.variant("chevre-miel").pk)
    [line] = price_lines([request])
    assert (line.unit_price, line.label) == (Decimal("13.00"), "½ Margherita + ½ Chèvre — Moyenne")
    assert _needs(house, request) == {"pate": 260, "sauce-tomate": 40, "mozzarella": 85, "chevre": 40}


def test_what_is_removed_from_half_and_half_is_removed_from_both(house: House) -> None:
    second = house.variant("chevre-miel").pk
    request = house.line("margherita", second_half_id=second, removed=_ids(house, "mozzarella", "chevre"))
    assert _needs(house, request) == {"pate": 260, "sauce-tomate": 40}


def test_an_odd_half_is_rounded_up(house: House) -> None:
    small = house.variant("reine", "s").pk
    request = house.line("margherita", "s", second_half_id=small)
    # 70 + 63 grams of mozzarella: half of 133 is 66.5.
    assert _needs(house, request)["mozzarella"] == 67


@pytest.mark.parametrize(
    "wrong",
    [
        {"removed": ("pate",)},
        {"removed": ("chevre",)},
        {"extras": ("pate",)},
        {"extras": ("canette-cola",)},
        {"removed": ("jambon",), "extras": ("jambon",)},
        {"removed": ("inconnu",)},
        {"extras": ("inconnu",)},
    ],
)
def test_what_the_menu_does_not_offer_is_refused(house: House, wrong: dict[str, tuple[str, ...]]) -> None:
    known = {slug: item.pk for slug, item in house.ingredients.items()} | {"inconnu": 10**30}
    fields = {field: tuple(known[slug] for slug in slugs) for field, slugs in wrong.items()}
    with pytest.raises(InvalidLine):
        price_lines([house.line("reine", "m", **fields)])


def test_halves_are_pizzas_of_one_size(house: House) -> None:
    for request in (
        house.line("margherita", second_half_id=house.variant("reine", "s").pk),
        house.line("margherita", second_half_id=house.variant("cola", None).pk),
        house.line("cola", None, second_half_id=house.variant("cola", None).pk),
        house.line("margherita", second_half_id=10**30),
        house.line("cola", None, extras=_ids(house, "jambon")),
        house.line("cola", None, removed=_ids(house, "canette-cola")),
    ):
        with pytest.raises(InvalidLine):
            price_lines([request])


def test_what_has_no_recipe_yet_is_not_on_the_menu(house: House) -> None:
    house.variant("reine").composition.all().delete()
    with pytest.raises(InvalidLine):
        price_lines([house.line("reine")])


def test_what_is_no_longer_sold_is_refused_alone(house: House) -> None:
    requests = [house.line("reine"), house.line("margherita")]
    reine = house.variant("reine").product
    reine.is_active = False
    reine.save()
    refused, priced = price_each(requests)
    assert isinstance(refused, InvalidLine)
    assert not isinstance(priced, InvalidLine)


def test_a_delivery_has_its_fee_and_its_minimum(house: House) -> None:
    store, lines = house.bastille, [house.line()]
    delivered = quote(store=store, requests=lines, fulfilment=Fulfilment.DELIVERY, postal_code="75011")
    assert (delivered.subtotal, delivered.delivery_fee, delivered.total) == (
        Decimal(9),
        Decimal("2.50"),
        Decimal("11.50"),
    )
    assert quote(store=store, requests=lines, fulfilment=Fulfilment.COLLECTION).total == 9
    with pytest.raises(NotDeliverable):
        quote(store=store, requests=lines, fulfilment=Fulfilment.DELIVERY, postal_code="69004")
    with pytest.raises(BelowMinimum, match="5,00\u00a0€"):
        quote(store=store, requests=[house.line("cola", None)], fulfilment="delivery", postal_code="75011")


def test_an_empty_basket_and_an_unknown_mode_are_refused(house: House) -> None:
    with pytest.raises(EmptyCart):
        quote(store=house.bastille, requests=[], fulfilment="collection")
    with pytest.raises(InvalidChoice):
        quote(store=house.bastille, requests=[house.line()], fulfilment="teleport")
    with pytest.raises(InvalidLine):
        quote(store=house.bastille, requests=[house.line()] * (MAX_LINES + 1), fulfilment="collection")


@PER_TEST
@given(data=st.data())
def test_a_basket_costs_and_needs_the_sum_of_its_lines(house: House, data: st.DataObject) -> None:
    products = st.tuples(st.sampled_from(PIZZAS), st.sampled_from("sm"))
    requests = [
        house.line(
            product,
            size,
            quantity=data.draw(st.integers(1, 50)),
            extras=_ids(house, *data.draw(st.lists(st.sampled_from(EXTRAS), max_size=4))),
        )
        for product, size in data.draw(st.lists(products, min_size=1, max_size=5))
    ]
    whole = quote(store=house.bastille, requests=requests, fulfilment="collection")
    alone = [quote(store=house.bastille, requests=[request], fulfilment="collection") for request in requests]
    assert whole.total == sum(part.total for part in alone) > 0
    assert whole.total == whole.total.quantize(Decimal("0.01"))
    assert whole.needs() == needs_of([line for part in alone for line in part.lines])
    assert all(quantity > 0 for quantity in whole.needs().values())


@PER_TEST
@given(data=st.data())
def test_needs_match_the_recipe(house: House, data: st.DataObject) -> None:
    product, size = data.draw(st.sampled_from(PIZZAS)), data.draw(st.sampled_from("sm"))
    recipe = {line.ingredient: line for line in house.variant(product, size).composition.select_related("ingredient")}
    removable = sorted(item.pk for item, line in recipe.items() if not line.is_base)
    removed = data.draw(st.sets(st.sampled_from(removable)))
    [line] = price_lines([house.line(product, size, removed=tuple(removed))])
    assert line.needs == {item.pk: used.quantity for item, used in recipe.items() if item.pk not in removed}


MONEY = st.decimals(Decimal(0), Decimal("9999.99"), places=2)
PERCENT = st.sampled_from([Decimal("5.50"), Decimal("10.00"), Decimal("20.00"), Decimal("2.10"), Decimal(0)])


@given(amount=MONEY, percent=PERCENT)
def test_the_vat_inside_and_the_rest_add_up_to_the_amount(amount: Decimal, percent: Decimal) -> None:
    vat = vat_included(amount=amount, percent=percent)
    assert 0 <= vat <= amount
    # From the amount without VAT, the rate gives the VAT again, to the cent.
    assert abs((amount - vat) * percent / 100 - vat) < Decimal("0.01")


@given(quantity=st.integers(1, 10_000), factor=st.decimals(Decimal("0.01"), Decimal(5), places=2))
def test_scaling_is_to_the_nearest_unit_and_never_to_nothing(quantity: int, factor: Decimal) -> None:
    units = scaled(quantity=quantity, factor=factor)
    assert units == 1 or abs(units - quantity * factor) <= Decimal("0.5")
