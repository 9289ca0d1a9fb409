"""What every answer tells the browser: what a page may load, where its address may be told, and who may keep it.

nginx says the same of what it answers by itself (DEPLOY_ENGINE/conf_files/nginx/http.conf), and passes on what is said here.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from OC_PIZZA.doors import MAY_BE_KEPT
from pizzeria.accounts.elsewhere import sign_in_origins

STANDING_ALONE = "'sha256-uadwvU5OQzn6U1vqAgWIezN4HMGZGp29xe2PSTMqQ2U='"
"""The style of the pages that ask nothing of anybody (500.html, maintenance.html …): it stands in them."""
POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' {STANDING_ALONE}; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action %s; base-uri 'none'; frame-ancestors 'none'"
)
PERMISSIONS = (
    "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(self), usb=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)"
)
SECRET_ADDRESSES = ("/commande/", "/compte/lien/")
"""Whoever knows an address of these opens what is behind it: it is told to nobody, not even to the site's own logs."""
# Not `no-referrer`: a browser would say of the forms on these pages that they come from nowhere.
TO_NOBODY = "strict-origin"
SIGNING_OUT = ("account_logout", "backoffice:logout")


class PolicyMiddleware:
    """Say it of every answer, unless the view has said something of its own, as the page where an order is paid does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        headers = response.headers
        # A form that signs in elsewhere is led there: browsers look at that too.
        headers.setdefault("Content-Security-Policy", POLICY % " ".join(["'self'", *sign_in_origins()]))
        headers.setdefault("Permissions-Policy", PERMISSIONS)
        if request.path_info.startswith(SECRET_ADDRESSES):
            headers["Referrer-Policy"] = TO_NOBODY
        if request.method == "POST" and _view_of(request) in SIGNING_OUT:
            # Whoever comes next to this browser finds neither what a page has kept nor who ordered last.
            headers["Clear-Site-Data"] = '"storage"'
            response.delete_cookie(settings.USUAL_COOKIE_NAME, samesite="Lax")
        if "Cache-Control" not in headers and not _may_be_kept(request):
            headers["Cache-Control"] = "no-store, private"
        return response


def _may_be_kept(request: HttpRequest) -> bool:
    """Whether nothing of the visitor is in the answer of this view; what no view has answered, nobody keeps."""
    return _view_of(request) in MAY_BE_KEPT


def _view_of(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""
