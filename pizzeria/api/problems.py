"""Every error of the API as a problem document (RFC 9457), with a code that never changes."""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic_core import to_json

from pizzeria.api.errors import BodyTooLarge, InsufficientScope, InvalidRequest, MalformedBody, Unauthenticated
from pizzeria.api.validation import explain
from pizzeria.errors import BusinessError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE_ROOT = "/api/v1/docs#"
"""A code's URI is its paragraph on the documentation page."""

TITLES = {
    "above_voucher_ceiling": gettext_lazy("Plafond des titres-restaurant dépassé"),
    "bad_request": gettext_lazy("Requête refusée"),
    "below_minimum": gettext_lazy("Minimum de commande non atteint"),
    "body_too_large": gettext_lazy("Corps de requête trop grand"),
    "due_changed": gettext_lazy("Le montant dû a changé"),
    "empty_cart": gettext_lazy("Panier vide"),
    "explanation_missing": gettext_lazy("Écart à expliquer"),
    "forbidden": gettext_lazy("Accès refusé"),
    "idempotency_conflict": gettext_lazy("Clé d’idempotence déjà utilisée"),
    "insufficient_scope": gettext_lazy("Jeton sans cette portée"),
    "internal_error": gettext_lazy("Erreur interne"),
    "invalid_amount": gettext_lazy("Montant incorrect"),
    "invalid_choice": gettext_lazy("Choix inconnu"),
    "invalid_contact": gettext_lazy("Coordonnées incorrectes"),
    "invalid_idempotency_key": gettext_lazy("Clé d’idempotence incorrecte"),
    "invalid_line": gettext_lazy("Ligne de commande incorrecte"),
    "invalid_quantity": gettext_lazy("Quantité incorrecte"),
    "invalid_request": gettext_lazy("Requête incorrecte"),
    "invalid_rush": gettext_lazy("Coup de feu incorrect"),
    "invalid_service": gettext_lazy("Horaires incorrects"),
    "kitchen_paused": gettext_lazy("Cuisine en pause"),
    "length_required": gettext_lazy("Longueur du corps absente"),
    "malformed_body": gettext_lazy("JSON illisible"),
    "method_not_allowed": gettext_lazy("Méthode non permise"),
    "no_pizza_left": gettext_lazy("Plus de pizza dans la commande"),
    "not_allowed": gettext_lazy("Action non permise"),
    "not_deliverable": gettext_lazy("Hors zone de livraison"),
    "not_found": gettext_lazy("Adresse inconnue"),
    "not_payable": gettext_lazy("Commande qui ne se paie pas en ligne"),
    "nothing_due": gettext_lazy("Rien à encaisser"),
    "order_changed": gettext_lazy("Commande modifiée entre-temps"),
    "order_not_found": gettext_lazy("Commande introuvable"),
    "orders_in_the_way": gettext_lazy("Commandes promises à une heure qui ferme"),
    "out_of_stock": gettext_lazy("Stock insuffisant"),
    "payment_unavailable": gettext_lazy("Paiement en ligne indisponible"),
    "promise_changed": gettext_lazy("L’heure annoncée a changé"),
    "reason_missing": gettext_lazy("Raison manquante"),
    "round_changed": gettext_lazy("Fond de caisse déjà ouvert ou clôturé"),
    "round_refused": gettext_lazy("Fond de caisse refusé"),
    "service_changed": gettext_lazy("Service modifié entre-temps"),
    "several_means_needed": gettext_lazy("Plusieurs moyens de paiement nécessaires"),
    "slot_full": gettext_lazy("Plus de place à cette heure"),
    "still_waits": gettext_lazy("Commande pas encore en cuisine"),
    "stock_changed": gettext_lazy("Stock modifié entre-temps"),
    "store_closed": gettext_lazy("Point de vente fermé"),
    "store_not_found": gettext_lazy("Point de vente introuvable"),
    "too_many_attempts": gettext_lazy("Trop d’essais"),
    "too_many_requests": gettext_lazy("Trop de requêtes"),
    "total_changed": gettext_lazy("Le total a changé"),
    "transition_refused": gettext_lazy("Changement de statut refusé"),
    "unknown_stock": gettext_lazy("Ingrédient absent du stock"),
    "unauthenticated": gettext_lazy("Jeton absent ou refusé"),
    "unavailable": gettext_lazy("Service momentanément indisponible"),
    "wrong_media_type": gettext_lazy("Type de contenu non accepté"),
}

RENAMED = {"status": "order_status"}
"""Details whose name the document itself needs."""

HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "5"}}


def problem(*, status: int, code: str, detail: str, details: Mapping[str, object] | None = None) -> HttpResponse:
    """A problem document; `details` are its extension members, as plain data."""
    document: dict[str, object] = {
        "type": f"{TYPE_ROOT}{code}",
        "title": str(TITLES.get(code, HTTPStatus(status).phrase)),
        "status": status,
        "detail": detail,
        "code": code,
    }
    document |= {RENAMED.get(name, name): value for name, value in (details or {}).items()}
    response = HttpResponse(to_json(document), status=status, content_type=MEDIA_TYPE, headers=HEADERS.get(status))
    response["Cache-Control"] = "no-store"
    return response


def plain_problem(status: int) -> HttpResponse:
    """The problem document of an answer that Django itself gave, by its HTTP status alone."""
    sentences = {
        404: ("not_found", _("Rien ne se trouve à cette adresse.")),
        405: ("method_not_allowed", _("Cette adresse n’accepte pas cette méthode.")),
        411: ("length_required", _("Indiquez la longueur du corps dans « Content-Length ».")),
        413: ("body_too_large", _("Le corps de la requête est trop grand.")),
        429: ("too_many_requests", _("Trop de requêtes viennent de votre adresse. Réessayez dans quelques secondes.")),
        503: ("unavailable", _("Le service ne répond pas pour le moment. Réessayez dans quelques secondes.")),
    }
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        other = ("internal_error", _("Une erreur est survenue de notre côté. Elle est enregistrée."))
    else:
        other = ("bad_request", _("Cette requête ne peut pas être traitée."))
    code, detail = sentences.get(status, other)
    return problem(status=status, code=code, detail=detail)


def install(api: NinjaAPI) -> None:
    """Answer whatever an operation raises with a problem document."""
    handlers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        BusinessError: _refused,
        ValidationError: _invalid,
        AuthenticationError: _unauthenticated,
        HttpError: _http_error,
        Http404: _not_found,
        RequestDataTooBig: _too_big,
        UnreadablePostError: _cut_short,
        OperationalError: _unavailable,
        InterfaceError: _unavailable,
        Exception: _unexpected,
    }
    for raised, handler in handlers.items():
        api.add_exception_handler(raised, handler)


def _refused(_request: HttpRequest, error: BusinessError) -> HttpResponse:
    return refusal(error)


def refusal(error: BusinessError) -> HttpResponse:
    """The problem document of what a rule of the house has refused."""
    # A choice that does not exist is said as every other field that is wrong.
    details = {
        "fields" if name == "field" else name: {value: error.message} if name == "field" else value
        for name, value in error.details.items()
    }
    answer = problem(status=error.status, code=error.code, detail=error.message, details=details)
    if isinstance(error, InsufficientScope):
        # RFC 6750, 3.1: the client reads here which scope to ask for.
        answer["WWW-Authenticate"] = f'Bearer error="{error.code}", scope="{error.details["scope"]}"'
    return answer


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = explain(error.errors)
    return _refused(request, InvalidRequest(_("Certains champs sont refusés : voyez « fields »."), fields=fields))


def _unauthenticated(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return _refused(request, Unauthenticated(_("Cette adresse demande un jeton valide : « Authorization: Bearer … ».")))


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    # django-ninja wraps whatever the parser raised in a 400: what the parser said is clearer.
    if isinstance(error.__cause__, BusinessError):
        return _refused(request, error.__cause__)
    return plain_problem(error.status_code)


def _not_found(_request: HttpRequest, _error: Http404) -> HttpResponse:
    return plain_problem(404)


def _too_big(request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    return _refused(request, BodyTooLarge(_("Le corps de la requête est trop grand.")))


def _cut_short(request: HttpRequest, _error: UnreadablePostError) -> HttpResponse:
    return _refused(request, MalformedBody(_("Le corps de la requête est arrivé incomplet.")))


def _unavailable(_request: HttpRequest, error: Exception) -> HttpResponse:
    # The database is out of reach or gave up on a lock: nothing was kept, the same request may be sent again.
    logger.error("the database did not answer", exc_info=error)
    return plain_problem(503)


def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    # What Django does for a page: whoever collects errors hears of it; the client reads no trace of it.
    got_request_exception.send(sender=NinjaAPI, request=request)
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return plain_problem(500)
