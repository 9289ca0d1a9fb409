"""When a signed-in browser was last seen, for the page where one's devices are listed."""

import time
from collections.abc import Callable
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponse

from pizzeria.accounts.devices import SEEN_EVERY, saw

SEEN = "seen_at"


def listen() -> None:
    """Once a process: whoever signs in is seen, and the next page has nothing to write."""
    user_logged_in.connect(_signed_in, dispatch_uid="seen:signed_in")


def _signed_in(*, request: HttpRequest | None, **_told: Any) -> None:
    if request is not None:
        request.session[SEEN] = time.time()


class SeenMiddleware:
    """Looks at a session only where the page has: the pages that are the same bytes for everybody stay so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = request.session
        if session.accessed and session.session_key and SESSION_KEY in session:
            now = time.time()
            if now - session.get(SEEN, 0) > SEEN_EVERY.total_seconds():
                session[SEEN] = now
                saw(session_key=session.session_key, address=request.META["REMOTE_ADDR"])
        return response
