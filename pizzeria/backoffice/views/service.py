"""The oven tonight: what is reserved of it, more work than usual, an oven that broke down."""

import hashlib
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.evening_chart import evening_chart
from pizzeria.backoffice.live_pages import Context, live_answer
from pizzeria.catalogue.selectors import minutes_of_a_pizza
from pizzeria.errors import BusinessError
from pizzeria.ordering.evening import Evening, evening_of
from pizzeria.ordering.expected import expected_of
from pizzeria.ordering.rushes import end_rush, start_rush
from pizzeria.stores.rush import LONGEST, rush_at
from pizzeria.stores.selectors import informed

KINDS = (
    ("10", gettext_lazy("+ 10 minutes")),
    ("20", gettext_lazy("+ 20 minutes")),
    ("pause", gettext_lazy("Pause")),
)
ENDS = (("30", gettext_lazy("30 min")), ("60", gettext_lazy("1 heure")), ("close", gettext_lazy("fin du service")))


@staff_page(Action.SET_RUSH)
def oven(request: StaffRequest, place: Place) -> HttpResponse:
    now = timezone.now()
    store = informed(store=place.store)
    evening, rush = evening_of(store=store, at=now), rush_at(store=store, at=now)
    seen = [(each.starts_at, each.minutes, each.reserved) for each in evening.quarters]
    mark = hashlib.blake2s(f"{seen} {rush and rush.pk} {now:%H%M}".encode(), digest_size=10).hexdigest()

    def read() -> Context:
        return {
            "chart": evening_chart(evening.quarters, at=now),
            "evening": evening,
            "rush": rush,
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
        begun = start_rush(store=place.store, minutes=minutes, until=until, acting_user=place.user)
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
    if end_rush(store=place.store, acting_user=place.user):
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
    return int(text) if text in {"10", "20", "30", "60"} else 0
