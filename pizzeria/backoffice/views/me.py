"""One's own page: how one signs in, and the PIN for the shared screens."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from pizzeria.accounts.errors import PoorPin
from pizzeria.accounts.models import User
from pizzeria.accounts.people import roles_of
from pizzeria.accounts.pins import choose_pin, drop_pin, is_locked
from pizzeria.accounts.screens import floor_roles
from pizzeria.backoffice.access import StaffRequest, places_of, posted, refused, stopped, to_sign_in
from pizzeria.backoffice.staff_forms import PinForm

UNPROCESSABLE = 422


@sensitive_post_parameters("current", "pin", "again")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: StaffRequest) -> HttpResponse:
    user, stop = _staff(request)
    if stop or user is None:
        return stop or to_sign_in(request)
    form = PinForm(posted(request), user=user)
    if form.is_bound and form.is_valid():
        try:
            choose_pin(user=user, pin=form.cleaned_data["pin"])
        except PoorPin as error:
            form.add_error("pin", error.message)
        else:
            messages.success(
                request, _("Votre code est enregistré : il ouvre les écrans partagés de vos points de vente.")
            )
            return redirect("backoffice:me")
    places = places_of(user=user)
    context = {
        "place": places[0] if len(places) == 1 else None,
        "places": places,
        "form": form,
        "uses_pin": bool(floor_roles(roles=[role for place in places for role in place.roles])),
        "is_locked": is_locked(user=user),
    }
    return render(request, "backoffice/me.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@require_POST
def no_pin(request: StaffRequest) -> HttpResponse:
    """Give up one's PIN: the shared screens no longer show them."""
    user, stop = _staff(request)
    if stop or user is None:
        return stop or to_sign_in(request)
    drop_pin(user=user)
    messages.success(request, _("Vous n’avez plus de code."))
    return redirect("backoffice:me")


def _staff(request: StaffRequest) -> tuple[User | None, HttpResponse | None]:
    """Who it is, and the answer to who is not let in."""
    if not isinstance(request.user, User):
        return None, None
    roles = {role for role, _store in roles_of(user=request.user)}
    if not roles:
        return request.user, refused(request, status=403)
    return request.user, stopped(request, user=request.user, roles=roles)
