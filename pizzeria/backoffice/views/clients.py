"""UC 2.1 at the counter or on the phone: an account for a client, who chooses the password themselves."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pizzeria.accounts.forms import ClientForm
from pizzeria.accounts.invitations import invite_client
from pizzeria.accounts.models import Address
from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.errors import BusinessError


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.CREATE_CLIENTS)
def new_client(request: StaffRequest, place: Place) -> HttpResponse:
    form = ClientForm(request.POST or None)
    if form.is_valid() and _invited(request, place, form):
        words = _("Compte créé : un message est parti à %(email)s, son lien est valable sept jours.")
        messages.success(request, words % {"email": form.cleaned_data["email"]})
        return redirect("backoffice:new_client", place.store.slug)
    context = {"place": place, "current": "counter", "form": form}
    return render(request, "backoffice/new_client.html", context, status=422 if form.errors else 200)


def _invited(request: StaffRequest, place: Place, form: ClientForm) -> bool:
    """Whether the account is made; what stands in the way is told above the fields."""
    asked: dict[str, Any] = form.cleaned_data
    try:
        invite_client(
            email=asked["email"],
            details={name: asked[name] for name in ("first_name", "last_name", "phone")},
            address=Address(**form.address) if form.address else None,
            store=place.store,
            actor=place.user,
            site=request.build_absolute_uri("/").rstrip("/"),
        )
    except BusinessError as refusal:
        form.add_error(None, refusal.message)
        return False
    return True
