"""An order through the API: placed once, read and cancelled by its token, refused in clear words."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from pizzeria.api.tests.conftest import CONTACT, Api, basket
from pizzeria.ordering.models import Order, OrderEvent
from pizzeria.ordering.services import advance
from pizzeria.payments.models import Payment
from pizzeria.stock.models import Movement, StockItem
from pizzeria.stock.services import lower_quantity
from pizzeria.stores.models import Store
from tests.cast import GRAMS, House, People


def test_a_guest_orders_and_reads_the_order_where_location_says(house: House, api: Api) -> None:
    placed = api.order(basket(house))
    assert placed.status == 201
    assert placed.body["total"] == "11.50"
    assert placed.body["status"] == "to_prepare"
    assert placed.response["Location"] == f"/api/v1/orders/{placed.body['token']}"
    read = api.get(placed.response["Location"].removeprefix("/api/v1"))
    assert read.status == 200
    assert read.response["Cache-Control"] == "no-store"
    assert read.body["number"] == placed.body["number"]
    assert read.body["contact"]["street"] == "3 rue de la Roquette"
    assert [line["label"] for line in read.body["lines"]] == ["Margherita — Moyenne"]
    assert [(event["from_status"], event["to_status"]) for event in read.body["events"]] == [(None, "to_prepare")]
    assert read.body["cancellable"] is True


def test_an_order_paid_online_says_where_and_until_when_it_is_paid(house: House, api: Api, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = settings.STRIPE_PUBLISHABLE_KEY = settings.STRIPE_WEBHOOK_SECRET = "of-a-test"
    placed = api.order(basket(house, payment_method="online"))
    assert (placed.status, placed.body["status"]) == (201, "awaiting_payment")
    paying = placed.body["payment"]
    assert paying["pay_url"] == f"/commande/{placed.body['token']}/payer/"
    assert (paying["status"], paying["payable_until"][-6:]) == ("unpaid", placed.body["placed_at"][-6:])
    assert api.get(f"/orders/{placed.body['token']}").body["payment"] == paying


def test_an_order_paid_at_the_door_has_no_page_to_be_paid_on(house: House, api: Api) -> None:
    placed = api.order(basket(house, change_for="50.00"))
    assert placed.body["payment"] == {"status": "unpaid", "pay_url": None, "payable_until": None}
    assert Order.objects.get().change_for == Decimal("50.00")


def test_times_carry_the_offset_of_paris(house: House, api: Api) -> None:
    placed = api.order(basket(house)).body
    assert placed["placed_at"][-6:] in {"+01:00", "+02:00"}
    at = datetime.fromisoformat(placed["placed_at"])
    assert abs((datetime.now(UTC) - at).total_seconds()) < 60


def test_what_was_taken_off_and_put_on_is_read_back(house: House, api: Api) -> None:
    line = {
        "variant": house.variant("reine").pk,
        "removed": [house.ingredients["jambon"].pk],
        "extras": [house.ingredients["chevre"].pk],
        "comment": "bien cuite 🔥",
    }
    placed = api.order(basket(house, lines=[line], expected_total="16.30"))
    assert placed.status == 201
    read = api.get(f"/orders/{placed.body['token']}", accept_language="en").body["lines"][0]
    assert read["removed"] == ["ham"]
    assert read["extras"] == [{"ingredient": "goat cheese", "price": "1.80"}]
    assert read["comment"] == "bien cuite 🔥"
    assert read["vat_percent"] == "10.00"


def test_the_same_key_and_body_lead_to_the_same_order(house: House, api: Api) -> None:
    body = basket(house)
    first = api.order(body)
    again = api.order(dict(reversed(body.items())))
    assert (first.status, again.status) == (201, 200)
    assert again.body == first.body
    assert again.response["Location"] == first.response["Location"]
    assert Order.objects.count() == 1


def test_a_replay_finds_its_order_even_when_the_store_could_not_take_it_any_more(house: House, api: Api) -> None:
    first = api.order(basket(house))
    house.bastille.opening_hours.all().delete()
    _leave(house, "mozzarella", 0)
    assert api.order(basket(house)).body == first.body


def test_the_same_key_with_another_body_is_refused(house: House, api: Api) -> None:
    api.order(basket(house))
    again = api.order(basket(house, comment="sonnez deux fois"))
    assert (again.status, again.code) == (422, "idempotency_conflict")
    assert Order.objects.count() == 1


def test_a_refused_order_leaves_its_key_free(house: House, api: Api) -> None:
    assert api.order(basket(house, expected_total="1.00")).code == "total_changed"
    assert api.order(basket(house)).status == 201


def test_an_order_without_a_proper_key_is_refused(house: House, api: Api) -> None:
    for key in ("", "short", "é" * 10, "a" * 65, "with spaces in it"):
        answer = api.order(basket(house), key=key)
        assert (answer.status, answer.code) == (422, "invalid_request")
        assert "Idempotency-Key" in answer.body["fields"]


def test_an_order_without_a_key_is_refused(house: House, api: Api) -> None:
    answer = api.post("/orders", basket(house))
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert answer.body["fields"] == {"Idempotency-Key": "Ce champ est obligatoire."}


def _line(house: House, **fields: object) -> list[dict[str, object]]:
    return [{"variant": house.variant("margherita").pk, **fields}]


REFUSED: dict[str, tuple[Callable[[House], dict[str, Any]], int, str, str]] = {
    # what is sent: changes to a good basket, status, code, the field that is named
    "an empty cart": (lambda _: {"lines": []}, 422, "empty_cart", ""),
    "an unknown pizza": (lambda _: {"lines": [{"variant": 999_999}]}, 422, "invalid_line", ""),
    "an id beyond every number": (lambda _: {"lines": [{"variant": 10**30}]}, 422, "invalid_request", "lines.0.variant"),
    "a quantity of 0": (lambda h: {"lines": _line(h, quantity=0)}, 422, "invalid_request", "lines.0.quantity"),
    "a quantity of -1": (lambda h: {"lines": _line(h, quantity=-1)}, 422, "invalid_request", "lines.0.quantity"),
    "a quantity of 10^9": (lambda h: {"lines": _line(h, quantity=10**9)}, 422, "invalid_request", "lines.0.quantity"),
    "half a pizza": (lambda h: {"lines": _line(h, quantity=0.5)}, 422, "invalid_request", "lines.0.quantity"),
    "a quantity in words": (lambda h: {"lines": _line(h, quantity="2")}, 422, "invalid_request", "lines.0.quantity"),
    "a quantity of true": (lambda h: {"lines": _line(h, quantity=True)}, 422, "invalid_request", "lines.0.quantity"),
    "too many lines": (lambda h: {"lines": _line(h) * 41}, 422, "invalid_request", "lines"),
    "lines that are no list": (lambda _: {"lines": "two pizzas"}, 422, "invalid_request", "lines"),
    "a line that is no object": (lambda _: {"lines": [None]}, 422, "invalid_request", "lines.0"),
    "a price": (lambda h: {"lines": _line(h, unit_price="0.01")}, 422, "invalid_request", "lines.0.unit_price"),
    "a total": (lambda _: {"total": "0.01"}, 422, "invalid_request", "total"),
    "a status": (lambda _: {"status": "delivered"}, 422, "invalid_request", "status"),
    "a total that is a float": (lambda _: {"expected_total": 11.5}, 422, "invalid_request", "expected_total"),
    "a negative total": (lambda _: {"expected_total": "-1.00"}, 422, "invalid_request", "expected_total"),
    "a total without cents": (lambda _: {"expected_total": "11"}, 422, "invalid_request", "expected_total"),
    "a removed base": (lambda h: {"lines": _line(h, removed=[h.ingredients["pate"].pk])}, 422, "invalid_line", ""),
    "an unknown extra": (lambda h: {"lines": _line(h, extras=[999_999])}, 422, "invalid_line", ""),
    "halves of two sizes": (
        lambda h: {"lines": _line(h, second_half=h.variant("reine", "s").pk)}, 422, "invalid_line", "",
    ),
    "no store": (lambda _: {"store": None}, 422, "invalid_request", "store"),
    "an unknown store": (lambda _: {"store": "nulle-part"}, 404, "store_not_found", ""),
    "an unknown mode": (lambda _: {"fulfilment": "drone"}, 422, "invalid_request", "fulfilment"),
    "an unknown means": (lambda _: {"payment_method": "chèque"}, 422, "invalid_request", "payment_method"),
    "a card online where nobody takes one": (lambda _: {"payment_method": "online"}, 422, "invalid_choice", "payment_method"),
    "a note that is too small": (lambda _: {"change_for": "10.00"}, 422, "invalid_choice", "change_for"),
    "more change than anybody carries": (lambda _: {"change_for": "200.00"}, 422, "invalid_choice", "change_for"),
    "change for a card": (
        lambda _: {"payment_method": "terminal", "change_for": "20.00"}, 422, "invalid_choice", "change_for",
    ),
    "a note that is no amount": (lambda _: {"change_for": "beaucoup"}, 422, "invalid_request", "change_for"),
    "no contact": (lambda _: {"contact": {}}, 422, "invalid_request", "contact.first_name"),
    "an empty address": (lambda _: {"contact": CONTACT | {"street": "  "}}, 422, "invalid_contact", "street"),
    "no name but spaces": (lambda _: {"contact": CONTACT | {"last_name": "\u2003"}}, 422, "invalid_contact", "last_name"),
    "no phone, no e-mail": (lambda _: {"contact": CONTACT | {"phone": ""}}, 422, "invalid_contact", "phone"),
    "a phone that is none": (lambda _: {"contact": CONTACT | {"phone": "118"}}, 422, "invalid_contact", "phone"),
    "a postal code outside": (
        lambda _: {"contact": CONTACT | {"postal_code": "13001"}}, 422, "not_deliverable", "",
    ),
    "a postal code of letters": (
        lambda _: {"contact": CONTACT | {"postal_code": "abcde"}}, 422, "invalid_contact", "postal_code",
    ),
    "a name that is too long": (
        lambda _: {"contact": CONTACT | {"first_name": "é" * 81}}, 422, "invalid_request", "contact.first_name",
    ),
    "a name with NUL": (
        lambda _: {"contact": CONTACT | {"first_name": "Gas\0pard"}}, 422, "invalid_request", "contact.first_name",
    ),
    "a comment with NUL": (lambda h: {"lines": _line(h, comment="\0")}, 422, "invalid_request", "lines.0.comment"),
    "a store with NUL": (lambda _: {"store": "bas\0tille"}, 422, "invalid_request", "store"),
}  # fmt: skip


def test_bad_input_gets_a_clear_answer_and_nothing_is_kept(house: House, api: Api, subtests: pytest.Subtests) -> None:
    for case, (changes, status, code, field) in REFUSED.items():
        with subtests.test(case):
            answer = api.order(basket(house, **changes(house)))
            assert (answer.status, answer.code) == (status, code)
            if field:
                assert answer.body["fields"][field]
            _nothing_is_kept()


NO_ORDERS = (
    (b"", 422, "invalid_request"),
    (b"{", 400, "malformed_body"),
    (b"not json", 400, "malformed_body"),
    (b"\xff\xfe", 400, "malformed_body"),
    (b'{"store": NaN}', 400, "malformed_body"),
    (b'{"comment": "\\ud800"}', 400, "malformed_body"),
    (b'{"comment": "\xed\xa0\x80"}', 400, "malformed_body"),
    (b"[" * 100_000, 400, "malformed_body"),
    (b"9" * 100_000, 400, "malformed_body"),
    (b"null", 422, "invalid_request"),
    (b"[]", 422, "invalid_request"),
    (b'"order"', 422, "invalid_request"),
    (b"{}", 422, "invalid_request"),
)


def test_a_body_that_is_no_order_is_refused(house: House, api: Api, subtests: pytest.Subtests) -> None:
    for raw, status, code in NO_ORDERS:
        with subtests.test(repr(raw[:30])):
            answer = api.send("/orders", raw, idempotency_key="a-proper-key")
            assert (answer.status, answer.code) == (status, code)
            _nothing_is_kept()


def test_a_body_of_ten_megabytes_is_refused(house: House, api: Api) -> None:
    answer = api.send("/orders", b'{"comment": "' + b"a" * 10_000_000 + b'"}', idempotency_key="a-proper-key")
    assert (answer.status, answer.code) == (413, "body_too_large")


def test_a_body_that_is_not_declared_as_json_is_refused(house: House, api: Api) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = api.send("/orders", b"{}", content_type=content_type, idempotency_key="a-proper-key")
        assert (answer.status, answer.code) == (415, "wrong_media_type")


NAMES = ("Zoë", "李小龍", "עברית", "👩‍👩‍👧‍👦", "<b>&amp;</b>", "'; DROP TABLE--", "ﷺ", "𝔾", "O’Neill")


def test_every_kind_of_name_is_kept_as_it_is_written(house: House, api: Api, subtests: pytest.Subtests) -> None:
    for name in NAMES:
        with subtests.test(name):
            placed = api.order(basket(house, contact=CONTACT | {"first_name": name}), key=f"key-{NAMES.index(name):08}")
            assert placed.status == 201
            assert api.get(f"/orders/{placed.body['token']}").body["contact"]["first_name"] == name


def test_a_closed_store_takes_no_order_and_says_when_it_opens(house: House, api: Api) -> None:
    house.bastille.opening_hours.all().delete()
    answer = api.order(basket(house))
    assert (answer.status, answer.code) == (409, "store_closed")
    _nothing_is_kept()


def test_a_changed_total_is_told_with_the_new_one(house: House, api: Api) -> None:
    answer = api.order(basket(house, expected_total="9.00"))
    assert (answer.status, answer.code) == (409, "total_changed")
    assert answer.body["total"] == "11.50"
    _nothing_is_kept()


def test_an_order_that_cannot_be_made_names_the_pizzas(house: House, api: Api) -> None:
    _leave(house, "jambon", 59)
    both = [{"variant": house.variant("margherita").pk}, {"variant": house.variant("reine").pk}]
    answer = api.order(basket(house, lines=both, expected_total="23.50"))
    assert (answer.status, answer.code) == (409, "out_of_stock")
    assert answer.body["products"] == ["reine"]
    assert "Reine" in answer.body["detail"]
    _nothing_is_kept()


def test_a_refusal_speaks_the_language_that_is_asked_for(house: House, api: Api) -> None:
    answer = api.order(basket(house, lines=[]), accept_language="fr")
    assert answer.body["detail"] == "Votre panier est vide"
    assert answer.response["Content-Language"] == "fr"
    assert api.order(basket(house, lines=[]), accept_language="en").response["Content-Language"] == "en"


def test_the_values_that_are_accepted_are_named_in_no_other_language(house: House, api: Api) -> None:
    refused = api.order(basket(house) | {"payment_method": "shells"})
    assert refused.body["fields"] == {"payment_method": "Valeurs acceptées : 'online', 'cash', 'terminal', 'voucher'."}


def test_a_number_without_its_token_opens_nothing(house: House, api: Api) -> None:
    number = api.order(basket(house)).body["number"]
    for path in (f"/orders/{number}", f"/orders/{number.lower()}", "/orders/unknown-token", "/orders/%00"):
        answer = api.get(path)
        assert answer.status == 404
        assert answer.code in {"order_not_found", "not_found"}
    assert api.post(f"/orders/{number}/cancel").code == "order_not_found"
    assert Order.objects.get().status == Order.Status.TO_PREPARE


def test_a_client_cancels_until_preparation_starts(house: House, api: Api) -> None:
    token = api.order(basket(house)).body["token"]
    cancelled = api.post(f"/orders/{token}/cancel")
    assert cancelled.status == 200
    assert cancelled.body["status"] == "cancelled"
    assert cancelled.body["cancellable"] is False
    assert cancelled.body["events"][-1]["role"] == "customer"
    again = api.post(f"/orders/{token}/cancel")
    assert (again.status, again.code) == (409, "transition_refused")
    assert again.body["order_status"] == "cancelled"
    assert set(StockItem.objects.values_list("available", flat=True)) == {GRAMS}


def test_a_cancellation_comes_too_late_once_preparation_started(house: House, people: People, api: Api) -> None:
    order = house.order()
    for status in (Order.Status.TAKEN, Order.Status.PREPARING):
        advance(order=order, to_status=status, acting_user=people.pizzaiolo)
    answer = api.post(f"/orders/{order.token}/cancel")
    assert (answer.status, answer.code) == (409, "transition_refused")
    assert answer.body["order_status"] == "preparing"


def test_a_session_cookie_gives_no_rights(house: House, people: People, api: Api) -> None:
    api.client.force_login(people.manager)
    assert api.get("/staff/orders").code == "unauthenticated"
    placed = api.order(basket(house))
    order = Order.objects.get(number=placed.body["number"])
    assert order.customer is None
    assert order.taken_by is None


def test_reading_an_order_costs_as_many_queries_for_ten_lines_as_for_one(house: House, api: Api) -> None:
    def queries(lines: list[dict[str, Any]], total: str, key: str) -> int:
        placed = api.order(basket(house, lines=lines, expected_total=total), key=key)
        with CaptureQueriesContext(connection) as seen:
            assert len(api.get(f"/orders/{placed.body['token']}").body["lines"]) == len(lines)
        return len(seen)

    chevre = house.ingredients["chevre"].pk
    one = {"variant": house.variant("margherita").pk, "extras": [chevre]}
    assert queries([one], "13.30", "first-key") == queries([one] * 10, "110.50", "second-key")


def test_placing_an_order_costs_as_many_queries_for_ten_lines_as_for_one(house: House, api: Api) -> None:
    def queries(lines: list[dict[str, Any]], total: str, key: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert api.order(basket(house, lines=lines, expected_total=total), key=key).status == 201
        return len(seen)

    one = {"variant": house.variant("margherita").pk}
    queries([one], "11.50", "warming-up")
    # Of these, two are a savepoint's, which stands here for the transaction: how many came from this address, its key and
    # what is sold, the ovens, what it writes and takes.
    assert queries([one], "11.50", "first-key") == queries([one] * 10, "92.50", "second-key") == 4 + 2


def test_a_store_that_was_closed_for_good_since_it_was_last_looked_at_takes_no_order(house: House, api: Api) -> None:
    assert api.order(basket(house), key="first-key").status == 201
    Store.objects.filter(pk=house.bastille.pk).update(is_active=False)
    assert api.order(basket(house), key="second-key").code == "store_closed"
    assert api.order(basket(house), key="third-key").code == "store_not_found"


def _leave(house: House, ingredient: str, quantity: int) -> None:
    item = StockItem.objects.get(store=house.bastille, ingredient=house.ingredients[ingredient])
    lower_quantity(item_id=item.pk, quantity=item.available - quantity, acting_user=None)


def _nothing_is_kept() -> None:
    assert not Order.objects.exists()
    assert not OrderEvent.objects.exists()
    assert not Payment.objects.exists()
    assert not Movement.objects.filter(reason=Movement.Reason.ORDER).exists()


def _change(house: House, placed: dict[str, Any], **fields: object) -> dict[str, object]:
    asked = {name: basket(house)[name] for name in ("lines", "fulfilment", "contact", "expected_total")}
    return asked | {"version": placed["version"]} | fields


def test_an_order_is_changed_as_a_whole_and_a_repeated_change_changes_nothing(house: House, api: Api) -> None:
    token = api.order(basket(house)).body["token"]
    read = api.get(f"/orders/{token}").body
    assert (read["changeable"], read["version"], read["changes"]) == (True, 1, [])
    asked = _change(house, read, lines=_line(house, quantity=2), expected_total="20.50")
    for _time in range(2):
        changed = api.put(f"/orders/{token}", asked)
        assert (changed.status, changed.body["total"], changed.body["version"]) == (200, "20.50", 2)
    [change] = changed.body["changes"]
    assert (change["role"], change["difference"]) == ("customer", "9.00")


def test_a_change_of_what_somebody_else_changed_says_both(house: House, api: Api) -> None:
    token = api.order(basket(house)).body["token"]
    read = api.get(f"/orders/{token}").body
    api.put(f"/orders/{token}", _change(house, read, comment="2e étage"))
    told = api.put(f"/orders/{token}", _change(house, read, comment="3e étage"))
    assert (told.status, told.code, told.body["version"]) == (409, "order_changed", 2)
    assert told.body["standing"] == {"contact": {"comment": "2e étage"}}
    assert told.body["asked"] == {"contact": {"comment": "3e étage"}}
