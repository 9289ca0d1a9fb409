"""The stock on its pages (UC 6.2, D2): what is seen, what is changed, what is refused and loses nothing."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pizzeria.accounts.models import User
from pizzeria.live.models import LiveEvent
from pizzeria.stock.changing import change_quantity, set_threshold, take_off_sale
from pizzeria.stock.models import Movement, Proposal, StockItem
from pizzeria.stock.selectors import makeable_counts
from pizzeria.stock.services import lower_quantity
from tests.cast import GRAMS, House, People

from .conftest import HTMX

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
STOCK = "/equipe/bastille/stock/"


def line(house: House, slug: str = "jambon") -> StockItem:
    return StockItem.objects.get(store=house.bastille, ingredient=house.ingredients[slug])


def leave(house: House, slug: str, quantity: int) -> StockItem:
    item = line(house, slug)
    lower_quantity(item_id=item.pk, quantity=item.available - quantity, acting_user=None)
    return line(house, slug)


def typed(item: StockItem, do: str, quantity: object, **fields: object) -> dict[str, object]:
    seen = {"count-expected": item.available} if do == "count" else {f"{do}-seen": item.version}
    return {"do": do, f"{do}-quantity": quantity, **seen, **{f"{do}-{name}": value for name, value in fields.items()}}


def test_a_row_says_how_much_in_which_units_and_what_wants_a_look_comes_first(
    house: House, people: People, signed_in: SignedIn
) -> None:
    low = leave(house, "jambon", 12_500)
    set_threshold(store=house.bastille, item_id=low.pk, alert_below=20_000, seen=low.version)
    page = signed_in(people.pizzaiolo).get(STOCK)
    words = page.content.decode()
    assert "12,5 kg" in words
    assert "25 × 500 g" in words
    assert "sous le seuil" in words
    assert [row.item.pk for row, _orders in page.context["to_watch"]] == [low.pk]
    found = signed_in(people.pizzaiolo).get(f"{STOCK}?q=JAMB").content.decode()
    assert "jambon blanc" in found
    assert "mozzarella" not in found


def test_nothing_new_is_no_answer_and_an_order_is_something_new(
    house: House, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.pizzaiolo)
    version = browser.get(STOCK).context["version"]
    assert browser.get(f"{STOCK}?v={version}", headers=HTMX).status_code == 204
    house.order()
    again = browser.get(f"{STOCK}?v={version}", headers=HTMX)
    assert again.status_code == 200
    assert "999,9 kg" in again.content.decode()  # mozzarella


def test_the_table_and_the_movements_ask_no_more_for_more_rows(
    house: House, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.manager)
    item = line(house)
    pages = (STOCK, f"{STOCK}{item.pk}/", f"{STOCK}mouvements/", f"{STOCK}livraison/", f"{STOCK}inventaire/")
    take_off_sale(store=house.bastille, item_id=item.pk, acting_user=people.manager)
    take_off_sale(store=house.bastille, item_id=line(house, "chevre").pk, acting_user=people.manager)
    house.order()

    def asked() -> list[int]:
        counts = []
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(page).status_code == 200
            counts.append(len(queries))
        return counts

    few = asked()
    for _more in range(3):
        house.order()
        item.refresh_from_db()
        change_quantity(
            store=house.bastille, item_id=item.pk, reason=Movement.Reason.RAISE, quantity=5, seen=item.version,
            acting_user=people.manager,
        )  # fmt: skip
    assert asked() == few
    assert max(few) <= 13, few


@pytest.mark.parametrize(
    ("do", "change"),
    [("raise", ("1 500", GRAMS + 1500)), ("lower", ("300", GRAMS - 300)), ("waste", ("40", GRAMS - 40))],
)  # fmt: skip
def test_what_is_changed_is_said_and_explained(
    house: House, people: People, signed_in: SignedIn, do: str, change: tuple[str, int]
) -> None:
    item, (quantity, left) = line(house), change
    browser = signed_in(people.pizzaiolo)
    page = browser.post(f"{STOCK}{item.pk}/modifier/", typed(item, do, quantity, cause="dropped"), follow=True)
    assert "Le contenu du stock a été modifié" in page.content.decode()
    item.refresh_from_db()
    last = item.movements.first()
    assert last is not None
    assert (item.available, last.reason, last.acting_user) == (left, do, people.pizzaiolo)
    assert (last.cause == "dropped") == (do == "waste")
    explained = page.content.decode()
    assert "Luca Dupont" in explained
    assert last.get_reason_display() in explained


@pytest.mark.parametrize(
    ("do", "quantity"),
    [("raise", "beaucoup"), ("raise", "1000000000"), ("raise", "0"), ("lower", "-5"), ("lower", str(GRAMS + 1)),
     ("waste", ""), ("count", "-1"), ("threshold", "99999999999999"), ("raise", "1,5")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_kindly_and_stays_in_its_field(
    house: House, people: People, signed_in: SignedIn, do: str, quantity: str
) -> None:
    item = line(house)
    answer = signed_in(people.manager).post(f"{STOCK}{item.pk}/modifier/", typed(item, do, quantity, cause="spoilt"))
    assert answer.status_code == 422
    assert f'value="{quantity}"' in answer.content.decode() or not quantity
    assert "field__error" in answer.content.decode()
    item.refresh_from_db()
    assert item.available == GRAMS


def test_the_second_who_adds_is_told_both_values_and_may_mean_it(
    house: House, people: People, signed_in: SignedIn
) -> None:
    item = line(house)
    both = typed(item, "raise", 500)
    signed_in(people.manager).post(f"{STOCK}{item.pk}/modifier/", both)
    luca = signed_in(people.pizzaiolo)
    told = luca.post(f"{STOCK}{item.pk}/modifier/", both)
    assert told.status_code == 422
    words = told.content.decode()
    assert "Modifié pendant que vous écriviez" in words
    assert "1\u202f000,5 kg" in words or "1\xa0000,5 kg" in words
    assert "500 g" in words
    item.refresh_from_db()
    assert item.available == GRAMS + 500
    luca.post(f"{STOCK}{item.pk}/modifier/", typed(item, "raise", 500))
    item.refresh_from_db()
    assert item.available == GRAMS + 1000


def test_an_order_between_does_not_spoil_a_sum_and_stops_a_count(
    house: House, people: People, signed_in: SignedIn
) -> None:
    item, browser = line(house, "mozzarella"), signed_in(people.manager)
    house.order()
    counted = browser.post(f"{STOCK}{item.pk}/modifier/", typed(item, "count", GRAMS - 50))
    assert counted.status_code == 422
    assert f"il y en a maintenant {GRAMS - 100}" in counted.content.decode()
    assert browser.post(f"{STOCK}{item.pk}/modifier/", typed(item, "raise", 7)).status_code == 302
    item.refresh_from_db()
    assert item.available == GRAMS - 100 + 7


def test_a_delivery_adds_several_lines_takes_up_the_proposal_and_is_not_written_twice(
    house: House, people: People, signed_in: SignedIn
) -> None:
    ham, cheese = line(house), line(house, "chevre")
    Proposal.objects.create(item=ham, for_day="2026-11-30", quantity=1500, weekday_use=1, rest_of_today=0, available=0)
    browser = signed_in(people.pizzaiolo)
    page = browser.get(f"{STOCK}livraison/").content.decode()
    assert 'value="3"' in page
    sent = {f"quantity-{ham.pk}": "3", f"seen-{ham.pk}": 0, f"quantity-{cheese.pk}": "2", f"seen-{cheese.pk}": 0}
    done = browser.post(f"{STOCK}livraison/", sent, follow=True).content.decode()
    assert "Le contenu du stock a été modifié : 2 ingrédients ajoutés." in done
    again = browser.post(f"{STOCK}livraison/", sent)
    assert again.status_code == 422
    assert "a changé pendant ce temps" in again.content.decode()
    assert (line(house).available, line(house, "chevre").available) == (GRAMS + 1500, GRAMS + 1000)
    assert Proposal.objects.get().received_by == people.pizzaiolo
    bad = browser.post(f"{STOCK}livraison/", {f"quantity-{ham.pk}": "trois", f"seen-{ham.pk}": 1})
    assert bad.status_code == 422
    assert 'value="trois"' in bad.content.decode()


def test_an_inventory_writes_what_stands_and_brings_back_what_moved(
    house: House, people: People, signed_in: SignedIn
) -> None:
    ham, cheese = line(house), line(house, "mozzarella")
    house.order()
    sent = {
        f"quantity-{ham.pk}": "900000", f"seen-{ham.pk}": ham.available,
        f"quantity-{cheese.pk}": "900000", f"seen-{cheese.pk}": cheese.available,
    }  # fmt: skip
    answer = signed_in(people.manager).post(f"{STOCK}inventaire/", sent)
    assert answer.status_code == 422
    assert [row.item.pk for row in answer.context["rows"]] == [cheese.pk]
    assert 'value="900000"' in answer.content.decode()
    assert "1 ingrédient compté" in answer.content.decode()
    assert line(house).available == 900_000
    assert line(house).movements.first().reason == "count"  # type: ignore[union-attr]
    assert line(house, "mozzarella").available == GRAMS - 100


def test_one_tap_takes_every_pizza_of_it_off_sale_and_one_brings_them_back(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order, item = house.order(), line(house, "mozzarella")
    browser = signed_in(people.pizzaiolo)
    LiveEvent.objects.all().delete()
    page = browser.post(f"{STOCK}{item.pk}/hors-vente/", {"page": "board"}, follow=True).content.decode()
    assert "Plus de mozzarella" in page
    assert f"1 commande en attente en a besoin : {order.number}" in page
    assert set(makeable_counts(store=house.bastille).values()) == {0, 99}
    assert LiveEvent.objects.filter(topic=f"menu:{house.bastille.pk}", kind="makeable").exists()
    assert line(house, "mozzarella").available == GRAMS - 100
    assert "hors vente depuis" in browser.get("/equipe/bastille/realisables/").content.decode()
    back = browser.post(f"{STOCK}{item.pk}/en-vente/", {"page": "stock"}, headers=HTMX).content.decode()
    assert "est de retour" in back
    assert set(makeable_counts(store=house.bastille).values()) == {99}


def test_movements_are_taken_away_by_who_may_take_tables_away_alone(
    house: House, people: People, signed_in: SignedIn
) -> None:
    exports = 'href="/equipe/bastille/exports/"'
    assert exports in signed_in(people.manager).get(f"{STOCK}mouvements/").content.decode()
    browser = signed_in(people.pizzaiolo)
    page = browser.get(f"{STOCK}mouvements/").content.decode()
    assert "Mouvements du stock" in page
    assert "export" not in page.split("<main")[1]
    assert browser.get(f"{STOCK}mouvements/export.csv").status_code == 404


def test_what_is_not_theirs_stays_shut(house: House, people: People, signed_in: SignedIn) -> None:
    elsewhere = StockItem.objects.filter(store=house.croix_rousse)[0]
    browser = signed_in(people.manager)
    assert browser.get(f"{STOCK}{elsewhere.pk}/").status_code == 404
    assert browser.post(f"{STOCK}{elsewhere.pk}/hors-vente/").status_code == 404
    assert browser.post(f"{STOCK}{elsewhere.pk}/modifier/", typed(elsewhere, "raise", 5)).status_code == 404
    item = line(house)
    assert signed_in(people.direction).post(f"{STOCK}{item.pk}/modifier/", typed(item, "raise", 5)).status_code == 403
    assert "Ajouter" not in signed_in(people.direction).get(f"{STOCK}{item.pk}/").content.decode()
