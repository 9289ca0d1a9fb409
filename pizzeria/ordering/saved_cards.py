"""The cards that a client keeps: at the provider, and nowhere else. Here is only the provider's name for the client."""

from pizzeria.accounts.models import User
from pizzeria.ordering.asking import ask
from pizzeria.ordering.errors import PaymentUnavailable
from pizzeria.ordering.models import Order
from pizzeria.payments.models import ProviderCustomer
from pizzeria.payments.providers import Provider, provider


def customer_of(*, order: Order, it: Provider) -> str:
    """The provider's name for an order's client; empty for a guest. Raises ProviderError."""
    return _known(order.customer, it) if order.customer else ""


def saved_cards_secret(*, order: Order, user: User | None) -> str:
    """With which the page shows the client their cards; empty for a guest, or when the provider does not answer.

    `user` is who looks at the page: whoever else has the order's address sees no card of its client's.
    """
    if user is None or user != order.customer:
        return ""
    try:
        return ask(lambda it: it.customer_session(customer=_known(user, it)))
    except PaymentUnavailable:
        # They type a card, as a guest does.
        return ""


def forget_cards_of_the_forgotten() -> int:
    """Have the provider forget the clients whom we have anonymised; how many it did.

    Raises ProviderError; those whom it has not forgotten then are asked for again.
    """
    it, forgotten = provider(), 0
    if it is None:
        return 0
    for known in ProviderCustomer.objects.filter(user__anonymised_at__isnull=False).order_by("pk"):
        it.forget(customer=known.reference)
        known.delete()
        forgotten += 1
    return forgotten


def _known(user: User, it: Provider) -> str:
    """Told to the provider the first time that it is needed, by a number: who it is, is none of its business."""
    known = ProviderCustomer.objects.filter(user=user).first()
    if known:
        return known.reference
    # The moment too: after a restore, a number may become another person's.
    reference = it.customer(name=f"client {user.pk}", key=f"customer:{user.pk}:{user.created_at.timestamp()}")
    made, _is_new = ProviderCustomer.objects.get_or_create(user=user, defaults={"reference": reference})
    return made.reference
