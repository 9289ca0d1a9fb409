"""How often something may be sent to each address, or read that is costly to make: by whoever asks, and by what is tried. Others are not counted here.

Passwords are counted by the account besides (`accounts/lockout.py`), PINs by the screen. nginx counts requests of an
address before any of them reaches the site (`DEPLOY_ENGINE/conf_files/nginx/http.conf`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest

from pizzeria.accounts.adapter import PENDING
from pizzeria.accounts.known_browsers import browser_name
from pizzeria.accounts.limits import Limit, visitor
from pizzeria.words import one_line

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A limit, and of what in a request; nothing is counted where that is empty."""

    limit: Limit
    of: Callable[[HttpRequest], str]


def by_address(name: str, most: int, window: timedelta) -> Rule:
    return Rule(limit=Limit(name=name, most=most, window=window), of=visitor)


def by_person(name: str, most: int, window: timedelta) -> Rule:
    """Whoever is signed in: their own session does not let anybody try without end what its page asks for."""
    return Rule(limit=Limit(name=name, most=most, window=window), of=_person)


def by_field(name: str, field: str, most: int, window: timedelta) -> Rule:
    """What is typed, whoever types it: a number of an order, an e-mail that mails are sent to."""

    def typed(request: HttpRequest) -> str:
        return one_line(request.POST.get(field, "")).lower()

    return Rule(limit=Limit(name=name, most=most, window=window), of=typed)


def at_the_desk(name: str, most: int, window: timedelta) -> Rule:
    """Whoever is signed in, or else the shared screen's browser: its people are known by a PIN alone."""
    return Rule(
        limit=Limit(name=name, most=most, window=window), of=lambda request: _person(request) or visitor(request)
    )


def _person(request: HttpRequest) -> str:
    return str(request.user.pk) if request.user.is_authenticated else ""


def _pending(request: HttpRequest) -> str:
    """The account that owes a second factor, by whichever session."""
    begun = request.session.get(PENDING)
    return str(begun.get("user_pk", "")) if isinstance(begun, dict) else ""


def _signing_in(request: HttpRequest) -> str:
    """A browser in which somebody has signed in before is counted by itself: the customers' Wi-Fi does not shut out the shop."""
    name = browser_name(request)
    return f"browser {name}" if name else visitor(request)


def _ordering(request: HttpRequest) -> str:
    """Who sends the order's form: to place it, not to have its total worked out anew."""
    return "" if {"recalculate", "use_code"} & request.POST.keys() else visitor(request)


def _trying_a_code(request: HttpRequest) -> str:
    """Who types a promotion's code at the checkout."""
    return visitor(request) if "use_code" in request.POST else ""


SIGNING_IN = Rule(limit=Limit(name="sign-in", most=100, window=QUARTER), of=_signing_in)
LINKS = by_address("link", 60, HOUR)
CODES = Rule(limit=Limit(name="code", most=10, window=QUARTER), of=_pending)
CODES_AGAIN = by_person("code-again", 10, QUARTER)
MAILS = by_address("mail", 30, HOUR)
CONTACT = by_person("contact", 30, HOUR)
# An order's number is short: whoever looks for others' is stopped, and so is everybody together who tries one of them.
NUMBERS = (by_address("number", 60, QUARTER), by_field("number-typed", "number", 20, HOUR))
# 100 students behind one address order three times each in ten minutes.
ORDERS = Limit(name="order", most=300, window=timedelta(minutes=10))

# Whoever guesses is stopped; a school that types this week's code is not.
OFFER_CODES = Limit(name="offer-code", most=60, window=QUARTER)

LIMITS: dict[str, tuple[Rule, ...]] = {
    "account_login": (SIGNING_IN,),
    "backoffice:login": (SIGNING_IN,),
    "mfa_login_webauthn": (SIGNING_IN,),
    "mfa_authenticate": (SIGNING_IN, CODES),
    "account_signup": (by_address("sign-up", 100, HOUR), by_field("sign-up-mail", "email", 5, HOUR)),
    "socialaccount_signup": (by_address("sign-up", 100, HOUR),),
    "account_reset_password": (MAILS, by_field("reset-mail", "email", 5, HOUR)),
    "account_unlock": (MAILS,),
    "account_know_browser": (LINKS,),
    "account_confirm_email": (LINKS,),
    "account_reset_password_from_key": (LINKS,),
    "account_invitation": (LINKS,),
    "account_reauthenticate": (by_person("password-again", 10, QUARTER),),
    "account_change_password": (by_person("password-change", 10, QUARTER),),
    "account_email": (CONTACT,),
    "shop:account_details": (CONTACT,),
    "shop:delete_me": (by_person("delete", 10, QUARTER),),
    "backoffice:me": (CONTACT,),
    "backoffice:export": (by_person("export", 60, HOUR),),
    "mfa_reauthenticate": (CODES_AGAIN,),
    "mfa_reauthenticate_webauthn": (CODES_AGAIN,),
    "mfa_activate_totp": (by_person("code-first", 20, QUARTER),),
    # A busy shop answers forty callers an hour: whoever goes through a telephone book is stopped.
    "backoffice:take_caller": (at_the_desk("caller", 150, HOUR),),
    "shop:find_order": NUMBERS,
    "shop:account_orders": NUMBERS,
    "shop:review": (by_address("review", 60, HOUR),),
    "shop:order_again": (by_address("again", 120, QUARTER),),
    "shop:order_change": (Rule(limit=ORDERS, of=_ordering),),
    "shop:order_change_begin": (Rule(limit=ORDERS, of=visitor),),
    # A name server is asked where a browser's push service is.
    "shop:order_browser": (by_address("browser", 60, HOUR),),
    "shop:account_browser": (by_person("browser-person", 30, HOUR),),
    "shop:cart_code": (Rule(limit=OFFER_CODES, of=visitor),),
    "shop:checkout": (Rule(limit=ORDERS, of=_ordering), Rule(limit=OFFER_CODES, of=_trying_a_code)),
    "api:place_order": (Rule(limit=ORDERS, of=visitor),),
    # Where it is read, it is changed by a PUT.
    "api:read_order": (Rule(limit=ORDERS, of=visitor),),
}

PAPERS = (by_address("paper", 120, QUARTER),)
COSTLY_TO_READ: dict[str, tuple[Rule, ...]] = {"shop:recap_pdf": PAPERS, "shop:ticket_pdf": PAPERS}
"""The same for what is only read, and is work to make."""
