"""Prices that are planned: the group's, whoever plans them."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.forms import NewPriceForm, ReductionForm
from pizzeria.catalogue.errors import InvalidPlan
from pizzeria.catalogue.models import PlannedPrice
from pizzeria.catalogue.prices import cancel_plan, plan_new_price, plan_reduction, plans
from pizzeria.ordering.lines import label_of

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.PLAN_PRICES)
def prices(request: StaffRequest, place: Place) -> HttpResponse:
    """What is planned or in force, and two forms: each has a button of its own, which names it."""
    asked = request.POST.get("plan")
    reduction = ReductionForm(request.POST if asked == "reduction" else None)
    new_price = NewPriceForm(request.POST if asked == "price" else None)
    if (reduction.is_bound and _planned(request, reduction, lambda: _reduce(place, reduction))) or (
        new_price.is_bound and _planned(request, new_price, lambda: _give(place, new_price))
    ):
        return redirect("backoffice:prices", place.store.slug)
    context = {
        "place": place,
        "current": "prices",
        "plans": plans(),
        "forms": [
            ("reduction", _("Prévoir une réduction"), reduction),
            ("price", _("Prévoir un nouveau prix"), new_price),
        ],
    }
    return render(request, "backoffice/prices.html", context, status=UNPROCESSABLE if asked else 200)


@require_POST
@staff_page(Action.PLAN_PRICES)
def cancel(request: StaffRequest, place: Place, plan: int) -> HttpResponse:
    found = cancel_plan(pk=plan)
    if found is None:
        messages.info(request, _("Ce prix n’est plus prévu."))
    else:
        messages.success(
            request, _("%(variant)s : le prix prévu est annulé.") % {"variant": label_of(found.variant, None)}
        )
    return redirect("backoffice:prices", place.store.slug)


def _planned(request: StaffRequest, form: forms.Form, plan: Callable[[], Sequence[PlannedPrice]]) -> bool:
    """Whether what the form says is planned now; what it lacks is told beside its fields, a refusal above them."""
    if not form.is_valid():
        return False
    try:
        made = plan()
    except InvalidPlan as error:
        form.add_error(None, error.message)
        return False
    words = ngettext("%(count)s prix est prévu.", "%(count)s prix sont prévus.", len(made))
    messages.success(request, words % {"count": len(made)})
    return True


def _reduce(place: Place, form: forms.Form) -> list[PlannedPrice]:
    return plan_reduction(**_asked(place, form))


def _give(place: Place, form: forms.Form) -> list[PlannedPrice]:
    return [plan_new_price(**_asked(place, form))]


def _asked(place: Place, form: forms.Form) -> dict[str, Any]:
    return {**form.cleaned_data, "today": timezone.localdate(), "planned_by": place.user}
