"""What the shop remembers of a guest between two visits: the usual, in three taps.

Kept by the guest's own browser, in one signed cookie that scripts cannot read: the house stores no
personal data beyond orders, and a guest's pages cost no session.
"""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from pizzeria.accounts.details import POSTAL_CODE
from pizzeria.ordering.contact import Contact

COOKIE = settings.USUAL_COOKIE_NAME
SALT = "pizzeria.shop.remembered"
LIFE_SECONDS = settings.USUAL_RETENTION_DAYS * 24 * 3600
PERSON = ("first_name", "last_name", "phone", "email")
ADDRESS = ("street", "complement", "postal_code", "town")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """The store, the postal code, the mode, the means of payment, the order (its token) and the contact of the last time."""

    store: str = ""
    postal_code: str = ""
    fulfilment: str = ""
    payment_method: str = ""
    order: str = ""
    contact: dict[str, str] = field(default_factory=dict)

    def at(self, postal_code: str) -> "Usual":
        return replace(self, postal_code=postal_code) if POSTAL_CODE.match(postal_code) else self

    def after(self, *, store: str, contact: Contact, fulfilment: str, payment_method: str) -> "Usual":
        """What is usual once an order is placed; collecting it does not forget the last delivery's address."""
        said = PERSON + ADDRESS if contact.street else PERSON
        kept = self.contact | {name: str(getattr(contact, name)) for name in said}
        usual = Usual(store=store, fulfilment=fulfilment, payment_method=payment_method, contact=kept)
        return replace(usual, postal_code=self.postal_code).at(contact.postal_code)


def usual_of(request: HttpRequest) -> Usual:
    """What is remembered of who asks; nothing for a cookie that is missing, too old or not ours."""
    cookie = request.COOKIES.get(COOKIE)
    if not cookie:
        return Usual()
    try:
        known: dict[str, Any] = signing.loads(cookie, salt=SALT, max_age=LIFE_SECONDS)
    except signing.BadSignature:
        return Usual()
    # A release may remember other things than the one before.
    return Usual(**{name: value for name, value in known.items() if name in Usual.__slots__})


def keep(response: HttpResponse, usual: Usual) -> None:
    response.set_cookie(
        COOKIE,
        signing.dumps(asdict(usual), salt=SALT, compress=True),
        LIFE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
