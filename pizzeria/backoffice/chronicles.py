"""An order's whole history on one line of time: every move, change, promise, payment and paper, who and when (UC 6.1)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pizzeria.accounts.audit import entries_about
from pizzeria.accounts.models import Role, User
from pizzeria.backoffice.audit_words import outcome_of, sentence_of
from pizzeria.languages import localized
from pizzeria.money import euros
from pizzeria.notifications.models import Notice
from pizzeria.notifications.news import when
from pizzeria.ordering.differences import ToldChange, told_changes
from pizzeria.ordering.models import Order, PromiseChange
from pizzeria.ordering.recap import deliveries_of
from pizzeria.ordering.transitions import CUSTOMER, SYSTEM
from pizzeria.payments.models import Payment, Refund, RefundStatus
from pizzeria.stock.models import Movement
from pizzeria.stock.selectors import movements_of_order

TOLD_BY_EVENTS = frozenset({"backoffice:advance", "api:advance_order", "backoffice:cancel"})
"""What the audit log says of a move that was made, its own history says already."""

AT_ONCE = timedelta(seconds=2)
"""Movements of one deed are written no further apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened to an order. `kind` says which sort: step, change, promise, money,
    paper, notice, stock or audit.
    """

    at: datetime
    kind: str
    title: str
    words: tuple[str, ...] = ()
    who: str = ""
    details: tuple[str, ...] = ()
    """What is folded away until somebody asks."""


def chronicle_of(*, order: Order) -> list[Happening]:
    """Everything that happened to an order, oldest first."""
    found = [
        *_steps(order),
        *(_changed(change) for change in told_changes(order=order)),
        *(_promised(change) for change in order.promise_changes.select_related("acting_user")),
        *_money(order),
        *_papers(order),
        *_notices(order),
        *_stock(order),
        *_audit(order),
    ]
    return sorted(found, key=lambda happening: happening.at)


def _steps(order: Order) -> Iterator[Happening]:
    for event in order.events.all():
        title = str(event.get_to_status_display())
        if event.from_status:
            title = f"{Order.Status(event.from_status).label} → {title}"
        words = (_("« %(words)s »") % {"words": event.reason},) if event.reason else ()
        yield Happening(
            at=event.at, kind="step", title=title, words=words, who=_who(event.acting_user, role=event.role)
        )


def _changed(change: ToldChange) -> Happening:
    words = [
        _("%(what)s : %(before)s → %(after)s")
        % {"what": row.name, "before": _listed(row.before), "after": _listed(row.after)}
        for row in change.rows
    ]
    if change.difference:
        sign = "+" if change.difference > 0 else ""
        words.append(_("Différence : %(amount)s") % {"amount": f"{sign}{euros(change.difference)}"})
    who = _who(change.acting_user, role=change.role)
    return Happening(at=change.at, kind="change", title=_("Commande modifiée"), words=tuple(words), who=who)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words) or _("rien")


def _promised(change: PromiseChange) -> Happening:
    hours = {"before": when(change.before), "after": when(change.after)}
    return Happening(
        at=change.at,
        kind="promise",
        title=_("Promise pour %(after)s au lieu de %(before)s") % hours,
        words=(str(change.get_reason_display()),),
        who=_who(change.acting_user),
    )


def _money(order: Order) -> Iterator[Happening]:
    for payment in order.payments.all():
        yield from _paid(payment)
        for refund in payment.refunds.all():
            yield from _given_back(payment, refund)


def _paid(payment: Payment) -> Iterator[Happening]:
    if payment.received_at:
        title = _("%(amount)s reçus · %(means)s") % {
            "amount": euros(payment.amount),
            "means": payment.get_method_display(),
        }
        yield Happening(at=payment.received_at, kind="money", title=title, who=_who(payment.received_by))


def _given_back(payment: Payment, refund: Refund) -> Iterator[Happening]:
    told = {"amount": euros(refund.amount), "means": payment.get_method_display()}
    words = [str(refund.get_reason_display())]
    if refund.words:
        words.append(_("« %(words)s »") % {"words": refund.words})
    if refund.status == RefundStatus.FAILED:
        words.append(str(refund.get_status_display()))
    title = _("%(amount)s à rendre · %(means)s") % told
    yield Happening(at=refund.asked_at, kind="money", title=title, words=tuple(words), who=_who(refund.asked_by))
    if refund.done_at:
        title = _("%(amount)s rendus · %(means)s") % told
        yield Happening(at=refund.done_at, kind="money", title=title, who=_who(refund.done_by))


def _papers(order: Order) -> Iterator[Happening]:
    for delivery in deliveries_of(order=order):
        title = _("Récapitulatif remis %(medium)s") % {"medium": delivery.medium}
        words = (_("édition %(edition)s") % {"edition": delivery.edition},)
        yield Happening(at=delivery.at, kind="paper", title=title, words=words)


def _notices(order: Order) -> Iterator[Happening]:
    """What the client was told, or could not be; what still waits to leave stands at the hour since when it is due."""
    for notice in order.notices.all():
        told = {"what": notice.get_kind_display(), "channel": notice.get_channel_display()}
        yield Happening(
            at=notice.ended_at or notice.due_since,
            kind="notice",
            title=_("%(what)s · %(channel)s") % told,
            words=tuple(_how_it_went(notice)),
            who=_("au client"),
        )


def _how_it_went(notice: Notice) -> Iterator[str]:
    yield str(notice.get_status_display())
    if notice.answered and notice.status != Notice.Status.SENT:
        yield notice.answer_words


def _stock(order: Order) -> Iterator[Happening]:
    """What one deed took or gave back, in one line; which ingredients, for whoever asks."""
    for movements in _deeds(movements_of_order(reference=order.token, store_id=order.store_id)):
        first, count = movements[0], len(movements)
        title = (
            ngettext("Stock pris : %(count)s ingrédient", "Stock pris : %(count)s ingrédients", count)
            if first.change < 0
            else ngettext("Stock rendu : %(count)s ingrédient", "Stock rendu : %(count)s ingrédients", count)
        ) % {"count": count}
        yield Happening(
            at=first.created_at,
            kind="stock",
            title=title,
            words=(str(first.get_reason_display()),) if first.reason != Movement.Reason.ORDER else (),
            who=_who(first.acting_user),
            details=tuple(_moved(movement) for movement in movements),
        )


def _deeds(moved: Iterable[Movement]) -> Iterator[list[Movement]]:
    """Movements that were written together: for the same reason, by the same person, one right after the other."""
    deed: list[Movement] = []
    for movement in moved:
        if deed and not _go_together(deed[-1], movement):
            yield deed
            deed = []
        deed.append(movement)
    if deed:
        yield deed


def _go_together(one: Movement, next_one: Movement) -> bool:
    same = (one.reason, one.acting_user_id) == (next_one.reason, next_one.acting_user_id)
    return same and next_one.created_at - one.created_at < AT_ONCE


def _moved(movement: Movement) -> str:
    ingredient = movement.item.ingredient
    return f"{localized(ingredient, 'name')} : {movement.change:+d} {ingredient.get_unit_display()}"


def _audit(order: Order) -> Iterator[Happening]:
    for entry in entries_about(subject=f"order:{order.number}"):
        outcome = outcome_of(entry)
        if entry.action in TOLD_BY_EVENTS and not outcome:
            continue
        roles = [str(role.label) for role in Role if role in entry.roles]
        who = ", ".join([str(entry.actor), *roles]) if entry.actor else ""
        sentence = sentence_of(entry, names={})
        yield Happening(at=entry.at, kind="audit", title=sentence, words=(outcome,) if outcome else (), who=who)


def _who(user: User | None, *, role: str = "") -> str:
    """`Luca Dupont, pizzaiolo`; a client without an account and the system are told by what they are."""
    others = {CUSTOMER: _("client"), SYSTEM: _("système")}
    named = others.get(role) or (str(Role(role).label) if role else "")
    return ", ".join(part for part in (str(user) if user else "", named) if part)
