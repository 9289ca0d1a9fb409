"""The drivers' floats: given, counted, taken back, and the differences with their explanations."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, refused, staff_page
from pizzeria.backoffice.forms import CloseRoundForm, OpenRoundForm
from pizzeria.errors import BusinessError
from pizzeria.money import euros
from pizzeria.payments.errors import ExplanationMissing, RoundChanged
from pizzeria.payments.models import CashRound
from pizzeria.payments.round_selectors import (
    closed_rounds,
    drivers_without_round,
    loose_cash,
    open_rounds,
    round_of_store,
    standing_of,
)
from pizzeria.payments.rounds import close_round, may_close, open_round

UNPROCESSABLE = 422
SHOWN = timedelta(days=30)
LOOSE = timedelta(days=1)
"""Cash without a float is asked for while people remember it."""


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.SEE_ROUNDS)
def rounds(request: StaffRequest, place: Place) -> HttpResponse:
    """Those that are out, those of the last weeks, and a form for another one."""
    if request.method == "POST" and not place.may(Action.CLOSE_ROUNDS):
        return refused(request, status=403, place=place)
    drivers = drivers_without_round(store_id=place.store.pk).exclude(pk=place.user.pk)
    form = OpenRoundForm(request.POST if request.method == "POST" else None, drivers=drivers)
    if form.is_bound and form.is_valid() and _opened(request, place, form):
        return redirect("backoffice:rounds", place.store.slug)
    now = timezone.now()
    context = {
        "place": place,
        "current": "rounds",
        "form": form,
        "standings": open_rounds(store_id=place.store.pk),
        "closed": closed_rounds(store_id=place.store.pk, since=now - SHOWN),
        "loose": loose_cash(store_id=place.store.pk, since=now - LOOSE),
    }
    return render(request, "backoffice/rounds.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.CLOSE_ROUNDS)
def close(request: StaffRequest, place: Place, pk: int) -> HttpResponse:
    """Count a float and take it back."""
    found = round_of_store(store_id=place.store.pk, pk=pk)
    if found is None:
        raise Http404
    form = CloseRoundForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _closed(request, place, found, form):
        return redirect("backoffice:rounds", place.store.slug)
    context = {
        "place": place,
        "current": "rounds",
        "form": form,
        "round": found,
        "standing": None if found.closed_at else standing_of(cash_round=found),
        "mine": not may_close(roles=place.roles, cash_round=found, user=place.user),
    }
    return render(request, "backoffice/close_round.html", context, status=UNPROCESSABLE if form.errors else 200)


def _opened(request: StaffRequest, place: Place, form: OpenRoundForm) -> bool:
    asked = form.cleaned_data
    try:
        made = open_round(store=place.store, acting_user=place.user, **asked)
    except RoundChanged as error:
        # A second tap, or somebody else's screen: the page shows the one that is out.
        messages.info(request, error.message)
        return True
    except BusinessError as error:
        form.add_error(None, error.message)
        return False
    words = {"who": made.driver.first_name, "amount": euros(made.opening_amount)}
    messages.success(request, _("%(who)s a reçu un fond de caisse de %(amount)s.") % words)
    return True


def _closed(request: StaffRequest, place: Place, found: CashRound, form: CloseRoundForm) -> bool:
    try:
        close_round(cash_round=found, acting_user=place.user, **form.cleaned_data)
    except RoundChanged as error:
        messages.info(request, error.message)
        return True
    except ExplanationMissing as error:
        form.add_error("explanation", error.message)
        return False
    except BusinessError as error:
        form.add_error(None, error.message)
        return False
    words = {"who": found.driver.first_name, "amount": euros(form.cleaned_data["handed_over"])}
    messages.success(request, _("Le fond de caisse de %(who)s est clôturé : %(amount)s remis.") % words)
    return True
