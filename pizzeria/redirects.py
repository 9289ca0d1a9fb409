"""Where a request may be sent on to: paths of this site, never another's."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def own_path(request: HttpRequest, wanted: str) -> str:
    """What was asked for, when it is a path of this site; empty otherwise.

    A path, and no whole address of ours either: `redirect` would look a single word up as the name of a page.
    """
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours and wanted.startswith("/") else ""
