"""Where a client has things brought, and whom the invoices are for (A1)."""

from collections.abc import Mapping
from typing import ClassVar

from django.db import transaction
from django.utils.translation import gettext as _

from pizzeria.accounts.models import Address, User
from pizzeria.errors import BusinessError

MOST = 20
FIELDS = ("street", "complement", "postal_code", "town")
Kind = Address.Kind


class TooManyAddresses(BusinessError):
    code: ClassVar[str] = "too_many_addresses"


def delivery_addresses(*, user: User) -> list[Address]:
    """Where this client has things brought, the usual place first."""
    return list(Address.objects.filter(user=user, kind=Kind.DELIVERY).order_by("-is_usual", "pk"))


def billing_address(*, user: User) -> Address | None:
    return Address.objects.filter(user=user, kind=Kind.BILLING).first()


def address_of(*, user: User, pk: int) -> Address | None:
    """The address of this key, if it is theirs."""
    return Address.objects.filter(user=user, pk=pk).first()


@transaction.atomic
def add_address(*, user: User, fields: Mapping[str, str]) -> Address:
    """Keep one more place; the first one is the usual one, and one that is known is not kept twice. Raises TooManyAddresses."""
    _lock(user)
    known = Address.objects.filter(user=user, kind=Kind.DELIVERY)
    if same := known.filter(**fields).first():
        return same
    if known.count() >= MOST:
        raise TooManyAddresses(_("Vingt adresses au plus : supprimez-en une d’abord."))
    is_first = not known.exists()
    return Address.objects.create(user=user, is_usual=is_first, **fields)


@transaction.atomic
def set_billing_address(*, user: User, fields: Mapping[str, str]) -> Address:
    """Whom the invoices are for: one address, whatever was there before."""
    _lock(user)
    address, _is_new = Address.objects.update_or_create(user=user, kind=Kind.BILLING, defaults=dict(fields))
    return address


def change_address(*, address: Address, fields: Mapping[str, str]) -> None:
    Address.objects.filter(pk=address.pk).update(**fields)


@transaction.atomic
def make_usual(*, address: Address) -> None:
    """The next order goes there, unless its client says otherwise."""
    _lock(address.user)
    Address.objects.filter(user=address.user, is_usual=True).update(is_usual=False)
    Address.objects.filter(pk=address.pk, kind=Kind.DELIVERY).update(is_usual=True)


@transaction.atomic
def remove_address(*, address: Address) -> None:
    """Forget it; when it was the usual one, the oldest of the others is."""
    _lock(address.user)
    address.delete()
    others = Address.objects.filter(user=address.user, kind=Kind.DELIVERY)
    if address.is_usual and (oldest := others.order_by("pk").first()):
        Address.objects.filter(pk=oldest.pk).update(is_usual=True)


def _lock(user: User) -> None:
    """One change of a client's addresses at a time: two first ones would both be the usual one."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
