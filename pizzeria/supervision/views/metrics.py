"""What Prometheus asks for, from this machine alone."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from pizzeria.supervision.metrics import exposition

HERE = frozenset({"", "127.0.0.1", "::1"})
"""Over the socket itself, or from this machine where there is no nginx (`make run`)."""


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """404 for whoever came through nginx's public server."""
    if not _is_inside(request):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _is_inside(request: HttpRequest) -> bool:
    """Nginx's public server names the client in X-Forwarded-For on every request, whatever it has sent: who is named
    came from there. A client can add a name, never take it away. The inner server, and who asks the socket, name nobody.
    """
    return "X-Forwarded-For" not in request.headers and request.META.get("REMOTE_ADDR", "") in HERE
