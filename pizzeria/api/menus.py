"""A store's menu as JSON: written once a version and language, then answered from memory."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from django.utils.translation import get_language

from pizzeria.api.describe import menu_of
from pizzeria.catalogue.selectors import edition, offer
from pizzeria.stock.selectors import makeable_counts
from pizzeria.stores.models import Store
from pizzeria.stores.selectors import menu_version_of

_written: dict[tuple[str, str], tuple[str, bytes]] = {}
"""By store and language, the last menu and its ETag: never more than there are stores."""


def menu_answer(*, request: HttpRequest, store: Store) -> HttpResponse:
    """The menu, or 304 to whoever has it already."""
    language = get_language() or settings.LANGUAGE_CODE
    # The version comes first: what is read after it can only be newer, and is then sent again once.
    etag = f'W/"{store.slug}-{menu_version_of(store=store)}-{edition()}-{language}-{settings.RELEASE_ID}"'
    known = parse_etags(request.headers.get("If-None-Match", ""))
    response = HttpResponseNotModified() if etag in known or "*" in known else _full(store, language, etag)
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"
    return response


def forget_all() -> None:
    """Empty the memory: tests start from nothing."""
    _written.clear()


def _full(store: Store, language: str, etag: str) -> HttpResponse:
    known = _written.get((store.slug, language))
    if known is None or known[0] != etag:
        menu = menu_of(store, offer=offer(), makeable=makeable_counts(store=store))
        known = _written[store.slug, language] = (etag, menu.model_dump_json().encode())
    return HttpResponse(known[1], content_type="application/json; charset=utf-8")
