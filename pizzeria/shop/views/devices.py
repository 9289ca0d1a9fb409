"""Where an account is open, and signing out from afar (C12)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from pizzeria.accounts.devices import devices_of, sign_out_device, sign_out_others
from pizzeria.accounts.models import User
from pizzeria.shop.parsing import whole_number


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def devices(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)  # noqa: S101 - login_required
    if request.method != "POST":
        found = devices_of(user=request.user, session_key=request.session.session_key)
        return render(request, "usersessions/usersession_list.html", {"devices": found})
    messages.success(request, _sign_out(request, request.user))
    return redirect("usersessions_list")


def _sign_out(request: HttpRequest, user: User) -> str:
    """Sign out the device that was named, or all the others; what to say."""
    named = request.POST.get("device")
    if named is None:
        ended = sign_out_others(user=user, session_key=request.session.session_key)
        return ngettext("%(number)s appareil déconnecté", "%(number)s appareils déconnectés", ended) % {"number": ended}
    sign_out_device(user=user, key=whole_number(named), session_key=request.session.session_key)
    return _("Appareil déconnecté")
