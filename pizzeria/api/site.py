"""The API as a whole: what is said in one place for all its operations."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from pizzeria.api import orders, problems, staff, stock, stores
from pizzeria.api.docs import HousePage
from pizzeria.api.operation import MEDIA_TYPE, SCOPE, FastRenderer, StrictParser, gettext_lazy

FIRST_ERROR = 400


class HouseApi(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The document, with errors under the media type that they have, and the scopes that operations need."""
        schema = super().get_openapi_schema(**options)
        for operations in schema["paths"].values():
            for operation in operations.values():
                _mark_problems(operation["responses"])
                _name_scope(operation)
        return schema


HEADERS = {
    401: ("WWW-Authenticate", "How to say who you are."),
    403: ("WWW-Authenticate", "With `insufficient_scope`: the scope that the token lacks."),
    503: ("Retry-After", "In how many seconds to try again."),
}
"""What errors say in a header, by their status."""


def _mark_problems(responses: dict[int, dict[str, Any]]) -> None:
    for status, answer in responses.items():
        if int(status) >= FIRST_ERROR and "content" in answer:
            answer["content"] = {problems.MEDIA_TYPE: answer["content"].pop(MEDIA_TYPE)}
        if int(status) in HEADERS:
            name, words = HEADERS[int(status)]
            answer["headers"] = {name: {"description": words, "schema": {"type": "string"}}}


def _name_scope(operation: dict[str, Any]) -> None:
    scope = operation.pop(SCOPE, None)
    if scope:
        operation["security"] = [{scheme: [scope] for scheme in either} for either in operation["security"]]


def build() -> HouseApi:
    made = HouseApi(
        title="OC Pizza",
        version="1.0.0",
        description=gettext_lazy(
            "Les points de vente, leurs cartes et les commandes. Les montants sont en euros, TVA comprise, en texte à deux "
            "décimales. Les heures sont celles de Paris, avec leur décalage. Une erreur est un document « problem » "
            "(RFC 9457) dont le `code` ne change pas ; `Accept-Language` choisit la langue de son `detail`."
        ),
        urls_namespace="api",
        docs=HousePage(),
        parser=StrictParser(),
        renderer=FastRenderer(),
    )
    problems.install(made)
    made.add_router("", stores.router)
    made.add_router("", orders.router)
    made.add_router("/staff", staff.router)
    made.add_router("/staff", stock.router)
    return made


api = build()
