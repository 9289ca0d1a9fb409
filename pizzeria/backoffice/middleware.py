"""What the staff asked for, written into the audit log whatever becomes of it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch

from pizzeria.accounts.audit import begin, is_written, record, record_own
from pizzeria.accounts.models import ApiToken, User
from pizzeria.backoffice.access import Place
from pizzeria.stores.models import Store
from pizzeria.trail import present

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
API, API_NAME = "/api/", "api"
PLACES = frozenset({"backoffice", "supervision", API_NAME})
"""The URL names under which the staff works."""
TOLD_ELSEWHERE = frozenset({"backoffice:login", "backoffice:logout", "backoffice:take_draft"})
"""What the signals of the sign-in write (accounts/hearing.py); and a cashier's typing, which is no deed until it is placed."""
FIRST_ERROR, NO_SUCH_METHOD = 400, 405
NAMES = {"number": "order"}
"""What an argument of an address is called in the log, where that is not its own name."""
KEYS = {
    "person": "user",
    "suspend": "user",
    "bring_back": "user",
    "remove": "user",
    "new_password": "user",
    "new_identifier": "user",
    "screen_enter": "user",
}
"""Whose key `pk` is, by the name of the URL; where nothing is said, that name's."""


class AuditMiddleware:
    """Every request of the staff that may change something, with the status of its answer: also what was refused.

    It is written when the answer is there, unless a service has written better what was done. What must not be lost
    with the process, a service writes in its own transaction (accounts/audit.py, the history of orders, the journal).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begin()
        response = self.get_response(request)
        told = is_written() and response.status_code < FIRST_ERROR
        if _is_deed(request) and not told and response.status_code != NO_SUCH_METHOD:
            _write(request, response)
        return response


def _is_deed(request: HttpRequest) -> bool:
    match = request.resolver_match
    if request.method in SAFE or match is None:
        return False
    return bool(PLACES & set(match.namespaces)) and match.view_name not in TOLD_ELSEWHERE


def _write(request: HttpRequest, response: HttpResponse) -> None:
    match = request.resolver_match
    if match is None:
        return
    action, subject = match.view_name, _subject(match)
    details = {"status": response.status_code}
    if token := _token(request):
        # It may have been issued by somebody else: by its number the log tells by whom.
        details["token"] = token.pk
    place: Place | None = getattr(request, "place", None)
    user = _who(request)
    if place:
        record(actor=place.user, roles=place.roles, store=place.store, action=action, subject=subject, details=details)
    elif user and (store := _store_of_trail(match)):
        record(actor=user, store=store, action=action, subject=subject, details=details)
    elif user:
        record_own(user=user, action=action, subject=subject, details=details)


def _who(request: HttpRequest) -> User | None:
    """Whose session it is; of the API the token's bearer alone: an order that is placed there is no deed of the staff."""
    if request.path_info.startswith(API):
        token = _token(request)
        return token.user if token else None
    return request.user if isinstance(request.user, User) else None


def _token(request: HttpRequest) -> ApiToken | None:
    token = getattr(request, "auth", None)
    return token if isinstance(token, ApiToken) else None


def _store_of_trail(match: ResolverMatch) -> Store | None:
    """Where the API found the order that it was asked to move."""
    slug = present().store if API_NAME in match.namespaces else ""
    return Store.objects.filter(slug=slug).first() if slug else None


def _subject(match: ResolverMatch) -> str:
    """`order:P-4F7K2`, `refund:3`: what the address names beside the store, in its order."""
    url = match.url_name or ""
    names = NAMES | {"pk": KEYS.get(url, url)}
    named = [(names.get(name, name), value) for name, value in match.kwargs.items() if name != "store"]
    return " ".join(f"{name}:{value}" for name, value in named)[:60]
