"""Who a store is before the law, and how it is reached: what its tickets, receipts and récapitulatifs say of it."""

import re
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from pizzeria.stores.errors import InvalidService
from pizzeria.stores.models import Store
from pizzeria.stores.planning import Seen, is_to_write


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The company with its form and capital, its SIRET in fourteen digits, its VAT number, and how the store is reached."""

    company: str
    siret: str
    vat_number: str
    legal_line: str
    phone: str
    email: str


DIGITS = re.compile(r"[0-9]{14}")
NAMES = tuple(Identity.__slots__)


def identity_of(*, store: Store) -> Seen[Identity]:
    return Seen(stands=Identity(**Store.objects.values(*NAMES).get(pk=store.pk)))


@transaction.atomic
def plan_identity(*, store: Store, identity: Identity, seen: str) -> None:
    """Print this from now on. Raises InvalidService for a SIRET that is none, and ServiceChanged."""
    if identity.siret and not is_siret(identity.siret):
        raise InvalidService(wrong_siret())
    if is_to_write(store, identity, seen, lambda: identity_of(store=store)):
        Store.objects.filter(pk=store.pk).update(**asdict(identity))


def is_siret(text: str) -> bool:
    """Whether these are fourteen digits that hold together, by Luhn's sum: one that was mistyped does not."""
    if not DIGITS.fullmatch(text):
        return False
    doubled = "".join(str(int(digit) * (1 + place % 2)) for place, digit in enumerate(reversed(text)))
    return sum(map(int, doubled)) % 10 == 0


def wrong_siret() -> str:
    return _("Ce SIRET n’existe pas : vérifiez ses quatorze chiffres.")
