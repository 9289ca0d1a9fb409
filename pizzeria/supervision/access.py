"""Who sees how the site is: the exploitant and the direction, for the whole group; machines with a token of theirs."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from pizzeria.accounts.gates import barrier
from pizzeria.accounts.models import ApiToken, Scope, User
from pizzeria.accounts.permissions import Action, allows
from pizzeria.accounts.selectors import group_roles_of
from pizzeria.accounts.tokens import authenticate
from pizzeria.api.problems import problem
from pizzeria.backoffice.access import StaffRequest, places_of, refused, stopped, to_sign_in

BEARER = "bearer "

View = Callable[[StaffRequest], HttpResponse]


def may_supervise(*, user: User | AnonymousUser) -> bool:
    return allows(roles=group_roles_of(user=user), action=Action.SEE_SUPERVISION)


def supervision_page(view: View) -> Callable[..., HttpResponse]:
    """Open a page to whoever may supervise: others are told why not, and nobody signed in goes to the sign-in page."""

    @never_cache
    @wraps(view)
    def opened(request: StaffRequest) -> HttpResponse:
        if not isinstance(request.user, User):
            return to_sign_in(request)
        roles = group_roles_of(user=request.user)
        stop = stopped(request, user=request.user, roles=roles)
        if stop:
            return stop
        if not allows(roles=roles, action=Action.SEE_SUPERVISION):
            return refused(request, status=403, place=next(iter(places_of(user=request.user)), None))
        return view(request)

    return opened


def supervision_machine(view: View) -> Callable[..., HttpResponse]:
    """Open an address to machines: by the bearer token of somebody who may supervise, or by their session.

    The token has the scope for it, and is bound to no store: what is supervised is the whole group's.
    """

    @never_cache
    @wraps(view)
    def opened(request: StaffRequest) -> HttpResponse:
        user = _asking(request)
        if isinstance(user, ApiToken):
            return _without_scope()
        if user is None:
            words = _("Cette adresse demande un jeton valide : « Authorization: Bearer … ».")
            return problem(status=401, code="unauthenticated", detail=words)
        if not may_supervise(user=user):
            words = _("La supervision est réservée à l’exploitation et à la direction.")
            return problem(status=403, code="forbidden", detail=words)
        return view(request)

    return opened


def _without_scope() -> HttpResponse:
    words = _("Ce jeton n’a pas la portée « %s ».") % Scope.READ_SUPERVISION
    answer = problem(
        status=403, code="insufficient_scope", detail=words, details={"scope": Scope.READ_SUPERVISION.value}
    )
    answer["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{Scope.READ_SUPERVISION}"'
    return answer


def _asking(request: HttpRequest) -> User | ApiToken | None:
    """Who asks; a token that is valid, but not for this, itself."""
    # A token that is wrong is not made good by a session that happens to be there.
    header = request.headers.get("Authorization", "")
    if header:
        is_bearer = header.lower().startswith(BEARER)
        token = authenticate(token=header[len(BEARER) :].strip()) if is_bearer else None
        return token.user if token and _is_for_this(token) else token
    if not isinstance(request.user, User):
        return None
    roles = group_roles_of(user=request.user)
    return None if barrier(user=request.user, roles=roles, session=request.session) else request.user


def _is_for_this(token: ApiToken) -> bool:
    return Scope.READ_SUPERVISION in token.scopes and token.store_id is None
