"""Forms on shared pages carry no CSRF token, because the pages are the same bytes for everybody.

They are protected by what every browser says of a POST by itself: `Sec-Fetch-Site`, or, where that is not
sent (plain http outside localhost, old browsers), `Origin`. A POST that says neither is refused.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., HttpResponse]


def from_this_site(request: HttpRequest) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def same_origin_only(view: View) -> View:
    """Refuse with 403 a POST that another site's page sends; stands in the place of the CSRF token."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not from_this_site(request):
            raise PermissionDenied("cross-site")
        return view(request, *args, **kwargs)

    return csrf_exempt(guarded)
