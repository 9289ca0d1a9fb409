"""After signing in: straight to one's page, the direction to the whole group; or the choice of a place."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache

from pizzeria.accounts.models import Role, User
from pizzeria.accounts.permissions import Action, allows
from pizzeria.accounts.screens import screen_of_browser
from pizzeria.accounts.selectors import group_roles_of
from pizzeria.backoffice.access import (
    Place,
    StaffRequest,
    places_of,
    refused,
    stopped,
    to_sign_in,
    wide_tabs,
)
from pizzeria.backoffice.live_pages import Context, live_answer
from pizzeria.live.services import MAX_TOPICS, store_topic
from pizzeria.ordering.group import mark_of, stores_now
from pizzeria.ordering.staff_selectors import total_of
from pizzeria.stores.models import Store

FIRST_PAGE = {
    Role.PIZZAIOLO: "board",
    Role.DRIVER: "driver",
    Role.CASHIER: "counter",
    Role.MANAGER: "day",
}


@never_cache
def home(request: StaffRequest) -> HttpResponse:
    if not isinstance(request.user, User):
        screen = screen_of_browser(request)
        return redirect("backoffice:screen", screen.store.slug) if screen else to_sign_in(request)
    places = places_of(user=request.user)
    roles = {role for place in places for role in place.roles} | group_roles_of(user=request.user)
    stop = stopped(request, user=request.user, roles=roles)
    if stop:
        return stop
    if allows(roles=roles, action=Action.SEE_GROUP):
        return redirect("backoffice:group")
    if not places:
        return refused(request, status=403)
    page = _only_page(places)
    if page:
        return redirect(f"backoffice:{page}", places[0].store.slug)
    return _choice(request, places)


def _only_page(places: list[Place]) -> str | None:
    """The page of somebody with one role at one store."""
    if len(places) != 1 or len(places[0].roles) > 1:
        return None
    role = next(iter(places[0].roles))
    return FIRST_PAGE.get(Role(role))


def _choice(request: StaffRequest, places: list[Place]) -> HttpResponse:
    watched = [place for place in places if place.may(Action.SEE_FIGURES)]
    stores = Store.objects.filter(pk__in=[place.store.pk for place in watched]).select_related("city")
    rows = stores_now(stores=stores, at=timezone.now()) if watched else []

    def read() -> Context:
        return {
            "rows": rows,
            "others": [place for place in places if place not in watched and place.tabs],
            # What is the group's opens for a group role, at whichever store.
            "supervises": any(place.may(Action.SEE_SUPERVISION) for place in places),
            "wide": wide_tabs(places=places),
            "total": total_of(row.figures for row in rows) if len(rows) > 1 else None,
            # One stream carries so many stores; the page of a larger group shows the rest when it is opened.
            "topics": " ".join(store_topic(place.store.pk) for place in watched[:MAX_TOPICS]),
        }

    return live_answer(request, name="home", fingerprint=mark_of(rows), read=read, place=None)
