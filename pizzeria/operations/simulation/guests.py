"""Simulated clients: they look, hesitate, order, pay, change their minds; by the services that pages and counter use."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from pizzeria.errors import BusinessError
from pizzeria.operations.demo.baskets import Taste
from pizzeria.operations.demo.buyers import Buyer
from pizzeria.operations.simulation.agenda import Agenda
from pizzeria.ordering.errors import PromiseMoved
from pizzeria.ordering.lines import LineRequest
from pizzeria.ordering.models import Channel, Fulfilment, Order, Source
from pizzeria.ordering.placing import place_order
from pizzeria.ordering.pricing import Quote, quote
from pizzeria.ordering.promise import oven_minutes_of, promise_of, slots_of
from pizzeria.payments.models import Method
from pizzeria.payments.selectors import methods_offered
from pizzeria.stock.errors import OutOfStock
from pizzeria.stores.errors import BelowMinimum
from pizzeria.stores.hours import PARIS
from pizzeria.stores.models import Store
from pizzeria.stores.selectors import active_store

SLOT_SHARE = 0.2
SLOTS_AHEAD = (3, 9)
"""Somebody who wants a slot wants one in three quarters of an hour to two hours."""
ONLINE_SHARE = 0.35
STAYS = 0.7
"""Of those who are told another hour, or that it is full, this part takes what is offered instead."""
TONIGHT = timedelta(hours=3)
"""What is offered for later than this is another evening's."""
TRIES = 3
HESITATION = (15, 120)
"""Seconds between seeing the hour and confirming it."""
PATIENCE = (50, 110)
"""Minutes after which somebody who wants it as soon as possible eats elsewhere."""
ON_PHONE = 0.8
"""Of what a cashier takes to be fetched."""


@dataclass(slots=True)
class Told:
    """What clients were told instead of an order, by its code; `long_waits` left by themselves."""

    refused: Counter[str] = field(default_factory=Counter)
    long_waits: int = 0


@dataclass(slots=True, kw_only=True)
class Guest:
    """Somebody who wants pizzas: `placed` is told of their order."""

    agenda: Agenda
    rng: Random
    taste: Taste
    slug: str
    buyer: Buyer
    told: Told
    placed: Callable[[Order, list[LineRequest]], None]
    lines: list[LineRequest] = field(init=False)
    method: str = field(init=False)
    wants_later: bool = field(init=False)
    wanted_at: datetime | None = None
    seen: datetime | None = None
    tries: int = 0

    def __post_init__(self) -> None:
        self.lines = self.taste.basket()
        self.method = self.buyer.payment_method
        is_on_page = self.buyer.taken_by is None and Method.ONLINE in methods_offered()
        if is_on_page and self.rng.random() < ONLINE_SHARE:
            self.method = Method.ONLINE
        self.wants_later = self.buyer.fulfilment != Fulfilment.ON_SITE and self.rng.random() < SLOT_SHARE

    @property
    def store(self) -> Store:
        """With the rushes of now."""
        found = active_store(slug=self.slug)
        if found is None:
            raise LookupError(self.slug)
        return found

    def look(self) -> None:
        """See the basket's price and hour, and confirm them a moment later."""
        self.tries += 1
        try:
            priced = self._priced()
            if self.wants_later and self.wanted_at is None:
                self.wanted_at = self._slot(priced)
            self.seen = self._promised(priced)
        except BusinessError as refusal:
            self._refused(refusal)
            return
        patience = timedelta(minutes=self.rng.uniform(*PATIENCE))
        if self.wanted_at is None and self.seen - self.agenda.now > patience:
            self.told.long_waits += 1
            return
        self.agenda.at(self.agenda.now + timedelta(seconds=self.rng.uniform(*HESITATION)), self._order)

    def _order(self) -> None:
        try:
            order = self._place(self._priced())
        except BusinessError as refusal:
            self._refused(refusal)
            return
        self.placed(order, self.lines)

    def _place(self, priced: Quote) -> Order:
        return place_order(
            store=self.store,
            lines=self.lines,
            contact=self.buyer.contact,
            fulfilment=self.buyer.fulfilment,
            payment_method=self.method,
            expected_total=priced.total,
            wanted_at=self.wanted_at,
            expected_promise=self.seen,
            source=self._source(),
            customer=self.buyer.customer,
            acting_user=self.buyer.taken_by or self.buyer.customer,
            at=self.agenda.now,
        )

    def _source(self) -> Source:
        if self.buyer.taken_by is None:
            return Source.WEB
        on_phone = self.buyer.fulfilment == Fulfilment.DELIVERY or self.rng.random() < ON_PHONE
        return Source.PHONE if on_phone and self.buyer.fulfilment != Fulfilment.ON_SITE else Source.COUNTER

    def _priced(self) -> Quote:
        while True:
            try:
                return quote(
                    store=self.store,
                    requests=self.lines,
                    fulfilment=self.buyer.fulfilment,
                    postal_code=self.buyer.contact.postal_code,
                    customer=self.buyer.customer,
                    channel=Channel.COUNTER if self.buyer.taken_by else Channel.ONLINE,
                    at=self.agenda.now,
                )
            except BelowMinimum:
                self.lines.append(self.taste.pizza_line())

    def _promised(self, priced: Quote) -> datetime:
        return promise_of(
            store=self.store,
            oven_minutes=oven_minutes_of(priced.lines),
            zone=priced.zone,
            at=self.agenda.now,
            wanted_at=self.wanted_at,
        ).promised_at

    def _slot(self, priced: Quote) -> datetime | None:
        """A slot of this evening that suits; None when there is none, which is as soon as possible."""
        slots = slots_of(
            store=self.store,
            oven_minutes=oven_minutes_of(priced.lines),
            zone=priced.zone,
            at=self.agenda.now,
            day=self.agenda.now.astimezone(PARIS).date(),
            most=1,
        )
        free = [slot.starts_at for slot in slots if slot.room][: SLOTS_AHEAD[1]]
        return self.rng.choice(free[SLOTS_AHEAD[0] :] or free) if free else None

    def _refused(self, refusal: BusinessError) -> None:
        """Take what is offered instead, or leave."""
        self.told.refused[refusal.code] += 1
        if self.tries >= TRIES or self.rng.random() > STAYS:
            return
        if isinstance(refusal, PromiseMoved):
            self.look()
        elif isinstance(refusal, OutOfStock):
            self.lines = self.taste.basket()
            self.look()
        elif offered := [each for each in _offered(refusal) if each <= self.agenda.now + TONIGHT]:
            self.wanted_at = offered[0]
            self.look()


def _offered(refusal: BusinessError) -> Sequence[datetime]:
    named = refusal.details.get("alternatives")
    return [datetime.fromisoformat(each) for each in named] if isinstance(named, list) else []
