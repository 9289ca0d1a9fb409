"""UC 2.1 at the counter or on the phone: an account for a client, who chooses the password themselves."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pizzeria.accounts.forms import ClientForm
from pizzeria.accounts.invitations import invite_client
from pizzeria.accounts.models import Address, User
from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.errors import BusinessError
from pizzeria.ordering.callers import phone_digits
from pizzeria.ordering.drafts import Writing, find_draft, keep_draft

PLACE = ("street", "complement", "postal_code", "town")
FILLED = ("first_name", "last_name", "phone", *PLACE)
"""What an order that is being taken says of its client already."""


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.CREATE_CLIENTS)
def new_client(request: StaffRequest, place: Place) -> HttpResponse:
    draft = request.GET.get("prise", "")
    writing = find_draft(token=draft, store=place.store, cashier=place.user) if draft else Writing()
    form = ClientForm(request.POST or None, initial={name: writing.values.get(name, "") for name in FILLED})
    made = _invited(request, place, form) if form.is_valid() else None
    if made:
        words = _("Compte créé : un message est parti à %(email)s, son lien est valable sept jours.")
        messages.success(request, words % {"email": form.cleaned_data["email"]})
        if not writing.values:
            return redirect("backoffice:new_client", place.store.slug)
        _into_draft(place, draft, writing, made)
        return redirect("backoffice:take_draft", place.store.slug, draft)
    context = {"place": place, "current": "counter", "form": form, "draft": draft if writing.values else ""}
    return render(request, "backoffice/new_client.html", context, status=422 if form.errors else 200)


def _into_draft(place: Place, token: str, writing: Writing, made: User) -> None:
    """The order that was being taken is theirs now; what the account has not said stays as it was typed."""
    address = made.addresses.first()
    place_of = {name: getattr(address, name) for name in PLACE} if address else {}
    told = {"first_name": made.first_name, "last_name": made.last_name, "phone": made.phone} | place_of
    writing.values |= {name: value for name, value in told.items() if value}
    writing.values |= {"customer": str(made.pk), "looked_up": phone_digits(writing.values["phone"])}
    keep_draft(token=token, store=place.store, cashier=place.user, writing=writing)


def _invited(request: StaffRequest, place: Place, form: ClientForm) -> User | None:
    """The account that was made; none when something stands in the way, which is told above the fields."""
    asked: dict[str, Any] = form.cleaned_data
    try:
        return invite_client(
            email=asked["email"],
            details={name: asked[name] for name in ("first_name", "last_name", "phone")},
            address=Address(**form.address) if form.address else None,
            store=place.store,
            actor=place.user,
            site=request.build_absolute_uri("/").rstrip("/"),
        )
    except BusinessError as refusal:
        form.add_error(None, refusal.message)
        return None
