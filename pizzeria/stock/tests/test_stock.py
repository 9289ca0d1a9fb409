"""UC 6.2 and 4.4: quantities, the movements that explain them, and what can still be made."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError, Sum

from pizzeria.catalogue.errors import InvalidRecipe
from pizzeria.catalogue.models import Composition
from pizzeria.live.models import LiveEvent
from pizzeria.stock.errors import InvalidQuantity, OutOfStock
from pizzeria.stock.models import Makeable, Movement, StockItem
from pizzeria.stock.selectors import makeable_counts, short_ingredients
from pizzeria.stock.services import (
    COUNT_CAP,
    MOST_IN_STOCK,
    bump_menu,
    change_recipe,
    give_back,
    lower_quantity,
    raise_quantity,
    refresh_makeable,
)
from pizzeria.stock.tests.alone import take
from pizzeria.stores.models import Store
from tests.cast import GRAMS, House, People


def _item(house: House, slug: str) -> StockItem:
    return StockItem.objects.get(store=house.bastille, ingredient__slug=slug)


def _set(house: House, slug: str, quantity: int) -> None:
    item = _item(house, slug)
    if item.available > quantity:
        lower_quantity(item_id=item.pk, quantity=item.available - quantity, acting_user=None)
    elif item.available < quantity:
        raise_quantity(item_id=item.pk, quantity=quantity - item.available, acting_user=None)


def _count(house: House, product: str, size: str = "m") -> int:
    return makeable_counts(store=house.bastille)[house.variant(product, size).pk]


def _take(house: House, needs: dict[str, int], reference: str = "a") -> None:
    by_id = {house.ingredients[slug].pk: quantity for slug, quantity in needs.items()}
    with transaction.atomic():
        take(store=house.bastille, needs=by_id, reference=reference)


def _give_back(house: House, reference: str = "a") -> None:
    with transaction.atomic():
        give_back(store=house.bastille, reference=reference, acting_user=None)


def test_a_change_is_explained_by_its_movement(house: House, people: People) -> None:
    item = _item(house, "jambon")
    raise_quantity(item_id=item.pk, quantity=500, acting_user=people.manager)
    lower_quantity(item_id=item.pk, quantity=200, acting_user=people.pizzaiolo)
    item.refresh_from_db()
    assert item.available == GRAMS + 300
    latest = list(item.movements.values_list("change", "reason", "acting_user"))
    assert latest[:2] == [(-200, "lower", people.pizzaiolo.pk), (500, "raise", people.manager.pk)]
    assert item.movements.aggregate(sum=Sum("change"))["sum"] == item.available


@pytest.mark.parametrize("quantity", [0, -1, 1_000_001, 10**9, 10**30])
def test_a_senseless_quantity_is_refused(house: House, quantity: int) -> None:
    for change in (raise_quantity, lower_quantity):
        with pytest.raises(InvalidQuantity):
            change(item_id=_item(house, "jambon").pk, quantity=quantity, acting_user=None)
    assert _item(house, "jambon").available == GRAMS


def test_a_stock_never_goes_below_nothing(house: House) -> None:
    _set(house, "jambon", 10)
    with pytest.raises(InvalidQuantity, match="il en reste 10"):
        lower_quantity(item_id=_item(house, "jambon").pk, quantity=11, acting_user=None)


def test_a_stock_never_grows_beyond_what_can_be_counted(house: House) -> None:
    item = _item(house, "jambon")
    StockItem.objects.filter(pk=item.pk).update(available=MOST_IN_STOCK)
    with pytest.raises(InvalidQuantity):
        raise_quantity(item_id=item.pk, quantity=1, acting_user=None)


def test_all_is_taken_or_nothing(house: House) -> None:
    _set(house, "jambon", 59)
    with pytest.raises(OutOfStock) as refusal:
        _take(house, {"mozzarella": 100, "jambon": 60})
    assert refusal.value.details == {"ingredients": [house.ingredients["jambon"].pk]}
    assert _item(house, "mozzarella").available == GRAMS
    assert not Movement.objects.filter(reason="order").exists()


def test_what_the_store_does_not_know_is_out_of_stock(house: House) -> None:
    with pytest.raises(OutOfStock), transaction.atomic():
        take(store=house.bastille, needs={10**12: 1}, reference="a")


def test_the_other_store_keeps_its_stock(house: House) -> None:
    _take(house, {"jambon": 60})
    assert StockItem.objects.get(store=house.croix_rousse, ingredient__slug="jambon").available == GRAMS


def test_what_was_taken_is_given_back_once(house: House) -> None:
    _take(house, {"mozzarella": 100, "jambon": 60})
    _give_back(house)
    _give_back(house)
    assert (_item(house, "mozzarella").available, _item(house, "jambon").available) == (GRAMS, GRAMS)
    assert Movement.objects.filter(reason="return").count() == 2


def test_what_was_taken_in_two_goes_is_given_back_in_one(house: House) -> None:
    _take(house, {"mozzarella": 100})
    _take(house, {"mozzarella": 30, "jambon": 60})
    _give_back(house)
    assert (_item(house, "mozzarella").available, _item(house, "jambon").available) == (GRAMS, GRAMS)
    _take(house, {"mozzarella": 5})
    _give_back(house)
    assert _item(house, "mozzarella").available == GRAMS


def test_giving_back_for_nobody_changes_nothing(house: House) -> None:
    _give_back(house, "nobody")
    assert not Movement.objects.filter(reason="return").exists()


def test_the_scarcest_ingredient_says_how_many_can_be_made(house: House) -> None:
    _set(house, "jambon", 179)
    assert _count(house, "reine") == 2  # 60 g each
    assert _count(house, "reine", "s") == 4  # 42 g each
    assert _count(house, "margherita") == COUNT_CAP
    _set(house, "jambon", 180)
    assert _count(house, "reine") == 3


def test_counts_stay_equal_to_recipes_times_stock(house: House) -> None:
    for slug, quantity in {"jambon": 333, "mozzarella": 1234, "pate": 5000}.items():
        _set(house, slug, quantity)
    kept = makeable_counts(store=house.bastille)
    Makeable.objects.all().delete()
    with transaction.atomic():
        refresh_makeable(store=house.bastille, ingredient_ids=[item.pk for item in house.ingredients.values()])
    assert kept == makeable_counts(store=house.bastille)


def test_the_team_hears_of_every_quantity_that_changes(house: House) -> None:
    heard = LiveEvent.objects.filter(topic=f"store:{house.bastille.pk}", kind="makeable")
    _set(house, "jambon", 60 * 50)
    before = heard.count()
    _set(house, "jambon", 60 * 49)
    assert heard.count() > before


def test_the_menu_hears_of_the_last_ones_and_only_of_them(house: House) -> None:
    heard = LiveEvent.objects.filter(topic=f"menu:{house.bastille.pk}")
    heard.delete()
    _set(house, "jambon", 60 * 50)
    assert not heard.exists()
    _set(house, "jambon", 60 * 5)
    event = heard.get()
    assert event.kind == "makeable"
    assert event.payload == {"counts": {str(house.variant("reine").pk): 5}}


def test_a_cached_menu_is_stale_once_it_would_show_something_else(house: House) -> None:
    def version() -> int:
        return Store.objects.get(pk=house.bastille.pk).menu_version

    before = version()
    _take(house, {"jambon": 60})
    assert version() == before
    _set(house, "jambon", 0)
    assert version() == before + 1
    bump_menu(store_ids=[house.croix_rousse.pk, house.bastille.pk])
    assert version() == before + 2


def test_a_changed_recipe_changes_what_can_be_made_at_every_store(house: House) -> None:
    _set(house, "chevre", 160)
    reine = house.variant("reine").product
    change_recipe(product=reine, recipe=[(house.ingredients["chevre"], 40)])
    assert _count(house, "reine") == 4
    assert makeable_counts(store=house.croix_rousse)[house.variant("reine").pk] == COUNT_CAP


def test_an_ingredient_named_twice_is_added_up_and_dough_stays_the_base(house: House) -> None:
    chevre, dough = house.ingredients["chevre"], house.ingredients["pate"]
    change_recipe(product=house.variant("reine").product, recipe=[(chevre, 30), (dough, 40), (chevre, 10)])
    lines = Composition.objects.filter(variant=house.variant("reine"))
    assert [(line.ingredient, line.quantity, line.is_base) for line in lines] == [
        (dough, 300, True),
        (chevre, 40, False),
    ]


@pytest.mark.parametrize("quantities", [[], [0], [5, -5]])
def test_a_recipe_of_nothing_is_refused_and_the_old_one_kept(house: House, quantities: list[int]) -> None:
    reine = house.variant("reine")
    with pytest.raises(InvalidRecipe):
        change_recipe(product=reine.product, recipe=[(house.ingredients["chevre"], each) for each in quantities])
    assert reine.composition.count() == 5


def test_what_is_short_is_named(house: House) -> None:
    ham, cheese = house.ingredients["jambon"].pk, house.ingredients["mozzarella"].pk
    _set(house, "jambon", 59)
    assert short_ingredients(store=house.bastille, needs={ham: 60, cheese: 60, 10**12: 1}) == {ham, 10**12}


@pytest.mark.parametrize("statement", ["UPDATE stock_movement SET change = 1", "DELETE FROM stock_movement"])
def test_movements_are_history_even_for_plain_sql(house: House, statement: str) -> None:
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_database_itself_refuses_a_stock_below_nothing(house: House) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        StockItem.objects.update(available=-1)


def test_who_has_moved_stock_cannot_be_deleted(house: House, people: People) -> None:
    raise_quantity(item_id=_item(house, "jambon").pk, quantity=1, acting_user=people.manager)
    with pytest.raises(ProtectedError):
        people.manager.delete()
