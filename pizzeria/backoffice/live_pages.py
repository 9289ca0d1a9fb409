"""Pages that refresh their own part: whole, the part alone, or nothing new."""

import hashlib
from collections.abc import Callable, Mapping

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from pizzeria.backoffice.access import Place, StaffRequest

Context = Mapping[str, object]


def live_answer(
    request: StaffRequest,
    *,
    name: str,
    fingerprint: str,
    read: Callable[[], Context],
    place: Place | None,
    folder: str = "backoffice",
) -> HttpResponse:
    """Render `<folder>/<name>.html`; for a page that asks again, its part `_<name>.html`.

    The page says which version it shows; 204 answers that there is no newer one, which costs only
    the fingerprint. A move is a POST: it is answered with the part as it is now.
    """
    version = _version(fingerprint)
    if request.htmx and request.method == "GET" and request.GET.get("v") == version:
        return HttpResponse(status=204)
    context = {
        **read(),
        "place": place,
        "current": name,
        "version": version,
        "now": timezone.now(),
        "part": f"{folder}/_{name}.html",
        "part_url": _without_version(request),
    }
    return render(request, "backoffice/_part.html" if request.htmx else f"{folder}/{name}.html", context)


def _version(fingerprint: str) -> str:
    # A new release may draw the same orders otherwise, and so does another language.
    words = f"{settings.RELEASE_ID} {translation.get_language()} {fingerprint}"
    return hashlib.blake2s(words.encode(), digest_size=10).hexdigest()


def _without_version(request: StaffRequest) -> str:
    asked = request.GET.copy()
    asked.pop("v", None)
    return f"{request.path}?{asked.urlencode()}" if asked else request.path
