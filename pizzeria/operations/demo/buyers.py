"""Who orders, from where, and how it reaches them."""

import random
from dataclasses import dataclass

from pizzeria.accounts.models import User
from pizzeria.operations.demo.addresses import COMMENTS, COMPLEMENTS, FIRST_NAMES, LAST_NAMES, STREETS
from pizzeria.operations.demo.places import Place
from pizzeria.operations.demo.rows import plain
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.models import Fulfilment
from pizzeria.payments.models import Method

CHANNELS = {"client": 15, "guest": 57, "phone": 20, "counter": 8}
METHODS = {Method.TERMINAL: 46, Method.CASH: 29, Method.VOUCHER: 25}


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Somebody who orders: with an account, as a guest, or by way of a cashier (`taken_by`)."""

    contact: Contact
    fulfilment: str
    payment_method: str
    customer: User | None = None
    taken_by: User | None = None


def buyer_at(*, place: Place, rng: random.Random) -> Buyer:
    channel = rng.choices(tuple(CHANNELS), tuple(CHANNELS.values()))[0]
    method = rng.choices(tuple(METHODS), tuple(METHODS.values()))[0]
    fulfilment = _fulfilment(channel, rng)
    if channel == "client" and place.clients:
        customer = rng.choice(place.clients)
        contact = _client_contact(customer, place, rng)
        return Buyer(contact=contact, fulfilment=fulfilment, payment_method=method, customer=customer)
    taken_by = rng.choice(place.team["cashier"]) if channel in {"phone", "counter"} else None
    return Buyer(contact=_guest(place, rng), fulfilment=fulfilment, payment_method=method, taken_by=taken_by)


def _fulfilment(channel: str, rng: random.Random) -> str:
    if channel == "counter":
        return rng.choice((Fulfilment.ON_SITE, Fulfilment.ON_SITE, Fulfilment.COLLECTION))
    return rng.choices((Fulfilment.DELIVERY, Fulfilment.COLLECTION), (72, 28))[0]


def _client_contact(customer: User, place: Place, rng: random.Random) -> Contact:
    delivered = {zone.postal_code for zone in place.zones}
    address = rng.choice([known for known in customer.addresses.all() if known.postal_code in delivered])
    return Contact(
        first_name=customer.first_name,
        last_name=customer.last_name,
        phone=customer.phone,
        email=customer.email,
        street=address.street,
        complement=address.complement,
        postal_code=address.postal_code,
        town=address.town,
        comment=rng.choice(COMMENTS),
    )


def _guest(place: Place, rng: random.Random) -> Contact:
    first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
    # Most people order from the store next door.
    zones = [*place.zones, *place.zones[:2]]
    postal_code = rng.choice(zones).postal_code
    town, streets = STREETS[postal_code]
    return Contact(
        first_name=first,
        last_name=last,
        phone=f"06 39 98 {rng.randrange(30, 100)} {rng.randrange(100):02d}",
        email=f"{plain(first)}.{plain(last)}@example.org" if rng.random() < 0.5 else "",  # noqa: PLR2004
        street=f"{rng.randint(1, 140)} {rng.choice(streets)}",
        complement=rng.choice(COMPLEMENTS),
        postal_code=postal_code,
        town=town,
        comment=rng.choice(COMMENTS),
    )
