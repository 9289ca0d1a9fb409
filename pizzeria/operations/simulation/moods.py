"""What becomes of a simulated order before the kitchen begins it: paid in time, late or never; cancelled; changed."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random

from pizzeria.errors import BusinessError
from pizzeria.operations.demo.baskets import Taste
from pizzeria.operations.simulation.agenda import Agenda
from pizzeria.operations.simulation.guests import Told
from pizzeria.operations.simulation.kitchen import Kitchen
from pizzeria.ordering.changing import Wish, change_order, plan_change
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.lines import LineRequest
from pizzeria.ordering.models import Order
from pizzeria.ordering.online import settle
from pizzeria.ordering.services import cancel
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.payments.providers import Charge, State

Status = Order.Status

CANCELLED_SHARE, CHANGED_SHARE = 0.04, 0.06
SECOND_THOUGHTS = (1, 8)
"""Minutes after which somebody changes their mind; by then it is often too late, and they are told so."""
PAID_LATE_SHARE, NEVER_PAID_SHARE = 0.10, 0.05
PAID_AFTER = (40, 200)
"""Seconds: the card's number, the bank's application."""
PAID_LATE_AFTER = (600, 1080)
"""Those whose card was refused twice, or who went for their telephone: some of them after the order was let go."""


@dataclass(slots=True, kw_only=True)
class Moods:
    agenda: Agenda
    rng: Random
    taste: Taste
    kitchen: Kitchen
    told: Told

    def ordered(self, order: Order, lines: list[LineRequest]) -> None:
        if order.status == Status.AWAITING_PAYMENT:
            self._will_pay(order.pk, lines)
            return
        self._expect(order, lines)
        mood = self.rng.random()
        at = self.agenda.now + timedelta(minutes=self.rng.uniform(*SECOND_THOUGHTS))
        if mood < CANCELLED_SHARE:
            self.agenda.at(at, partial(self._cancel, order.pk))
        elif mood < CANCELLED_SHARE + CHANGED_SHARE:
            self.agenda.at(at, partial(self._change, order.pk, lines))

    def moved(self, orders: list[Order]) -> None:
        """The ovens have given these another turn."""
        for order in orders:
            self.kitchen.move(order.pk, start_at=order.start_at or self.agenda.now)

    def _expect(self, order: Order, lines: list[LineRequest]) -> None:
        self.kitchen.expect(order.pk, start_at=order.start_at or self.agenda.now, pizzas=self._pizzas(lines))

    def _pizzas(self, lines: list[LineRequest]) -> list[int]:
        """The minutes of oven of each."""
        sizes = {variant.pk: variant.size for variant in self.taste.menu.variants.values()}
        return [
            size.oven_minutes for line in lines for size in [sizes[line.variant_id]] * line.quantity if size is not None
        ]

    def _will_pay(self, key: int, lines: list[LineRequest]) -> None:
        mood = self.rng.random()
        if mood < NEVER_PAID_SHARE:
            return
        after = PAID_LATE_AFTER if mood < NEVER_PAID_SHARE + PAID_LATE_SHARE else PAID_AFTER
        moment = self.agenda.now + timedelta(seconds=self.rng.uniform(*after))
        self.agenda.at(moment, partial(self._pay, key, lines))

    def _pay(self, key: int, lines: list[LineRequest]) -> None:
        """The bank's answer, as the provider tells it; one that is let go by now is owed back."""
        order = Order.objects.get(pk=key)
        charge = Charge(reference=f"pi_simulated_{key}", state=State.PAID, amount=order.total, order=order.number)
        settle(charge=charge, at=self.agenda.now)
        order.refresh_from_db()
        if order.status == Status.TO_PREPARE:
            self._expect(order, lines)

    def _cancel(self, key: int) -> None:
        try:
            cancel(order=self._order(key), role=CUSTOMER, acting_user=None, reason="", at=self.agenda.now)
        except BusinessError as refusal:
            self.told.refused[f"cancel: {refusal.code}"] += 1
            return
        self.kitchen.forget(key)

    def _change(self, key: int, lines: list[LineRequest]) -> None:
        """One pizza more, or the last one less, to the same place."""
        order = self._order(key)
        fewer = len(self._pizzas(lines)) > 1 and self.rng.random() < 0.5  # noqa: PLR2004
        lines = [*lines[1:]] if fewer else [*lines, self.taste.pizza_line()]
        wish = Wish(
            lines=lines,
            contact=Contact(**{name: getattr(order, name) for name in Contact.__slots__}),
            fulfilment=order.fulfilment,
            wanted_at=order.wanted_at,
            change_for=order.change_for,
        )
        try:
            order = self._changed(order, wish)
        except BusinessError as refusal:
            self.told.refused[f"change: {refusal.code}"] += 1
            return
        self._expect(order, lines)

    def _changed(self, order: Order, wish: Wish) -> Order:
        plan = plan_change(order=order, wish=wish, at=self.agenda.now)
        return change_order(
            order=order,
            version=order.version,
            lines=wish.lines,
            contact=wish.contact,
            fulfilment=wish.fulfilment,
            expected_total=plan.quote.total,
            wanted_at=wish.wanted_at,
            expected_promise=plan.after.promised_at,
            change_for=wish.change_for,
            at=self.agenda.now,
        )

    def _order(self, key: int) -> Order:
        return Order.objects.select_related("store", "customer").get(pk=key)
