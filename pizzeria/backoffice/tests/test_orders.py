"""UC 6.1: every order of a store, each with its whole history; UC 1.4 for the house."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pizzeria.accounts.models import Role, StaffRole, User
from pizzeria.ordering.models import Order
from pizzeria.ordering.order_list import PAGE_SIZE
from pizzeria.ordering.services import advance
from tests.cast import House, People

from .conftest import HTMX, order_in

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
Status = Order.Status
ORDERS = "/equipe/bastille/commandes/"


def _numbers(browser: Client, **filters: str) -> list[str]:
    return [order.number for order in browser.get(ORDERS, filters).context["rows"]]


def test_orders_stand_newest_first_with_their_status(house: House, people: People, signed_in: SignedIn) -> None:
    old, new = house.order(), order_in(house, people, Status.READY)
    Order.objects.filter(pk=old.pk).update(placed_at=timezone.now() - timedelta(days=3))
    browser = signed_in(people.manager)
    assert _numbers(browser) == [new.number, old.number]
    assert "Prête" in browser.get(ORDERS).content.decode()


def test_orders_are_filtered_by_status_and_by_period(house: House, people: People, signed_in: SignedIn) -> None:
    old, new = house.order(), order_in(house, people, Status.TAKEN)
    three_days_ago = timezone.now() - timedelta(days=3)
    Order.objects.filter(pk=old.pk).update(placed_at=three_days_ago)
    browser = signed_in(people.manager)
    assert _numbers(browser, status="taken") == [new.number]
    today, then = timezone.localdate().isoformat(), timezone.localdate(three_days_ago).isoformat()
    assert _numbers(browser, since=then, until=then) == [old.number]
    assert _numbers(browser, since=today) == [new.number]
    assert _numbers(browser, until=then) == [old.number]


def test_a_day_is_a_day_in_paris(house: House, people: People, signed_in: SignedIn) -> None:
    order = house.order()
    late_evening = datetime.fromisoformat("2026-07-14T22:30:00+00:00")
    Order.objects.filter(pk=order.pk).update(placed_at=late_evening)
    browser = signed_in(people.manager)
    assert _numbers(browser, since="2026-07-15", until="2026-07-15") == [order.number]
    assert _numbers(browser, since="2026-07-14", until="2026-07-14") == []


def test_an_order_is_found_by_number_name_phone_or_street(house: House, people: People, signed_in: SignedIn) -> None:
    order = house.order()
    house.order()
    Order.objects.filter(pk=order.pk).update(
        number="P-7XQ2K", first_name="Zoé", last_name="Le Goff", phone="06.39.98.77.66", street="12 rue de l’Échiquier"
    )
    browser = signed_in(people.manager)
    for words in (
        "P-7XQ2K",
        "7xq2k",
        "zoé",
        "le goff",
        "Zoé Le Goff",
        "0639987766",
        "06 39 98 77 66",
        "+33 6 39 98 77 66",
        "7766",
        "p7xq",
        "ZOE goff",
        "echiquier",
    ):
        assert _numbers(browser, q=words) == ["P-7XQ2K"], words
    for words in ("personne", "%", "0611111111", "' OR 1=1 --", "🍕"):
        assert _numbers(browser, q=words) == [], words


def test_a_filter_that_makes_no_sense_is_told_and_hides_nothing(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order = house.order()
    browser = signed_in(people.manager)
    for name, value in (
        ("status", "nonsense"),
        ("since", "2026-02-31"),
        ("who", "x"),
        ("q", "x\x00"),
        ("q", "x" * 200),
    ):
        answer = browser.get(ORDERS, {name: value})
        assert "field__error" in answer.content.decode()
        assert [row.number for row in answer.context["rows"]] == [order.number]
    for cursor in ("x", "-1", "1.2.3", f"{10**17}.1", "9" * 40):
        assert _numbers(browser, before=cursor) == [order.number], cursor


def test_a_long_list_has_pages_that_keep_the_filter(house: House, people: People, signed_in: SignedIn) -> None:
    template = house.order()
    Order.objects.bulk_create(_copies(template, PAGE_SIZE + 1))
    browser = signed_in(people.manager)
    first = browser.get(ORDERS, {"status": "to_prepare"})
    assert f"{PAGE_SIZE + 2} commandes" in first.content.decode()
    older = first.context["page"].older
    assert f"status=to_prepare&amp;before={older}" in first.content.decode()
    house.order()
    second = browser.get(ORDERS, {"status": "to_prepare", "before": older})
    # What came in meanwhile pushes nothing onto the next page, and the way back leads to where one came from.
    seen = [*first.context["rows"], *second.context["rows"]]
    assert (len(seen), len({order.pk for order in seen})) == (PAGE_SIZE + 2, PAGE_SIZE + 2)
    back = browser.get(ORDERS, {"status": "to_prepare", "after": second.context["page"].newer})
    assert [order.pk for order in back.context["rows"]] == [order.pk for order in first.context["rows"]]


def _copies(order: Order, count: int) -> list[Order]:
    fields = {
        field.name: getattr(order, field.name)
        for field in Order._meta.concrete_fields
        if field.name not in {"id", "number", "token"}
    }
    return [Order(**fields) for _ in range(count)]


def test_the_list_shows_only_the_orders_of_its_store(house: House, people: People, signed_in: SignedIn) -> None:
    here, there = house.order(), house.order()
    Order.objects.filter(pk=there.pk).update(store=house.croix_rousse)
    assert _numbers(signed_in(people.manager)) == [here.number]


def test_late_orders_stand_first_with_their_minutes_the_latest_before_all(
    house: House, people: People, signed_in: SignedIn
) -> None:
    late, later, new = house.order(), house.order(), house.order()
    browser = signed_in(people.manager)
    assert "de retard" not in browser.get(ORDERS).content.decode()
    now = timezone.now()
    Order.objects.filter(pk=late.pk).update(promised_at=now - timedelta(minutes=4, seconds=30))
    Order.objects.filter(pk=later.pk).update(promised_at=now - timedelta(minutes=65, seconds=30))
    assert _numbers(browser) == [later.number, late.number, new.number]
    page = browser.get(ORDERS).content.decode()
    assert "4 min de retard" in page
    assert "1 h 05 de retard" in page
    assert _numbers(browser, late="on") == [later.number, late.number]


def test_orders_are_filtered_by_mode_source_payment_and_whose_they_are(
    house: House, people: People, signed_in: SignedIn
) -> None:
    driven, fetched = order_in(house, people, Status.DELIVERING), house.order(fulfilment="collection")
    Order.objects.filter(pk=fetched.pk).update(source="phone", payment_status="paid")
    browser = signed_in(people.manager)
    for filters in ({"fulfilment": "collection"}, {"source": "phone"}, {"payment": "paid"}):
        assert _numbers(browser, **filters) == [fetched.number], filters
    for person in (people.driver, people.pizzaiolo):
        assert _numbers(browser, who=str(person.pk)) == [driven.number]
    assert _numbers(browser, who=str(people.alice.pk)) == []
    page = browser.get(ORDERS, {"source": "phone"}).content.decode()
    assert '<details class="filters__more" open>' in page


def test_who_runs_two_stores_sees_their_orders_together(house: House, people: People, signed_in: SignedIn) -> None:
    here, there = house.order(), house.order(store=house.croix_rousse, fulfilment="collection")
    StaffRole.objects.create(user=people.manager, role=Role.MANAGER, store=house.croix_rousse)
    page = signed_in(people.manager).get("/equipe/commandes/")
    assert [order.number for order in page.context["rows"]] == [there.number, here.number]
    assert f"/equipe/croix-rousse/commandes/{there.number}/" in page.content.decode()
    assert "OC Pizza Croix-Rousse" in page.content.decode()
    alone = signed_in(people.cashier).get("/equipe/commandes/")
    assert [order.number for order in alone.context["rows"]] == [here.number]
    assert signed_in(people.outsider).get("/equipe/commandes/").status_code == 403


def test_the_manager_sees_the_day_in_figures_and_the_cashier_does_not(
    house: House, people: People, signed_in: SignedIn
) -> None:
    house.order()
    order_in(house, people, Status.DELIVERED)
    figures = signed_in(people.manager).get(ORDERS).context["figures"]
    assert (figures.today, figures.open, figures.late, str(figures.turnover)) == (2, 1, 0, "23.00")
    assert "Chiffre d’affaires" not in signed_in(people.cashier).get(ORDERS).content.decode()


def test_an_order_opens_with_its_lines_its_payment_and_its_whole_history(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order = order_in(house, people, Status.DELIVERED)
    page = signed_in(people.manager).get(f"{ORDERS}{order.number}/").content.decode()
    for words in ("Margherita", "moyenne", "11,50", "espèces", "payée", "reçu par Karim Dupont", "Gaspard Visiteur"):
        assert words in page
    steps = ["client", "Luca Dupont, pizzaiolo", "Karim Dupont, livreur"]
    assert all(step in page for step in steps)
    for name in ("À réaliser", "Prise en charge", "En préparation", "Prête", "En livraison", "Livrée"):
        assert f"{name}</b>" in page


def test_an_order_is_refreshed_only_when_it_changed(house: House, people: People, signed_in: SignedIn) -> None:
    order = house.order()
    path = f"{ORDERS}{order.number}/"
    browser = signed_in(people.manager)
    version = browser.get(path).context["version"]
    listed = browser.get(ORDERS, {"status": "to_prepare"})
    again = {"status": "to_prepare", "v": listed.context["version"]}
    assert browser.get(path, {"v": version}, headers=HTMX).status_code == 204
    assert browser.get(ORDERS, again, headers=HTMX).status_code == 204
    advance(order=order, to_status="taken", acting_user=people.pizzaiolo)
    assert "Prise en charge" in browser.get(path, {"v": version}, headers=HTMX).content.decode()
    assert order.number not in browser.get(ORDERS, again, headers=HTMX).content.decode()


def test_the_manager_cancels_with_a_reason_that_the_history_shows(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order = house.order()
    browser = signed_in(people.manager)
    path = f"{ORDERS}{order.number}/annuler/"
    empty = browser.post(path, {"reason": "  "})
    assert empty.status_code == 422
    assert "Indiquez la raison" in empty.content.decode()
    page = browser.post(path, {"reason": "Four <en> panne"}, follow=True).content.decode()
    assert "est annulée" in page
    assert "« Four &lt;en&gt; panne »" in page
    assert "Renata Dupont, responsable" in page


@pytest.mark.parametrize("reason", ["\u200b", "\u202e \u200b", "\x00", " "])
def test_a_reason_that_nobody_can_see_is_no_reason(
    house: House, people: People, signed_in: SignedIn, reason: str
) -> None:
    order = house.order()
    answer = signed_in(people.cashier).post(f"{ORDERS}{order.number}/annuler/", {"reason": reason})
    assert answer.status_code == 422
    assert Order.objects.get(pk=order.pk).status == Status.TO_PREPARE


def test_a_cancellation_asked_for_as_a_step_forward_leads_to_the_page_that_asks_why(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order = house.order()
    answer = signed_in(people.cashier).post(f"{ORDERS}{order.number}/avancer/", {"to": Status.CANCELLED})
    assert answer.headers["Location"] == f"{ORDERS}{order.number}/annuler/"
    assert Order.objects.get(pk=order.pk).status == Status.TO_PREPARE


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_the_first_and_the_last_day_that_there_are_have_no_orders(
    house: House, people: People, signed_in: SignedIn, day: str
) -> None:
    house.order()
    page = signed_in(people.manager).get(ORDERS, {"since": day, "until": day})
    assert (page.status_code, len(page.context["rows"])) == (200, 0)


def test_cancelling_too_late_changes_nothing_and_says_so(house: House, people: People, signed_in: SignedIn) -> None:
    order = order_in(house, people, Status.PREPARING)
    browser = signed_in(people.manager)
    path = f"{ORDERS}{order.number}/annuler/"
    assert "ne peut plus être annulée" in browser.get(path).content.decode()
    assert "n’est plus possible" in browser.post(path, {"reason": "Trop tard"}, follow=True).content.decode()
    order.refresh_from_db()
    assert order.status == Status.PREPARING


def test_cancelling_twice_is_one_cancellation(house: House, people: People, signed_in: SignedIn) -> None:
    order = house.order()
    browser = signed_in(people.manager)
    path = f"{ORDERS}{order.number}/annuler/"
    browser.post(path, {"reason": "Doublon"})
    assert "C’est déjà fait" in browser.post(path, {"reason": "Doublon"}, follow=True).content.decode()
    assert order.events.filter(to_status=Status.CANCELLED).count() == 1
