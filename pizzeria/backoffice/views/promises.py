"""An hour that will not be kept is said before the client notices: +5, +10 or +15 minutes, and why."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pizzeria.accounts.models import Role
from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.errors import BusinessError
from pizzeria.ordering.models import Order, PromiseChange
from pizzeria.ordering.moving import move_promise
from pizzeria.ordering.selectors import OPEN
from pizzeria.ordering.staff_selectors import order_of_store
from pizzeria.stores.hours import PARIS

Reason = PromiseChange.Reason
STEPS = (5, 10, 15)
"""Minutes."""
OF_KITCHEN = (Reason.KITCHEN, Reason.OVEN, Reason.RUSH)
OF_ROAD = (Reason.ROAD, Reason.KITCHEN, Reason.RUSH)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.MOVE_PROMISES)
def delay(request: StaffRequest, place: Place, number: str) -> HttpResponse:
    """Ask by how much and why; a page of its own, that no refresh takes away while one thinks."""
    order = order_of_store(store_id=place.store.pk, number=number)
    if order is None:
        raise Http404
    reasons = OF_ROAD if order.status == Order.Status.DELIVERING else OF_KITCHEN
    if request.method == "POST" and _is_done(request, place, order, reasons):
        return redirect(_back(place))
    context = {
        "place": place,
        "current": "driver" if order.status == Order.Status.DELIVERING else "board",
        "order": order,
        "reasons": [(reason.value, reason.label) for reason in reasons],
        "steps": [(minutes, _moved(order, minutes)) for minutes in STEPS],
        "chosen": request.POST.get("reason", reasons[0]),
        "is_open": order.status in OPEN,
        "back": _back(place),
    }
    return render(request, "backoffice/delay.html", context, status=409 if request.method == "POST" else 200)


def _is_done(request: StaffRequest, place: Place, order: Order, reasons: tuple[Reason, ...]) -> bool:
    """Move the promise; False when it has to be asked again, and why is said."""
    minutes, reason = request.POST.get("minutes", ""), request.POST.get("reason", "")
    if minutes not in {str(step) for step in STEPS} or reason not in reasons:
        messages.warning(request, _("Choisissez de combien, et pourquoi."))
        return False
    if request.POST.get("shown", "") != _shown(order):
        # A colleague was faster: their minutes are not added to ours unread.
        words = _(
            "Un collègue vient de changer l’heure : c’est %(now)s. Vous vouliez %(minutes)s minutes de plus ; ajoutez-les s’il le faut encore."
        )
        messages.warning(request, words % {"now": _clock(order.promised_at), "minutes": minutes})
        return False
    try:
        move_promise(order=order, to=_moved(order, int(minutes)), reason=Reason(reason), acting_user=place.user)
    except BusinessError as refusal:
        messages.warning(request, refusal.message)
        return False
    words = _("Le client de la commande %(number)s lit maintenant %(time)s.")
    messages.success(request, words % {"number": order.number, "time": _clock(order.promised_at)})
    return True


def _moved(order: Order, minutes: int) -> datetime:
    """So much after what is promised; after now, when that has passed already."""
    return max(order.promised_at, timezone.now()) + timedelta(minutes=minutes)


def _shown(order: Order) -> str:
    return str(int(order.promised_at.timestamp()))


def _clock(at: datetime) -> str:
    return time_format(at.astimezone(PARIS).time(), "H:i")


def _back(place: Place) -> str:
    """The page of whoever asked: the road's for a driver, the kitchen's for a pizzaiolo."""
    roles = place.roles
    name = "board" if place.may(Action.SEE_BOARD) and Role.DRIVER not in roles else "driver"
    return reverse(f"backoffice:{name}", args=[place.store.slug])
