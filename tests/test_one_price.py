"""One price, with every offer on: the cart, the checkout, the API, the order's rows, the receipt, the sales and the journal."""

import re
import uuid
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pizzeria.backoffice.export_tables import TABLES
from pizzeria.ledger.models import Entry
from pizzeria.ledger.selectors import turnover_of
from pizzeria.money import euros
from pizzeria.ordering.models import AppliedOffer, DaySales, Order, ProductDaySales
from pizzeria.ordering.papers.document import document_of
from pizzeria.ordering.paying import receive
from pizzeria.ordering.pricing import Quote, quote
from pizzeria.ordering.recap import recap_of
from pizzeria.ordering.receipts import receipt_of
from pizzeria.ordering.sales import recompute_sales
from pizzeria.ordering.selectors import order_by_token, receipt_by_token
from pizzeria.payments.models import Payment
from pizzeria.shop.tests.conftest import CONTACT, HIDDEN, Shopper, words
from tests.cast import House, People
from tests.offered import every_kind

pytestmark = pytest.mark.story

Line = tuple[str, str | None, int]

LINES = st.tuples(
    st.sampled_from([("margherita", "m"), ("reine", "m"), ("reine", "s"), ("chevre-miel", "s"), ("cola", None)]),
    st.integers(1, 3),
).map(lambda drawn: (*drawn[0], drawn[1]))
BASKETS = st.lists(LINES, min_size=1, max_size=4, unique_by=lambda line: line[:2])
WAYS = st.sampled_from(["collection", "delivery"])


def seen_everywhere(house: House, people: People, basket: Sequence[Line], way: str) -> None:
    """Order a basket in the shop and by the API, hand it over, and compare what each face says of its price."""
    requests = [house.line(product, size, quantity=count) for product, size, count in basket]
    priced = quote(store=house.bastille, requests=requests, fulfilment=way, postal_code="75011")
    assert_it_adds_up(priced)
    by_api = asked_by_api(house, basket, way)
    assert [Decimal(by_api[name]) for name in ("discount", "subtotal", "delivery_fee", "total")] == [
        priced.discount,
        priced.subtotal,
        priced.delivery_fee,
        priced.total,
    ]
    order = ordered_in_the_shop(house, basket, way, priced)
    assert_the_rows_say_so(order, priced)
    receive(order=order, acting_user=people.cashier)
    assert_the_books_say_so(order, priced)
    assert_sales_say_so(order, priced)
    assert_papers_and_files_say_so(order, priced)


def assert_papers_and_files_say_so(order: Order, priced: Quote) -> None:
    """The récapitulatif, on paper as on its page, and the file that a spreadsheet opens."""
    read = receipt_by_token(token=order.token)
    assert read is not None
    document: Any = document_of(recap_of(order=read))
    assert document["total"]["amount"] == euros(priced.total)
    day = timezone.localdate(order.placed_at)
    [row] = [row for row in TABLES["orders"].rows([order.store_id], day, day) if order.number in row]
    amounts = {each for each in row if isinstance(each, Decimal)}
    assert {priced.delivery_fee, priced.total} <= amounts


def assert_it_adds_up(priced: Quote) -> None:
    assert sum(each.amount - each.delivery for each in priced.offers) == priced.discount
    assert all(0 <= line.discount <= line.amount for line in priced.lines)
    assert priced.subtotal > 0
    assert priced.delivery_fee >= 0


def asked_by_api(house: House, basket: Sequence[Line], way: str) -> dict[str, Any]:
    """A quote, and the same of an order that is placed and taken back at once."""
    lines = [{"variant": house.variant(product, size).pk, "quantity": count} for product, size, count in basket]
    asked = {"lines": lines, "fulfilment": way}
    api = Client()
    told = api.post("/api/v1/stores/bastille/quote", {**asked, "postal_code": "75011"}, content_type="application/json")
    price: dict[str, Any] = told.json()
    wish = {
        **asked,
        "store": "bastille",
        "payment_method": "cash",
        "contact": CONTACT,
        "expected_total": price["total"],
    }
    made = api.post(
        "/api/v1/orders", wish, content_type="application/json", headers={"Idempotency-Key": uuid.uuid4().hex}
    ).json()
    read = api.get(f"/api/v1/orders/{made['token']}").json()
    for name in ("discount", "subtotal", "delivery_fee", "total"):
        assert price[name] == made[name] == read[name]
    assert price["offers"] == read["offers"]
    assert [line["discount"] for line in price["lines"]] == [line["discount"] for line in read["lines"]]
    return price


def ordered_in_the_shop(house: House, basket: Sequence[Line], way: str, priced: Quote) -> Order:
    shopper = Shopper(house)
    for product, size, count in basket:
        shopper.add(product, size, quantity=str(count))
    said = words(shopper.get("/panier/"))
    # The cart knows no delivery yet; what is taken off the lines is there.
    if not [each for each in priced.offers if each.delivery]:
        assert f"Total du panier {plain(priced.subtotal)}" in said
    filled = CONTACT | {"fulfilment": way, "payment_method": "cash"}
    page = shopper.post("/commander/", {**shopper.form(), **filled, "recalculate": "1"})
    assert f"Total {plain(priced.total)}" in words(page)
    hidden = dict(HIDDEN.findall(page.content.decode()))
    answer = shopper.post("/commander/", {**hidden, **filled})
    assert answer.status_code == 302, words(answer)
    told = words(shopper.get(answer.headers["Location"]))
    assert f"Total {plain(priced.total)}" in told
    found = order_by_token(token=answer.headers["Location"].split("/")[2])
    assert found is not None
    return found


def plain(amount: Decimal) -> str:
    return re.sub(r"\s", " ", euros(amount))


def assert_the_rows_say_so(order: Order, priced: Quote) -> None:
    assert (order.gross, order.discount, order.subtotal) == (priced.gross, priced.discount, priced.subtotal)
    assert (order.delivery_fee, order.total) == (priced.delivery_fee, priced.total)
    assert sum(line.net for line in order.lines.all()) == priced.subtotal
    applied = AppliedOffer.objects.filter(order=order).values_list("offer_id", "amount")
    assert list(applied) == [(each.offer_id, each.amount) for each in priced.offers]


def assert_the_books_say_so(order: Order, priced: Quote) -> None:
    found = receipt_by_token(token=order.token)
    assert found is not None
    receipt = receipt_of(payment=Payment.objects.get(order=order))
    assert receipt.amount == priced.total == sum(row.amount for row in receipt.vat)
    sale = Entry.objects.get(order=order.number, kind="sale")
    assert sale.amount == priced.total == sum(part.amount for part in turnover_of(order=order.number))
    assert sum(Decimal(line["amount"]) for line in sale.lines) == priced.total


def assert_sales_say_so(order: Order, priced: Quote) -> None:
    """The day after, when the day is computed: without what was tried by the API."""
    Order.objects.filter(store=order.store).exclude(pk=order.pk).update(status="cancelled")
    recompute_sales(store=order.store, at=timezone.now() + timedelta(days=1))
    assert sum(DaySales.objects.values_list("turnover", flat=True)) == priced.total
    assert sum(ProductDaySales.objects.values_list("turnover", flat=True)) == priced.subtotal


def undone(house: House, people: People, basket: Sequence[Line], way: str) -> None:
    """Each basket in a house of its own: what it leaves behind is rolled back."""
    with transaction.atomic():
        seen_everywhere(house, people, basket, way)
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_basket_costs_the_same_wherever_it_is_read(house: House, people: People) -> None:
    every_kind(house)
    # A set, a formula, a percentage on the rest, and the delivery.
    undone(house, people, [("margherita", "m", 3), ("reine", "m", 1), ("cola", None, 2)], "delivery")


@pytest.mark.django_db
def test_a_banquet_costs_the_same_wherever_it_is_read(house: House, people: People) -> None:
    every_kind(house)
    # More units than the best combination is looked for exactly.
    banquet = [("margherita", "m", 9), ("reine", "m", 8), ("chevre-miel", "s", 5), ("cola", None, 9)]
    undone(house, people, banquet, "delivery")


@pytest.mark.machine
@pytest.mark.django_db
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(BASKETS, WAYS)
def test_every_basket_costs_the_same_wherever_it_is_read(
    house: House, people: People, basket: list[Line], way: str
) -> None:
    with transaction.atomic():
        every_kind(house)
        if way == "delivery" and sum(count for _product, _size, count in basket) < 3:
            basket = [*basket, ("chevre-miel", "m", 2)]
        seen_everywhere(house, people, basket, way)
        transaction.set_rollback(True)
