"""Pages for what went wrong, each saying what to do next."""

import sys
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template

from pizzeria.uploads import FileRefused


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django names it
    """A form without its token: the page was open for too long, cookies are refused, or it is forged."""
    return render(request, "403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A request that cannot be read; or one with a file, which nothing here takes."""
    has_file = isinstance(exception, FileRefused)
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE if has_file else HTTPStatus.BAD_REQUEST
    return render(request, "400.html", {"has_file": has_file}, status=status)


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - as above
    """Our fault, or the database's: it restarts, or gave up on a lock. The same request may then be sent again."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return _standing_alone("503.html", status=503, headers={"Retry-After": "5"})
    return _standing_alone("500.html", status=500)


def _standing_alone(name: str, *, status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    """A page that asks nothing of the database or of the request: whatever broke, it is shown."""
    return HttpResponse(get_template(name).render(), status=status, headers=headers)
