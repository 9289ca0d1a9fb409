"""Who opens which page: the one gate of the back office."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from pizzeria.accounts.gates import Barrier, barrier, note_hand
from pizzeria.accounts.models import Role, User
from pizzeria.accounts.permissions import Action, allows
from pizzeria.accounts.screens import floor_roles, note_tap, screen_of_browser, standing_at
from pizzeria.accounts.selectors import Workplace, group_roles_of, roles_at, workplaces_of
from pizzeria.redirects import own_path
from pizzeria.stores.models import Store
from pizzeria.trail import concerns

P = ParamSpec("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A tab of a store, with the pages under it: URL name, label, who may open it. A page alone has no label of its own."""

    name: str
    label: Promise
    pages: tuple[tuple[str, Promise, Action], ...]


SECTIONS = (
    Section(
        name="steering",
        label=pgettext_lazy("navigation", "Pilotage"),
        pages=(
            ("day", gettext_lazy("Journée"), Action.SEE_DAY),
            ("sales", gettext_lazy("Ventes"), Action.SEE_FIGURES),
            ("exports", gettext_lazy("Exports"), Action.EXPORT),
        ),
    ),
    Section(
        name="kitchen",
        label=gettext_lazy("Cuisine"),
        pages=(
            ("board", gettext_lazy("Commandes à réaliser"), Action.SEE_BOARD),
            ("makeable", gettext_lazy("Réalisables"), Action.SEE_MAKEABLE),
        ),
    ),
    Section(
        name="driver",
        label=gettext_lazy("Livraisons"),
        pages=(("driver", gettext_lazy("Livraisons"), Action.SEE_DELIVERIES),),
    ),
    Section(
        name="counter",
        label=gettext_lazy("Comptoir"),
        pages=(
            ("counter", gettext_lazy("Comptoir"), Action.SEE_COUNTER),
            ("take_order", gettext_lazy("Nouvelle commande"), Action.TAKE_ORDERS),
        ),
    ),
    Section(
        name="service",
        label=gettext_lazy("Service"),
        pages=(
            ("oven", gettext_lazy("Four et affluence"), Action.SET_RUSH),
            ("hours", gettext_lazy("Horaires"), Action.PLAN_SERVICE),
            ("capacity", gettext_lazy("Capacité du four"), Action.PLAN_SERVICE),
            ("zones", gettext_lazy("Zones de livraison"), Action.PLAN_SERVICE),
            ("identity", gettext_lazy("Mentions légales"), Action.PLAN_SERVICE),
        ),
    ),
    Section(
        name="orders",
        label=gettext_lazy("Commandes"),
        pages=(
            ("orders", gettext_lazy("Commandes"), Action.SEE_ORDERS),
            ("reviews", gettext_lazy("Avis"), Action.SEE_REVIEWS),
        ),
    ),
    Section(
        name="menu",
        label=pgettext_lazy("navigation", "Carte et stock"),
        pages=(
            ("stock", gettext_lazy("Stock"), Action.SEE_STOCK),
            ("movements", gettext_lazy("Mouvements"), Action.SEE_STOCK),
            ("stock_order", gettext_lazy("Réassort"), Action.SEE_STOCK),
            ("recipes", gettext_lazy("Recettes"), Action.SEE_RECIPES),
            ("prices", pgettext_lazy("navigation", "Prix"), Action.PLAN_PRICES),
            ("offers", pgettext_lazy("navigation", "Offres"), Action.MANAGE_OFFERS),
        ),
    ),
    Section(
        name="money",
        label=pgettext_lazy("navigation", "Argent"),
        pages=(
            ("money", gettext_lazy("Encaissements"), Action.SEE_PAYMENTS),
            ("rounds", gettext_lazy("Fonds de caisse"), Action.SEE_ROUNDS),
        ),
    ),
    Section(
        name="team",
        label=gettext_lazy("Équipe"),
        pages=(
            ("staff", gettext_lazy("Équipe"), Action.MANAGE_STAFF),
            ("screens", gettext_lazy("Écrans"), Action.MANAGE_SCREENS),
            ("devices", gettext_lazy("Appareils"), Action.MANAGE_TOKENS),
            ("webhooks", gettext_lazy("Webhooks"), Action.MANAGE_WEBHOOKS),
            ("journal", gettext_lazy("Journal d’activité"), Action.SEE_AUDIT),
        ),
    ),
)
"""The pages of a store, the day first and then in the order of an order's life, under their tabs; `_section_nav.html` shows those of a tab."""


BARRIER_PAGES = {Barrier.PASSWORD: "backoffice:first_password", Barrier.SECOND_FACTOR: "backoffice:second_factor"}


class StaffRequest(HttpRequest):
    """A request as the middlewares leave it, and the gate: `place` is where somebody was let in."""

    htmx: HtmxDetails
    place: "Place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    name: str
    label: str
    url: str
    pages: tuple["Tab", ...] = ()

    def holds(self, page: str) -> bool:
        return page == self.name or any(page == held.name for held in self.pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody works now: who they are, at which store, and what they may do there."""

    user: User
    store: Store
    roles: frozenset[str]
    has_others: bool
    at_screen: bool = False
    """Before a shared screen of the store, by a PIN: nobody is signed in."""

    def may(self, action: Action) -> bool:
        return allows(roles=self.roles, action=action)

    @property
    def tabs(self) -> list[Tab]:
        """The tabs of this store that this person may open; one that holds a single page for them is named after it."""
        found = []
        for section in SECTIONS:
            pages = self._pages(section)
            if pages:
                label = str(section.label) if len(pages) > 1 else pages[0].label
                found.append(Tab(name=section.name, label=label, url=pages[0].url, pages=pages))
        return found

    def _pages(self, section: Section) -> tuple[Tab, ...]:
        return tuple(
            Tab(name=name, label=str(label), url=reverse(f"backoffice:{name}", args=[self.store.slug]))
            for name, label, action in section.pages
            if self.may(action)
        )

    @property
    def role_names(self) -> str:
        return ", ".join(str(role.label) for role in Role if role in self.roles)

    @property
    def allowed(self) -> dict[str, bool]:
        """What templates ask: `{% if place.allowed.see_recipes %}`."""
        return {action.value: self.may(action) for action in Action}


View = Callable[Concatenate[StaffRequest, Place, P], HttpResponseBase]
WideView = Callable[[StaffRequest, list[Place]], HttpResponse]


def staff_page(action: Action) -> Callable[[View[P]], Callable[..., HttpResponseBase]]:
    """Open a page of a store to those whose role there allows it.

    Nobody signed in: the sign-in page, or the faces of a shared screen. Another store, or nothing of this name: 404, the
    same for both. A colleague without the role: 403.
    """

    def gate(view: View[P]) -> Callable[..., HttpResponseBase]:
        @never_cache
        @wraps(view)
        def opened(request: StaffRequest, store: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            place = _let_in(request, store)
            if isinstance(place, HttpResponse):
                return place
            concerns(store=place.store.slug, city=place.store.city.code)
            if not place.may(action):
                return refused(request, status=403, place=place)
            request.place = place
            try:
                return view(request, place, *args, **kwargs)
            except Http404:
                return refused(request, status=404, place=place)

        opened.action = action  # type: ignore[attr-defined]
        return opened

    return gate


def group_page(action: Action) -> Callable[[WideView], Callable[..., HttpResponse]]:
    """Open a page of the whole group to its roles; the view is given every store."""

    def gate(view: WideView) -> Callable[..., HttpResponse]:
        @never_cache
        @wraps(view)
        def opened(request: StaffRequest) -> HttpResponse:
            if not isinstance(request.user, User):
                return to_sign_in(request)
            roles, places = group_roles_of(user=request.user), places_of(user=request.user)
            stop = stopped(request, user=request.user, roles=[*roles, *_roles_of(places)])
            if stop:
                return stop
            return view(request, places) if allows(roles=roles, action=action) else refused(request, status=403)

        opened.action = action  # type: ignore[attr-defined]
        return opened

    return gate


def wide_page(action: Action) -> Callable[[WideView], Callable[..., HttpResponse]]:
    """Open a page to whoever may do this somewhere; the view is given the places where they may."""

    def gate(view: WideView) -> Callable[..., HttpResponse]:
        @never_cache
        @wraps(view)
        def opened(request: StaffRequest) -> HttpResponse:
            if not isinstance(request.user, User):
                return to_sign_in(request)
            places = places_of(user=request.user)
            stop = stopped(request, user=request.user, roles=_roles_of(places))
            if stop:
                return stop
            allowed = [place for place in places if place.may(action)]
            return view(request, allowed) if allowed else refused(request, status=403)

        opened.action = action  # type: ignore[attr-defined]
        return opened

    return gate


def wide_tabs(*, places: Sequence[Place], group_roles: Collection[str] = ()) -> list[Tab]:
    """The pages of several stores together that somebody with these places may open."""
    roles = {*group_roles, *_roles_of(places)}
    sees_group = allows(roles=roles, action=Action.SEE_GROUP)
    first = ("group", _("Groupe")) if sees_group else ("home", _("Mes points de vente"))
    found = [(*first, reverse(f"backoffice:{first[0]}"))]
    if allows(roles=roles, action=Action.SEE_ORDERS) and places:
        found.append(("orders", _("Commandes"), reverse("backoffice:all_orders")))
    if allows(roles=roles, action=Action.SEE_FIGURES) and places:
        found.append(("sales", _("Ventes"), reverse("backoffice:group_sales")))
    if allows(roles=roles, action=Action.SEE_SUPERVISION):
        found.append(("status", _("Supervision"), reverse("supervision:status")))
    return [Tab(name=name, label=label, url=url) for name, label, url in found]


def _roles_of(places: Sequence[Place]) -> list[str]:
    return [role for place in places for role in place.roles]


def _let_in(request: StaffRequest, slug: str) -> Place | HttpResponse:
    """Where they are let in, or the answer to who is not."""
    if not isinstance(request.user, User):
        return before_screen(request, slug) or to_sign_in(request)
    places = places_of(user=request.user)
    stop = stopped(request, user=request.user, roles=[role for place in places for role in place.roles])
    if stop:
        return stop
    place = next((place for place in places if place.store.slug == slug), None)
    return place or refused(request, status=404 if places else 403)


def stopped(request: StaffRequest, *, user: User, roles: Collection[str]) -> HttpResponse | None:
    """What somebody who is signed in does before any page of the staff opens; None when they may go on."""
    found = barrier(user=user, roles=roles, session=request.session)
    if found is None:
        if _is_a_tap(request):
            note_hand(session=request.session)
        return None
    if found == Barrier.OVER:
        logout(request)
        return to_sign_in(request)
    address = f"{reverse(BARRIER_PAGES[found])}?{urlencode({'next': page_to_return_to(request)})}"
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def before_screen(request: StaffRequest, slug: str) -> Place | HttpResponse | None:
    """The place of whoever stands before this browser, if it is a screen of this store; None when it is none.

    Nobody there, or not for ten minutes: the faces, to choose from.
    """
    screen = screen_of_browser(request)
    if screen is None or screen.store.slug != slug:
        return None
    now = timezone.now()
    person = standing_at(screen=screen, at=now)
    held = floor_roles(roles=roles_at(user=person, store_id=screen.store_id))
    if person is None or not held:
        address = reverse("backoffice:screen", args=[slug])
        return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
    if _is_a_tap(request):
        note_tap(screen=screen, at=now)
    return Place(user=person, store=screen.store, roles=held, has_others=False, at_screen=True)


def _is_a_tap(request: StaffRequest) -> bool:
    """Whether a hand asks, and not the page itself, which shows what is new while nobody is there."""
    if request.htmx:
        return request.htmx.target != "live"
    return request.method == "POST" or request.headers.get("Sec-Fetch-User") == "?1"


def places_of(*, user: User) -> list[Place]:
    workplaces: list[Workplace] = workplaces_of(user=user)
    return [
        Place(user=user, store=workplace.store, roles=workplace.roles, has_others=len(workplaces) > 1)
        for workplace in workplaces
    ]


def to_sign_in(request: StaffRequest) -> HttpResponse:
    """The sign-in page, that leads back here; a part of a page cannot show it, so the page goes there."""
    response = redirect_to_login(page_to_return_to(request), login_url=reverse("backoffice:login"))
    return HttpResponseClientRedirect(response.url) if request.htmx else response


def page_to_return_to(request: StaffRequest) -> str:
    """The page that was asked for, or that asks for its part; what is done is not done again by coming back."""
    if request.htmx:
        return _current_page(request) or reverse("backoffice:home")
    return request.get_full_path() if request.method == "GET" else reverse("backoffice:home")


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: nothing while its page is only looked at."""
    return request.POST if request.method == "POST" else None


def safe_next(request: HttpRequest) -> str:
    """Where to go afterwards: a page of this site, never another's."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return own_path(request, wanted) or reverse("backoffice:home")


def _current_page(request: StaffRequest) -> str | None:
    """The path of the page that asks for its part; None when what the browser says of it is no address of ours."""
    try:
        return request.htmx.current_url_abs_path
    except ValueError:
        return None


def refused(request: HttpRequest, *, status: int, place: Place | None = None) -> HttpResponse:
    """Say clearly that this is not theirs (403), or not here (404)."""
    if status == 404:  # noqa: PLR2004
        title = _("Rien ici pour vous")
        words = _("Cette page n’existe pas dans votre point de vente. Le numéro est peut-être incomplet.")
    elif place:
        title = _("Cette page n’est pas pour votre rôle")
        words = _("Votre rôle à %(store)s (%(roles)s) n’ouvre pas cette page.") % {
            "store": place.store.name,
            "roles": place.role_names,
        }
    else:
        title = _("Ce compte n’est pas celui d’un membre de l’équipe")
        words = _("Il n’a de rôle dans aucun point de vente. Votre responsable peut vous en donner un.")
    context = {"title": title, "words": words, "place": place}
    return render(request, "backoffice/refused.html", context, status=status)
