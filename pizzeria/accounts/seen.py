"""When a signed-in browser was last seen, for the page where one's devices are listed."""

import time
from collections.abc import Callable

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

from pizzeria.accounts.devices import SEEN_EVERY, saw

SEEN = "seen_at"


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
