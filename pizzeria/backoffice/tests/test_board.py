"""UC 4.1, 4.4 and 4.5: what the pizzaiolo sees and does."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pizzeria.accounts.models import Role, StaffRole, User
from pizzeria.ordering.lines import LineRequest
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.ordering.services import advance
from pizzeria.stock.models import StockItem
from pizzeria.stock.services import lower_quantity
from tests.cast import GRAMS, PASSWORD, House, People

from .conftest import HTMX, order_in

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
Status = Order.Status
BOARD = "/equipe/bastille/cuisine/"


def _move(browser: Client, order: Order, to: str, *, page: str = "board", htmx: bool = False) -> str:
    path = f"/equipe/bastille/commandes/{order.number}/avancer/"
    return browser.post(path, {"to": to, "page": page}, headers=HTMX if htmx else {}, follow=True).content.decode()


def test_each_order_stands_in_the_column_of_its_status_oldest_first(
    house: House, people: People, signed_in: SignedIn
) -> None:
    orders = [order_in(house, people, status) for status in (Status.TO_PREPARE, Status.TO_PREPARE, Status.READY)]
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Order.objects.filter(pk=orders[1].pk).update(placed_at=an_hour_ago, start_at=an_hour_ago)
    columns = signed_in(people.pizzaiolo).get(BOARD).context["columns"]
    found = {status: [order.number for order in shown] for status, shown, _late in columns}
    assert found == {
        Status.TO_PREPARE: [orders[1].number, orders[0].number],
        Status.TAKEN: [],
        Status.PREPARING: [],
        Status.READY: [orders[2].number],
    }


def test_what_is_to_be_begun_tomorrow_stands_apart_until_its_hour_is_near(
    house: House, people: People, signed_in: SignedIn
) -> None:
    now, tomorrow = (order_in(house, people, Status.TO_PREPARE) for _ in range(2))
    Order.objects.filter(pk=tomorrow.pk).update(start_at=timezone.now() + timedelta(days=1))
    browser = signed_in(people.pizzaiolo)
    seen = browser.get(BOARD)
    assert [order.number for order in seen.context["columns"][0][1]] == [now.number]
    assert [order.number for order in seen.context["later"]] == [tomorrow.number]
    assert "Plus tard" in seen.content.decode()
    Order.objects.filter(pk=tomorrow.pk).update(start_at=timezone.now() + timedelta(minutes=20))
    due = browser.get(BOARD)
    assert [order.number for order in due.context["columns"][0][1]] == [now.number, tomorrow.number]
    assert due.context["version"] != seen.context["version"]
    assert "Plus tard" not in due.content.decode()


def test_the_board_says_size_halves_changes_and_comments(house: House, people: People, signed_in: SignedIn) -> None:
    line = house.line(
        "reine",
        "s",
        quantity=2,
        second_half_id=house.variant("margherita", "s").pk,
        removed=(house.ingredients["jambon"].pk,),
        extras=(house.ingredients["chevre"].pk,),
        comment="<b>bien cuite</b>",
    )
    house.order(lines=[line])
    page = signed_in(people.pizzaiolo).get(BOARD).content.decode()
    assert "½ Reine + ½ Margherita" in page
    assert "petite" in page
    assert "sans jambon blanc" in page
    assert "+ chèvre" in page
    assert "&lt;b&gt;bien cuite&lt;/b&gt;" in page


def test_only_an_order_past_its_promise_is_late(house: House, people: People, signed_in: SignedIn) -> None:
    order = house.order()
    browser = signed_in(people.pizzaiolo)
    assert "is-late" not in browser.get(BOARD).content.decode()
    Order.objects.filter(pk=order.pk).update(promised_at=timezone.now() - timedelta(minutes=1))
    assert "is-late" in browser.get(BOARD).content.decode()


def test_a_columns_head_says_how_many_of_its_orders_are_late(house: House, people: People, signed_in: SignedIn) -> None:
    late = [order_in(house, people, Status.TO_PREPARE).pk for _order in range(2)]
    order_in(house, people, Status.TO_PREPARE)
    Order.objects.filter(pk__in=late).update(promised_at=timezone.now() - timedelta(minutes=1))
    board = signed_in(people.pizzaiolo).get(BOARD).content.decode()
    assert re.findall(r'board__late"[^>]*>([^<]+)<', board) == [
        "2 en retard", "0 en retard", "0 en retard", "0 en retard",
    ]  # fmt: skip
    assert board.count('en retard" hidden>') == 3


def test_the_pizzaiolo_moves_an_order_to_ready_one_tap_at_a_time(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order = house.order()
    browser = signed_in(people.pizzaiolo)
    for verb, to in (("Je prends", "taken"), ("Je commence", "preparing"), ("Prête", "ready")):
        assert verb in browser.get(BOARD).content.decode()
        _move(browser, order, to)
        order.refresh_from_db()
        assert order.status == to
    assert order.pizzaiolo == people.pizzaiolo
    assert "<button id=" not in browser.get(BOARD).content.decode()


def test_a_tap_answers_with_the_board_as_it_is_now(house: House, people: People, signed_in: SignedIn) -> None:
    order = house.order()
    part = _move(signed_in(people.pizzaiolo), order, "taken", htmx=True)
    assert "Je commence" in part
    assert "<html" not in part


def test_who_comes_second_is_told_kindly_who_was_first(house: House, people: People, signed_in: SignedIn) -> None:
    order = house.order()
    second = User.objects.create_user("sofia", PASSWORD, first_name="Sofia", last_name="Russo")
    StaffRole.objects.create(user=second, role=Role.PIZZAIOLO, store=house.bastille)
    _move(signed_in(people.pizzaiolo), order, "taken")
    told = f"Luca s’occupe déjà de la commande {order.number}"
    assert told in _move(signed_in(second), order, "taken", htmx=True)
    assert told in _move(signed_in(second), order, "taken")
    order.refresh_from_db()
    assert order.pizzaiolo == people.pizzaiolo


def test_a_second_tap_on_the_same_button_is_no_conflict(house: House, people: People, signed_in: SignedIn) -> None:
    order = house.order()
    browser = signed_in(people.pizzaiolo)
    _move(browser, order, "taken")
    again = _move(browser, order, "taken", htmx=True)
    assert f"C’est déjà fait : la commande {order.number} est « Prise en charge »." in again
    assert order.events.filter(to_status="taken").count() == 1


def test_a_move_that_is_not_the_pizzaiolos_is_refused(house: House, people: People, signed_in: SignedIn) -> None:
    order = order_in(house, people, Status.READY)
    browser = signed_in(people.pizzaiolo)
    for to in ("delivering", "delivered", "cancelled", "to_prepare", "", "nonsense", "\x00"):
        assert "n’est plus possible" in _move(browser, order, to)
    order.refresh_from_db()
    assert order.status == Status.READY


def test_nobody_else_moves_what_is_the_pizzaiolos(house: House, people: People, signed_in: SignedIn) -> None:
    order = house.order()
    for who in ("driver", "cashier", "manager", "direction", "operator", "outsider", "alice"):
        _move(signed_in(getattr(people, who)), order, "taken")
    _move(Client(), order, "taken")
    order.refresh_from_db()
    assert order.status == Status.TO_PREPARE


def test_a_move_needs_a_form_of_this_site(house: House, people: People) -> None:
    order = house.order()
    forger = Client(enforce_csrf_checks=True)
    forger.force_login(people.pizzaiolo)
    path = f"/equipe/bastille/commandes/{order.number}/avancer/"
    assert forger.post(path, {"to": "taken"}).status_code == 403
    assert forger.get(path).status_code == 405


def test_the_board_answers_nothing_new_until_an_order_changes(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order = house.order()
    browser = signed_in(people.pizzaiolo)
    version = browser.get(BOARD).context["version"]
    assert browser.get(f"{BOARD}?v={version}", headers=HTMX).status_code == 204
    advance(order=order, to_status="taken", acting_user=people.pizzaiolo)
    part = browser.get(f"{BOARD}?v={version}", headers=HTMX)
    assert part.status_code == 200
    assert "Je commence" in part.content.decode()


def test_another_order_arriving_is_something_new(house: House, people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.pizzaiolo)
    version = browser.get(BOARD).context["version"]
    house.order(fulfilment=Fulfilment.COLLECTION)
    assert browser.get(f"{BOARD}?v={version}", headers=HTMX).status_code == 200


def test_the_makeable_page_counts_and_puts_what_runs_out_first(
    house: House, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.pizzaiolo)
    page = "/equipe/bastille/realisables/"
    first = browser.get(page)
    assert "99 +" in first.content.decode()
    assert browser.get(f"{page}?v={first.context['version']}", headers=HTMX).status_code == 204
    chevre = StockItem.objects.get(store=house.bastille, ingredient=house.ingredients["chevre"])
    lower_quantity(item_id=chevre.pk, quantity=GRAMS - 200, acting_user=None)
    answer = browser.get(f"{page}?v={first.context['version']}", headers=HTMX)
    name, variants = answer.context["products"][0]
    assert name.slug == "chevre-miel"
    assert [count for _, count, _limit in variants] == [3, 2]


def _recipe(browser: Client, order: Order) -> str:
    path = f"/equipe/bastille/commandes/{order.number}/lignes/{order.lines.get().pk}/"
    return browser.get(path).content.decode()


def test_the_recipe_is_for_this_very_line(house: House, people: People, signed_in: SignedIn) -> None:
    items = house.ingredients
    line: LineRequest = house.line(
        "reine", "s", removed=(items["jambon"].pk,), extras=(items["chevre"].pk,), comment="bien cuite"
    )
    page = _recipe(signed_in(people.pizzaiolo), house.order(lines=[line]))
    assert "180 g" in page  # dough of the small size
    assert "56 g" in page  # 80 g of sauce × 0.70
    assert "63 g" in page  # 90 g of mozzarella × 0.70
    assert "21 g" in page  # 30 g of goat cheese on top × 0.70
    assert "42 g" not in page  # no ham
    assert "is-removed" in page
    assert "gluten, lait" in page
    assert "Étaler, garnir, cuire 90 secondes." in page
    assert "bien cuite" in page


def test_an_allergen_that_was_taken_off_is_not_declared(house: House, people: People, signed_in: SignedIn) -> None:
    line = house.line("margherita", removed=(house.ingredients["mozzarella"].pk,))
    page = _recipe(signed_in(people.pizzaiolo), house.order(lines=[line]))
    assert "gluten" in page
    assert "lait" not in page.split("Allergènes")[1].split("</p>")[0]


def test_the_recipe_opens_in_place_or_as_a_page(house: House, people: People, signed_in: SignedIn) -> None:
    order = house.order()
    path = f"/equipe/bastille/commandes/{order.number}/lignes/{order.lines.get().pk}/"
    browser = signed_in(people.pizzaiolo)
    assert "<html" in browser.get(path).content.decode()
    assert "<html" not in browser.get(path, headers=HTMX).content.decode()
