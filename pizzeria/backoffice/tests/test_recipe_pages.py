"""Recipes and ingredients on their pages (UC 6.3, D1): read, changed, refused, gone back to."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pizzeria.accounts.models import User
from pizzeria.catalogue.models import Ingredient, Product, RecipeChange
from pizzeria.catalogue.recipes import sheet_of
from pizzeria.ordering.models import Order
from pizzeria.stock.models import StockItem
from pizzeria.stock.selectors import makeable_counts
from tests.cast import House, People

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
RECIPES = "/equipe/bastille/recettes/"
INGREDIENTS = "/equipe/bastille/ingredients/"


def reine() -> Product:
    return Product.objects.get(slug="reine")


def written(house: House, recipe: dict[str, int], **fields: object) -> dict[str, object]:
    sent: dict[str, object] = {
        "shown": sheet_of(product=reine()).mark,
        "preparation": reine().preparation,
        "reason": "moins salée",
        "do": "keep",
    }
    for number, (slug, quantity) in enumerate(recipe.items()):
        sent |= {f"ingredient-{number}": house.ingredients[slug].pk, f"quantity-{number}": quantity}
    return sent | fields


def send(browser: Client, sent: dict[str, object]) -> Any:
    return browser.post(f"{RECIPES}{reine().pk}/modifier/", sent, follow=True)


def quantities(size: str) -> dict[str, int]:
    variant = reine().variants.get(size__code=size)
    return dict(variant.composition.values_list("ingredient__slug", "quantity"))


def test_a_changed_recipe_changes_every_size_what_can_be_made_and_its_history(
    house: House, people: People, signed_in: SignedIn
) -> None:
    StockItem.objects.filter(store=house.croix_rousse, ingredient__slug="chevre").update(available=160)
    browser = signed_in(people.manager)
    words = send(browser, written(house, {"mozzarella": 100, "chevre": 40})).content.decode()
    assert "La recette a été modifiée" in words
    assert "moins salée" in words
    assert quantities("m") == {"pate": 260, "mozzarella": 100, "chevre": 40}
    assert quantities("s") == {"pate": 180, "mozzarella": 70, "chevre": 28}
    assert makeable_counts(store=house.croix_rousse)[house.variant("reine").pk] == 4
    change = RecipeChange.objects.get()
    assert (change.acting_user, change.store) == (people.manager, house.bastille)
    for told in ("jambon blanc", "<del>60 g</del>", "<ins>40 g</ins>", "Renata Dupont"):
        assert told in words, told


def test_a_look_before_says_what_each_size_would_take_and_keeps_nothing(
    house: House, people: People, signed_in: SignedIn
) -> None:
    StockItem.objects.filter(store=house.bastille, ingredient__slug="chevre").update(available=160)
    page = send(signed_in(people.manager), written(house, {"chevre": 40}, do="look"))
    assert [(each.variant.size.code, each.limit.count) for each in page.context["preview"]] == [("s", 5), ("m", 4)]
    assert "chèvre 28 g" in page.content.decode()
    assert not RecipeChange.objects.exists()
    assert "jambon" in quantities("m")


def test_the_second_who_writes_is_told_both_values_and_loses_nothing(
    house: House, people: People, signed_in: SignedIn
) -> None:
    mine = written(house, {"jambon": 80})
    send(signed_in(people.direction), written(house, {"jambon": 70}))
    renata = signed_in(people.manager)
    told = send(renata, mine)
    assert told.status_code == 422
    words = told.content.decode()
    assert "maintenant :</dt>" in words or "maintenant :" in words
    assert "<b>70</b>" in words
    assert "<b>80</b>" in words
    assert quantities("m")["jambon"] == 70
    assert told.context["form"]["quantity-0"].value() == "80"
    send(renata, mine | {"shown": sheet_of(product=reine()).mark})
    assert quantities("m")["jambon"] == 80


@pytest.mark.parametrize(
    ("recipe", "fields"),
    [({}, {}), ({"jambon": -5}, {}), ({"jambon": 10**6}, {}), ({"jambon": 60}, {"reason": "  "}),
     ({"sauce-tomate": 80, "mozzarella": 90, "jambon": 60, "champignons": 50}, {})],
)  # fmt: skip
def test_what_is_no_recipe_is_refused_and_the_old_one_kept(
    house: House, people: People, signed_in: SignedIn, recipe: dict[str, int], fields: dict[str, str]
) -> None:
    answer = send(signed_in(people.manager), written(house, recipe, **fields))
    assert answer.status_code == 422
    assert quantities("m")["jambon"] == 60
    assert not RecipeChange.objects.exists()


def test_an_earlier_recipe_is_gone_back_to(house: House, people: People, signed_in: SignedIn) -> None:
    browser, before = signed_in(people.manager), quantities("m")
    send(browser, written(house, {"chevre": 40}, preparation="Autrement."))
    page = browser.get(f"{RECIPES}{reine().pk}/modifier/?depuis={RecipeChange.objects.get().pk}")
    form = page.context["form"]
    sent = {field.html_name: field.value() or "" for field in form} | {"do": "keep"}
    send(browser, sent)
    assert quantities("m") == before
    assert RecipeChange.objects.count() == 2


def test_an_order_keeps_the_recipe_that_it_took(house: House, people: People, signed_in: SignedIn) -> None:
    old = house.order(lines=[house.line("reine")])
    send(signed_in(people.manager), written(house, {"chevre": 40}, preparation="Autrement."))
    new = house.order(lines=[house.line("reine")])

    def sheet(order: Order) -> str:
        address = f"/equipe/bastille/commandes/{order.number}/lignes/{order.lines.get().pk}/"
        return signed_in(people.pizzaiolo).get(address).content.decode()

    assert "jambon blanc" in sheet(old)
    assert "Voici celle de cette commande" in sheet(old)
    assert "Étaler, garnir" in sheet(old)
    assert "jambon blanc" not in sheet(new)
    assert "Autrement." in sheet(new)


def test_changes_of_recipes_are_history_even_for_plain_sql(house: House, people: People, signed_in: SignedIn) -> None:
    send(signed_in(people.manager), written(house, {"chevre": 40}))
    for statement in ("UPDATE catalogue_recipechange SET reason = ''", "DELETE FROM catalogue_recipechange"):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_sheet_says_grams_dough_and_allergens_of_its_size(house: House, people: People, signed_in: SignedIn) -> None:
    words = signed_in(people.pizzaiolo).get(f"{RECIPES}{reine().pk}/?taille=s").content.decode()
    for told in ("180 g", "pâton", "42 g", "gluten, lait", "Étaler, garnir"):
        assert told in words, told
    assert "Modifier la recette" not in words


def test_the_pages_ask_no_more_for_more_recipes(house: House, people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.manager)
    pages = (RECIPES, f"{RECIPES}{reine().pk}/", f"{RECIPES}{reine().pk}/modifier/", INGREDIENTS)
    send(browser, written(house, {"chevre": 40}))

    def asked() -> list[int]:
        counts = []
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(page).status_code == 200
            counts.append(len(queries))
        return counts

    few = asked()
    send(browser, written(house, {"chevre": 30, "jambon": 20, "champignons": 10}))
    Ingredient.objects.create(slug="olive", name="olive", name_en="olive", unit="piece")
    assert asked() == few


def test_a_new_ingredient_is_counted_at_every_store_and_its_unit_stays(
    house: House, people: People, signed_in: SignedIn
) -> None:
    sent = {
        "name": "Roquette", "name_en": "Rocket", "unit": "g", "unit_quantity": "250", "extra_quantity": "15",
        "allergens": ["sulphites", "milk"], "extra_price": "1,20",
    }  # fmt: skip
    browser = signed_in(people.manager)
    words = browser.post(f"{INGREDIENTS}ajouter/", sent, follow=True).content.decode()
    assert "est ajouté à tous les stocks" in words
    made = Ingredient.objects.get(slug="roquette")
    assert (str(made.extra_price), made.allergens) == ("1.20", ["milk", "sulphites"])
    assert StockItem.objects.filter(ingredient=made, available=0).count() == 2
    assert "porte déjà ce nom" in browser.post(f"{INGREDIENTS}ajouter/", sent).content.decode()
    ham = house.ingredients["jambon"]
    page = browser.get(f"{INGREDIENTS}{ham.pk}/")
    form = {field.html_name: field.value() for field in page.context["form"] if field.value()}
    refused = browser.post(f"{INGREDIENTS}{ham.pk}/", form | {"unit": "piece"})
    assert "l’unité reste" in refused.content.decode()
    assert browser.post(f"{INGREDIENTS}{ham.pk}/", form | {"comment": "supérieur"}).status_code == 302
    told = browser.post(f"{INGREDIENTS}{ham.pk}/", form | {"comment": "cuit"}).content.decode()
    assert "<b>supérieur</b>" in told
    assert "<b>cuit</b>" in told
