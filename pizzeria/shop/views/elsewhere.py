"""To Google or Facebook and back; without their keys these addresses are nobody's."""

from collections.abc import Callable
from functools import wraps

from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from pizzeria.accounts.elsewhere import FacebookDoor, GoogleDoor, is_offered

View = Callable[[HttpRequest], HttpResponse]


def _offered(provider: str, view: View) -> View:
    @never_cache
    @wraps(view)
    def opened(request: HttpRequest) -> HttpResponse:
        if not is_offered(provider):
            raise Http404
        return view(request)

    return login_not_required(opened)  # type: ignore[no-any-return]


_begins = require_http_methods(["GET", "HEAD", "POST"])
google_begin = _begins(_offered("google", OAuth2LoginView.adapter_view(GoogleDoor)))
google_back = require_safe(_offered("google", OAuth2CallbackView.adapter_view(GoogleDoor)))
facebook_begin = _begins(_offered("facebook", OAuth2LoginView.adapter_view(FacebookDoor)))
facebook_back = require_safe(_offered("facebook", OAuth2CallbackView.adapter_view(FacebookDoor)))
