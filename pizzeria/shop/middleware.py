"""The language of a page.

Where everybody gets the same bytes (menus and products) the address alone says the language: a cache in
front then needs to know nothing of cookies. Elsewhere the cookie of the switch decides, or the browser.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

SHARED_PAGES = "/carte/"
LANGUAGELESS = (SHARED_PAGES, "/images/")


def language_in(request: HttpRequest) -> str:
    """The language that a shared page's address asks for; French unless it says so."""
    wanted = request.GET.get("lang", settings.LANGUAGE_CODE)
    return wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


class LanguageMiddleware(LocaleMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        if not request.path_info.startswith(LANGUAGELESS):
            super().process_request(request)
            return
        language = language_in(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:  # type: ignore[override]
        if not request.path_info.startswith(LANGUAGELESS):
            return super().process_response(request, response)  # type: ignore[return-value]
        response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        return response
