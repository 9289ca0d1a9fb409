"""Placing an order (UC 1.2), once for each key."""

from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import NotRequired, TypedDict, Unpack

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from pizzeria.accounts.models import Role, User
from pizzeria.accounts.selectors import roles_at
from pizzeria.catalogue.selectors import Offer, offer
from pizzeria.kept import just_seen
from pizzeria.ordering.change import require_change
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.counted import count_placed
from pizzeria.ordering.errors import IdempotencyConflict, InvalidChoice, InvalidKey, NotAllowed
from pizzeria.ordering.events import event_rows
from pizzeria.ordering.lines import LineRequest
from pizzeria.ordering.models import Channel, IdempotencyKey, Order, Source
from pizzeria.ordering.numbers import claim, next_order, under_a_free_number
from pizzeria.ordering.offers import rows_of, use
from pizzeria.ordering.ovens import Reserved, reserve
from pizzeria.ordering.pricing import Quote, quote
from pizzeria.ordering.promise import closed_for_now, oven_minutes_of, require_open
from pizzeria.ordering.refusals import noting_refusals
from pizzeria.ordering.sold_lines import lines_of, out_of_stock
from pizzeria.ordering.telling import tell_move
from pizzeria.ordering.total import require_total, told_as_a_total
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.payments.models import Method
from pizzeria.payments.selectors import methods_offered
from pizzeria.payments.services import expect
from pizzeria.rows import insert_all
from pizzeria.stock.errors import OutOfStock
from pizzeria.stock.taking import Taking
from pizzeria.stores.models import Store
from pizzeria.stores.selectors import active_store, informed

KEY_LENGTH = 80
PAYMENT_TIME = timedelta(minutes=15)
"""How long an order that is paid on the page keeps its ingredients: a 3-D Secure in a bank's application, and a second card."""


class Terms(TypedDict):
    """On what terms products are ordered: for whom, how, when and for how much. What is left unsaid is as `_place` has it."""

    contact: Contact
    fulfilment: str
    payment_method: str
    """One that is paid on the page waits for its payment first (`online`)."""
    expected_total: Decimal
    """The total, in euros, that the client saw."""
    change_for: NotRequired[Decimal | None]
    """The cash, in euros, that will be handed over, when it is more than the total."""
    wanted_at: NotRequired[datetime | None]
    """The slot that was chosen; none: as soon as possible."""
    expected_promise: NotRequired[datetime | None]
    """The hour that the client saw; none: it was shown none."""
    code: NotRequired[str]
    """A promotion's."""
    expected_offers: NotRequired[Collection[int] | None]
    """The keys of the offers that were shown; none: nobody is told which of them is gone."""
    source: NotRequired[str]
    customer: NotRequired[User | None]
    acting_user: NotRequired[User | None]
    """Somebody who orders for another (it is not `customer`) is a cashier of the store."""
    at: NotRequired[datetime | None]
    """Now, unless history is being written, which is promised without the ovens, or a service is simulated, which tells `expected_promise`."""


@noting_refusals
@under_a_free_number
def place_order(*, store: Store, lines: list[LineRequest], **terms: Unpack[Terms]) -> Order:
    """Place an order (UC 1.2): it ends in *à réaliser*, its ingredients taken from the stock.

    Raises EmptyCart, InvalidLine, InvalidChoice, InvalidContact, NotAllowed, StoreClosed,
    KitchenPaused, SlotFull, PromiseMoved, NotDeliverable, BelowMinimum, TotalChanged and OutOfStock; nothing is kept of a refused order.
    """
    return _place(store=store, lines=lines, on_sale=offer(), pk=next_order(), **terms)


def _place(
    *,
    store: Store,
    lines: list[LineRequest],
    contact: Contact,
    fulfilment: str,
    payment_method: str,
    expected_total: Decimal,
    change_for: Decimal | None = None,
    wanted_at: datetime | None = None,
    expected_promise: datetime | None = None,
    code: str = "",
    expected_offers: Collection[int] | None = None,
    source: str = Source.WEB,
    customer: User | None = None,
    acting_user: User | None = None,
    at: datetime | None = None,
    on_sale: Offer,
    pk: int,
) -> Order:
    """What `place_order` says, in the caller's transaction; `pk` is the key that was kept for the order."""
    placed_at = at or timezone.now()
    if payment_method not in methods_offered():
        raise InvalidChoice(_("Choisissez un moyen de paiement."), field="payment_method")
    taken_by = _taken_by(store, customer, acting_user)
    if taken_by and payment_method == Method.ONLINE:
        raise InvalidChoice(
            _(
                "Qui commande au comptoir ou par téléphone paie à la remise : en espèces, par carte au terminal ou en titre-restaurant."
            ),
            field="payment_method",
        )
    contact = contact.cleaned(fulfilment=fulfilment)
    # History is written without ovens: what was promised then is what they would have promised at leisure.
    is_history = at is not None and expected_promise is None
    if wanted_at is None:
        require_open(store=informed(store=store), at=placed_at)
    price = partial(
        quote,
        store=store,
        requests=lines,
        fulfilment=fulfilment,
        postal_code=contact.postal_code,
        on_sale=on_sale,
        code=code,
        customer=customer,
        channel=Channel.COUNTER if taken_by else Channel.ONLINE,
        at=placed_at,
    )
    priced = price()
    require_total(priced=priced, expected_total=expected_total, expected_offers=expected_offers)
    require_change(change_for=change_for, payment_method=payment_method, total=priced.total)
    order = _new_order(store, priced, contact, payment_method, placed_at)
    order.change_for, order.source = change_for, source
    order.pk, order.customer, order.taken_by = pk, customer, taken_by
    # Offers that are counted come before the ovens, wherever both are locked.
    with told_as_a_total(again=price):
        use(order=order, applied=priced.offers)
    held = None if is_history else _promised(order, priced, wanted_at, expected_promise)
    if held is None:
        _promise_of_old(order, priced)
    role = CUSTOMER if taken_by is None else Role.CASHIER
    taking = Taking(
        store=store, needs=priced.needs(), reference=order.token, acting_user=acting_user, at=order.placed_at
    )
    # Each statement is a round trip that everybody behind this order waits for: one for all of these. It locks the stock
    # before it writes: who wants the same ingredients mostly wants the same ovens, and waits for those already.
    left = insert_all(
        order,
        *lines_of(order=order, priced=priced),
        *rows_of(order=order, applied=priced.offers),
        expect(order=order, method=payment_method, amount=order.total),
        *(held.rows_of(order.pk) if held else ()),
        *event_rows(order, from_status="", role=role, acting_user=acting_user, reason="", at=placed_at),
        along=[*(held.taking if held else ()), taking.along],
    )
    try:
        taking.settle(left)
    except OutOfStock as error:
        raise out_of_stock(error, priced=priced) from error
    if at is None and order.status != Order.Status.AWAITING_PAYMENT:
        # One that is paid on the page is counted when it is: see `online`.
        count_placed(order)
    tell_move(order, from_status="", role=role, acting_user=acting_user)
    return order


@noting_refusals
@under_a_free_number
def place_order_once(
    *, key: str, digest: str, store: Store, lines: list[LineRequest], **terms: Unpack[Terms]
) -> tuple[Order, bool]:
    """Place an order, or return the one that this key already made; True when it is new.

    `digest` is that of the request: the same key with another request raises IdempotencyConflict.
    Raises InvalidKey for a key that cannot be kept, and what `place_order` raises: the key is then
    still free. `store` is taken as it is now, whatever it was when the caller read it.
    """
    if not (0 < len(key) <= KEY_LENGTH and key.isascii() and key.isprintable()):
        raise InvalidKey(_("La clé d’idempotence compte de 1 à %(most)s caractères ASCII.") % {"most": KEY_LENGTH})
    claimed = claim(key=key, digest=digest)
    if claimed:
        pk, editions = claimed
        with just_seen(editions):
            now = active_store(slug=store.slug)
            if now is None:
                raise closed_for_now(store)
            return _place(pk=pk, store=now, lines=lines, on_sale=offer(), **terms), True
    known = IdempotencyKey.objects.select_related("order__store").get(key=key)
    if known.request_digest != digest:
        raise IdempotencyConflict(_("Cette clé d’idempotence a déjà servi pour une autre commande."))
    return known.order, False


def forget_old_keys(*, before: datetime) -> int:
    """Forget the keys used before a moment; how many there were. Their orders stay."""
    deleted, _by_model = IdempotencyKey.objects.filter(created_at__lt=before).delete()
    return deleted


def _taken_by(store: Store, customer: User | None, acting_user: User | None) -> User | None:
    """The cashier who orders for somebody else; None for a client or a guest."""
    if acting_user is None or acting_user == customer:
        return None
    if Role.CASHIER not in roles_at(user=acting_user, store_id=store.pk):
        raise NotAllowed(_("Seul un caissier de ce point de vente commande pour quelqu’un d’autre."))
    return acting_user


def _promised(order: Order, priced: Quote, wanted_at: datetime | None, expected: datetime | None) -> Reserved:
    """Promise a new order its hour, under the ovens' locks; what is to be written of the minutes that it holds."""
    reserved = reserve(
        store=order.store,
        oven_minutes=oven_minutes_of(priced.lines),
        zone=priced.zone,
        at=order.placed_at,
        wanted_at=wanted_at,
        expected=expected,
    )
    promise = reserved.promise
    order.wanted_at, order.start_at, order.promised_at = wanted_at, promise.start_at, promise.promised_at
    order.first_promised_at = order.promised_at
    return reserved


def _promise_of_old(order: Order, priced: Quote) -> None:
    road = priced.zone.minutes if priced.zone else 0
    order.promised_at = order.placed_at + timedelta(minutes=order.store.preparation_minutes + road)
    order.first_promised_at = order.promised_at


def _new_order(store: Store, priced: Quote, contact: Contact, payment_method: str, at: datetime) -> Order:
    return Order(
        store=store,
        status=Order.Status.AWAITING_PAYMENT if payment_method == Method.ONLINE else Order.Status.TO_PREPARE,
        payable_until=at + PAYMENT_TIME if payment_method == Method.ONLINE else None,
        fulfilment=priced.fulfilment,
        payment_method=payment_method,
        discount=priced.discount,
        subtotal=priced.subtotal,
        delivery_fee=priced.delivery_fee,
        total=priced.total,
        language=translation.get_language() or "fr",
        placed_at=at,
        **contact.columns(),
    )
