"""What the installed page needs beside its manifest: the script that receives pushes, and what it shows without a network."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

SCRIPT = Path(__file__).parent.parent / "static/oc_pizza/js/service-worker.js"


@never_cache
@require_safe
def service_worker(_request: HttpRequest) -> HttpResponse:
    """The script, at the root: it stands for the pages under its own address."""
    return HttpResponse(SCRIPT.read_bytes(), content_type="text/javascript; charset=utf-8")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What a telephone without a network shows; it stands alone, and is the same for everybody."""
    return render(request, "shop/offline.html")
