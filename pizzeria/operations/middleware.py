"""What a request must bring before anything reads it."""

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render

from OC_PIZZA.doors import DOORS, FIRST_PASSWORD, LINKING, READ, Door, Who
from OC_PIZZA.limits import COSTLY_TO_READ, LIMITS
from pizzeria.accounts.limits import TooManyAttempts, attempt
from pizzeria.accounts.lockout import AccountLocked
from pizzeria.accounts.models import User
from pizzeria.api.middleware import ROOT as API
from pizzeria.api.problems import refusal
from pizzeria.trail import begin

logger = logging.getLogger(__name__)


class TrailMiddleware:
    """Stands first: whatever is logged of a request, or reported, carries the id under which nginx knows it.

    nginx sets the header itself, whatever the client has sent. The trail is left behind on purpose: Django logs an
    answer's status when all middleware is done. The next request of the thread begins its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begin(request.headers.get("X-Request-ID", ""))
        return self.get_response(request)


class LengthMiddleware:
    """Refuse a body of unknown length with 411: WSGI reads it as empty, and the order in it would be lost unsaid.

    Behind nginx none arrives: it takes the whole body first and tells its length.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "Transfer-Encoding" in request.headers and "Content-Length" not in request.headers:
            return render(request, "400.html", status=HTTPStatus.LENGTH_REQUIRED)
        return self.get_response(request)


class ClientAddressMiddleware:
    """Tell who asks where nginx asks for them: over a Unix socket, no address comes with the connection.

    Only nginx may open that socket. It adds the client's address behind whatever the client itself has claimed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.META.get("REMOTE_ADDR"):
            forwarded = request.headers.get("X-Forwarded-For", "")
            request.META["REMOTE_ADDR"] = forwarded.rpartition(",")[2].strip()
        return self.get_response(request)


class DoorMiddleware:
    """Let nobody to a view that `OC_PIZZA/doors.py` does not name, nor by a method that its door does not take.

    The first is our mistake: a view that is forgotten there stays shut until somebody has said for whom it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        door = door_of(request)
        if door is None:
            logger.error("%s is in no door of OC_PIZZA/doors.py", request.resolver_match)
            raise Http404
        if request.method not in door.methods:
            return HttpResponseNotAllowed(door.methods)
        return redirect(FIRST_PASSWORD) if _owes_a_password(request, door) else None


def _owes_a_password(request: HttpRequest, door: Door) -> bool:
    """Whether the account is not yet its owner's alone: whoever has read its first password would leave themselves a way in.

    Pages of the staff ask for themselves (`accounts/gates.py`), and lead back to what was asked for.
    """
    name = request.resolver_match.view_name if request.resolver_match else ""
    if name == FIRST_PASSWORD or not (door.who == Who.SIGNED_IN or name in LINKING):
        return False
    return isinstance(request.user, User) and request.user.must_change_password


def door_of(request: HttpRequest) -> Door | None:
    """The door of the view that this request is for; None before it is known, and for one that is in no table."""
    return DOORS.get(request.resolver_match.view_name) if request.resolver_match else None


class LimitMiddleware:
    """Count what is sent to an address, or read there that is costly, by the limits that `OC_PIZZA/limits.py` gives it; refuse it above them with 429.

    Stands behind what tells who asks, and before the view: what is refused costs one short statement.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        match = request.resolver_match
        if match is None:
            return None
        counted = COSTLY_TO_READ if request.method in READ else LIMITS
        try:
            for rule in counted.get(match.view_name, ()):
                if of := rule.of(request):
                    attempt(limit=rule.limit, of=of)
        except TooManyAttempts as refused:
            return too_many(request, refused)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """What a view or what it calls has refused by a count of its own: passwords, PINs."""
        return too_many(request, exception) if isinstance(exception, TooManyAttempts) else None


def too_many(request: HttpRequest, refused: TooManyAttempts) -> HttpResponse:
    """A page that says when to try again and what else can be done; a problem document for the API."""
    if request.path_info.startswith(API):
        response = refusal(refused)
    else:
        door = door_of(request)
        context = {
            "refused": refused,
            "frame": "staff_base.html" if door and door.is_of_staff else "base.html",
            "is_locked": isinstance(refused, AccountLocked),
        }
        response = render(request, "429.html", context, status=refused.status)
    response.headers["Retry-After"] = str(refused.details["retry_after"])
    response.headers["Cache-Control"] = "no-store"
    return response
