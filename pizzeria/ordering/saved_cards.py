"""The cards that a client keeps: at the provider, and nowhere else. Here is only the provider's name for the client."""

from pizzeria.accounts.models import User
from pizzeria.ordering.asking import ask
from pizzeria.ordering.errors import PaymentUnavailable
from pizzeria.ordering.models import Order
from pizzeria.payments.models import ProviderCustomer
from pizzeria.payments.providers import Provider, UnknownCustomer, provider


def customer_of(*, order: Order) -> str:
    """The provider's name for an order's client; empty for a guest, and for a client whom it was not told of yet: the page
    does that when it shows their cards, so that paying never waits for it.
    """
    known = ProviderCustomer.objects.filter(user=order.customer).first() if order.customer else None
    return known.reference if known else ""


def forget_name(*, reference: str) -> None:
    """The provider does not know this client any more: they are told to it anew when their cards are asked for."""
    ProviderCustomer.objects.filter(reference=reference).delete()


def saved_cards_secret(*, order: Order, user: User | None) -> str:
    """With which the page shows the client their cards; empty for a guest, or when the provider does not answer.

    `user` is who looks at the page: whoever else has the order's address sees no card of its client's.
    """
    if user is None or user != order.customer:
        return ""
    try:
        return ask(lambda it: _session(user, it))
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


def _session(user: User, it: Provider) -> str:
    customer = _known(user, it)
    try:
        return it.customer_session(customer=customer)
    except UnknownCustomer:
        forget_name(reference=customer)
    return it.customer_session(customer=_told(user, it, lost=customer))


def _known(user: User, it: Provider) -> str:
    """Told to the provider the first time that it is needed, by a number: who it is, is none of its business."""
    known = ProviderCustomer.objects.filter(user=user).first()
    return known.reference if known else _told(user, it)


def _told(user: User, it: Provider, *, lost: str = "") -> str:
    # The moment too: after a restore, a number may become another person's. And who was lost: the same key would name them.
    key = f"customer:{user.pk}:{user.created_at.timestamp()}:{lost}"
    reference = it.customer(name=f"client {user.pk}", key=key)
    made, _is_new = ProviderCustomer.objects.get_or_create(user=user, defaults={"reference": reference})
    return made.reference
