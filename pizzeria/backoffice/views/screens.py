"""Shared screens: the responsable's list of them, and what stands on one that nobody has in hand: faces, then a PIN."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pizzeria.accounts.errors import PinLocked, WrongPin
from pizzeria.accounts.models import Role, SharedScreen, User
from pizzeria.accounts.permissions import Action
from pizzeria.accounts.pins import is_locked
from pizzeria.accounts.screens import (
    LIFE,
    floor_roles,
    leave_screen,
    open_screen,
    people_of,
    revoke_screen,
    screen_of_browser,
    screens_of,
    take_screen,
)
from pizzeria.accounts.selectors import roles_at
from pizzeria.backoffice.access import Place, StaffRequest, posted, refused, staff_page
from pizzeria.backoffice.staff_forms import EnterForm, ScreenForm
from pizzeria.backoffice.views.home import FIRST_PAGE

UNPROCESSABLE = 422
P = ParamSpec("P")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.MANAGE_SCREENS)
def screens(request: StaffRequest, place: Place) -> HttpResponse:
    """The store's screens, and a form that makes this browser one: whoever sends it is signed out here."""
    now = timezone.now()
    form = ScreenForm(posted(request))
    if form.is_bound and form.is_valid():
        secret = open_screen(actor=place.user, store=place.store, label=form.cleaned_data["label"], at=now)
        logout(request)
        response = redirect("backoffice:screen", place.store.slug)
        _keep(response, secret)
        return response
    context = {
        "place": place,
        "current": "screens",
        "form": form,
        "screens": screens_of(store=place.store, at=now),
        "this_one": screen_of_browser(request),
    }
    return render(request, "backoffice/screens.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@require_POST
@staff_page(Action.MANAGE_SCREENS)
def revoke(request: StaffRequest, place: Place, pk: int) -> HttpResponse:
    label = revoke_screen(actor=place.user, store=place.store, pk=pk)
    if label is None:
        messages.info(request, _("Cet écran n’est plus partagé."))
    else:
        messages.success(request, _("« %(screen)s » n’est plus un écran partagé.") % {"screen": label})
    return redirect("backoffice:screens", place.store.slug)


View = Callable[Concatenate[StaffRequest, SharedScreen, P], HttpResponse]


def screen_page(view: View[P]) -> Callable[..., HttpResponse]:
    """A page of a shared screen: for the browser that is one, at this store; for every other one it is not there."""

    @never_cache
    @wraps(view)
    def opened(request: StaffRequest, store: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        screen = screen_of_browser(request)
        if screen is None or screen.store.slug != store:
            return refused(request, status=404)
        return view(request, screen, *args, **kwargs)

    return opened


@require_safe
@screen_page
def faces(request: StaffRequest, screen: SharedScreen) -> HttpResponse:
    people = [(person, is_locked(user=person)) for person in people_of(screen=screen)]
    return render(request, "backoffice/screen.html", {"screen": screen, "people": people})


@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
@screen_page
def enter(request: StaffRequest, screen: SharedScreen, pk: int) -> HttpResponse:
    """A PIN: right, and their first page stands there."""
    person = people_of(screen=screen).filter(pk=pk).first()
    if person is None:
        return redirect("backoffice:screen", screen.store.slug)
    form = EnterForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            take_screen(screen=screen, person=person, pin=form.cleaned_data["pin"], at=timezone.now())
        except PinLocked:
            # The faces say it: a page that asks for a PIN has nothing to offer any more.
            return redirect("backoffice:screen", screen.store.slug)
        except WrongPin as error:
            form.add_error("pin", error.message)
        else:
            if request.user.is_authenticated:
                # Whoever is still signed in here is not the one who stands here now.
                logout(request)
            return redirect(f"backoffice:{_first_page(screen, person)}", screen.store.slug)
    context = {"screen": screen, "person": person, "form": form}
    return render(request, "backoffice/screen_pin.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@require_POST
@screen_page
def leave(_request: StaffRequest, screen: SharedScreen) -> HttpResponse:
    leave_screen(screen=screen)
    return redirect("backoffice:screen", screen.store.slug)


def _first_page(screen: SharedScreen, person: User) -> str:
    held = floor_roles(roles=roles_at(user=person, store_id=screen.store_id))
    return next(page for role, page in FIRST_PAGE.items() if role in held and role != Role.MANAGER)


def _keep(response: HttpResponse, secret: str) -> None:
    """Give the browser its secret: for requests that begin on our pages, and no script."""
    response.set_cookie(
        settings.SCREEN_COOKIE_NAME,
        secret,
        max_age=LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
