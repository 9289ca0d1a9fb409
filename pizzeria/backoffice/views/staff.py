"""The people of a point of sale (UC 7.1)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page


@require_safe
@staff_page(Action.MANAGE_STAFF)
def staff(request: StaffRequest, place: Place) -> HttpResponse:
    return render(request, "backoffice/staff.html", {"place": place, "current": "staff"})
