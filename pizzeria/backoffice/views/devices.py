"""The tokens of a store's devices: issued to its people, shown once, revoked."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pizzeria.accounts import tokens
from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.connected_forms import DeviceForm

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.MANAGE_TOKENS)
def devices(request: StaffRequest, place: Place) -> HttpResponse:
    """The list, and a form. A new token is on the page that answers the form, and on no other."""
    bearers = tokens.bearers_at(store=place.store, issuer=place.user)
    form = DeviceForm(request.POST or None, bearers=bearers)
    issued = _issued(place, form) if form.is_valid() else ""
    context = {
        "place": place,
        "current": "devices",
        "form": DeviceForm(bearers=bearers) if issued else form,
        "issued": issued,
        "issued_for": form.cleaned_data["label"] if issued else "",
        "tokens": tokens.tokens_at(store=place.store),
        "now": timezone.now(),
    }
    status = UNPROCESSABLE if form.is_bound and not issued else 200
    return render(request, "backoffice/devices.html", context, status=status)


@require_POST
@staff_page(Action.MANAGE_TOKENS)
def revoke(request: StaffRequest, place: Place, token: int) -> HttpResponse:
    revoked = tokens.revoke_at(store=place.store, pk=token, acting_user=place.user)
    if revoked:
        messages.success(request, _("%(device)s n’a plus accès.") % {"device": revoked.label})
    else:
        messages.info(request, _("Ce jeton n’est plus valable."))
    return redirect("backoffice:devices", place.store.slug)


def _issued(place: Place, form: DeviceForm) -> str:
    """The new token in clear; nothing where it is refused, which the form then says."""
    asked = form.cleaned_data
    try:
        return tokens.issue_at(
            store=place.store,
            bearer=asked["bearer"],
            label=asked["label"],
            life=form.life,
            scopes=asked["scopes"],
            issued_by=place.user,
        )
    except tokens.TokenRefused as error:
        form.add_error(None, error.message)
        return ""
