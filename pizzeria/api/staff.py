"""Orders for the staff: a bearer token opens those of the bearer's stores, and the moves of the bearer's roles.

Its scopes, and the store that it may be bound to, only ever take something away from that.
"""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, cast

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router
from ninja.security import HttpBearer
from pydantic import Field, StringConstraints

from pizzeria.accounts.models import ApiToken, Scope, User
from pizzeria.accounts.selectors import Workplace, workplaces_of
from pizzeria.accounts.tokens import authenticate
from pizzeria.api.answers import StaffOrderOut, StaffOrdersOut
from pizzeria.api.describe import staff_order
from pizzeria.api.errors import Forbidden, InsufficientScope, InvalidRequest, StoreNotFound
from pizzeria.api.fields import LARGEST_ID, Status
from pizzeria.api.operation import WITH_BODY, answers, codes, gettext_lazy, needs
from pizzeria.api.requests import LONGEST_SLUG, AdvanceAsked
from pizzeria.ordering.errors import OrderNotFound
from pizzeria.ordering.models import Order
from pizzeria.ordering.selectors import board
from pizzeria.ordering.services import advance
from pizzeria.ordering.visibility import sees_orders, visible_orders
from pizzeria.trail import concerns


class StaffToken(HttpBearer):
    """A token that has the scope which an operation names (`needs`). Raises InsufficientScope for one without it."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, _request: HttpRequest, token: str) -> ApiToken | None:
        found = authenticate(token=token)
        if found and self.scope not in found.scopes:
            raise InsufficientScope(_("Ce jeton n’a pas la portée « %s ».") % self.scope, scope=self.scope)
        return found


OF_TOKENS = ("unauthenticated", "insufficient_scope", "forbidden")

router = Router(tags=["staff"])

PageSize = Annotated[int, Query(), Field(ge=1, le=100)]
StoreSlug = Annotated[str | None, Query(), StringConstraints(max_length=LONGEST_SLUG)]
Cursor = Annotated[str | None, Query(), StringConstraints(max_length=100)]


@router.get(
    "/orders",
    auth=StaffToken(Scope.READ_ORDERS),
    response=answers({200: StaffOrdersOut}, 401, 403, 404, 422),
    summary=gettext_lazy("Les commandes de mes points de vente"),
    description=gettext_lazy(
        "Les plus récentes d’abord : celles que montrent les pages du porteur du jeton, ni plus ni moins."
    ),
    openapi_extra=needs(Scope.READ_ORDERS, codes(*OF_TOKENS, "store_not_found", "invalid_request")),
)
def list_staff_orders(
    request: HttpRequest,
    response: HttpResponse,
    *,
    store: StoreSlug = None,
    status: Annotated[Status | None, Query()] = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> StaffOrdersOut:
    places = _workplaces(request, store)
    found = visible_orders(workplaces=places)
    if status:
        found = found.filter(status=status)
    page = list(_after(found, cursor)[: limit + 1])
    roles = {place.store.pk: place.roles for place in places}
    response["Cache-Control"] = "no-store"
    return StaffOrdersOut(
        orders=[staff_order(order, user=_bearer(request), roles=roles[order.store_id]) for order in page[:limit]],
        cursor=_cursor_at(page[limit - 1]) if len(page) > limit else None,
    )


@router.get(
    "/orders/{slug:number}",
    auth=StaffToken(Scope.READ_ORDERS),
    response=answers({200: StaffOrderOut}, 401, 403, 404),
    summary=gettext_lazy("Une commande de mes points de vente"),
    description=gettext_lazy("Par son numéro, si les pages du porteur du jeton la montrent."),
    openapi_extra=needs(Scope.READ_ORDERS, codes(*OF_TOKENS, "order_not_found")),
)
def read_staff_order(request: HttpRequest, response: HttpResponse, number: str) -> StaffOrderOut:
    places = _workplaces(request, None)
    found = visible_orders(workplaces=places).filter(number=number).first()
    if found is None:
        raise OrderNotFound(_("Commande introuvable"))
    roles = {place.store.pk: place.roles for place in places}
    response["Cache-Control"] = "no-store"
    return staff_order(found, user=_bearer(request), roles=roles[found.store_id])


@router.post(
    "/orders/{slug:number}/advance",
    auth=StaffToken(Scope.MOVE_ORDERS),
    response=answers({200: StaffOrderOut}, 401, 403, 404, 409, *WITH_BODY),
    summary=gettext_lazy("Faire avancer une commande"),
    description=gettext_lazy(
        "`to` est l’un des statuts de `next`. Remettre une commande enregistre aussi l’encaissement de ce qui est dû : de celle qui est en livraison, à son livreur seul."
    ),
    openapi_extra=needs(Scope.MOVE_ORDERS, codes(
        *OF_TOKENS, "order_not_found", "transition_refused", "several_means_needed",
        "invalid_request", "malformed_body", "body_too_large", "wrong_media_type",
    )),
)  # fmt: skip
def advance_order(request: HttpRequest, response: HttpResponse, number: str, move: AdvanceAsked) -> StaffOrderOut:
    places = _workplaces(request, None)
    order = _order_at(places, number)
    advance(order=order, to_status=move.to, acting_user=_bearer(request))
    roles = {place.store.pk: place.roles for place in places}
    response["Cache-Control"] = "no-store"
    # Read again, with its new event; it may have left the pages of whoever moved it.
    return staff_order(_order_at(places, number), user=_bearer(request), roles=roles[order.store_id])


def _token(request: HttpRequest) -> ApiToken:
    return cast("ApiToken", request.auth)  # type: ignore[attr-defined]


def _bearer(request: HttpRequest) -> User:
    return _token(request).user


def _workplaces(request: HttpRequest, slug: str | None) -> list[Workplace]:
    """Where the bearer has to do with orders; there alone when a store is named. Raises Forbidden, StoreNotFound."""
    bound_to = _token(request).store_id
    places = [
        place
        for place in workplaces_of(user=_bearer(request))
        if sees_orders(roles=place.roles) and bound_to in {None, place.store.pk}
    ]
    if not places:
        raise Forbidden(_("Votre rôle ne donne pas accès aux commandes."))
    if slug is None:
        return places
    named = [place for place in places if place.store.slug == slug]
    if not named:
        raise StoreNotFound(_("Aucun de vos points de vente ne porte ce nom."))
    return named


def _order_at(places: Sequence[Workplace], number: str) -> Order:
    """The order of this number at these stores; another store's is as unknown as one that never was."""
    store_ids = [place.store.pk for place in places]
    order = (
        board(store_ids=store_ids, statuses=Order.Status.values)
        .filter(number=number)
        .prefetch_related("events", "offers", "promise_changes")
    )
    found = order.first()
    if found is None:
        raise OrderNotFound(_("Commande introuvable"))
    concerns(order=found.number, store=found.store.slug, city=found.store.city.code)
    return found


def _after(orders: QuerySet[Order], cursor: str | None) -> QuerySet[Order]:
    """The orders that come after the one at which a page ended. Raises InvalidRequest."""
    if cursor is None:
        return orders
    try:
        placed_at, pk = _read_cursor(cursor)
    except ValueError as error:
        wrong = {"cursor": _("Ce curseur n’est pas un de ceux que nous avons donnés.")}
        raise InvalidRequest(_("Certains champs sont refusés : voyez « fields »."), fields=wrong) from error
    return orders.filter(Q(placed_at__lt=placed_at) | Q(placed_at=placed_at, pk__lt=pk))


def _cursor_at(order: Order) -> str:
    return base64.urlsafe_b64encode(f"{order.placed_at.isoformat()} {order.pk}".encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    """Where a page ended. Raises ValueError for a text that `_cursor_at` never wrote."""
    moment, pk = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ")
    placed_at, last = datetime.fromisoformat(moment), int(pk)
    if placed_at.tzinfo is None or not 0 < last < LARGEST_ID:
        raise ValueError(cursor)
    return placed_at, last
