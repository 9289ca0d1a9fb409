"""What the shop remembers of a guest between two visits, in the session and only when there is something."""

from collections.abc import Mapping

from django.http import HttpRequest

from pizzeria.ordering.contact import POSTAL_CODE, Contact

POSTAL = "shop_postal_code"
STORE = "shop_store"
CONTACT = "shop_contact"
CHOICES = "shop_choices"
ADDRESS_FIELDS = ("street", "complement", "postal_code", "town")
KEPT_FIELDS = ("first_name", "last_name", "phone", "email", *ADDRESS_FIELDS)


def postal_code(request: HttpRequest) -> str:
    return str(request.session.get(POSTAL, ""))


def keep_postal_code(request: HttpRequest, code: str) -> None:
    if POSTAL_CODE.match(code) and request.session.get(POSTAL) != code:
        request.session[POSTAL] = code


def store_slug(request: HttpRequest) -> str:
    return str(request.session.get(STORE, ""))


def contact(request: HttpRequest) -> dict[str, str]:
    """The fields of the last order's contact, or of the account of whoever is signed in."""
    kept = request.session.get(CONTACT)
    if kept:
        return dict(kept)
    user = request.user
    if not user.is_authenticated:
        return {}
    return {name: str(getattr(user, name)) for name in ("first_name", "last_name", "phone", "email")}


def choices(request: HttpRequest) -> dict[str, str]:
    """The mode and the means of payment of the last order."""
    return dict(request.session.get(CHOICES, {}))


def keep_order(request: HttpRequest, *, store: str, contact: Contact, choices: Mapping[str, str]) -> None:
    """Remember for the next order: the usual, in three taps."""
    fields = {name: str(getattr(contact, name)) for name in KEPT_FIELDS}
    if not contact.street:
        # Collecting today does not forget the address of the last delivery.
        known = dict(request.session.get(CONTACT, {}))
        fields |= {name: known.get(name, "") for name in ADDRESS_FIELDS}
    request.session[CONTACT] = fields
    request.session[CHOICES] = dict(choices)
    request.session[STORE] = store
    if contact.postal_code:
        request.session[POSTAL] = contact.postal_code
