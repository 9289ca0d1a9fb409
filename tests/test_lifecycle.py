"""The life of orders under a state machine: whoever does whatever, no path leads where the dossiers allow none."""

from collections import Counter
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from pizzeria.accounts.models import User
from pizzeria.errors import BusinessError
from pizzeria.ordering.changing import Wish, change_order, plan_change
from pizzeria.ordering.errors import NotAllowed, NothingDue, ReasonMissing, TransitionRefused
from pizzeria.ordering.gestures import gesture, still_paid
from pizzeria.ordering.models import Order
from pizzeria.ordering.paying import Means, receive, take
from pizzeria.ordering.placing import place_order
from pizzeria.ordering.pricing import quote
from pizzeria.ordering.services import advance, cancel, cancel_as_staff
from pizzeria.ordering.settling import gestures_of
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.payments.errors import InvalidAmount, MoreThanWasPaid
from pizzeria.payments.models import AT_DOOR, Refund
from pizzeria.payments.refunds import hand_back
from pizzeria.payments.selectors import due_of
from pizzeria.stock.errors import InvalidQuantity, OutOfStock
from pizzeria.stock.models import Movement, StockItem
from pizzeria.stock.services import lower_quantity, raise_quantity
from tests.cast import GUEST, House, People
from tests.races.together import books_that_do_not_balance, wrong_counts

pytestmark = pytest.mark.story

# Written anew from the dossiers (SPEC.md, "The life of an order"), not read from the code's own table.
KITCHEN_MOVES = {"to_prepare": "taken", "taken": "preparing", "preparing": "ready"}
ROAD_MOVES = {"ready": "delivering", "delivering": "delivered"}
BEFORE_PREPARATION = {"awaiting_payment", "to_prepare", "taken"}
MAY_CANCEL = {"cashier", "manager"}
EVERYBODY = ("alice", "pizzaiolo", "driver", "cashier", "manager", "direction", "operator", "outsider")
LEFT_AT_FIRST = 1_500
"""Grams of everything: an order of several pizzas may find too little."""


def may_move(role: str, fulfilment: str, before: str, after: str) -> bool:
    """Whether the dossiers let somebody with this role at the store make this move."""
    if after == "cancelled":
        return role in MAY_CANCEL and before in BEFORE_PREPARATION
    if role == "pizzaiolo":
        return KITCHEN_MOVES.get(before) == after
    if role == "driver":
        return fulfilment == "delivery" and ROAD_MOVES.get(before) == after
    return role == "cashier" and fulfilment != "delivery" and (before, after) == ("ready", "delivered")


class LifeOfOrders(RuleBasedStateMachine):
    house: ClassVar[House]
    people: ClassVar[People]
    tried: ClassVar[set[tuple[str, str]]] = set()
    orders = Bundle("orders")

    def __init__(self) -> None:
        super().__init__()
        self.paths: dict[int, list[str]] = {}
        self.needs: dict[int, dict[int, int]] = {}
        # Every example lives in a transaction that is rolled back, as a test does.
        self.example = transaction.atomic()
        self.example.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    def someone(self, who: str) -> User:
        return getattr(self.people, who)  # type: ignore[no-any-return]

    @initialize(target=orders, fulfilment=st.sampled_from(["delivery", "collection"]))
    def the_first_order(self, fulfilment: str) -> Any:
        return self.place_order("margherita", 1, fulfilment, "guest")

    @rule(
        target=orders,
        product=st.sampled_from(["margherita", "reine", "chevre-miel"]),
        quantity=st.integers(1, 4),
        fulfilment=st.sampled_from(["delivery", "collection", "on_site"]),
        who=st.sampled_from(["guest", "alice", "cashier"]),
    )
    def another_order(self, product: str, quantity: int, fulfilment: str, who: str) -> Any:
        return self.place_order(product, quantity, fulfilment, who)

    def place_order(self, product: str, quantity: int, fulfilment: str, who: str) -> Any:
        store = self.house.bastille
        lines = [self.house.line(product, quantity=quantity), self.house.line("cola", None)]
        priced = quote(store=store, requests=lines, fulfilment=fulfilment, postal_code=GUEST.postal_code)
        held = dict(StockItem.objects.filter(store=store).values_list("ingredient_id", "available"))
        enough = all(held[ingredient] >= needed for ingredient, needed in priced.needs().items())
        try:
            order = place_order(
                store=store,
                lines=lines,
                contact=GUEST,
                fulfilment=fulfilment,
                payment_method="cash",
                expected_total=priced.total,
                customer=self.people.alice if who == "alice" else None,
                acting_user=None if who == "guest" else self.someone(who),
            )
        except OutOfStock:
            assert not enough
            return multiple()
        assert enough
        self.paths[order.pk] = ["to_prepare"]
        self.needs[order.pk] = priced.needs()
        return order

    def advance(self, order: Order, to: str, who: str) -> None:
        fresh = Order.objects.select_related("store").get(pk=order.pk)
        # In this cast everybody's role is their name.
        allowed = may_move(who, fresh.fulfilment, fresh.status, to)
        self.attempt(fresh, to, lambda: advance(order=fresh, to_status=to, acting_user=self.someone(who)), allowed)

    @rule(order=orders, steps=st.sampled_from([5, 3, 2, 1]))
    def goes_on_as_meant(self, order: Order, steps: int) -> None:
        """So that orders reach the end of their life more often than by luck."""
        for _step in range(steps):
            before = self.paths[order.pk][-1]
            meant = [
                (who, to)
                for who in ("pizzaiolo", "driver", "cashier")
                for to in Order.Status.values
                if to != "cancelled" and may_move(who, order.fulfilment, before, to)
            ]
            for who, to in meant:
                self.advance(order, to, who)
                self.nobody_else_moves_it(order)

    def nobody_else_moves_it(self, order: Order) -> None:
        """Everybody tries everything that is not theirs, once in every situation."""
        now = self.paths[order.pk][-1]
        if (order.fulfilment, now) in self.tried:
            return
        for who in EVERYBODY:
            for to in Order.Status.values:
                if not may_move(who, order.fulfilment, now, to):
                    self.advance(order, to, who)
        if now not in BEFORE_PREPARATION:
            self.cancel_as("client", order, "")
        self.tried.add((order.fulfilment, now))

    @rule(order=orders, to=st.sampled_from(["taken", "cancelled"]))
    def act_on_a_screen_of_long_ago(self, order: Order, to: str) -> None:
        """`order` is as it was when it was placed: who acts on it wins only if nothing happened since, no change either."""
        stale = Order.objects.select_related("store").get(pk=order.pk)
        stale.status, stale.version = "to_prepare", 1
        allowed = self.paths[order.pk] == ["to_prepare"] and not stale.order_changes.exists()
        luca, renata = self.people.pizzaiolo, self.people.manager
        acts = {
            "taken": lambda: advance(order=stale, to_status=to, acting_user=luca),
            "cancelled": lambda: cancel_as_staff(order=stale, acting_user=renata, reason="Four en panne"),
        }
        self.attempt(stale, to, acts[to], allowed)

    @rule(
        order=orders,
        who=st.sampled_from(("client", *EVERYBODY)),
        reason=st.sampled_from(["Four en panne", "", "\u200b"]),
    )
    def somebody_cancels(self, order: Order, who: str, reason: str) -> None:
        self.cancel_as(who, order, reason)

    def cancel_as(self, who: str, order: Order, reason: str) -> None:
        fresh = Order.objects.select_related("store").get(pk=order.pk)
        if who == "client":
            allowed = fresh.status in BEFORE_PREPARATION
            act = partial(cancel, order=fresh, role=CUSTOMER, acting_user=None, reason=reason)
        else:
            allowed = reason == "Four en panne" and may_move(who, fresh.fulfilment, fresh.status, "cancelled")
            act = partial(cancel_as_staff, order=fresh, acting_user=self.someone(who), reason=reason)
        self.attempt(fresh, "cancelled", act, allowed)

    @rule(
        order=orders,
        product=st.sampled_from(["margherita", "reine", "chevre-miel"]),
        quantity=st.integers(1, 4),
        fulfilment=st.sampled_from(["delivery", "collection"]),
        who=st.sampled_from(["client", "cashier", "pizzaiolo"]),
    )
    def somebody_changes(self, order: Order, product: str, quantity: int, fulfilment: str, who: str) -> None:
        fresh = Order.objects.select_related("store").get(pk=order.pk)
        lines = [self.house.line(product, quantity=quantity), self.house.line("cola", None)]
        plan = plan_change(order=fresh, wish=Wish(lines=lines, contact=GUEST, fulfilment=fulfilment))
        needs, left = plan.quote.needs(), self.left_for(fresh)
        allowed = fresh.status in {"to_prepare", "taken"} and who != "pizzaiolo"
        try:
            change_order(
                order=fresh,
                version=fresh.version,
                lines=lines,
                contact=GUEST,
                fulfilment=fulfilment,
                expected_total=plan.quote.total,
                acting_user=None if who == "client" else self.someone(who),
            )
        except (TransitionRefused, NotAllowed):
            assert not allowed
        except OutOfStock:
            assert any(left[ingredient] < needed for ingredient, needed in needs.items())
        else:
            assert allowed
            self.needs[order.pk] = needs

    def left_for(self, order: Order) -> Counter[int]:
        """What an order may take in all: what is there, and what it has already."""
        left = Counter(dict(StockItem.objects.filter(store=order.store).values_list("ingredient_id", "available")))
        left.update(self.needs[order.pk])
        return left

    @rule(order=orders)
    def money_is_taken_at_the_counter(self, order: Order) -> None:
        receive(order=Order.objects.get(pk=order.pk), acting_user=self.people.cashier)
        receive(order=Order.objects.get(pk=order.pk), acting_user=self.people.cashier)

    @rule(order=orders, euros=st.sampled_from(["1.00", "6.00"]), method=st.sampled_from(AT_DOOR))
    def a_part_is_taken(self, order: Order, euros: str, method: str) -> None:
        fresh = Order.objects.select_related("store").get(pk=order.pk)
        due = due_of(order=fresh)
        means = [Means(method=method, amount=Decimal(euros))]
        try:
            take(
                order=fresh,
                means=means,
                expected_due=due.amount if due else Decimal(0),
                acting_user=self.people.cashier,
            )
        except NothingDue:
            assert due is None
        except InvalidAmount:
            assert due is not None
            assert due.amount < Decimal(euros)

    @rule(order=orders, cents=st.sampled_from([1, 350, 100_000]))
    def renata_makes_a_gesture(self, order: Order, cents: int) -> None:
        fresh = Order.objects.select_related("store").get(pk=order.pk)
        amount, left = Decimal(cents) / 100, still_paid(order=fresh)
        try:
            gesture(order=fresh, amount=amount, words="Livrée froide", acting_user=self.people.manager)
        except MoreThanWasPaid:
            assert amount > left
        else:
            assert amount <= left

    @rule()
    def what_is_owed_back_is_handed_back(self) -> None:
        for refund in Refund.objects.filter(status="due"):
            hand_back(refund=refund, acting_user=self.people.cashier)

    @rule(slug=st.sampled_from(["pate", "mozzarella", "jambon"]), change=st.integers(-2_000, 2_000))
    def stock_moves(self, slug: str, change: int) -> None:
        item = StockItem.objects.get(store=self.house.bastille, ingredient__slug=slug)
        service = raise_quantity if change > 0 else lower_quantity
        try:
            service(item_id=item.pk, quantity=abs(change), acting_user=self.people.manager)
        except InvalidQuantity:
            assert change == 0 or item.available + change < 0

    def attempt(self, order: Order, to: str, act: Any, allowed: bool) -> None:  # noqa: FBT001 - what is expected
        try:
            act()
        except (TransitionRefused, ReasonMissing):
            assert not allowed
        else:
            assert allowed
            self.paths[order.pk].append(to)

    @invariant()
    def every_move_has_its_event(self) -> None:
        for order in Order.objects.prefetch_related("events"):
            events = list(order.events.all())
            path = self.paths[order.pk]
            assert [event.to_status for event in events] == path
            assert [event.from_status for event in events] == ["", *path[:-1]]
            assert (order.status, order.version) == (path[-1], len(path) + order.order_changes.count())
            assert all(event.role for event in events)

    @invariant()
    def the_stock_balances(self) -> None:
        assert books_that_do_not_balance() == []
        standing: Counter[int] = Counter()
        for order in Order.objects.exclude(status="cancelled"):
            standing.update(self.needs[order.pk])
        moved: Counter[int] = Counter()
        for ingredient, change in Movement.objects.exclude(reference="").values_list("item__ingredient", "change"):
            moved[ingredient] -= change
        assert +moved == standing
        assert wrong_counts() == {}

    @invariant()
    def the_money_balances(self) -> None:
        for order in Order.objects.prefetch_related("payments"):
            payments = list(order.payments.all())
            states = {payment.status for payment in payments}
            gestures = gestures_of(order=order)
            received = sum(each.amount - each.refunded for each in payments if each.status in {"paid", "refunded"})
            due = sum(each.amount for each in payments if each.status == "unpaid")
            if order.status != "cancelled":
                assert received + due == max(order.total - gestures, 0)
            if order.status == "delivered":
                # Refunded by gestures, to the last cent.
                assert states <= {"paid", "refunded"}
            elif order.status == "cancelled":
                assert states <= {"failed", "refunded"}
            else:
                assert states <= {"unpaid", "paid", "refunded"}
            assert order.payment_status == next(
                (one for one in ("unpaid", "paid", "refunded") if one in states), "unpaid"
            )
            assert all((each.received_at is not None) == (each.status in {"paid", "refunded"}) for each in payments)


@pytest.mark.django_db
@pytest.mark.parametrize("lives", [4, pytest.param(40, marks=pytest.mark.machine)])
def test_whoever_does_whatever_orders_stock_and_money_agree(house: House, people: People, lives: int) -> None:
    for item in StockItem.objects.filter(store=house.bastille):
        lower_quantity(item_id=item.pk, quantity=item.available - LEFT_AT_FIRST, acting_user=None)
    LifeOfOrders.house, LifeOfOrders.people = house, people
    LifeOfOrders.tried.clear()
    run_state_machine_as_test(
        LifeOfOrders,
        settings=settings(
            max_examples=lives, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_a_refusal_is_a_sentence_with_a_stable_code() -> None:
    refusals = BusinessError.__subclasses__()
    assert refusals
    codes = [refusal.code for refusal in refusals]
    assert len(set(codes)) == len(codes), sorted(codes)
    # Stripe that does not answer is nobody's mistake.
    theirs = [refusal for refusal in refusals if refusal.code != "payment_unavailable"]
    assert all(400 <= refusal.status < 500 for refusal in theirs)
