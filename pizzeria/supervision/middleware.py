"""How many requests there are, how long they take and what becomes of them."""

from collections.abc import Callable
from functools import lru_cache
from http import HTTPMethod
from time import perf_counter

from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse

from pizzeria.measures import REQUEST_SECONDS, REQUESTS, UNHANDLED_ERRORS

METHODS = frozenset(HTTPMethod)
OTHER = "other"
NO_VIEW = "none"
"""Of a request that reached no view: an address that does not exist, or a middleware's own answer."""


class MeasureMiddleware:
    """The outermost: what it sees is what goes out, whichever middleware or handler of errors has made it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        got_request_exception.connect(_count_error, dispatch_uid="pizzeria.supervision")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        count, observe = _counters(
            match.view_name if match else NO_VIEW, request.method or OTHER, response.status_code // 100
        )
        count()
        observe(perf_counter() - began)
        return response


@lru_cache(maxsize=1024)
def _counters(view: str, method: str, hundreds: int) -> tuple[Callable[[], None], Callable[[float], None]]:
    """Looked up once: checking the labels would cost more than counting."""
    known = method if method in METHODS else OTHER
    return REQUESTS.labels(view, known, f"{hundreds}xx").inc, REQUEST_SECONDS.labels(view).observe


def _count_error(**_signal: object) -> None:
    UNHANDLED_ERRORS.inc()
