"""A service under a state machine: whoever does whatever, no path promises more than the ovens can bake."""

from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Coalesce
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from pytest_django import Settings

from pizzeria.ordering import online
from pizzeria.ordering.baking import AFTER_OVEN, QUARTER, quarter_of
from pizzeria.ordering.breakdowns import lock_ovens, lose_oven, refit_ovens, restore_oven
from pizzeria.ordering.changing import Wish, change_order, plan_change
from pizzeria.ordering.errors import InvalidChoice, KitchenPaused, SlotFull
from pizzeria.ordering.keeping import MOST_TIMES, correct_promises
from pizzeria.ordering.models import Order, OvenReservation, OvenSlot, Source
from pizzeria.ordering.placing import place_order
from pizzeria.ordering.planning import Promise
from pizzeria.ordering.pricing import quote
from pizzeria.ordering.promise import promise_of, slots_of
from pizzeria.ordering.services import advance, cancel
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.payments.models import Payment
from pizzeria.payments.providers import Charge, State
from pizzeria.stores.errors import StoreClosed
from pizzeria.stores.hours import PARIS, is_open
from pizzeria.stores.models import Store
from pizzeria.stores.rush import end_rush, start_rush
from tests.cast import GUEST, House, People

PIZZA = 6
OPENS, CLOSES = time(18), time(23)
BEGIN = datetime(2026, 11, 27, 18, 30, tzinfo=PARIS).astimezone(UTC)
REFUSED = (SlotFull, KitchenPaused, StoreClosed)
STEPS = {"to_prepare": "taken", "taken": "preparing", "preparing": "ready"}
NOT_COOKED = ("awaiting_payment", "to_prepare", "taken")


class AnEvening(RuleBasedStateMachine):
    house: ClassVar[House]
    people: ClassVar[People]

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGIN
        self.lost: list[tuple[int, datetime]] = []
        # Every example lives in a transaction that is rolled back, as a test does.
        self.example = transaction.atomic()
        self.example.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    @property
    def store(self) -> Store:
        return self.house.bastille

    @rule(minutes=st.integers(1, 40))
    def time_goes_by(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        correct_promises(at=self.now)

    @rule(
        pizzas=st.integers(1, 12),
        source=st.sampled_from([Source.WEB, Source.PHONE, Source.COUNTER]),
        fulfilment=st.sampled_from(["delivery", "collection"]),
        later=st.one_of(st.none(), st.integers(0, 120)),
        pays_now=st.booleans(),
    )
    def somebody_orders(self, pizzas: int, source: str, fulfilment: str, later: int | None, pays_now: bool) -> None:  # noqa: FBT001 - drawn
        lines = [self.house.line(quantity=pizzas), self.house.line("cola", None)]
        priced = quote(store=self.store, requests=lines, fulfilment=fulfilment, postal_code=GUEST.postal_code)
        wanted_at = quarter_of(self.now) + QUARTER * later if later is not None else None
        cashier = self.people.cashier if source != Source.WEB else None
        asked: dict[str, Any] = {
            "store": self.store,
            "oven_minutes": pizzas * PIZZA,
            "zone": priced.zone,
            "wanted_at": wanted_at,
        }
        try:
            seen = promise_of(at=self.now, **asked).promised_at
        except REFUSED:
            return
        order = place_order(
            store=self.store,
            lines=lines,
            contact=GUEST,
            fulfilment=fulfilment,
            payment_method="online" if pays_now and not cashier else "cash",
            expected_total=priced.total,
            wanted_at=wanted_at,
            expected_promise=seen,
            source=source,
            acting_user=cashier,
            at=self.now,
        )
        # What was shown is what is promised, in the hours in which the doors are open.
        assert order.promised_at == order.first_promised_at == seen
        assert is_open(store=self.store, at=seen - timedelta(seconds=1))
        assert order.start_at is not None
        assert order.start_at >= self.now
        assert seen >= order.start_at + timedelta(minutes=self.store.preparation_minutes)
        if wanted_at is not None:
            assert wanted_at <= seen < wanted_at + QUARTER
        held = OvenReservation.objects.filter(order=order).aggregate(minutes=Sum("minutes"))["minutes"]
        assert held == pizzas * PIZZA

    def one_of(self, number: int, *statuses: str) -> Order | None:
        found = list(Order.objects.filter(status__in=statuses).select_related("store").order_by("pk"))
        return found[number % len(found)] if found else None

    @rule(number=st.integers(0, 20), late=st.integers(0, 90))
    def somebody_pays(self, number: int, late: int) -> None:
        order = self.one_of(number, "awaiting_payment")
        if order is None:
            return
        self.now += timedelta(minutes=late)
        reference = f"pi_{order.pk}"
        Payment.objects.filter(order=order).update(reference=reference)
        online.settle(
            charge=Charge(reference=reference, state=State.PAID, amount=order.total, order=order.number), at=self.now
        )
        order.refresh_from_db()
        assert order.status == "to_prepare"
        assert order.promised_at > self.now

    @rule(number=st.integers(0, 20))
    def somebody_cancels(self, number: int) -> None:
        order = self.one_of(number, *NOT_COOKED)
        if order:
            cancel(order=order, role=CUSTOMER, acting_user=None, reason="", at=self.now)

    @rule(
        number=st.integers(0, 20),
        pizzas=st.integers(1, 9),
        fulfilment=st.sampled_from(["delivery", "collection"]),
        later=st.one_of(st.none(), st.just("same"), st.integers(0, 60)),
    )
    def somebody_changes_their_order(self, number: int, pizzas: int, fulfilment: str, later: object) -> None:
        order = self.one_of(number, "to_prepare", "taken")
        if order is None:
            return
        wanted_at = quarter_of(self.now) + QUARTER * later if isinstance(later, int) else None
        wish = Wish(
            lines=[self.house.line(quantity=pizzas)],
            contact=GUEST,
            fulfilment=fulfilment,
            wanted_at=order.wanted_at if later == "same" else wanted_at,
        )
        before = self.held_by(order)
        try:
            plan = plan_change(order=order, wish=wish, at=self.now)
            changed = change_order(
                order=order,
                version=order.version,
                lines=wish.lines,
                contact=wish.contact,
                fulfilment=wish.fulfilment,
                expected_total=plan.quote.total,
                wanted_at=wish.wanted_at,
                expected_promise=plan.after.promised_at,
                at=self.now,
            )
        except (*REFUSED, InvalidChoice):
            assert self.held_by(order) == before
            return
        # What was shown before it was confirmed is what is promised.
        assert changed.promised_at == plan.after.promised_at
        if not plan.changes_nothing:
            assert sum(self.held_by(order).values()) == pizzas * PIZZA

    def held_by(self, order: Order) -> dict[int, int]:
        return dict(OvenReservation.objects.filter(order=order).values_list("slot", "minutes"))

    @rule(number=st.integers(0, 20))
    def the_kitchen_goes_on(self, number: int) -> None:
        order = self.one_of(number, *STEPS)
        if order:
            advance(order=order, to_status=STEPS[order.status], acting_user=self.people.pizzaiolo, at=self.now)

    @rule(places=st.integers(1, 3), minutes=st.integers(5, 120))
    def an_oven_breaks_down(self, places: int, minutes: int) -> None:
        until = self.now + timedelta(minutes=minutes)
        before = dict(Order.objects.values_list("pk", "promised_at"))
        moved = lose_oven(store=self.store, places=places, until=until, acting_user=self.people.manager, at=self.now)
        assert all(order.promised_at >= self.now for order in moved)
        moved_now = {order.pk for order in moved}
        stayed = Order.objects.exclude(pk__in=moved_now)
        assert all(before[pk] == promised for pk, promised in stayed.values_list("pk", "promised_at"))
        self.lost.append((places, until))

    @rule()
    def the_oven_is_mended(self) -> None:
        if self.lost:
            places, until = self.lost.pop()
            if until > self.now:
                restore_oven(store=self.store, places=places, until=until, acting_user=None, at=self.now)

    @rule(minutes=st.sampled_from([10, 20, None]), end=st.integers(5, 60))
    def there_is_a_rush(self, minutes: int | None, end: int) -> None:
        until = self.now + timedelta(minutes=end)
        start_rush(store=self.store, minutes=minutes, until=until, acting_user=self.people.cashier, at=self.now)

    @rule()
    def the_rush_is_over(self) -> None:
        end_rush(store=self.store, acting_user=self.people.cashier, at=self.now)

    @rule()
    def the_plan_is_saved_again(self) -> None:
        refit_ovens(store=self.store, locked=lock_ovens(store=self.store, at=self.now))

    @rule(pizzas=st.integers(1, 6))
    def what_is_offered_can_be_had(self, pizzas: int) -> None:
        day = self.now.astimezone(PARIS).date()
        for slot in slots_of(store=self.store, oven_minutes=pizzas * PIZZA, zone=None, at=self.now, day=day)[::3]:
            ask = partial(self.promise_in, pizzas, slot.starts_at)
            if slot.room:
                assert slot.starts_at <= ask().promised_at < slot.ends_at
            else:
                with pytest.raises(SlotFull):
                    ask()

    def promise_in(self, pizzas: int, wanted_at: datetime) -> Promise:
        minutes = pizzas * PIZZA
        return promise_of(store=self.store, oven_minutes=minutes, zone=None, at=self.now, wanted_at=wanted_at)

    @invariant()
    def no_oven_is_overbooked_and_what_is_held_adds_up(self) -> None:
        for slot in OvenSlot.objects.annotate(held=Coalesce(Sum("reservations__minutes"), 0)):
            assert slot.reserved == slot.held
            assert slot.reserved + slot.gone <= slot.minutes

    @invariant()
    def what_is_over_holds_nothing_to_come(self) -> None:
        holds = OvenReservation.objects.select_related("slot", "order")
        assert not holds.filter(order__status="cancelled").exists()
        for hold in holds.filter(order__status__in=["ready", "delivered"]):
            assert hold.order.ready_at is not None
            assert hold.slot.starts_at <= hold.order.ready_at

    @invariant()
    def nothing_is_promised_before_it_can_be_baked(self) -> None:
        for order in Order.objects.filter(status__in=NOT_COOKED).prefetch_related("oven_reservations__slot"):
            slots = [hold.slot.starts_at for hold in order.oven_reservations.all()]
            assert all(order.promised_at > starts_at + AFTER_OVEN for starts_at in slots)

    @invariant()
    def every_move_of_a_promise_is_told(self) -> None:
        for order in Order.objects.prefetch_related("promise_changes"):
            changes = list(order.promise_changes.all())
            path = [order.first_promised_at, *(change.after for change in changes)]
            assert [change.before for change in changes] == path[:-1]
            assert order.promised_at == path[-1]
            own = [change for change in changes if change.reason in {"kitchen", "road"}]
            assert len(own) <= MOST_TIMES


@pytest.mark.django_db
@pytest.mark.parametrize(("evenings", "steps"), [(1, 12), pytest.param(40, 25, marks=pytest.mark.machine)])
def test_whatever_happens_in_an_evening_no_oven_is_promised_twice(
    house: House, people: People, settings_of_stripe: None, evenings: int, steps: int
) -> None:
    Store.objects.filter(pk=house.bastille.pk).update(oven_minutes=240)
    house.bastille.opening_hours.update(opens=OPENS, closes=CLOSES)
    house.bastille.refresh_from_db()
    AnEvening.house, AnEvening.people = house, people
    run_state_machine_as_test(
        AnEvening,
        settings=settings(
            max_examples=evenings, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.fixture
def settings_of_stripe(settings: Settings) -> None:
    """Paid on the page is offered; nobody is asked."""
    settings.STRIPE_SECRET_KEY = settings.STRIPE_PUBLISHABLE_KEY = settings.STRIPE_WEBHOOK_SECRET = "sk_test_none"
