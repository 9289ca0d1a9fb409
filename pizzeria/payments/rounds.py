"""A driver's float (fond de caisse): given with some change, handed over with what was received in cash.

Nobody opens or closes their own: the money goes from one hand to another, and both are on record.
"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.accounts.models import Role, User
from pizzeria.accounts.permissions import Action, allows
from pizzeria.accounts.selectors import roles_at
from pizzeria.live.services import record, store_topic
from pizzeria.money import CENT, NOTHING, euros
from pizzeria.payments.errors import ExplanationMissing, InvalidAmount, RoundChanged, RoundRefused
from pizzeria.payments.models import EXPLANATION_LENGTH, CashRound
from pizzeria.payments.round_selectors import standing_of
from pizzeria.stores.models import Store
from pizzeria.words import one_line, says_something

MOST = Decimal("9999.99")


def open_round(
    *, store: Store, driver: User, opening_amount: Decimal, acting_user: User, at: datetime | None = None
) -> CashRound:
    """Give a driver a float, in euros: what they take in cash from now on belongs to it.

    Raises RoundRefused for who may not give one or may not have one, InvalidAmount, and RoundChanged when this driver
    has one already.
    """
    _require_other_hand(store.pk, driver, acting_user)
    if Role.DRIVER not in roles_at(user=driver, store_id=store.pk):
        raise RoundRefused(_("%(who)s n’est pas livreur ici.") % {"who": driver})
    _require_amount(opening_amount, field="opening_amount")
    try:
        # In a transaction of its own: the refusal of the database must not end the caller's.
        with transaction.atomic():
            opened = CashRound.objects.create(
                store=store, driver=driver, opening_amount=opening_amount, opened_at=at or timezone.now()
            )
            _tell(opened)
    except IntegrityError as error:
        raise RoundChanged(_("%(who)s a déjà un fond de caisse ouvert.") % {"who": driver}) from error
    return opened


def open_round_of(*, store_id: int, driver: User) -> CashRound | None:
    """The driver's open float, which cannot be closed until the caller's transaction ends; None when they have none.

    Who waited here for its closing finds it closed: what they take is not slipped into what was counted already.
    """
    rounds = CashRound.objects.select_for_update(no_key=True)
    return rounds.filter(store_id=store_id, driver=driver, closed_at__isnull=True).first()


def expected(*, cash_round: CashRound) -> Decimal:
    """What the driver should hand over, in euros; once it is closed, what was expected then."""
    if cash_round.expected is not None:
        return cash_round.expected
    return standing_of(cash_round=cash_round).expected


@transaction.atomic
def close_round(
    *, cash_round: CashRound, handed_over: Decimal, explanation: str, acting_user: User, at: datetime | None = None
) -> CashRound:
    """Take a driver's float back, counted to the cent, in euros.

    Raises RoundRefused, InvalidAmount, RoundChanged when somebody closed it first, and ExplanationMissing for a
    difference that nobody explains.
    """
    locked = CashRound.objects.select_for_update(no_key=True, of=("self",)).select_related("driver", "received_by")
    cash_round = locked.get(pk=cash_round.pk)
    _require_other_hand(cash_round.store_id, cash_round.driver, acting_user)
    _require_amount(handed_over, field="handed_over")
    if cash_round.closed_at:
        raise RoundChanged(
            _("Ce fond de caisse a déjà été clôturé par %(who)s.") % {"who": cash_round.received_by},
            handed_over=str(cash_round.handed_over),
        )
    due = expected(cash_round=cash_round)
    words = one_line(explanation)[:EXPLANATION_LENGTH]
    if handed_over != due and not says_something(words):
        raise ExplanationMissing(
            _("%(expected)s étaient attendus : expliquez l’écart de %(difference)s.")
            % {"expected": euros(due), "difference": euros(handed_over - due)},
            expected=str(due),
            difference=str(handed_over - due),
        )
    cash_round.expected, cash_round.handed_over, cash_round.explanation = due, handed_over, words
    cash_round.received_by, cash_round.closed_at = acting_user, at or timezone.now()
    cash_round.save()
    _tell(cash_round)
    return cash_round


def may_close(*, roles: Collection[str], cash_round: CashRound, user: User) -> bool:
    """Whether somebody with these roles at the store takes this float back."""
    return allows(roles=roles, action=Action.CLOSE_ROUNDS) and user.pk != cash_round.driver_id


def _tell(cash_round: CashRound) -> None:
    """The driver's own page shows it."""
    record(topic=store_topic(cash_round.store_id), kind="round", payload={})


def _require_other_hand(store_id: int, driver: User, acting_user: User) -> None:
    if not allows(roles=roles_at(user=acting_user, store_id=store_id), action=Action.CLOSE_ROUNDS):
        raise RoundRefused(_("Un caissier ou le responsable donne et reprend les fonds de caisse."))
    if acting_user == driver:
        raise RoundRefused(_("Un fond de caisse passe d’une main à une autre : demandez à quelqu’un d’autre."))


def _require_amount(amount: Decimal, *, field: str) -> None:
    if not NOTHING <= amount <= MOST or amount != amount.quantize(CENT):
        raise InvalidAmount(_("Indiquez un montant en euros, au centime."), field=field)
