"""Who the store is before the law, as the responsable sets it, beside how its tickets say it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, posted, staff_page
from pizzeria.backoffice.service_forms import IdentityForm
from pizzeria.backoffice.service_words import identity_words
from pizzeria.backoffice.views.service_plans import UNPROCESSABLE, Editing
from pizzeria.errors import BusinessError
from pizzeria.ordering.papers.document import HOUSE, store_lines
from pizzeria.ordering.receipts import legal_lines
from pizzeria.stores.identity import identity_of, plan_identity


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.PLAN_SERVICE)
def identity(request: StaffRequest, place: Place) -> HttpResponse:
    """The company, its numbers, and how the store is reached."""
    seen = identity_of(store=place.store)
    form = IdentityForm(posted(request), identity=seen.stands, mark=seen.mark)
    editing = Editing()
    if form.is_valid() and _is_saved(request, place, form, editing):
        return redirect("backoffice:identity", place.store.slug)
    context = {
        "place": place,
        "current": "identity",
        "form": form,
        "page": editing,
        "house": HOUSE,
        "ticket": [*store_lines(place.store), *legal_lines(store=place.store)],
        "has_siret": bool(seen.stands.siret),
    }
    return render(request, "backoffice/identity.html", context, status=UNPROCESSABLE if form.is_bound else 200)


def _is_saved(request: StaffRequest, place: Place, form: IdentityForm, editing: Editing) -> bool:
    try:
        plan_identity(store=place.store, identity=form.identity, seen=form.cleaned_data["seen"])
    except BusinessError as error:
        editing.told(form, error, mine=identity_words(form.identity), words=identity_words)
        return False
    messages.success(request, _("Les mentions légales sont enregistrées : les tickets les portent dès maintenant."))
    return True
