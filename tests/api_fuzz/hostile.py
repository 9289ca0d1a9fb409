"""A client of the API that sends what the document allows, and what it forbids, and believes nothing but the document."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.generation.case import Case as AnyCase
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

Case = AnyCase[Any]
DOCUMENT = "/api/v1/openapi.json"
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance, missing_required_header, negative_data_rejection,
]  # fmt: skip
OF_EVERY_ANSWER = {
    "content-type", "content-length", "cache-control", "vary", "content-language", "x-content-type-options", "x-frame-options",
    "referrer-policy", "cross-origin-opener-policy", "content-security-policy", "permissions-policy", "cross-origin-resource-policy",
    "x-request-id", "strict-transport-security",
}  # fmt: skip
"""Headers that say something of the transport, not of this answer: they need not be in the document."""
MODES = {"what it allows": GenerationMode.POSITIVE, "what it forbids": GenerationMode.NEGATIVE}


@dataclass(frozen=True)
class Hint:
    """What a client could know: sent in half of the cases instead of what was made up."""

    path: Mapping[str, Callable[[], str]]
    bodies: Mapping[str, Callable[[], Any]]


def document() -> schemathesis.schemas.BaseSchema:
    """The document as it is served, and the site as its server calls it."""
    return schemathesis.openapi.from_wsgi(DOCUMENT, get_wsgi_application())


def operations() -> list[APIOperation[Any, Any, Any, Any]]:
    return [found.ok() for found in document().get_all_operations() if isinstance(found, Ok)]


def name_of(operation: APIOperation[Any, Any, Any, Any]) -> str:
    return str(operation.definition.raw["operationId"])


def attack(
    operation: APIOperation[Any, Any, Any, Any],
    *,
    mode: GenerationMode,
    headers: Mapping[str, str],
    hint: Hint,
    times: int,
) -> set[int]:
    """Send so many requests to an operation; the statuses that were answered. Raises what a check finds."""
    seen: set[int] = set()

    @settings(
        max_examples=times,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), knows=st.booleans())
    def send(case: Case, *, knows: bool) -> None:
        if knows and mode is GenerationMode.POSITIVE:
            _hint(case, hint)
        # A token may be made up as well, as any header: ours comes instead of that.
        case.headers.update(headers)
        response = case.call()
        seen.add(response.status_code)
        check(case, response)

    # Of some parameters every text is allowed: nothing can be sent that is forbidden.
    with suppress(Unsatisfiable):
        send()
    return seen


def check(case: Case, response: Response) -> None:
    case.validate_response(response, checks=CHECKS)
    declared = case.operation.definition.raw["responses"].get(str(response.status_code), {}).get("headers", {})
    told = {name.lower() for name in response.headers} - OF_EVERY_ANSWER - {name.lower() for name in declared}
    assert not told, f"{name_of(case.operation)} {response.status_code}: {told} is not in the document"
    assert "set-cookie" not in response.headers


def _hint(case: Case, hint: Hint) -> None:
    for name, known in hint.path.items():
        if name in (case.path_parameters or {}):
            case.path_parameters[name] = known()
    body = hint.bodies.get(name_of(case.operation))
    if body:
        case.body = body()
