"""Placing an order, moving it through its life, cancelling it."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.accounts.selectors import roles_at
from pizzeria.catalogue.selectors import vat_percents
from pizzeria.live.services import order_topic, record, store_topic
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.errors import IdempotencyConflict, ReasonMissing, TotalChanged, TransitionRefused
from pizzeria.ordering.models import IdempotencyKey, LineChange, Order, OrderEvent, OrderLine, new_number
from pizzeria.ordering.pricing import LineRequest, PricedLine, Quote, quote
from pizzeria.ordering.selectors import promised_time
from pizzeria.ordering.transitions import CUSTOMER, allowed_role
from pizzeria.payments.services import expect_at_door, receive
from pizzeria.stock import services as stock
from pizzeria.stock.errors import OutOfStock
from pizzeria.stores.errors import StoreClosed
from pizzeria.stores.models import Store
from pizzeria.stores.selectors import is_open, next_opening
from pizzeria.words import one_line, says_something

NUMBER_ATTEMPTS = 5
REASON_LENGTH = 200


def place_order(
    *,
    store: Store,
    lines: list[LineRequest],
    contact: Contact,
    fulfilment: str,
    payment_method: str,
    expected_total: Decimal,
    customer: User | None = None,
    acting_user: User | None = None,
    at: datetime | None = None,
) -> Order:
    """Place an order (UC 1.2): it ends in *à réaliser*, its ingredients taken from the stock.

    `expected_total` is the total, in euros, that the client saw; `at` is now unless history is
    being written. Raises EmptyCart, InvalidLine, InvalidContact, StoreClosed, NotDeliverable,
    BelowMinimum, TotalChanged and OutOfStock; nothing is kept of a refused order.
    """
    placed_at = at or timezone.now()
    contact = contact.cleaned(fulfilment=fulfilment)
    _require_open(store, placed_at)
    priced = quote(store=store, requests=lines, fulfilment=fulfilment, postal_code=contact.postal_code)
    if priced.total != expected_total:
        raise TotalChanged(
            _("Le total est maintenant de %(total)s €. Vérifiez-le avant de commander.") % {"total": priced.total},
            total=str(priced.total),
        )
    order = _new_order(store, priced, contact, payment_method, placed_at)
    order.customer, order.taken_by = customer, acting_user if acting_user != customer else None
    with transaction.atomic():
        _save_with_free_number(order)
        _save_lines(order, priced)
        expect_at_door(order=order, method=payment_method, amount=order.total)
        role = CUSTOMER if order.taken_by is None else "cashier"
        _append_event(order, from_status="", role=role, acting_user=acting_user, reason="", at=placed_at)
        # The stock comes last: its rows are those that other orders wait for.
        _take_stock(store, order, priced, acting_user)
    return order


def place_order_once(*, key: str, digest: str, **order: object) -> tuple[Order, bool]:
    """Place an order, or return the one that this key already made; True when it is new.

    `digest` is that of the request: the same key with another request raises IdempotencyConflict.
    """
    known = IdempotencyKey.objects.select_related("order").filter(key=key).first()
    if known is None:
        try:
            with transaction.atomic():
                placed = place_order(**order)  # type: ignore[arg-type]
                IdempotencyKey.objects.create(key=key, request_digest=digest, order=placed)
                return placed, True
        except IntegrityError:
            # Two requests with one key raced: the unique key let one commit, this one reads it.
            known = IdempotencyKey.objects.select_related("order").get(key=key)
    if known.request_digest != digest:
        raise IdempotencyConflict(_("Cette clé d'idempotence a déjà servi pour une autre commande."))
    return known.order, False


def advance(*, order: Order, to_status: str, acting_user: User, at: datetime | None = None) -> Order:
    """Move an order one step (UC 4.1) with a role that the user holds at its store.

    Handing it over takes the money that is due as well. Raises TransitionRefused when the table
    forbids the move or when somebody else moved the order first.
    """
    roles = roles_at(user=acting_user, store_id=order.store_id)
    role = allowed_role(
        from_status=order.status, to_status=to_status, fulfilment=order.fulfilment, roles=roles
    )
    if role is None:
        raise _refused(order)
    if to_status == Order.Status.DELIVERED:
        # First, in its own transaction: money that was taken stays on record if the move is refused,
        # and a second attempt finds nothing left to take.
        receive(order=order, acting_user=acting_user, at=at)
        order.refresh_from_db(fields=["payment_status"])
    with transaction.atomic():
        _move(order, to_status=to_status, role=role, acting_user=acting_user, reason="", at=at or timezone.now())
    return order


def cancel(*, order: Order, role: str, acting_user: User | None, reason: str, at: datetime | None = None) -> Order:
    """Cancel an order that is not yet in preparation (UC 1.4) and give its ingredients back.

    Raises TransitionRefused once preparation started.
    """
    cancelled = Order.Status.CANCELLED
    if allowed_role(
        from_status=order.status, to_status=cancelled, fulfilment=order.fulfilment, roles=frozenset({role})
    ) is None:
        raise _refused(order)
    with transaction.atomic():
        _move(order, to_status=cancelled, role=role, acting_user=acting_user, reason=reason, at=at or timezone.now())
        stock.give_back(store=order.store, reference=order.token, acting_user=acting_user, at=at)
    return order


def cancel_as_staff(*, order: Order, acting_user: User, reason: str, at: datetime | None = None) -> Order:
    """Cancel an order for the house, with a role that the user holds at its store, and say why.

    Raises ReasonMissing, and TransitionRefused once preparation started or without such a role.
    """
    reason = one_line(reason)[:REASON_LENGTH]
    if not says_something(reason):
        raise ReasonMissing(_("Indiquez la raison de l'annulation."))
    role = allowed_role(
        from_status=order.status,
        to_status=Order.Status.CANCELLED,
        fulfilment=order.fulfilment,
        roles=roles_at(user=acting_user, store_id=order.store_id),
    )
    if role is None:
        raise _refused(order)
    return cancel(order=order, role=role, acting_user=acting_user, reason=reason, at=at)


def _require_open(store: Store, at: datetime) -> None:
    if store.is_active and is_open(store=store, at=at):
        return
    opening = next_opening(store=store, at=at)
    when = _(" Il rouvre le %(when)s.") % {"when": opening.strftime("%d/%m à %H:%M")} if opening else ""
    raise StoreClosed(_("%(store)s est fermé pour le moment.") % {"store": store.name} + when, store=store.slug)


def _new_order(store: Store, priced: Quote, contact: Contact, payment_method: str, at: datetime) -> Order:
    return Order(
        store=store,
        fulfilment=priced.fulfilment,
        payment_method=payment_method,
        subtotal=priced.subtotal,
        delivery_fee=priced.delivery_fee,
        total=priced.total,
        language=translation.get_language() or "fr",
        placed_at=at,
        promised_at=promised_time(store=store, zone=priced.zone, at=at),
        **asdict(contact),
    )


def _save_with_free_number(order: Order) -> None:
    """Insert under a number that nobody has: five letters can meet, the unique index decides."""
    for attempt in range(NUMBER_ATTEMPTS):
        try:
            with transaction.atomic():
                order.save(force_insert=True)
                return
        except IntegrityError as error:
            taken = "number" in str(error)
            if not taken or attempt == NUMBER_ATTEMPTS - 1:
                raise
            order.number = new_number()


def _save_lines(order: Order, priced: Quote) -> None:
    percents = vat_percents(on=timezone.localdate(order.placed_at))
    rows = OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            variant=line.variant,
            second_half=line.second_half,
            quantity=line.request.quantity,
            comment=line.request.comment[:120],
            label=line.label,
            unit_price=line.unit_price,
            amount=line.amount,
            vat_percent=percents[line.variant.product.vat_category],
        )
        for line in priced.lines
    )
    changes = [change for row, line in zip(rows, priced.lines, strict=True) for change in _changes(row, line)]
    if changes:
        LineChange.objects.bulk_create(changes)


def _changes(row: OrderLine, line: PricedLine) -> list[LineChange]:
    kinds = LineChange.Kind
    removed = [LineChange(line=row, ingredient=item, kind=kinds.REMOVED, price=Decimal(0)) for item in line.removed]
    kept = [item for item in line.extras if item not in line.removed]
    return removed + [
        LineChange(line=row, ingredient=item, kind=kinds.EXTRA, price=item.extra_price or Decimal(0)) for item in kept
    ]


def _take_stock(store: Store, order: Order, priced: Quote, acting_user: User | None) -> None:
    try:
        stock.take(
            store=store,
            needs=priced.needs(),
            reference=order.token,
            acting_user=acting_user,
            at=order.placed_at,
        )
    except OutOfStock as error:
        missing = set(error.details["ingredients"])  # type: ignore[call-overload]
        names = [line.variant.product.name for line in priced.lines if missing & set(line.needs)]
        raise OutOfStock(
            _("Il n'y a plus de quoi faire : %(names)s.") % {"names": ", ".join(dict.fromkeys(names))},
            products=list(dict.fromkeys(line.variant.product.slug for line in priced.lines if missing & set(line.needs))),
        ) from error


def _move(
    order: Order, *, to_status: str, role: str, acting_user: User | None, reason: str, at: datetime
) -> None:
    """Swap the status if nobody changed the order since it was read, and write down the move."""
    values: dict[str, object] = {"status": to_status, "version": order.version + 1}
    if to_status == Order.Status.TAKEN:
        values["pizzaiolo"] = acting_user
    if to_status == Order.Status.DELIVERING:
        values["driver"] = acting_user
    if to_status == Order.Status.READY:
        values["ready_at"] = at
    if to_status == Order.Status.DELIVERED:
        values["delivered_at"] = at
    # Compare-and-swap: a client's cancellation and the pizzaiolo's start cannot both win.
    won = Order.objects.filter(pk=order.pk, status=order.status, version=order.version).update(**values)
    if not won:
        order.refresh_from_db()
        raise _refused(order)
    from_status = order.status
    for name, value in values.items():
        setattr(order, name, value)
    _append_event(order, from_status=from_status, role=role, acting_user=acting_user, reason=reason, at=at)


def _append_event(
    order: Order, *, from_status: str, role: str, acting_user: User | None, reason: str, at: datetime
) -> None:
    OrderEvent.objects.create(
        order=order,
        from_status=from_status,
        to_status=order.status,
        at=at,
        acting_user=acting_user,
        role=role,
        reason=reason,
    )
    told = {"number": order.number, "from": from_status, "to": order.status}
    record(topic=order_topic(order.token), kind="order", payload=told)
    record(topic=store_topic(order.store_id), kind="order", payload=told)


def _refused(order: Order) -> TransitionRefused:
    return TransitionRefused(
        _("La commande %(number)s est « %(status)s » : cette action n'est plus possible.")
        % {"number": order.number, "status": order.get_status_display()},
        status=order.status,
    )


