"""Money for an order, taken by a hand at the door or the counter (B32). Online: `ordering.online`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.accounts.models import Role, User
from pizzeria.accounts.permissions import Action, allows
from pizzeria.accounts.selectors import roles_at
from pizzeria.money import CENT, NOTHING, euros
from pizzeria.ordering.errors import (
    AboveVoucherCeiling,
    DueChanged,
    InvalidChoice,
    NotAllowed,
    NothingDue,
    SeveralMeansNeeded,
)
from pizzeria.ordering.journal import record_sale
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.payments.errors import InvalidAmount
from pizzeria.payments.models import AT_DOOR, Method, Payment, PaymentStatus
from pizzeria.payments.rounds import open_round_of
from pizzeria.payments.selectors import due_of
from pizzeria.payments.services import mark, record_received
from pizzeria.payments.vouchers import ceiling_on, is_above_ceiling

Status = Order.Status

NOT_TAKEABLE = frozenset({Status.AWAITING_PAYMENT, Status.CANCELLED})
"""For the first, money comes in on the page alone (or its client chooses the door there); for the second, none does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """One piece of what is taken, in euros: of a titre-restaurant, one person's. `tendered` is the cash handed over."""

    method: str
    amount: Decimal
    tendered: Decimal | None = None


@transaction.atomic
def receive(*, order: Order, acting_user: User, at: datetime | None = None) -> None:
    """Record that what was due has been taken, by the means that the client chose; a second call changes nothing.

    Stands in its own transaction, before the order moves: money that was taken is on record even
    if the move is refused. Raises SeveralMeansNeeded where that means cannot have taken all of it.
    """
    lock(order)
    due = due_of(order=order)
    if due is None:
        return
    _require_one_tap(due, at or timezone.now())
    mark(order=order, status=PaymentStatus.PAID)
    _record([due], order, acting_user, at)


@transaction.atomic
def take(
    *,
    order: Order,
    means: Sequence[Means],
    expected_due: Decimal,
    acting_user: User,
    at: datetime | None = None,
) -> list[Payment]:
    """Take money for an order by one means or several, all of what is due or a part; what is left stays due.

    `expected_due` is what was due, in euros, on the screen of whoever takes it: it is less after each time, so that a
    second tap, or a second phone, is told (DueChanged) and takes nothing. Raises NotAllowed, NothingDue, InvalidChoice,
    InvalidAmount and AboveVoucherCeiling; nothing is kept of what is refused.
    """
    if not may_take(order=order, user=acting_user, roles=roles_at(user=acting_user, store_id=order.store_id)):
        raise NotAllowed(_("Vous n’encaissez pas la commande %(number)s.") % {"number": order.number})
    due = _due(order, lock(order), expected_due)
    _require_means(means, due.amount, at or timezone.now())
    rest = due.amount - sum(each.amount for each in means)
    mark(order=order, status=PaymentStatus.UNPAID if rest else PaymentStatus.PAID)
    if rest:
        due.amount = rest
        due.save(update_fields=["amount"])
    # The row that was due becomes the last one: it stays where nothing is left of it.
    rows = [Payment(order=order) for _each in means] if rest else [*(Payment(order=order) for _each in means[1:]), due]
    for row, each in zip(rows, means, strict=True):
        row.method, row.amount, row.tendered = each.method, each.amount, each.tendered
    _record(rows, order, acting_user, at)
    return rows


def may_take(*, order: Order, user: User, roles: Collection[str]) -> bool:
    """Whether somebody with these roles at its store takes money for an order: a cashier for all, a driver for
    deliveries that are ready or were theirs.
    """
    if not allows(roles=roles, action=Action.TAKE_PAYMENTS):
        return False
    if Role.CASHIER in roles:
        return True
    is_theirs = order.driver_id == user.pk or order.status == Status.READY
    return order.fulfilment == Fulfilment.DELIVERY and is_theirs


def lock(order: Order) -> Order:
    """The order's row first, then its payments: as everybody who changes both does. Returns it as it stands then."""
    locked = Order.objects.select_for_update(no_key=True).only("pk", "sold_at", "status").get(pk=order.pk)
    order.sold_at = locked.sold_at
    return locked


def _due(order: Order, locked: Order, expected_due: Decimal) -> Payment:
    """What is due of an order that may be taken for, and that its screen showed."""
    if locked.status in NOT_TAKEABLE:
        raise NothingDue(
            _("La commande %(number)s est « %(status)s » : il n’y a rien à encaisser.")
            % {"number": order.number, "status": locked.get_status_display()},
            status=locked.status,
        )
    due = due_of(order=order)
    if due is None:
        raise NothingDue(
            _("La commande %(number)s est déjà payée : il n’y a rien à encaisser.") % {"number": order.number},
            status=locked.status,
        )
    if due.amount != expected_due:
        raise DueChanged(
            _("Il reste maintenant %(due)s à encaisser : un encaissement vient d’être enregistré.")
            % {"due": euros(due.amount)},
            due=str(due.amount),
        )
    return due


def _require_means(means: Sequence[Means], due: Decimal, at: datetime) -> None:
    for each in means:
        if each.method not in AT_DOOR:
            raise InvalidChoice(_("Choisissez un moyen de paiement."), field="method")
        _require_amount(each)
        if each.method == Method.VOUCHER and is_above_ceiling(amount=each.amount, day=timezone.localdate(at)):
            raise _above_ceiling(at)
    taken = sum((each.amount for each in means), NOTHING)
    if not NOTHING < taken <= due:
        raise InvalidAmount(_("Encaissez au plus ce qui est dû : %(due)s.") % {"due": euros(due)}, field="amount")


def _require_amount(each: Means) -> None:
    if each.amount <= 0 or each.amount != each.amount.quantize(CENT):
        raise InvalidAmount(_("Indiquez un montant en euros, au centime."), field="amount")
    if each.tendered is None:
        return
    if each.method != Method.CASH:
        raise InvalidAmount(_("On ne rend la monnaie que sur des espèces."), field="tendered")
    if each.tendered < each.amount:
        raise InvalidAmount(
            _("Il manque %(missing)s : encaissez ce que vous avez reçu, le reste demeure dû.")
            % {"missing": euros(each.amount - each.tendered)},
            field="tendered",
        )
    if each.tendered != each.tendered.quantize(CENT):
        raise InvalidAmount(_("Indiquez un montant en euros, au centime."), field="tendered")


def _above_ceiling(at: datetime) -> AboveVoucherCeiling:
    ceiling = ceiling_on(day=timezone.localdate(at)) or NOTHING
    return AboveVoucherCeiling(
        _("Une personne paie au plus %(ceiling)s par jour en titres-restaurant. Encaissez le reste autrement.")
        % {"ceiling": euros(ceiling)},
        ceiling=str(ceiling),
    )


def _require_one_tap(due: Payment, at: datetime) -> None:
    """Raise SeveralMeansNeeded for what is above one person's ceiling, or was to be paid on the page."""
    is_above = due.method == Method.VOUCHER and is_above_ceiling(amount=due.amount, day=timezone.localdate(at))
    if is_above or due.method not in AT_DOOR:
        raise SeveralMeansNeeded(
            _("%(due)s ne s’encaissent pas d’un geste (%(means)s) : choisissez les moyens avec « Encaisser ».")
            % {"due": euros(due.amount), "means": due.get_method_display()},
            due=str(due.amount),
        )


def _record(payments: Sequence[Payment], order: Order, acting_user: User, at: datetime | None) -> None:
    """Write the sale, with the first of its money, and what was received; the journal is locked last."""
    cash = [payment for payment in payments if payment.method == Method.CASH]
    cash_round = open_round_of(store_id=order.store_id, driver=acting_user) if cash else None
    for payment in cash:
        payment.cash_round = cash_round
    record_sale(order=order, acting_user=acting_user, at=at)
    for payment in payments:
        record_received(payment=payment, order=order, acting_user=acting_user, at=at)
