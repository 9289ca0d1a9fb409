"""Who opens which page: the one gate of the back office."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from pizzeria.accounts.models import Role, User
from pizzeria.accounts.permissions import Action, allows
from pizzeria.accounts.selectors import Workplace, workplaces_of
from pizzeria.stores.models import Store
from pizzeria.trail import concerns

P = ParamSpec("P")

PAGES = (
    ("board", gettext_lazy("Cuisine"), Action.SEE_BOARD),
    ("makeable", gettext_lazy("Réalisables"), Action.SEE_MAKEABLE),
    ("driver", gettext_lazy("Livraisons"), Action.SEE_DELIVERIES),
    ("counter", gettext_lazy("Comptoir"), Action.SEE_COUNTER),
    ("orders", gettext_lazy("Commandes"), Action.SEE_ORDERS),
    ("money", gettext_lazy("Encaissements"), Action.SEE_PAYMENTS),
    ("rounds", gettext_lazy("Fonds de caisse"), Action.SEE_ROUNDS),
    ("stock_order", gettext_lazy("Réassort"), Action.SEE_STOCK),
    ("prices", pgettext_lazy("navigation", "Prix"), Action.PLAN_PRICES),
    ("sales", gettext_lazy("Ventes"), Action.SEE_FIGURES),
    ("staff", gettext_lazy("Équipe"), Action.MANAGE_STAFF),
)
"""The pages of a store, in the order of an order's life: URL name, label, who may open it."""

TEAM_PAGES = (
    ("staff", gettext_lazy("Équipe"), Action.MANAGE_STAFF),
    ("screens", gettext_lazy("Écrans"), Action.MANAGE_SCREENS),
    ("devices", gettext_lazy("Appareils"), Action.MANAGE_TOKENS),
    ("webhooks", gettext_lazy("Webhooks"), Action.MANAGE_WEBHOOKS),
)
"""Those under the tab « Équipe » (`_team_nav.html`), in the order in which they stand there."""


class StaffRequest(HttpRequest):
    """A request as the middlewares leave it, and the gate: `place` is where somebody was let in."""

    htmx: HtmxDetails
    place: "Place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    name: str
    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody works now: who they are, at which store, and what they may do there."""

    user: User
    store: Store
    roles: frozenset[str]
    has_others: bool

    def may(self, action: Action) -> bool:
        return allows(roles=self.roles, action=action)

    @property
    def tabs(self) -> list[Tab]:
        """The pages of this store that this person may open."""
        return self._tabs(PAGES)

    @property
    def team_tabs(self) -> list[Tab]:
        """Those that stand under the tab « Équipe »."""
        return self._tabs(TEAM_PAGES)

    def _tabs(self, pages: Iterable[tuple[str, Promise, Action]]) -> list[Tab]:
        return [
            Tab(name=name, label=str(label), url=reverse(f"backoffice:{name}", args=[self.store.slug]))
            for name, label, action in pages
            if self.may(action)
        ]

    @property
    def role_names(self) -> str:
        return ", ".join(str(role.label) for role in Role if role in self.roles)

    @property
    def allowed(self) -> dict[str, bool]:
        """What templates ask: `{% if place.allowed.see_recipes %}`."""
        return {action.value: self.may(action) for action in Action}


View = Callable[Concatenate[StaffRequest, Place, P], HttpResponse]


def staff_page(action: Action) -> Callable[[View[P]], Callable[..., HttpResponse]]:
    """Open a page of a store to those whose role there allows it.

    Nobody signed in: the sign-in page. Another store, or nothing of this name: 404, the same for
    both. A colleague without the role: 403.
    """

    def gate(view: View[P]) -> Callable[..., HttpResponse]:
        @never_cache
        @wraps(view)
        def opened(request: StaffRequest, store: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not isinstance(request.user, User):
                return to_sign_in(request)
            places = places_of(user=request.user)
            place = next((place for place in places if place.store.slug == store), None)
            if place is None:
                return refused(request, status=404 if places else 403)
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


def places_of(*, user: User) -> list[Place]:
    workplaces: list[Workplace] = workplaces_of(user=user)
    return [
        Place(user=user, store=workplace.store, roles=workplace.roles, has_others=len(workplaces) > 1)
        for workplace in workplaces
    ]


def to_sign_in(request: StaffRequest) -> HttpResponse:
    """The sign-in page, that leads back here; a part of a page cannot show it, so the page goes there."""
    if request.htmx:
        back = _current_page(request) or reverse("backoffice:home")
    else:
        back = request.get_full_path() if request.method == "GET" else reverse("backoffice:home")
    response = redirect_to_login(back, login_url=reverse("backoffice:login"))
    return HttpResponseClientRedirect(response.url) if request.htmx else response


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
