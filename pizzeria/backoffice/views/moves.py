"""What staff do to an order: move it one step, cancel it with a reason."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from pizzeria.accounts.models import User
from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.forms import CancelForm
from pizzeria.backoffice.views.handing_over import answer_counter, answer_driver
from pizzeria.backoffice.views.kitchen import answer_board
from pizzeria.backoffice.views.orders import answer_order
from pizzeria.ordering.differences import changed_since
from pizzeria.ordering.errors import ReasonMissing, SeveralMeansNeeded, TransitionRefused
from pizzeria.ordering.models import Order
from pizzeria.ordering.services import advance as advance_order
from pizzeria.ordering.services import cancel_as_staff
from pizzeria.ordering.staff_selectors import order_of_store, was_moved_by

Status = Order.Status
LONGEST = 9
"""Digits of a version: what is longer was not ours."""

ANSWERS: dict[str, tuple[Action, Callable[[StaffRequest, Place], HttpResponse]]] = {
    "board": (Action.SEE_BOARD, answer_board),
    "driver": (Action.SEE_DELIVERIES, answer_driver),
    "counter": (Action.SEE_COUNTER, answer_counter),
}
"""The pages that have a button, and how each shows itself after the move."""


@require_POST
@staff_page(Action.MOVE_ORDERS)
def advance(request: StaffRequest, place: Place, number: str) -> HttpResponse:
    order = _order(place, number)
    to_status = request.POST.get("to", "")
    if was_changed_since(order=order, version=request.POST.get("seen", "")):
        messages.warning(request, _changed_meanwhile(order))
        return _shown_again(request, place, number)
    try:
        advance_order(order=order, to_status=to_status, acting_user=place.user)
    except TransitionRefused as error:
        if was_moved_by(order=order, to_status=to_status, user=place.user):
            # A second tap, another screen, or an answer that got lost: no conflict, the order stands where it was put.
            messages.info(request, _done_already(order))
        else:
            messages.warning(request, _kindly(order, place.user) or error.message)
    except ReasonMissing:
        return redirect("backoffice:cancel", place.store.slug, number)
    except SeveralMeansNeeded as error:
        messages.warning(request, error.message)
        return _to_page(request, reverse("backoffice:take", args=[place.store.slug, number]))
    return _shown_again(request, place, number)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.CANCEL_ORDERS)
def cancel(request: StaffRequest, place: Place, number: str) -> HttpResponse:
    """Ask for the reason, then cancel; a page of its own, that no refresh takes away while one types."""
    order = _order(place, number)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            cancel_as_staff(order=order, acting_user=place.user, reason=form.cleaned_data["reason"])
            messages.success(request, _("La commande %(number)s est annulée.") % {"number": order.number})
        except TransitionRefused as error:
            if was_moved_by(order=order, to_status=Status.CANCELLED, user=place.user):
                messages.info(request, _done_already(order))
            else:
                messages.warning(request, error.message)
        except ReasonMissing as error:
            # Characters that nobody sees.
            form.add_error("reason", error.message)
        if not form.errors:
            return redirect("backoffice:order", place.store.slug, order.number)
    context = {"place": place, "current": "orders", "order": order, "form": form}
    return render(request, "backoffice/cancel.html", context, status=422 if form.errors else 200)


def _order(place: Place, number: str) -> Order:
    order = order_of_store(store_id=place.store.pk, number=number)
    if order is None:
        raise Http404
    return order


def _shown_again(request: StaffRequest, place: Place, number: str) -> HttpResponse:
    """The page that the button was on, if this person may see it: its live part, or a redirect to it."""
    page = request.POST.get("page", "")
    if page == "order" and place.may(Action.SEE_ORDERS):
        if request.htmx:
            return answer_order(request, place, number)
        return redirect("backoffice:order", place.store.slug, number)
    action, answer = ANSWERS.get(page, (None, None))
    if action is None or answer is None or not place.may(action):
        return redirect("backoffice:home")
    return answer(request, place) if request.htmx else redirect(f"backoffice:{page}", place.store.slug)


def _to_page(request: StaffRequest, path: str) -> HttpResponse:
    """Another page, whole: a part of a page cannot show it."""
    return HttpResponseClientRedirect(path) if request.htmx else redirect(path)


def was_changed_since(*, order: Order, version: str) -> bool:
    """Whether the ticket that was tapped shows another order than there is now: nobody starts what they have not read."""
    return version.isdecimal() and len(version) < LONGEST and bool(changed_since(order=order, version=int(version)))


def _changed_meanwhile(order: Order) -> str:
    return _("La commande %(number)s vient d’être modifiée : relisez-la avant de continuer.") % {"number": order.number}


def _done_already(order: Order) -> str:
    return _("C’est déjà fait : la commande %(number)s est « %(status)s ».") % {
        "number": order.number,
        "status": order.get_status_display(),
    }


def _kindly(order: Order, me: User) -> str:
    """Who has the order now, when that is why the move came too late."""
    who = {Status.TAKEN: order.pizzaiolo, Status.PREPARING: order.pizzaiolo, Status.DELIVERING: order.driver}.get(
        Status(order.status)
    )
    if who is None or who == me:
        return ""
    return _("%(who)s s’occupe déjà de la commande %(number)s (« %(status)s »).") % {
        "who": who.first_name,
        "number": order.number,
        "status": order.get_status_display(),
    }
