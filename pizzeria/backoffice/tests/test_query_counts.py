"""A page asks the database the same number of questions for one order as for many."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pizzeria.accounts.models import User
from pizzeria.catalogue.models import Product
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.stores.models import Store
from tests.cast import House, People

from .conftest import HTMX, order_in

pytestmark = pytest.mark.sweep

SignedIn = Callable[[User], Client]
Status = Order.Status


def _queries(browser: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(path).status_code == 200
    return len(asked)


def _one_of_each(house: House, people: People) -> list[Order]:
    ways = [
        (status, Fulfilment.DELIVERY) for status in Status.values if status not in {"awaiting_payment", "cancelled"}
    ]
    ways += [(status, Fulfilment.COLLECTION) for status in ("to_prepare", "ready")]
    return [order_in(house, people, status, fulfilment=fulfilment) for status, fulfilment in ways]


def test_no_page_asks_more_for_more_orders(house: House, people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.direction)
    order = _one_of_each(house, people)[0]
    pages = [
        "cuisine/",
        "realisables/",
        "livraisons/",
        "comptoir/",
        "commandes/",
        "commandes/?q=gaspard",
        "encaissements/",
        "journee/",
    ]
    paths = ["/equipe/groupe/", "/equipe/commandes/", *(f"/equipe/bastille/{page}" for page in pages)]
    paths += [f"/equipe/bastille/commandes/{order.number}/"]
    few = {path: _queries(browser, path) for path in paths}
    for _ in range(2):
        _one_of_each(house, people)
    assert {path: _queries(browser, path) for path in paths} == few
    assert max(few.values()) <= 20, few


def test_a_page_asks_no_more_for_a_large_order(house: House, people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.direction)
    small = house.order()
    large = house.order(
        lines=[
            house.line(
                name, size, removed=(house.ingredients["mozzarella"].pk,), extras=(house.ingredients["jambon"].pk,)
            )
            for name in ("margherita", "reine")
            for size in ("s", "m")
        ]
        + [house.line("cola", None)]
        + [house.line("reine", "m", second_half_id=house.variant("margherita").pk)]
    )
    paths = {
        order: [
            f"/equipe/bastille/commandes/{order.number}/",
            f"/equipe/bastille/commandes/{order.number}/lignes/{order.lines.all()[0].pk}/",
        ]
        for order in (small, large)
    }
    for one, many in zip(paths[small], paths[large], strict=True):
        assert abs(_queries(browser, one) - _queries(browser, many)) <= 1  # the changes' ingredients


def test_nothing_new_costs_no_more_than_asking_who_and_what(house: House, people: People, signed_in: SignedIn) -> None:
    _one_of_each(house, people)
    browser = signed_in(people.pizzaiolo)
    version = browser.get("/equipe/bastille/cuisine/").context["version"]
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get(f"/equipe/bastille/cuisine/?v={version}", headers=HTMX)
    assert answer.status_code == 204
    assert len(asked) <= 5  # the session, the user, their roles, their stores, the orders' versions


def test_the_makeable_page_asks_no_more_for_more_products(house: House, people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.pizzaiolo)
    many = _queries(browser, "/equipe/bastille/realisables/")
    Product.objects.exclude(slug="margherita").update(is_active=False)
    assert _queries(browser, "/equipe/bastille/realisables/") == many


def test_the_groups_page_asks_no_more_for_two_hundred_stores(house: House, people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.direction)
    few = _queries(browser, "/equipe/groupe/")
    Store.objects.bulk_create(
        Store(city=house.lyon, slug=f"lyon-{n}", name=f"Lyon {n}", street="1 rue", postal_code="69001", town="Lyon")
        for n in range(198)
    )
    assert _queries(browser, "/equipe/groupe/") == few
    assert few <= 20
