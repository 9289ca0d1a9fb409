"""The language of a page.

Where everybody gets the same bytes (menus and products) the address alone says the language: a cache in
front then needs to know nothing of cookies. Elsewhere the cookie of the switch decides, or the browser.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

SHARED_PAGES = "/carte/"
LANGUAGELESS = (SHARED_PAGES, "/images/")


def language_in(request: HttpRequest) -> str:
    """The language that a shared page's address asks for; French unless it says so."""
    wanted = request.GET.get("lang", settings.LANGUAGE_CODE)
    return wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


class LanguageMiddleware:
    """In the place of Django's LocaleMiddleware, which looks in every address for the language that none of ours has."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_shared = request.path_info.startswith(LANGUAGELESS)
        translation.activate(language_in(request) if is_shared else translation.get_language_from_request(request))
        request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        if not is_shared:
            patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        return response
