"""Pages that are the same bytes for everybody: rendered once, then answered from memory.

A page is known by its name (store, language, template …) and is good for one version. The version comes
from the database with every request, so that any number of processes agree without telling one another.
"""

import gzip
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

KEPT = 400
"""Pages in one process's memory: every page of a dozen stores in two languages; about 10 MB."""

CACHE_CONTROL = "public, max-age=0, s-maxage=1"
"""Browsers always ask again and mostly get a 304; a cache in front may answer for one second by itself."""

_pages: OrderedDict[str, "Page"] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Page:
    version: str
    etag: str
    plain: bytes
    gzipped: bytes


def answer(
    request: HttpRequest, *, name: str, version: str, render: Callable[[], str], content_type: str = "text/html"
) -> HttpResponse:
    """The page, or a 304 for a browser that has it. `render` is called once a version."""
    page = _pages.get(name)
    # In development templates change without a version.
    if page is None or page.version != version or settings.DEBUG:
        page = _freeze(name, version, render())
    if page.etag in request.headers.get("If-None-Match", ""):
        return _with_headers(HttpResponseNotModified(), page)
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(page.gzipped if zipped else page.plain, content_type=f"{content_type}; charset=utf-8")
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    return _with_headers(response, page)


def forget_all() -> None:
    """Empty the memory: tests start from nothing."""
    with _lock:
        _pages.clear()


def _freeze(name: str, version: str, text: str) -> Page:
    plain = text.encode()
    # Weak: the plain and the gzipped bytes share it.
    page = Page(version, f'W/"{name}-{version}-{settings.RELEASE_ID}"', plain, gzip.compress(plain, 6, mtime=0))
    with _lock:
        _pages[name] = page
        _pages.move_to_end(name)
        while len(_pages) > KEPT:
            _pages.popitem(last=False)
    return page


def _with_headers(response: HttpResponse, page: Page) -> HttpResponse:
    response.headers["ETag"] = page.etag
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.headers["Vary"] = "Accept-Encoding"
    return response
