"""UC 1.2: placing an order, and every way in which it is refused without leaving a trace."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from pizzeria.catalogue.models import Product
from pizzeria.errors import BusinessError
from pizzeria.live.models import LiveEvent
from pizzeria.ordering import placing
from pizzeria.ordering.errors import (
    EmptyCart,
    IdempotencyConflict,
    InvalidChoice,
    InvalidContact,
    InvalidKey,
    InvalidLine,
    NotAllowed,
    TotalChanged,
)
from pizzeria.ordering.lines import LineRequest
from pizzeria.ordering.models import NUMBER_ALPHABET, IdempotencyKey, Order, OrderEvent, OrderLine, new_number
from pizzeria.ordering.placing import place_order, place_order_once
from pizzeria.payments.models import Payment
from pizzeria.stock.errors import OutOfStock
from pizzeria.stock.models import Movement, StockItem
from pizzeria.stores.errors import BelowMinimum, NotDeliverable, StoreClosed
from tests.cast import GUEST, House, People


def _wish(house: House, **changes: Any) -> dict[str, Any]:
    """What a guest asks for: a Margherita at Bastille, delivered, paid in cash."""
    return {
        "store": house.bastille,
        "lines": [house.line()],
        "contact": GUEST,
        "fulfilment": "delivery",
        "payment_method": "cash",
        "expected_total": Decimal("11.50"),
        **changes,
    }


def _set_stock(house: House, slug: str, quantity: int) -> None:
    StockItem.objects.filter(store=house.bastille, ingredient__slug=slug).update(available=quantity)


def test_a_guest_places_an_order_that_ends_to_prepare(house: House) -> None:
    order = house.order()
    assert order.status == Order.Status.TO_PREPARE
    assert str(order.total) == "11.50"


def test_all_that_belongs_to_an_order_is_written(house: House) -> None:
    extras, removed = (house.ingredients["chevre"].pk,), (house.ingredients["jambon"].pk,)
    lines = [
        house.line("reine", quantity=2, extras=extras, removed=removed, comment="Bien cuite"),
        house.line("cola", None),
    ]
    order = Order.objects.get(pk=house.order(lines=lines).pk)
    pizza, cola = order.lines.all()
    assert (pizza.label, pizza.quantity, pizza.unit_price, pizza.amount, pizza.vat_percent, pizza.comment) == (
        "Reine — Moyenne",
        2,
        Decimal("13.80"),
        Decimal("27.60"),
        Decimal("10.00"),
        "Bien cuite",
    )
    assert sorted(pizza.changes.values_list("kind", "ingredient__slug", "price")) == [
        ("extra", "chevre", Decimal("1.80")),
        ("removed", "jambon", Decimal("0.00")),
    ]
    assert (cola.amount, cola.vat_percent) == (Decimal("2.50"), Decimal("5.50"))
    assert (order.subtotal, order.delivery_fee, order.total) == (Decimal("30.10"), Decimal("2.50"), Decimal("32.60"))
    payment = order.payments.get()
    assert (payment.amount, payment.status, payment.method) == (order.total, "unpaid", "cash")
    event = order.events.get()
    assert (event.from_status, event.to_status, event.role, event.acting_user) == ("", "to_prepare", "customer", None)
    taken = Movement.objects.filter(reference=order.token).values_list("item__ingredient__slug", "change")
    assert dict(taken)["canette-cola"] == -1
    assert "jambon" not in dict(taken)
    # Twenty minutes of work, ten of road, up to the whole minute.
    assert timedelta(minutes=30) <= order.promised_at - order.placed_at < timedelta(minutes=31)


def test_those_who_watch_the_store_and_the_order_hear_of_it(house: House) -> None:
    LiveEvent.objects.all().delete()
    order = house.order()
    told = {event.topic: event.payload for event in LiveEvent.objects.filter(kind="order")}
    assert set(told) == {f"order:{order.token}", f"store:{house.bastille.pk}"}
    assert all(payload == {"number": order.number, "from": "", "to": "to_prepare"} for payload in told.values())


def test_a_cashier_orders_for_somebody_else(house: House, people: People) -> None:
    order = place_order(**_wish(house), customer=people.alice, acting_user=people.cashier)
    assert (order.customer, order.taken_by) == (people.alice, people.cashier)
    assert order.events.get().role == "cashier"
    unknown = place_order(**_wish(house), acting_user=people.cashier)
    assert (unknown.customer, unknown.taken_by) == (None, people.cashier)


@pytest.mark.parametrize("who", ["alice", "pizzaiolo", "driver", "manager", "direction", "outsider"])
def test_nobody_else_orders_for_somebody_else(house: House, people: People, who: str) -> None:
    with pytest.raises(NotAllowed):
        place_order(**_wish(house), customer=None, acting_user=getattr(people, who))


def test_staff_order_for_themselves_as_anybody(house: House, people: People) -> None:
    order = place_order(**_wish(house), customer=people.driver, acting_user=people.driver)
    assert (order.taken_by, order.events.get().role) == (None, "customer")


def test_the_language_of_the_client_is_kept(house: House) -> None:
    with translation.override("en"):
        assert house.order().language == "en"


REFUSED: list[tuple[dict[str, Any], type[BusinessError]]] = [
    ({"lines": []}, EmptyCart),
    ({"lines": [LineRequest(variant_id=10**9)]}, InvalidLine),
    ({"fulfilment": "teleport"}, InvalidChoice),
    ({"fulfilment": ""}, InvalidChoice),
    ({"payment_method": "card"}, InvalidChoice),
    ({"payment_method": "\x00"}, InvalidChoice),
    ({"contact": replace(GUEST, street="")}, InvalidContact),
    ({"contact": replace(GUEST, postal_code="69004")}, NotDeliverable),
    ({"expected_total": Decimal("11.49")}, TotalChanged),
    ({"expected_total": Decimal(0)}, TotalChanged),
    ({"expected_total": Decimal(-1)}, TotalChanged),
    ({"expected_total": Decimal("NaN")}, TotalChanged),
]


@pytest.mark.parametrize(("change", "refusal"), REFUSED)
def test_a_refused_order_leaves_no_trace(house: House, change: dict[str, Any], refusal: type[BusinessError]) -> None:
    movements = Movement.objects.count()
    with pytest.raises(refusal):
        place_order(**_wish(house, **change))
    assert not Order.objects.exists()
    assert Movement.objects.count() == movements


def test_a_changed_price_is_told_and_not_charged(house: House) -> None:
    variant = house.variant("margherita")
    variant.price = Decimal("9.90")
    variant.save()
    with pytest.raises(TotalChanged, match="12,40\u00a0€") as refusal:
        place_order(**_wish(house))
    assert refusal.value.details == {"total": "12.40"}


def test_below_the_minimum_there_is_no_delivery(house: House) -> None:
    with pytest.raises(BelowMinimum):
        place_order(**_wish(house, lines=[house.line("cola", None)], expected_total=Decimal("5.00")))


def test_what_is_short_is_named_and_nothing_is_taken(house: House) -> None:
    _set_stock(house, "jambon", 100)
    lines = [house.line("margherita"), house.line("reine", quantity=2), house.line("reine", "s")]
    with pytest.raises(OutOfStock, match="Reine") as refusal:
        house.order(lines=lines)
    assert refusal.value.details == {"products": ["reine"]}
    assert not Order.objects.exists()
    assert not Movement.objects.filter(reason="order").exists()


def test_of_two_halves_the_short_one_is_named(house: House) -> None:
    _set_stock(house, "chevre", 0)
    half = house.line("margherita", second_half_id=house.variant("chevre-miel").pk)
    with pytest.raises(OutOfStock) as refusal:
        house.order(lines=[half])
    assert refusal.value.details == {"products": ["chevre-miel"]}


def test_a_short_extra_names_the_pizza_that_it_was_for(house: House) -> None:
    _set_stock(house, "chevre", 0)
    with pytest.raises(OutOfStock) as refusal:
        house.order(lines=[house.line("margherita", extras=(house.ingredients["chevre"].pk,))])
    assert refusal.value.details == {"products": ["margherita"]}


def test_a_closed_store_says_when_it_opens_again(house: House) -> None:
    house.bastille.opening_hours.update(opens=time(18), closes=time(22))
    noon = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    with pytest.raises(StoreClosed, match="rouvre le mardi 24 novembre à 18:00"):
        place_order(**_wish(house), at=noon)


def test_a_store_that_has_closed_for_good_promises_nothing(house: House) -> None:
    house.bastille.is_active = False
    with pytest.raises(StoreClosed) as refusal:
        place_order(**_wish(house))
    assert "rouvre" not in refusal.value.message


def test_two_orders_in_one_transaction_stand_or_fall_alone(house: House) -> None:
    _set_stock(house, "mozzarella", 100)
    with transaction.atomic():
        first = place_order(**_wish(house))
        with pytest.raises(OutOfStock):
            place_order(**_wish(house))
    assert Order.objects.get() == first
    assert Movement.objects.filter(reference=first.token).aggregate(sum=Sum("change"))["sum"] == -(260 + 80 + 100)


def test_the_same_key_makes_one_order_and_gives_it_again(house: House) -> None:
    first, is_new = place_order_once(key="k", digest="d", **_wish(house))
    again, is_new_again = place_order_once(key="k", digest="d", **_wish(house))
    assert (is_new, is_new_again) == (True, False)
    assert first == again == Order.objects.get()
    assert again.events.count() == 1


def test_a_key_gives_its_order_again_even_when_it_could_not_be_placed_any_more(house: House) -> None:
    first, _is_new = place_order_once(key="k", digest="d", **_wish(house))
    _set_stock(house, "mozzarella", 0)
    house.bastille.opening_hours.all().delete()
    assert place_order_once(key="k", digest="d", **_wish(house)) == (first, False)


def test_a_key_used_for_another_request_is_a_conflict(house: House) -> None:
    place_order_once(key="k", digest="d", **_wish(house))
    with pytest.raises(IdempotencyConflict):
        place_order_once(key="k", digest="e", **_wish(house))
    assert Order.objects.count() == 1


def test_a_refused_order_leaves_its_key_free(house: House) -> None:
    with pytest.raises(TotalChanged):
        place_order_once(key="k", digest="d", **_wish(house, expected_total=Decimal(1)))
    assert not IdempotencyKey.objects.exists()
    assert place_order_once(key="k", digest="e", **_wish(house))[1]


@pytest.mark.parametrize("key", ["", "x" * 81, "clé", "\x00", "\ud800", "a\nb"])
def test_a_key_that_cannot_be_kept_is_refused(house: House, key: str) -> None:
    with pytest.raises(InvalidKey):
        place_order_once(key=key, digest="d", **_wish(house))


def test_an_error_that_is_not_the_keys_is_not_mistaken_for_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    # The database refuses the order for a reason of its own: that must be seen, not read as "already placed".
    monkeypatch.setattr(placing, "expect", lambda **_due: Payment.objects.create(order_id=0, amount=-1))
    with pytest.raises(IntegrityError), transaction.atomic():
        place_order_once(key="k", digest="d", **_wish(house))
    assert not Order.objects.exists()


def test_a_taken_number_is_replaced_and_only_that_is_tried_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = house.order()
    letters = iter(taken.number.removeprefix("P-") + "22222")
    monkeypatch.setattr("pizzeria.ordering.models.orders.secrets.choice", lambda _alphabet: next(letters))
    assert house.order().number == "P-22222"


def test_numbers_are_short_and_without_letters_that_look_alike() -> None:
    numbers = {new_number() for _ in range(500)}
    assert len(numbers) > 490
    assert all(number[:2] == "P-" and len(number) == 7 for number in numbers)
    assert not set("".join(number[2:] for number in numbers)) - set(NUMBER_ALPHABET)
    assert not set("01OI") & set(NUMBER_ALPHABET)


def test_two_long_names_make_a_label_that_fits(house: House) -> None:
    for slug in ("margherita", "reine"):
        Product.objects.filter(slug=slug).update(name="é" * 80)
    order = house.order(lines=[house.line("margherita", second_half_id=house.variant("reine").pk)])
    assert len(order.lines.get().label) <= 200


def test_an_order_of_many_lines_takes_as_many_queries_as_one_of_one(house: House) -> None:
    house.order()

    def queries(lines: list[LineRequest]) -> int:
        with CaptureQueriesContext(connection) as captured:
            house.order(lines=lines)
        return len(captured)

    products = ("margherita", "reine", "chevre-miel")
    assert queries([house.line(slug) for slug in products] * 5) == queries([house.line()])


@pytest.mark.parametrize(
    "change",
    [
        {"total": Decimal("1.00")},
        {"subtotal": Decimal(-1), "total": Decimal("1.50")},
        {"delivery_fee": Decimal(-1), "total": Decimal("8.00")},
        {"street": ""},
        {"postal_code": ""},
        {"phone": "", "email": ""},
        {"number": None},
    ],
)
def test_the_database_itself_refuses_an_order_that_makes_no_sense(house: House, change: dict[str, Any]) -> None:
    order = house.order()
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**change)


@pytest.mark.parametrize("change", [{"quantity": 0}, {"amount": Decimal(1)}, {"unit_price": Decimal(1)}])
def test_the_database_itself_refuses_a_line_that_does_not_add_up(house: House, change: dict[str, Any]) -> None:
    house.order()
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.update(**change)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE ordering_orderevent SET role = 'customer'", "DELETE FROM ordering_orderevent"],
)
def test_the_history_is_never_rewritten_even_by_plain_sql(house: House, statement: str) -> None:
    house.order()
    with pytest.raises(IntegrityError, match="history"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert OrderEvent.objects.count() == 1
