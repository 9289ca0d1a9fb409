"""Health: alive, and ready."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from pizzeria.operations.health import backups, problems


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process answers; says nothing of what it depends on."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Database reachable, migrations applied; 503 and the reason otherwise. Names the release.

    What it tells of the backups makes no difference to that: an old one is no reason to sell nothing.
    """
    found = problems()
    answer = {"ready": not found, "release": settings.RELEASE_ID, "problems": found, "backups": backups()}
    return JsonResponse(answer, status=503 if found else 200)
