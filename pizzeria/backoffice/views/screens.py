"""Screens that a store's people share."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page


@require_safe
@staff_page(Action.MANAGE_SCREENS)
def screens(request: StaffRequest, place: Place) -> HttpResponse:
    return render(request, "backoffice/screens.html", {"place": place, "current": "staff"})
