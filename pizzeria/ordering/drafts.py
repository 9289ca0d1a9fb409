"""An order that a cashier is writing down: kept while they are interrupted, under a token that its tab has in its address."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.ordering.errors import EmptyCart, InvalidLine
from pizzeria.ordering.lines import MAX_LINES, MAX_QUANTITY, LineRequest
from pizzeria.ordering.models import Draft, IdempotencyKey, Order
from pizzeria.ordering.placing import Terms, place_order_once
from pizzeria.stores.models import Store

MOST_WAITING = 12
"""Nobody keeps more callers on the line."""


@dataclass(slots=True)
class Writing:
    """What a draft says: its fields by their names, and its lines by a number that stays theirs."""

    values: dict[str, str] = field(default_factory=dict)
    lines: dict[int, LineRequest] = field(default_factory=dict)

    def add(self, request: LineRequest) -> None:
        """One more line; an equal one grows instead. Raises InvalidLine for too many."""
        for number, line in self.lines.items():
            if _same(line, request) and line.quantity + request.quantity <= MAX_QUANTITY:
                self.lines[number] = _counted(line, line.quantity + request.quantity)
                return
        if len(self.lines) >= MAX_LINES:
            raise InvalidLine(_("Une commande compte au plus %(most)s lignes.") % {"most": MAX_LINES})
        self.lines[max(self.lines, default=0) + 1] = request

    def count(self, number: int, quantity: int) -> None:
        """How many of a line; none takes it out. A number that is none of its lines' says nothing."""
        if number not in self.lines:
            return
        if quantity <= 0:
            del self.lines[number]
        else:
            self.lines[number] = _counted(self.lines[number], min(quantity, MAX_QUANTITY))


def find_draft(*, token: str, store: Store, cashier: User) -> Writing:
    """What this cashier has written under this token; nothing yet is an empty one."""
    kept = Draft.objects.filter(token=token, cashier=cashier, store=store).first()
    return _read(kept) if kept else Writing()


def keep_draft(*, token: str, store: Store, cashier: User, writing: Writing) -> None:
    """Write down what is typed so far."""
    Draft.objects.update_or_create(
        token=token,
        cashier=cashier,
        defaults={
            "store": store,
            "values": writing.values,
            "lines": [[number, asdict(line)] for number, line in writing.lines.items()],
        },
    )


def waiting_drafts(*, store: Store, cashier: User, besides: str) -> list[Draft]:
    """What this cashier has begun and not placed, the oldest first: put aside for the next caller, or in another tab."""
    kept = Draft.objects.filter(store=store, cashier=cashier).exclude(token=besides)
    return list(kept.order_by("updated_at", "pk")[:MOST_WAITING])


def placed_from(*, token: str, cashier: User) -> Order | None:
    """The order that a draft has become."""
    known = IdempotencyKey.objects.select_related("order__store").filter(key=_key(token, cashier)).first()
    return known.order if known else None


def drop_draft(*, token: str, cashier: User) -> None:
    Draft.objects.filter(token=token, cashier=cashier).delete()


def forget_old_drafts(*, before: datetime) -> int:
    """Delete what nobody has written on since `before`; how many there were."""
    deleted, _by_model = Draft.objects.filter(updated_at__lt=before).delete()
    return deleted


@transaction.atomic
def place_draft(
    *, token: str, store: Store, cashier: User, lines: Sequence[LineRequest], **terms: Unpack[Terms]
) -> Order:
    """Place what was written down, and forget the draft; sent twice, it leads to the same order.

    Raises what `place_order` raises: the draft is then kept. Raises EmptyCart for one without lines.
    """
    key = _key(token, cashier)
    # Two taps on one form meet here: the second waits, and finds the order of the first.
    Draft.objects.select_for_update(no_key=True).filter(token=token, cashier=cashier).first()
    if not lines and not IdempotencyKey.objects.filter(key=key).exists():
        raise EmptyCart(_("Ajoutez au moins un article."))
    terms["acting_user"] = cashier
    placed, _is_new = place_order_once(key=key, digest=key[-64:], store=store, lines=list(lines), **terms)
    drop_draft(token=token, cashier=cashier)
    return placed


def _key(token: str, cashier: User) -> str:
    return f"counter:{hashlib.sha256(f'{cashier.pk} {token}'.encode()).hexdigest()}"


def _read(kept: Draft) -> Writing:
    return Writing(values=dict(kept.values), lines={number: _line(told) for number, told in kept.lines})


def _line(told: Mapping[str, Any]) -> LineRequest:
    return LineRequest(**{**told, "removed": tuple(told["removed"]), "extras": tuple(told["extras"])})


def _same(line: LineRequest, other: LineRequest) -> bool:
    """Whether two lines ask for the same, however many of it."""
    return _counted(line, 1) == _counted(other, 1)


def _counted(line: LineRequest, quantity: int) -> LineRequest:
    return LineRequest(
        variant_id=line.variant_id,
        quantity=quantity,
        second_half_id=line.second_half_id,
        removed=line.removed,
        extras=line.extras,
        comment=line.comment,
    )
