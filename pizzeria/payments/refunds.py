"""Giving money back. What the provider took goes back through it, by a job; what a hand took, a hand gives back.

A refund is in the journal once it has been given: the provider accepted it, or somebody tapped. Whoever changes one holds its
order's lock; the call to the provider is outside of any transaction.
"""

import logging
import re
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.ledger.models import Reason
from pizzeria.ledger.services import append_payment, append_refund
from pizzeria.live.services import about_order
from pizzeria.payments.errors import NotToGiveBack, WordsMissing
from pizzeria.payments.models import EXPLANATION_LENGTH, Method, Refund, RefundReturn, RefundStatus
from pizzeria.payments.providers import GivenBack, Provider, ProviderError, is_online, provider
from pizzeria.payments.rounds import open_round_of
from pizzeria.rows import insert_all
from pizzeria.words import one_line, says_something

logger = logging.getLogger(__name__)

PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
)
"""Between the attempts at one refund; after the last, a person sees to it."""
SERIES = 10
"""Attempts are counted on from the next ten when a person asks for another series, or when the provider has answered that it is
broken, which is all that it would ever say to the same key: another series has a key of its own."""
SENT_WITHIN = timedelta(hours=12)
"""Longer than all pauses together: who has not been sent since has no worker, or nobody who takes it."""
KEY_LIFE = timedelta(hours=20)
"""How long a key is sure to be known: the provider forgets them after a day."""
KEY = re.compile(r"refund-([0-9]{1,18})(-[0-9]+)?")
TRANSFER = "transfer"
"""The journal's means of what was given back beside the provider: a bank transfer."""


def send_due(*, at: datetime) -> int:
    """Send to the provider the refunds whose time has come, one after the other; how many it took.

    Two workers never send the same attempt; a third that comes after a crash sends the same key, which gives back once.
    """
    online = provider()
    if online is None:
        return 0
    due = Refund.objects.filter(status=RefundStatus.DUE, payment__method=Method.ONLINE, next_attempt_at__lte=at)
    return sum(_send(refund, online, at) for refund in due.select_related("payment").order_by("next_attempt_at", "pk"))


def told(*, given_back: GivenBack) -> None:
    """The provider says how a refund stands: accepted, done, or failed after all. In any order, any number of times."""
    refund = Refund.objects.filter(reference=given_back.reference).only("pk").first()
    if refund is None:
        refund = _asked_for(given_back)
    if refund is not None:
        _record(refund.pk, given_back)


@transaction.atomic
def hand_back(*, refund: Refund, acting_user: User) -> Refund:
    """Somebody gives back, from hand to hand, what a hand took; once.

    Raises NotToGiveBack, that says who did it, when it is given back already.
    """
    found = _locked(refund.pk)
    if found.status != RefundStatus.DUE or found.payment.method == Method.ONLINE:
        raise _not_due(found)
    if found.payment.method == Method.CASH:
        # It comes out of their float, if they have one: whoever counts that waits, or has counted it.
        open_round_of(store_id=found.payment.order.store_id, driver=acting_user)
    _given(found, means=found.payment.method, acting_user=acting_user)
    return found


def call_off(*, refund: Refund) -> None:
    """Forget a refund that a hand had to give; once. Raises NotToGiveBack when it was given, or went already.

    Runs in the caller's transaction, who holds the order's lock.
    """
    by_hand = Refund.objects.exclude(payment__method=Method.ONLINE)
    deleted, _by_model = by_hand.filter(pk=refund.pk, status=RefundStatus.DUE).delete()
    if not deleted:
        raise NotToGiveBack(_("Cette somme est déjà rendue, ou n’est plus à rendre."), status=refund.status)


@transaction.atomic
def retry(*, refund: Refund, acting_user: User) -> Refund:
    """Send a refund that failed once more. Raises NotToGiveBack for one that did not."""
    found = _failed(refund)
    logger.info("%s: refund asked for again", found.payment.order.number, extra={"user_id": acting_user.pk})
    found.status, found.next_attempt_at, found.reference = RefundStatus.DUE, timezone.now(), None
    # The provider answers a key that it knows with what it answered before: another series has another key.
    found.attempts = (found.attempts // SERIES + 1) * SERIES
    found.save()
    ask_to_send()
    _tell(found)
    return found


@transaction.atomic
def settle_by_hand(*, refund: Refund, acting_user: User, words: str) -> Refund:
    """A refund that failed, or never left, was given back beside the provider, by a bank transfer; `words` say how.

    Raises NotToGiveBack for another one, and WordsMissing.
    """
    words = one_line(words)
    if not says_something(words):
        raise WordsMissing(_("Indiquez comment la somme a été rendue."))
    found = _locked(refund.pk)
    if found.status != RefundStatus.FAILED and not _has_stayed(found):
        raise _not_due(found)
    found.words = " · ".join(part for part in (found.words, words) if part)[:EXPLANATION_LENGTH]
    _given(found, means=TRANSFER, acting_user=acting_user)
    return found


def left_by(*, at: datetime) -> datetime:
    """What the provider is to give back, and whose time came before this, does not leave by itself: a person sees to it.

    Whoever sends one puts its time off first: none of these is on its way.
    """
    return at - (SENT_WITHIN if is_online() else timedelta())


def ask_to_send() -> None:
    """Have the worker send what is due as soon as the caller's transaction has committed."""
    # Imported here: the jobs call these services.
    from pizzeria.payments.tasks import send_refunds  # noqa: PLC0415

    send_refunds.defer()


def key_of(refund: Refund) -> str:
    """The idempotency key of a refund: the same for every attempt of a series."""
    series = refund.attempts // SERIES
    return f"refund-{refund.pk}-{series}" if series else f"refund-{refund.pk}"


def _send(refund: Refund, online: Provider, at: datetime) -> bool:
    attempt = min(refund.attempts % SERIES, len(PAUSES))
    key = key_of(refund)
    if not _claim(refund, attempt, at):
        return False
    try:
        given_back = _done_before(refund, online, at) or online.refund(
            reference=refund.payment.reference or "", amount=refund.amount, key=key
        )
    except ProviderError as error:
        _not_sent(refund, error, is_last=attempt == len(PAUSES) or not error.can_retry)
        return False
    _record(refund.pk, given_back)
    return True


def _done_before(refund: Refund, online: Provider, at: datetime) -> GivenBack | None:
    """What the provider did under a key that it may know no more, or of an earlier series, and whose answer never came:
    another key would do it twice.
    """
    if not refund.attempts or (refund.attempts < SERIES and at - refund.asked_at < KEY_LIFE):
        return None
    day, today = timezone.localdate(refund.asked_at), timezone.localdate()
    while day <= today:
        for given_back in online.refunds_of(day=day):
            asked = KEY.fullmatch(given_back.key)
            if asked and int(asked[1]) == refund.pk and not given_back.is_failed:
                return given_back
        day += timedelta(days=1)
    return None


def _claim(refund: Refund, attempt: int, at: datetime) -> bool:
    """Whether this attempt is ours; should we die of it, the next comes after its pause all the same."""
    last = attempt == len(PAUSES)
    mine = Refund.objects.filter(
        pk=refund.pk,
        status=RefundStatus.DUE,
        attempts=refund.attempts,
        next_attempt_at=refund.next_attempt_at,
    )
    return bool(
        mine.update(
            # Beyond the last the count stays: the key must not become that of another series.
            attempts=refund.attempts if last else refund.attempts + 1,
            next_attempt_at=at + PAUSES[-1 if last else attempt],
        )
    )


@transaction.atomic
def _not_sent(refund: Refund, error: ProviderError, *, is_last: bool) -> None:
    found = _locked(refund.pk)
    if found.status != RefundStatus.DUE:
        # Another attempt, or a message of the provider, knew better meanwhile.
        return
    found.problem = one_line(str(error))[:EXPLANATION_LENGTH]
    if error.is_kept:
        found.attempts += SERIES
    if is_last:
        found.status, found.next_attempt_at = RefundStatus.FAILED, None
        logger.error("%s: refund failed", found.payment.order.number)
    found.save(update_fields=["problem", "attempts", *(["status", "next_attempt_at"] if is_last else [])])
    _tell(found)


def _asked_for(given_back: GivenBack) -> Refund | None:
    """The refund that was asked for under this key, if the key is the one that it still has."""
    asked = KEY.fullmatch(given_back.key)
    refund = Refund.objects.filter(pk=int(asked[1])).first() if asked else None
    return refund if refund and key_of(refund) == given_back.key else None


@transaction.atomic
def _record(refund_id: int, given_back: GivenBack) -> None:
    refund = _locked(refund_id)
    has_failed = refund.status == RefundStatus.FAILED and refund.reference == given_back.reference
    if has_failed or refund.done_by_id:
        # One that failed never succeeds any more, and what a person has settled is settled.
        return
    if given_back.is_failed:
        _came_back(refund, given_back)
    elif refund.status != RefundStatus.DONE:
        refund.reference, refund.problem = given_back.reference, ""
        _given(refund, means=refund.payment.method, is_done=given_back.is_done)


def _came_back(refund: Refund, given_back: GivenBack) -> None:
    """The provider could not give it back after all: the money is ours again, the refund is due, a person sees to it."""
    given_at, refund.done_at = refund.done_at, None
    refund.status, refund.next_attempt_at = RefundStatus.FAILED, None
    refund.reference = given_back.reference
    refund.problem = one_line(given_back.problem)[:EXPLANATION_LENGTH] or _(
        "Le prestataire n’a pas pu rendre la somme."
    )
    was_given, refund.entry_number = refund.entry_number, None
    refund.save()
    logger.error("%s: refund failed", refund.payment.order.number)
    _tell(refund)
    if was_given and given_at:
        RefundReturn.objects.create(refund=refund, given_at=given_at, came_back_at=timezone.now())
        order = refund.payment.order
        append_payment(
            store=order.store,
            order=order.number,
            means=refund.payment.method,
            amount=refund.amount,
            reason=Reason.MISTAKE,
        )


def _given(refund: Refund, *, means: str, acting_user: User | None = None, is_done: bool = True) -> None:
    """It is given back: in the journal, last and once."""
    refund.status = RefundStatus.DONE if is_done else RefundStatus.SENT
    refund.next_attempt_at, refund.done_by = None, acting_user
    refund.done_at = refund.done_at or timezone.now()
    _tell(refund)
    if refund.entry_number is None:
        order = refund.payment.order
        entry = append_refund(
            store=order.store,
            order=order.number,
            means=means,
            amount=refund.amount,
            reason=Reason(refund.reason),
            acting_user=acting_user.pk if acting_user else None,
        )
        refund.entry_number = entry.number
    refund.save()


def _locked(refund_id: int) -> Refund:
    """The refund as it stands now, its order's row locked, as everybody who changes an order's money does, then its own: who
    sends it claims it by that one alone.
    """
    payment = Refund.objects.select_related("payment__order").get(pk=refund_id).payment
    type(payment.order).objects.select_for_update(no_key=True).only("pk").get(pk=payment.order_id)
    locked = Refund.objects.select_for_update(no_key=True, of=("self",))
    return locked.select_related("payment__order__store", "done_by").get(pk=refund_id)


def _has_stayed(refund: Refund) -> bool:
    due_since = refund.next_attempt_at if refund.status == RefundStatus.DUE else None
    return due_since is not None and due_since <= left_by(at=timezone.now())


def _failed(refund: Refund) -> Refund:
    found = _locked(refund.pk)
    if found.status != RefundStatus.FAILED:
        raise _not_due(found)
    return found


def _not_due(refund: Refund) -> NotToGiveBack:
    if refund.status == RefundStatus.DONE and refund.done_by and refund.done_at:
        told = {"who": refund.done_by, "when": date_format(timezone.localtime(refund.done_at), "H:i")}
        return NotToGiveBack(_("C’est déjà rendu : par %(who)s, à %(when)s.") % told, status=refund.status)
    return NotToGiveBack(
        _("Ce remboursement est « %(status)s » : cette action n’est plus possible.")
        % {"status": refund.get_status_display()},
        status=refund.status,
    )


def _tell(refund: Refund) -> None:
    """The news, for the pages that show the order and what is to be given back."""
    order = refund.payment.order
    told = {"number": order.number, "refund": refund.status}
    insert_all(*about_order(token=order.token, store_id=order.store_id, payload=told))
