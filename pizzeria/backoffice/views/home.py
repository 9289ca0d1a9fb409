"""After signing in: straight to one's page, or the choice of a place; for direction, the whole group."""

from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache

from pizzeria.accounts.models import Role, User
from pizzeria.accounts.permissions import Action
from pizzeria.accounts.screens import screen_of_browser
from pizzeria.accounts.selectors import group_roles_of
from pizzeria.backoffice.access import (
    Place,
    StaffRequest,
    places_of,
    refused,
    stopped,
    to_sign_in,
)
from pizzeria.backoffice.live_pages import Context, live_answer
from pizzeria.live.services import MAX_TOPICS, store_topic
from pizzeria.ordering.staff_selectors import Figures, figures_of

FIRST_PAGE = {
    Role.PIZZAIOLO: "board",
    Role.DRIVER: "driver",
    Role.CASHIER: "counter",
    Role.MANAGER: "orders",
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
    if not places and Role.DIRECTION not in roles:
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
    figures = figures_of(store_ids=[place.store.pk for place in watched], at=timezone.now())

    def read() -> Context:
        return {
            "watched": [(place, figures[place.store.pk]) for place in watched],
            "others": [place for place in places if place not in watched and place.tabs],
            "without_stores": not places,
            # What is the group's opens for a group role, at whichever store.
            "supervises": not places or any(place.may(Action.SEE_SUPERVISION) for place in places),
            "total": _total(list(figures.values())) if len(figures) > 1 else None,
            # One stream carries so many stores; the page of a larger group shows the rest when it is opened.
            "topics": " ".join(store_topic(place.store.pk) for place in watched[:MAX_TOPICS]),
        }

    return live_answer(request, name="home", fingerprint=repr(figures), read=read, place=None)


def _total(figures: list[Figures]) -> Figures:
    return Figures(
        today=sum(store.today for store in figures),
        open=sum(store.open for store in figures),
        late=sum(store.late for store in figures),
        turnover=sum((store.turnover for store in figures), Decimal("0.00")),
    )
