"""What is off sale is not sold, whatever its quantity says: by nobody, on no page."""

import pytest
from django.db import transaction

from pizzeria.ordering.models import Order
from pizzeria.stock.changing import put_back_on_sale, take_off_sale
from pizzeria.stock.errors import OutOfStock, UnknownStock
from pizzeria.stock.models import StockItem
from pizzeria.stock.selectors import short_ingredients
from pizzeria.stock.services import change_recipe
from pizzeria.stock.tests.alone import take
from tests.cast import House, People
from tests.races.together import wrong_counts


@pytest.fixture
def gone(house: House, people: People) -> StockItem:
    item = StockItem.objects.get(store=house.bastille, ingredient=house.ingredients["jambon"])
    return take_off_sale(store=house.bastille, item_id=item.pk, acting_user=people.pizzaiolo)


def test_an_order_of_it_is_refused_and_told_which_pizza(house: House, gone: StockItem) -> None:
    with pytest.raises(OutOfStock, match="Reine") as refusal:
        house.order(lines=[house.line(), house.line("reine")])
    assert refusal.value.details == {"products": ["reine"]}
    assert not Order.objects.exists()
    without = house.line("reine", removed=(house.ingredients["jambon"].pk,))
    assert house.order(lines=[without]).total


def test_the_cart_says_so_and_the_database_refuses_it(house: House, gone: StockItem) -> None:
    needs = {gone.ingredient_id: 1}
    assert short_ingredients(store=house.bastille, needs=needs) == {gone.ingredient_id}
    with pytest.raises(OutOfStock), transaction.atomic():
        take(store=house.bastille, needs=needs, reference="a")


def test_counts_stay_right_through_sales_recipes_and_its_return(house: House, gone: StockItem) -> None:
    house.order()
    assert wrong_counts() == {}
    margherita = house.variant("margherita").product
    change_recipe(product=margherita, recipe=[(house.ingredients["jambon"], 10)])
    assert wrong_counts() == {}
    put_back_on_sale(store=house.bastille, item_id=gone.pk)
    assert wrong_counts() == {}


def test_a_second_tap_changes_nothing_and_another_stores_line_is_unknown(
    house: House, people: People, gone: StockItem
) -> None:
    again = take_off_sale(store=house.bastille, item_id=gone.pk, acting_user=people.manager)
    assert (again.off_sale_since, again.off_sale_by) == (gone.off_sale_since, people.pizzaiolo)
    with pytest.raises(UnknownStock):
        put_back_on_sale(store=house.croix_rousse, item_id=gone.pk)
