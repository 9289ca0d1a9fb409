"""The oven tonight: what is reserved of it, more work than usual, an oven that broke down."""

import hashlib
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.evening_chart import evening_chart
from pizzeria.backoffice.live_pages import Context, live_answer
from pizzeria.backoffice.service_forms import BreakdownForm
from pizzeria.catalogue.selectors import minutes_of_a_pizza
from pizzeria.errors import BusinessError
from pizzeria.ordering import rushes
from pizzeria.ordering.breakdowns import without_turn, would_move
from pizzeria.ordering.evening import Evening, evening_of, loss_of
from pizzeria.ordering.expected import expected_of
from pizzeria.ordering.models import Order
from pizzeria.stores.rush import LONGEST, rush_at
from pizzeria.stores.selectors import informed

KINDS = (
    ("10", gettext_lazy("+ 10 minutes")),
    ("20", gettext_lazy("+ 20 minutes")),
    ("pause", gettext_lazy("Pause")),
)
UNPROCESSABLE = 422
ENDS = (("30", gettext_lazy("30 min")), ("60", gettext_lazy("1 heure")), ("close", gettext_lazy("fin du service")))


@staff_page(Action.SET_RUSH)
def oven(request: StaffRequest, place: Place) -> HttpResponse:
    now = timezone.now()
    store = informed(store=place.store)
    evening, rush = evening_of(store=store, at=now), rush_at(store=store, at=now)
    seen = [(each.starts_at, each.minutes, each.reserved) for each in evening.quarters]
    to_call = without_turn(store=place.store)
    called = [order.pk for order in to_call]
    mark = hashlib.blake2s(f"{seen} {called} {rush and rush.pk} {now:%H%M}".encode(), digest_size=10).hexdigest()

    def read() -> Context:
        return {
            "chart": evening_chart(evening.quarters, at=now),
            "evening": evening,
            "breakdown": BreakdownForm(),
            "rush": rush,
            "later": len(rushes.later_promises(store=store, rush_now=rush)) if rush else 0,
            "loss": loss_of(store=store, at=now),
            "to_call": to_call,
            "kinds": KINDS,
            "ends": ENDS if evening.ends_at else ENDS[:-1],
            "expected": expected_of(
                store=store, lines=(), oven_minutes=minutes_of_a_pizza(), postal_code=store.postal_code, at=now
            ),
        }

    return live_answer(request, name="oven", fingerprint=mark, read=read, place=place)


@require_POST
@staff_page(Action.SET_RUSH)
def rush(request: StaffRequest, place: Place) -> HttpResponse:
    """One tap: how much, and until when (`10-30`: ten minutes more, for half an hour)."""
    kind, _dash, end = request.POST.get("rush", "").partition("-")
    minutes = None if kind == "pause" else _number(kind)
    until = _until(place, end)
    try:
        begun = rushes.start_rush(store=place.store, minutes=minutes, until=until, acting_user=place.user)
    except BusinessError as error:
        messages.warning(request, error.message)
    else:
        time = date_format(timezone.localtime(begun.ends_at), "H:i")
        words = _("Pause : aucune commande pour tout de suite jusqu’à %(time)s.")
        if begun.minutes is not None:
            words = _("%(minutes)s minutes de plus sur chaque nouvelle commande, jusqu’à %(time)s.")
        messages.success(request, words % {"minutes": begun.minutes, "time": time})
    return redirect("backoffice:oven", place.store.slug)


@require_POST
@staff_page(Action.SET_RUSH)
def calm(request: StaffRequest, place: Place) -> HttpResponse:
    if rushes.end_rush(store=place.store, acting_user=place.user):
        messages.success(request, _("C’est fini : les nouvelles commandes sont promises comme d’habitude."))
    else:
        messages.info(request, _("C’était déjà fini."))
    return redirect("backoffice:oven", place.store.slug)


def _until(place: Place, end: str) -> datetime:
    """The end that a button names; of a service without one, the longest that a rush may last."""
    now = timezone.now()
    if end != "close":
        return now + timedelta(minutes=_number(end))
    evening: Evening = evening_of(store=place.store, at=now)
    return min(evening.ends_at or now, now + LONGEST)


def _number(text: str) -> int:
    """Minutes that a button names; none for anything else, which the services refuse."""
    return int(text) if text in {"10", "20", "30", "60", "120"} else 0


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.SET_RUSH)
def move_promises(request: StaffRequest, place: Place) -> HttpResponse:
    """The orders that a rush would move, shown before anybody is told."""
    rush_now = rush_at(store=informed(store=place.store), at=timezone.now())
    if rush_now is None:
        messages.info(request, _("Le coup de feu est fini : rien n’est à décaler."))
        return redirect("backoffice:oven", place.store.slug)
    if request.method == "POST":
        moved = rushes.move_promises(
            store=place.store, rush_now=rush_now, numbers=request.POST.getlist("order"), acting_user=place.user
        )
        words = ngettext("%(count)s commande est décalée, son client le sait.", "%(count)s commandes sont décalées, leurs clients le savent.", moved)  # fmt: skip
        messages.success(request, words % {"count": moved})
        return redirect("backoffice:oven", place.store.slug)
    later = rushes.later_promises(store=place.store, rush_now=rush_now)
    context = {"place": place, "current": "oven", "rush": rush_now, "later": later}
    return render(request, "backoffice/move_promises.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.SET_RUSH)
def oven_lost(request: StaffRequest, place: Place) -> HttpResponse:
    """An oven broke down: what would move is shown, then confirmed."""
    form = BreakdownForm(request.POST if request.method == "POST" else request.GET)
    moving: list[Order] = []
    if form.is_valid():
        places, until = form.cleaned_data["places"], _until(place, form.cleaned_data["until"])
        try:
            if request.method == "POST":
                return _lost(request, place, rushes.lose_oven(store=place.store, places=places, until=until, acting_user=place.user))  # fmt: skip
            moving = would_move(store=place.store, places=places, until=until)
        except BusinessError as error:
            form.add_error(None, error.message)
    status = UNPROCESSABLE if form.errors else 200
    context = {"place": place, "current": "oven", "form": form, "moving": moving}
    return render(request, "backoffice/oven_lost.html", context, status=status)


@require_POST
@staff_page(Action.SET_RUSH)
def oven_mended(request: StaffRequest, place: Place) -> HttpResponse:
    loss = loss_of(store=place.store, at=timezone.now())
    if loss is None:
        messages.info(request, _("C’était déjà fait : tout le four chauffe."))
    else:
        rushes.restore_oven(store=place.store, places=loss.places, until=loss.until, acting_user=place.user)
        messages.success(request, _("Tout le four chauffe de nouveau."))
    return redirect("backoffice:oven", place.store.slug)


def _lost(request: StaffRequest, place: Place, moved: list[Order]) -> HttpResponse:
    words = _("C’est noté : aucune commande n’a dû être décalée.")
    if moved:
        words = ngettext("C’est noté : %(count)s commande est décalée, son client le sait.", "C’est noté : %(count)s commandes sont décalées, leurs clients le savent.", len(moved))  # fmt: skip
    messages.success(request, words % {"count": len(moved)})
    return redirect("backoffice:oven", place.store.slug)
