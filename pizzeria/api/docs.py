"""The documentation page: written from the OpenAPI document, without a script or anything from elsewhere."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from pizzeria.api.problems import TITLES

REFERENCE = "#/components/schemas/"
FIRST_ERROR = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a body or a parameter, as a reader wants it: its type in a word, and what bounds it."""

    name: str
    where: str
    kind: str
    reference: str
    required: bool
    bounds: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An operation, as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    scopes: list[str]
    fields: list[Field]
    answers: list[tuple[str, str, str]]
    problems: list[str]
    codes: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A named object of the document."""

    name: str
    description: str
    fields: list[Field]


class HousePage(DocsBase):
    def render_page(self, request: HttpRequest, api: NinjaAPI, **path_params: Any) -> HttpResponse:
        schema = api.get_openapi_schema(path_params=path_params)
        context = {
            "info": schema["info"],
            "openapi_url": self.get_openapi_url(api, path_params),
            "operations": _operations(schema),
            "shapes": [_shape(name, found) for name, found in sorted(schema["components"]["schemas"].items())],
            "problems": sorted(TITLES.items()),
        }
        return render(request, "api/docs.html", context)


def _operations(schema: dict[str, Any]) -> list[Entry]:
    return [
        _entry(method, path, found) for path, methods in schema["paths"].items() for method, found in methods.items()
    ]


def _entry(method: str, path: str, found: dict[str, Any]) -> Entry:
    body = found.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    fields = [
        _field(item["name"], item["schema"], item["in"], required=item["required"]) for item in found["parameters"]
    ]
    if body:
        fields.append(_field("", body, "body", required=True))
    responses = found["responses"]
    return Entry(
        id=found["operationId"],
        method=method.upper(),
        path=path,
        summary=found["summary"],
        description=found.get("description", ""),
        scopes=[scope for either in found.get("security", []) for needed in either.values() for scope in needed],
        fields=fields,
        answers=[_answer(status, answer) for status, answer in responses.items() if int(status) < FIRST_ERROR],
        problems=[str(status) for status in responses if int(status) >= FIRST_ERROR],
        codes=found.get("x-problem-codes", []),
    )


def _answer(status: int, answer: dict[str, Any]) -> tuple[str, str, str]:
    """Status, its phrase, and the name of the object answered."""
    schemas = [content["schema"] for content in answer.get("content", {}).values()]
    return str(status), answer["description"], _reference(schemas[0]) if schemas else ""


def _shape(name: str, found: dict[str, Any]) -> Shape:
    required = found.get("required", [])
    fields = [_field(key, value, "", required=key in required) for key, value in found.get("properties", {}).items()]
    return Shape(name=name, description=found.get("description", ""), fields=fields)


def _field(name: str, schema: dict[str, Any], where: str, *, required: bool) -> Field:
    plain = _without_null(schema)
    return Field(
        name=name,
        where=where,
        kind=_kind(schema),
        reference=_reference(plain) or _reference(plain.get("items", {})),
        required=required,
        bounds=_bounds(plain),
    )


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema itself, or what it is when it is not null."""
    choices = [choice for choice in schema.get("anyOf", schema.get("allOf", [])) if choice.get("type") != "null"]
    return choices[0] if choices else schema


def _reference(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).removeprefix(REFERENCE)


def _kind(schema: dict[str, Any]) -> str:
    plain = _without_null(schema)
    nullable = any(choice.get("type") == "null" for choice in schema.get("anyOf", []))
    name = _reference(plain) or str(plain.get("type", ""))
    if name == "array":
        name = f"{_kind(plain['items'])}[]"
    return f"{name} | null" if nullable else name


def _bounds(schema: dict[str, Any]) -> str:
    """What a value must keep to, in the document's own words; that text has no control characters goes without saying."""
    said = [
        f"{word} {schema[key]}"
        for key, word in (("minimum", "≥"), ("maximum", "≤"), ("minLength", "length ≥"), ("maxLength", "length ≤"),
                          ("maxItems", "items ≤"), ("format", ""))
        if key in schema
    ]  # fmt: skip
    if "pattern" in schema and "examples" not in schema and "\\u0000" not in schema["pattern"]:
        said.append(f"`{schema['pattern']}`")
    if "enum" in schema:
        said.append(" | ".join(f"`{value}`" for value in schema["enum"]))
    if "examples" in schema:
        said.append(f"`{schema['examples'][0]}`")
    return ", ".join(text.strip() for text in said)
