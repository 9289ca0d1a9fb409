"""What who runs a shop does with its webhooks; each of it is in the audit log, the address and the secret are not."""

from collections.abc import Collection
from typing import ClassVar

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.accounts.audit import record
from pizzeria.accounts.models import Role, User
from pizzeria.accounts.selectors import roles_at
from pizzeria.errors import BusinessError
from pizzeria.ordering.models import Order
from pizzeria.outside.addresses import AddressRefused, resolved, target_of
from pizzeria.stores.models import Store
from pizzeria.webhooks.models import Delivery, Endpoint, new_salt

MOST = 10
"""Addresses a store, and of the group: each costs every order a row."""
SHOWN = 20
"""Deliveries that the page shows."""


class TooManyEndpoints(BusinessError):
    code: ClassVar[str] = "too_many_endpoints"


class NotTheirs(BusinessError):
    code: ClassVar[str] = "endpoint_of_others"
    status: ClassVar[int] = 403


def add(*, store: Store, url: str, statuses: Collection[str], acting_user: User) -> Endpoint:
    """Tell this address of the orders of a store; of every move where no status is named. Raises AddressRefused, TooManyEndpoints."""
    return _add(store=store, url=url, statuses=statuses, acting_user=acting_user)


def add_for_group(*, at: Store, url: str, statuses: Collection[str], acting_user: User) -> Endpoint:
    """Tell this address of the orders of every store; only the direction may. Raises NotTheirs, and what `add` raises."""
    if Role.DIRECTION not in roles_at(user=acting_user, store_id=at.pk):
        raise NotTheirs(_("Seule la direction ajoute une adresse pour tout le groupe."))
    return _add(store=None, url=url, statuses=statuses, acting_user=acting_user)


def endpoints_at(*, store: Store, user: User) -> QuerySet[Endpoint]:
    """The addresses of a store; those of the whole group too, for the direction."""
    seen = Q(store=store)
    if Role.DIRECTION in roles_at(user=user, store_id=store.pk):
        seen |= Q(store=None)
    return Endpoint.objects.filter(seen).select_related("store").order_by("pk")


def last_deliveries(*, endpoint: Endpoint) -> QuerySet[Delivery]:
    found = Delivery.objects.filter(endpoint=endpoint).select_related("event__order__store")
    return found.order_by("-due_since", "-pk")[:SHOWN]


@transaction.atomic
def pause(*, endpoint: Endpoint, acting_user: User) -> None:
    """What happens from now on is not told there; what was due is kept."""
    Endpoint.objects.filter(pk=endpoint.pk).update(is_active=False)
    _audit(endpoint, "webhook.paused", acting_user)


@transaction.atomic
def resume(*, endpoint: Endpoint, acting_user: User) -> None:
    Endpoint.objects.filter(pk=endpoint.pk).update(is_active=True, failures=0, rests_until=None)
    _audit(endpoint, "webhook.resumed", acting_user)
    ask_to_send()


@transaction.atomic
def rotate(*, endpoint: Endpoint, acting_user: User) -> Endpoint:
    """Another secret, at once: what a receiver with the old one refuses is sent again until it has the new one."""
    endpoint.salt = new_salt()
    Endpoint.objects.filter(pk=endpoint.pk).update(salt=endpoint.salt)
    _audit(endpoint, "webhook.rotated", acting_user)
    return endpoint


@transaction.atomic
def remove(*, endpoint: Endpoint, acting_user: User) -> None:
    """Forget the address and all that was sent there."""
    # Whoever moves an order holds the row (migration 0004): what they make due is there once we have it, and goes with it.
    Endpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
    _audit(endpoint, "webhook.removed", acting_user)
    endpoint.delete()


@transaction.atomic
def try_out(*, endpoint: Endpoint, acting_user: User) -> Delivery:
    """Send a message that says nothing, to see what is answered."""
    trial = Delivery.objects.create(endpoint=endpoint, next_at=timezone.now())
    _at_once(endpoint)
    _audit(endpoint, "webhook.tried", acting_user)
    return trial


@transaction.atomic
def send_again(*, endpoint: Endpoint, pk: int, acting_user: User) -> bool:
    """Send one of its messages once more, for another day; False when it is no more."""
    now = timezone.now()
    again = endpoint.deliveries.filter(pk=pk).update(
        status=Delivery.Status.DUE, attempts=0, next_at=now, due_since=now, delivered_at=None, answered=""
    )
    if again:
        _at_once(endpoint)
        _audit(endpoint, "webhook.sent_again", acting_user)
    return bool(again)


def ask_to_send() -> None:
    """Have the worker look at what is due as soon as the caller's transaction has committed."""
    # Imported here: the jobs stand above what they call.
    from pizzeria.webhooks.tasks import deliver  # noqa: PLC0415

    deliver.defer(event_id=0)


def _add(*, store: Store | None, url: str, statuses: Collection[str], acting_user: User) -> Endpoint:
    target = target_of(url)
    try:
        # Outside of the transaction: a name server may take its time.
        resolved(target)
    except OSError as error:
        raise AddressRefused(_("Ce nom de serveur est inconnu : « %s ».") % target.host) from error
    with transaction.atomic():
        if Endpoint.objects.filter(store=store).count() >= MOST:
            raise TooManyEndpoints(_("%(most)s adresses au plus : retirez-en une.") % {"most": MOST})
        known = [status for status in Order.Status.values if status in statuses]
        made = Endpoint.objects.create(store=store, url=url, statuses=known, created_by=acting_user)
        _audit(made, "webhook.added", acting_user)
    return made


def _at_once(endpoint: Endpoint) -> None:
    """Somebody looks: what rests because it failed is tried now. What is just being sent is not sent twice."""
    Endpoint.objects.filter(pk=endpoint.pk, failures__gt=0).update(rests_until=None)
    ask_to_send()


def _audit(endpoint: Endpoint, action: str, actor: User) -> None:
    record(
        actor=actor,
        action=action,
        store=endpoint.store,
        subject=f"webhook:{endpoint.pk}",
        details={"statuses": endpoint.statuses},
    )
