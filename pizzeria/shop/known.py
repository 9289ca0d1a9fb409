"""What the checkout knows of who orders, before they type anything: their account, or what their browser remembers."""

from collections.abc import Sequence
from dataclasses import replace

from django.http import HttpRequest

from pizzeria.accounts.addresses import FIELDS as PLACE
from pizzeria.accounts.addresses import delivery_addresses
from pizzeria.accounts.models import Address, User
from pizzeria.ordering.again import last_order_of
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.models import Order
from pizzeria.ordering.selectors import receipt_by_token
from pizzeria.shop.parsing import whole_number
from pizzeria.shop.remembered import ADDRESS, PERSON, Usual, usual_of

OTHER = "other"
"""In the place of one of the account's addresses: the one that is typed."""


def client_of(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def addresses_of(request: HttpRequest) -> list[Address]:
    """Where the client who is signed in has things brought, the usual place first; none for a guest."""
    user = client_of(request)
    return delivery_addresses(user=user) if user else []


def contact_of(request: HttpRequest, addresses: Sequence[Address]) -> dict[str, str]:
    """Who and where to, as the page shows it first.

    The browser remembers whoever ordered with it last, which need not be who is signed in now: of what it says only
    what the account leaves blank is taken, and only where it is about the same person.
    """
    usual, user = usual_of(request), client_of(request)
    if user is None:
        return {**usual.contact, "postal_code": usual.postal_code}
    account = {name: str(getattr(user, name)) for name in PERSON}
    if addresses:
        place = {name: str(getattr(addresses[0], name)) for name in PLACE}
        return {**account, **place, "address": str(addresses[0].pk)}
    known = usual.contact if _is_about(usual, user) else {}
    typed = {name: known.get(name, "") for name in ADDRESS}
    phone = account["phone"] or known.get("phone", "")
    code = typed["postal_code"] or usual.postal_code
    return {**account, **typed, "phone": phone, "postal_code": code, "address": OTHER, "keep_address": "1"}


def last_order(request: HttpRequest) -> Order | None:
    """What whoever asks had the last time: by their account, or by this browser; none that was cancelled."""
    user = client_of(request)
    if user:
        return last_order_of(user=user)
    token = usual_of(request).order
    found = receipt_by_token(token=token) if token else None
    return found if found and found.status != Order.Status.CANCELLED else None


def with_chosen_address(values: dict[str, str], addresses: Sequence[Address]) -> dict[str, str]:
    """What was sent, delivered to the address of the account that is ticked; as typed when none is."""
    chosen = next((place for place in addresses if place.pk == whole_number(values["address"])), None)
    if chosen is None:
        return {**values, "address": OTHER}
    return values | {name: str(getattr(chosen, name)) for name in PLACE}


def after_order(
    request: HttpRequest, *, store: str, contact: Contact, fulfilment: str, payment_method: str, order: str
) -> Usual:
    """What the browser remembers once an order is placed: a client's contact is their account's to keep."""
    usual = usual_of(request)
    after = usual.after(store=store, contact=contact, fulfilment=fulfilment, payment_method=payment_method)
    # A client's orders are their account's to know.
    return replace(after, contact=usual.contact) if client_of(request) else replace(after, order=order)


def _is_about(usual: Usual, user: User) -> bool:
    said = usual.contact
    same_email = bool(user.email) and said.get("email", "").casefold() == user.email.casefold()
    names = (said.get("first_name", ""), said.get("last_name", ""))
    same_name = tuple(map(str.casefold, names)) == (user.first_name.casefold(), user.last_name.casefold())
    return same_email or same_name
