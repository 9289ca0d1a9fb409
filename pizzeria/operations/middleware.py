"""What a request must bring before anything reads it."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


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
