"""Jobs of the worker."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from pizzeria.ordering.cart import forget_old_carts
from pizzeria.ordering.drafts import forget_old_drafts
from pizzeria.ordering.keeping import correct_promises, tell_what_is_due
from pizzeria.ordering.letting_go import let_go
from pizzeria.ordering.placing import forget_old_keys
from pizzeria.ordering.saved_cards import forget_cards_of_the_forgotten
from pizzeria.ordering.telling import tell_late

CART_LIFE = timedelta(days=settings.CART_RETENTION_DAYS)
DRAFT_LIFE = timedelta(days=1)
"""What was not placed by the end of the service was not meant."""
KEY_LIFE = timedelta(days=7)
"""No client repeats a request after a week."""


@app.periodic(cron="20 * * * *")
@app.task(queueing_lock="ordering.expire_carts", pass_context=False)
def expire_carts(timestamp: int) -> int:  # noqa: ARG001 - procrastinate tells it
    """Delete the carts that were left a week ago and yesterday's drafts; `timestamp` is when it was due. Tells how many there were."""
    return forget_old_carts(before=timezone.now() - CART_LIFE) + forget_old_drafts(before=timezone.now() - DRAFT_LIFE)


@app.periodic(cron="40 4 * * *")
@app.task(queueing_lock="ordering.expire_keys", pass_context=False)
def expire_keys(timestamp: int) -> int:  # noqa: ARG001 - procrastinate tells it
    """Forget the idempotency keys of last week; `timestamp` is when it was due. Tells how many there were."""
    return forget_old_keys(before=timezone.now() - KEY_LIFE)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="ordering.tell_late_orders", pass_context=False)
def tell_late_orders(timestamp: int) -> int:
    """Tell the log of the orders whose promised time passed in the minute before `timestamp`. Tells how many there were."""
    until = datetime.fromtimestamp(timestamp, UTC)
    return tell_late(since=until - timedelta(minutes=1), until=until)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="ordering.let_go_unpaid", pass_context=False)
def let_go_unpaid(timestamp: int) -> int:
    """Look after the orders that wait for their payment; `timestamp` is when it was due. Tells how many were cancelled."""
    return let_go(at=datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="ordering.keep_promises", pass_context=False)
def keep_promises(timestamp: int) -> int:
    """Correct the promises that cannot be kept any more, and bring what was planned onto the boards; `timestamp` is when it
    was due. Tells how many were corrected.
    """
    until = datetime.fromtimestamp(timestamp, UTC)
    tell_what_is_due(since=until - timedelta(minutes=1), until=until)
    return correct_promises(at=until)


@app.periodic(cron="50 6 * * *")
@app.task(queueing_lock="ordering.forget_cards", pass_context=False)
def forget_cards(timestamp: int) -> int:  # noqa: ARG001 - procrastinate tells it
    """Have the provider forget who was anonymised this morning; `timestamp` is when it was due. Tells how many."""
    return forget_cards_of_the_forgotten()


@app.task(pass_context=False)
def forget_cards_at_once() -> int:
    """Have the provider forget who has just deleted their account; what fails now, `forget_cards` does. Tells how many."""
    return forget_cards_of_the_forgotten()
