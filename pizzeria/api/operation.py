"""What the declarations of operations have in common."""

from collections.abc import Sequence
from typing import Any, cast

from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _
from ninja.parser import Parser
from ninja.renderers import JSONRenderer
from ninja.types import DictStrAny
from pydantic_core import from_json, to_json

from pizzeria.api.answers import Problem
from pizzeria.api.errors import MalformedBody, WrongMediaType

MEDIA_TYPE = "application/json"
ALWAYS = (500, 503)
"""What any operation may answer: our fault, or the database's."""

WITH_BODY = (400, 413, 415, 422)
"""What an operation with a body may answer before it looks at what the body says."""


def gettext_lazy(message: str) -> str:
    """Django's, typed as the text that it becomes: django-ninja keeps it until the document is written."""
    return cast("str", translation.gettext_lazy(message))


def answers(success: dict[int, Any], *errors: int) -> dict[int, Any]:
    """The answers of an operation by status, for OpenAPI: every error is a problem document."""
    return success | dict.fromkeys(sorted({*errors, *ALWAYS}), Problem)


SCOPE = "x-scope"
"""Where an operation's declaration keeps the scope that it needs: `site` says it in OpenAPI's own words."""


def needs(scope: str, declared: dict[str, Any]) -> dict[str, Any]:
    """What `codes` declared, of an operation that asks a token for this scope."""
    return declared | {SCOPE: str(scope)}


def linked(
    status: int, parameter: str, found_in: str, operations: Sequence[str], declared: dict[str, Any]
) -> dict[str, Any]:
    """What `codes` declared, and where an answer leads: `found_in` its body, these operations take that as a parameter."""
    links = {
        name: {"operationId": name, "parameters": {parameter: f"$response.body#/{found_in}"}} for name in operations
    }
    declared["responses"].setdefault(status, {})["links"] = links
    return declared


def codes(*names: str, headers: dict[int, dict[str, str]] | None = None) -> dict[str, Any]:
    """What OpenAPI has no word for: the problem codes of an operation; and its answers' headers, by status."""
    described = {
        status: {
            "headers": {name: {"description": words, "schema": {"type": "string"}} for name, words in found.items()}
        }
        for status, found in (headers or {}).items()
    }
    return {"x-problem-codes": sorted(names), "responses": described}


class StrictParser(Parser):
    """JSON and nothing else: no NaN, no lone surrogate, no nesting without end."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        if request.content_type != MEDIA_TYPE:
            raise WrongMediaType(_("Le corps de la requête est attendu en « application/json »."))
        try:
            parsed: DictStrAny = from_json(request.body, allow_inf_nan=False)
        except ValueError as error:
            raise MalformedBody(_("Le corps de la requête n’est pas du JSON valide.")) from error
        return parsed


class FastRenderer(JSONRenderer):
    def render(self, _request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ARG002
        return to_json(data, fallback=str)
