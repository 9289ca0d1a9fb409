"""Under /api/, what Django answers before or around an operation is a problem document too."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from pizzeria.api.problems import MEDIA_TYPE, plain_problem

ROOT = "/api/"
KEPT_HEADERS = ("Allow", "Retry-After", "Vary", "Content-Language")
FIRST_ERROR = 400


class ProblemMiddleware:
    """Stands first, so that it sees what every other middleware refuses: unknown address, method, host, body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._response(request)
        if response.status_code < FIRST_ERROR or not request.path_info.startswith(ROOT):
            return response
        if response.get("Content-Type") == MEDIA_TYPE:
            return response
        answer = plain_problem(response.status_code)
        for name in KEPT_HEADERS:
            if name in response:
                answer[name] = response[name]
        return answer

    def _response(self, request: HttpRequest) -> HttpResponse:
        if request.method != "HEAD" or not request.path_info.startswith(ROOT):
            return self.get_response(request)
        # django-ninja knows the methods that an operation names, and no other. The server sends no body.
        request.method = "GET"
        try:
            return self.get_response(request)
        finally:
            request.method = "HEAD"
