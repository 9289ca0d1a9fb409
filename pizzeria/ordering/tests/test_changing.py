"""UC 1.3: changing an order until its preparation starts; what it does to lines, money, stock and journal."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F, Sum
from django.utils import timezone

from pizzeria.catalogue.models import Product, Variant
from pizzeria.errors import BusinessError
from pizzeria.ledger.models import Reason
from pizzeria.ledger.selectors import turnover_of
from pizzeria.live.models import LiveEvent
from pizzeria.ordering.changing import Wish, change_order, plan_change
from pizzeria.ordering.differences import told_changes
from pizzeria.ordering.errors import (
    EmptyCart,
    InvalidChoice,
    InvalidContact,
    NoPizzaLeft,
    NotAllowed,
    OrderChanged,
    SlotFull,
    TotalChanged,
    TransitionRefused,
)
from pizzeria.ordering.gestures import gesture, still_paid
from pizzeria.ordering.lines import LineRequest
from pizzeria.ordering.models import Order, OrderChange, OvenReservation, OvenSlot
from pizzeria.ordering.paying import receive
from pizzeria.ordering.promise import days_offered, slots_of
from pizzeria.ordering.retention import anonymise_orders
from pizzeria.ordering.services import advance, cancel
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.ordering.withdrawing import withdraw
from pizzeria.payments.errors import NotToGiveBack
from pizzeria.payments.models import Refund
from pizzeria.payments.selectors import due_of
from pizzeria.stock.errors import OutOfStock
from pizzeria.stock.models import Movement, StockItem
from pizzeria.stores.errors import BelowMinimum, NotDeliverable
from pizzeria.stores.models import DeliveryZone
from tests.cast import GUEST, House, People
from tests.money import in_journal, pay_online, place_online
from tests.races.together import books_that_do_not_balance

pytestmark = pytest.mark.story

MORE = Decimal("12.00")


def change(order: Order, **wanted: Any) -> Order:
    """Ask for the order as it is, but for what is named here, at the price that a page would show."""
    standing = Order.objects.select_related("store").get(pk=order.pk)
    asked: dict[str, Any] = {
        "contact": replace(GUEST, comment=standing.comment),
        "fulfilment": standing.fulfilment,
        "change_for": standing.change_for,
        "wanted_at": standing.wanted_at,
        "lines": lines_of(standing),
    }
    asked |= {name: value for name, value in wanted.items() if name in asked}
    total = wanted.get("expected_total") or plan_change(order=standing, wish=Wish(**asked)).quote.total
    rest = {name: value for name, value in wanted.items() if name not in {*asked, "expected_total"}}
    return change_order(**{"order": standing, "version": standing.version, "expected_total": total, **asked, **rest})


def lines_of(order: Order) -> list[LineRequest]:
    return [LineRequest(variant_id=line.variant_id, quantity=line.quantity) for line in order.lines.all()]


def left_of(house: House, slug: str) -> int:
    return StockItem.objects.get(store=house.bastille, ingredient__slug=slug).available


def test_a_client_adds_a_pizza_and_both_are_in_the_order(house: House) -> None:
    order = house.order()
    before = left_of(house, "jambon")
    changed = change(order, lines=[house.line(), house.line("reine")])
    assert [line.label for line in changed.lines.all()] == ["Margherita — Moyenne", "Reine — Moyenne"]
    assert (changed.total, changed.version, changed.status) == (order.total + MORE, 2, "to_prepare")
    assert due_of(order=changed).amount == changed.total  # type: ignore[union-attr]
    assert before - left_of(house, "jambon") == 60
    assert books_that_do_not_balance() == []


def test_what_is_replaced_returns_to_the_stock_and_movements_explain_both(house: House) -> None:
    order = house.order(lines=[house.line("reine")])
    change(order, lines=[house.line("margherita")])
    moved = Movement.objects.filter(reference=order.token, created_at__gte=order.placed_at)
    sums = dict(moved.values_list("item__ingredient__slug").annotate(Sum("change")).order_by())
    assert sums == {"pate": -260, "sauce-tomate": -80, "mozzarella": -100, "jambon": 0, "champignons": 0}
    # What both need alike did not move a second time.
    assert moved.filter(item__ingredient__slug="pate").count() == 1
    assert moved.filter(item__ingredient__slug="jambon", reason="return", change=60).exists()


def test_the_history_says_what_was_replaced_by_what(house: House, people: People) -> None:
    order = house.order(lines=[house.line("reine", quantity=2), house.line("cola", None)])
    contact = replace(GUEST, street="8 rue de Charonne", comment="Interphone cassé")
    wanted = [house.line("reine", removed=(house.ingredients["jambon"].pk,)), house.line("cola", None)]
    change(order, lines=wanted, contact=contact, acting_user=people.cashier)
    [told] = told_changes(order=order)
    rows = {row.name: (row.before, row.after) for row in told.rows}
    assert rows["Articles"] == (["2 × Reine — Moyenne"], ["1 × Reine — Moyenne, sans jambon blanc"])
    assert rows["Coordonnées"] == (["3 rue de la Roquette"], ["Interphone cassé", "8 rue de Charonne"])
    assert rows["Total"] == (["29,00\xa0€"], ["17,00\xa0€"])
    assert (told.role, told.acting_user, told.difference) == ("cashier", people.cashier, -MORE)


def test_who_watches_hears_of_a_change(house: House) -> None:
    order = house.order()
    LiveEvent.objects.all().delete()
    change(order, fulfilment="collection")
    told = LiveEvent.objects.filter(payload__changed=2).values_list("topic", flat=True)
    assert set(told) == {f"order:{order.token}", f"store:{house.bastille.pk}"}


def test_an_order_that_is_fetched_asks_for_no_fee_and_no_address(house: House) -> None:
    changed = change(house.order(), fulfilment="collection")
    assert (changed.total, changed.delivery_fee, changed.street) == (Decimal("9.00"), Decimal(0), "")


def test_a_change_that_changes_nothing_leaves_no_trace(house: House) -> None:
    order = house.order()
    assert change(order).version == 1
    assert not OrderChange.objects.exists()


def test_a_new_telephone_leaves_the_promise_as_it_was(house: House) -> None:
    order = house.order()
    changed = change(order, contact=replace(GUEST, phone="06 39 98 00 00"))
    assert (changed.phone, changed.promised_at) == ("06 39 98 00 00", order.promised_at)
    assert not order.promise_changes.exists()


def test_what_was_sold_stays_at_its_price_and_what_is_new_costs_todays(house: House) -> None:
    order = house.order()
    Variant.objects.filter(product__slug="margherita").update(price=Decimal("15.00"))
    Variant.objects.filter(product__slug="reine").update(price=Decimal("14.00"))
    changed = change(order, lines=[house.line(quantity=2), house.line("reine")])
    assert [line.unit_price for line in changed.lines.all()] == [Decimal("9.00"), Decimal("14.00")]


def test_what_has_become_cheaper_is_cheaper(house: House) -> None:
    order = house.order()
    Variant.objects.filter(product__slug="margherita").update(price=Decimal("8.00"))
    assert change(order, lines=[house.line(quantity=2)]).subtotal == 16


REFUSED: list[tuple[dict[str, Any], type[BusinessError]]] = [
    ({"lines": []}, EmptyCart),
    ({"contact": replace(GUEST, street=" ")}, InvalidContact),
    ({"contact": replace(GUEST, postal_code="")}, InvalidContact),
    ({"contact": replace(GUEST, postal_code="69004")}, NotDeliverable),
    ({"fulfilment": "teleport"}, InvalidChoice),
    ({"expected_total": Decimal("1.00"), "fulfilment": "collection"}, TotalChanged),
    ({"change_for": Decimal("5.00")}, InvalidChoice),
]


@pytest.mark.parametrize(("wanted", "refusal"), REFUSED)
def test_what_is_refused_leaves_the_order_as_it_was(
    house: House, wanted: dict[str, Any], refusal: type[BusinessError]
) -> None:
    order = house.order()
    with pytest.raises(refusal):
        change(order, **wanted)
    now = Order.objects.get()
    assert (now.version, now.total, now.street, now.lines.count()) == (1, order.total, order.street, 1)


def test_an_order_never_ends_without_a_pizza(house: House) -> None:
    with pytest.raises(NoPizzaLeft, match="Une commande garde au moins une pizza"):
        change(house.order(), lines=[house.line("cola", None, quantity=4)])


def test_who_ordered_drinks_alone_may_order_more_of_them(house: House) -> None:
    order = house.order(lines=[house.line("cola", None)], fulfilment="collection")
    assert change(order, lines=[house.line("cola", None, quantity=2)]).total == 5


def test_what_there_is_not_enough_of_is_named_and_the_order_stays(house: House) -> None:
    order = house.order()
    StockItem.objects.filter(ingredient__slug="jambon").update(available=10)
    with pytest.raises(OutOfStock, match="Reine"):
        change(order, lines=[house.line(), house.line("reine")])
    # Its own ingredients are its own: the last pizza may be kept, and ordered otherwise.
    StockItem.objects.filter(ingredient__slug="mozzarella").update(available=0)
    assert change(order, lines=[house.line(), house.line("cola", None)]).version == 2


@pytest.mark.parametrize("steps", [["taken", "preparing"], ["taken", "preparing", "ready"]])
def test_once_preparation_has_begun_a_kind_sentence_says_whom_to_call(
    house: House, people: People, steps: list[str]
) -> None:
    order = house.order()
    for step in steps:
        advance(order=order, to_status=step, acting_user=people.pizzaiolo)
    with pytest.raises(TransitionRefused, match=r"a commencé.*Appelez OC Pizza Bastille au 01 99 00 12 34"):
        change(order, fulfilment="collection")


def test_an_order_that_was_taken_may_be_changed_by_who_saw_it_before(house: House, people: People) -> None:
    order = house.order()
    advance(order=Order.objects.get(), to_status="taken", acting_user=people.pizzaiolo)
    assert change(order, fulfilment="collection", version=1).status == "taken"


def test_orders_that_are_over_or_not_paid_yet_say_why_they_stay(house: House, online: None) -> None:
    order = house.order()
    cancel(order=order, role=CUSTOMER, acting_user=None, reason="")
    with pytest.raises(TransitionRefused, match="annulée"):
        change(order, fulfilment="collection")
    with pytest.raises(TransitionRefused, match="revenez à votre panier"):
        change(place_online(house), fulfilment="collection")


def test_the_second_of_two_is_told_with_both_values(house: House, people: People) -> None:
    order = house.order()
    change(order, contact=replace(GUEST, street="8 rue de Charonne"), acting_user=people.cashier)
    with pytest.raises(OrderChanged, match="modifiée par le point de vente") as told:
        change(order, contact=replace(GUEST, street="1 rue Amelot"), version=1)
    details: Any = told.value.details
    assert details["version"] == 2
    assert details["standing"]["contact"] == {"street": "8 rue de Charonne"}
    assert details["asked"]["contact"] == {"street": "1 rue Amelot"}
    assert change(order, contact=replace(GUEST, street="1 rue Amelot"), version=2).street == "1 rue Amelot"


@pytest.mark.parametrize("who", ["alice", "pizzaiolo", "driver", "direction", "outsider"])
def test_nobody_but_its_client_and_a_cashier_changes_an_order(house: House, people: People, who: str) -> None:
    with pytest.raises(NotAllowed):
        change(house.order(), fulfilment="collection", acting_user=getattr(people, who))


def test_paid_and_dearer_the_difference_is_due_at_the_door(house: House, people: People, online: None) -> None:
    order = pay_online(place_online(house), reference="pi_1")
    changed = change(order, lines=[*lines_of(order), house.line("reine")], pay_by="terminal")
    due = due_of(order=changed)
    assert due
    assert (due.amount, due.method, changed.payment_status) == (MORE, "terminal", "unpaid")
    assert turnover(changed) == changed.total
    receive(order=changed, acting_user=people.cashier)
    assert Order.objects.get().payment_status == "paid"
    assert books_that_do_not_balance() == []


def test_paid_and_cheaper_the_difference_is_owed_back_once(house: House, people: People, online: None) -> None:
    order = pay_online(place_online(house), reference="pi_1")
    changed = change(order, lines=[house.line()])
    [refund] = Refund.objects.all()
    assert (refund.amount, refund.reason, refund.status) == (Decimal("5.00"), "changed", "due")
    assert ("correction", "changed", Decimal("-5.00")) in in_journal(order)
    assert (turnover(changed), changed.payment_status) == (changed.total, "paid")
    assert books_that_do_not_balance() == []
    cancel(order=changed, role=CUSTOMER, acting_user=None, reason="")
    assert [each.amount for each in Refund.objects.order_by("pk")] == [Decimal("5.00"), changed.total]
    assert turnover(changed) == 0
    assert books_that_do_not_balance() == []


def test_what_is_owed_back_of_a_change_is_no_gesture_that_may_be_withdrawn(house: House, people: People) -> None:
    order = house.order(fulfilment="collection", lines=[house.line(quantity=2)])
    receive(order=order, acting_user=people.cashier)
    change(order, lines=[house.line()])
    with pytest.raises(NotToGiveBack):
        withdraw(refund=Refund.objects.get(), acting_user=people.manager)


def test_dearer_then_cheaper_again_nothing_is_due(house: House, people: People, online: None) -> None:
    order = pay_online(place_online(house), reference="pi_1")
    first = lines_of(order)
    change(order, lines=[*first, house.line("reine")])
    changed = change(order, lines=first)
    assert (due_of(order=changed), changed.payment_status, Refund.objects.count()) == (None, "paid", 0)
    assert books_that_do_not_balance() == []


def test_a_gesture_stays_given_when_the_order_changes(house: House, people: People) -> None:
    order = house.order(fulfilment="collection")
    receive(order=order, acting_user=people.cashier)
    gesture(order=order, amount=Decimal("2.00"), words="Pour l’attente", acting_user=people.manager)
    changed = change(order, lines=[house.line(), house.line("reine")])
    assert due_of(order=changed).amount == MORE  # type: ignore[union-attr]
    assert turnover(changed) == changed.total - 2
    receive(order=changed, acting_user=people.cashier)
    assert books_that_do_not_balance() == []


def test_change_is_kept_ready_for_what_is_due_now(house: House) -> None:
    order = house.order()
    assert change(order, change_for=Decimal("20.00")).change_for == 20
    with pytest.raises(InvalidChoice, match="de 23,50"):
        change(order, lines=[house.line(), house.line("reine")])


def test_what_told_whose_it_was_goes_and_what_was_replaced_stays(house: House) -> None:
    order = house.order()
    change(order, contact=replace(GUEST, street="8 rue de Charonne"), lines=[house.line("reine", comment="Pour Léa")])
    anonymise_orders(order_ids=[order.pk], at=timezone.now())
    told = OrderChange.objects.get()
    assert "Charonne" not in str(told.after)
    assert "Léa" not in str(told.after)
    assert (told.before["lines"][0]["label"], told.after["lines"][0]["label"]) == (
        "Margherita — Moyenne",
        "Reine — Moyenne",
    )


def turnover(order: Order) -> Decimal:
    return sum((part.amount for part in turnover_of(order=order.number)), Decimal(0))


def minutes_of(order: Order) -> int:
    """What the order holds of the ovens; what the quarters say is held is always as much."""
    held: int = OvenReservation.objects.aggregate(minutes=Sum("minutes", default=0))["minutes"]
    assert OvenSlot.objects.aggregate(minutes=Sum("reserved", default=0))["minutes"] == held
    return sum(OvenReservation.objects.filter(order=order).values_list("minutes", flat=True))


def test_more_pizzas_take_more_of_the_ovens_and_fewer_keep_their_turn(house: House) -> None:
    order = house.order(lines=[house.line(quantity=2)])
    two = minutes_of(order)
    more = change(order, lines=[house.line(quantity=30)])
    assert minutes_of(order) == 15 * two
    assert more.promised_at > order.promised_at
    moved = order.promise_changes.get()
    assert (moved.before, moved.after, moved.reason) == (order.promised_at, more.promised_at, "changed")
    house.order(lines=[house.line(quantity=20)])
    fewer = change(order, lines=[house.line(quantity=1)])
    # Planned anew, it would come after the twenty.
    assert (fewer.promised_at, minutes_of(order)) == (more.promised_at, two // 2)


def test_another_hour_may_be_chosen_and_one_that_is_full_changes_nothing(house: House) -> None:
    order = house.order()
    day = days_offered(store=house.bastille, at=timezone.now())[1]
    slots = slots_of(store=house.bastille, oven_minutes=2, zone=None, at=timezone.now(), day=day)
    wanted = slots[40].starts_at
    changed = change(order, wanted_at=wanted, fulfilment="collection")
    assert changed.wanted_at == wanted
    assert wanted <= changed.promised_at < slots[40].ends_at
    OvenSlot.objects.update(minutes=F("reserved"), gone=0)
    before = minutes_of(order)
    with pytest.raises(SlotFull):
        change(order, lines=[house.line(quantity=9)], wanted_at=wanted)
    assert minutes_of(order) == before
    assert Order.objects.get().version == 2


@pytest.mark.parametrize("beside", ["reine", "cola"])
def test_a_gesture_withdrawn_after_the_order_became_smaller_keeps_no_more_than_the_order_costs(
    house: House, people: People, beside: str
) -> None:
    # The cola is at another rate of VAT, at which nothing is sold in the end.
    other = house.line("cola", None) if beside == "cola" else house.line(beside)
    order = house.order(lines=[house.line(), other])
    receive(order=order, acting_user=people.cashier)
    gesture(order=order, amount=Decimal("2.00"), words="froid", acting_user=people.manager)
    order = change(order, lines=[house.line()])
    withdraw(refund=Refund.objects.get(reason=Reason.GESTURE), acting_user=people.manager)
    assert still_paid(order=order) == order.subtotal + order.delivery_fee
    assert sum(part.amount for part in turnover_of(order=order.number)) == order.total
    assert books_that_do_not_balance() == []


def test_what_is_only_put_right_costs_what_was_agreed_whatever_the_menu_says_today(house: House) -> None:
    order = house.order(lines=[house.line(), house.line("reine")], fulfilment="delivery")
    agreed = (order.subtotal, order.delivery_fee, order.total)
    Product.objects.filter(slug="reine").update(is_active=False)
    DeliveryZone.objects.filter(store=house.bastille).update(fee=Decimal("4.00"), minimum_order=Decimal("90.00"))
    changed = change(order, contact=replace(GUEST, phone="06 39 98 12 77"))
    assert (changed.subtotal, changed.delivery_fee, changed.total) == agreed
    assert changed.phone.endswith("12 77")
    with pytest.raises(BelowMinimum):
        change(order, lines=[house.line()], expected_total=Decimal("11.50"))


def test_one_of_two_equal_lines_that_goes_is_in_the_history(house: House) -> None:
    order = house.order(lines=[house.line(), house.line()])
    change(order, lines=[house.line()])
    [told] = told_changes(order=order)
    assert {row.name for row in told.rows} == {"Articles", "Total"}


def test_who_cancels_what_has_just_been_changed_is_told_to_look_again(house: House) -> None:
    order = house.order()
    before = Order.objects.select_related("store").get(pk=order.pk)
    change(order, lines=[house.line(quantity=2)])
    with pytest.raises(TransitionRefused, match="vient d’être modifiée : regardez-la"):
        cancel(order=before, role=CUSTOMER, acting_user=None, reason="")
