"""Every error under /api/ is a problem document, declared in the OpenAPI document, and says no more than it should."""

import re
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client

from pizzeria.accounts import limits as counted
from pizzeria.api import errors as api_errors
from pizzeria.api.problems import TITLES
from pizzeria.api.tests.conftest import ROOT, Answer, Api, basket, token_of
from pizzeria.errors import BusinessError
from pizzeria.ordering import errors as ordering_errors
from pizzeria.stock import errors as stock_errors
from pizzeria.stores import errors as store_errors
from tests.cast import House, People

pytestmark = pytest.mark.story

TABLES = (api_errors, counted, ordering_errors, stock_errors, store_errors)


def _refusals() -> set[type[BusinessError]]:
    named = [getattr(module, name) for module in TABLES for name in vars(module)]
    return {found for found in named if isinstance(found, type) and issubclass(found, BusinessError)} - {BusinessError}


def test_every_refusal_of_the_house_has_a_title_and_a_code_of_its_own() -> None:
    refusals = _refusals()
    codes = [refusal.code for refusal in refusals]
    assert len(set(codes)) == len(codes)
    assert set(codes) <= set(TITLES)


@pytest.mark.parametrize(
    "path", ["/nowhere", "/", "/stores/", "/stores/%00", "/stores/é/menu", "/orders", "/orders/a/b"]
)
def test_an_address_that_leads_nowhere_is_a_problem(db: None, api: Api, path: str) -> None:
    answer = api.get(path)
    assert (answer.status, answer.code) in {(404, "not_found"), (405, "method_not_allowed")}


def test_the_root_of_all_versions_is_a_problem_too(db: None, client: Client) -> None:
    for path in ("/api/", "/api/v2/stores", "/api/v1/"):
        response = client.get(path)
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"


def test_a_method_that_is_not_served_names_those_that_are(db: None, api: Api) -> None:
    answer = api.post("/stores")
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert answer.response["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", ["/stores", "/stores/bastille", "/stores/bastille/menu", "/openapi.json", "/docs"])
def test_what_can_be_read_answers_head_with_the_same_headers(house: House, client: Client, path: str) -> None:
    read, asked = client.get(ROOT + path), client.head(ROOT + path)
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked["Content-Type"] == read["Content-Type"]
    assert asked.get("ETag") == read.get("ETag")


def test_head_of_what_can_only_be_sent_is_refused(house: House, client: Client) -> None:
    assert client.head(f"{ROOT}/orders").status_code == 405
    assert client.head(f"{ROOT}/staff/orders").status_code == 401


def test_a_host_that_is_not_ours_is_a_problem(db: None, api: Api) -> None:
    answer = api.get("/stores", host="elsewhere.example")
    assert (answer.status, answer.code) == (400, "bad_request")


def test_an_error_of_ours_says_nothing_of_it(db: None, api: Api) -> None:
    api.client.raise_request_exception = False
    with patch("pizzeria.api.stores.active_stores", side_effect=RuntimeError("secret: the vault is open")):
        answer = api.get("/stores")
    assert (answer.status, answer.code) == (500, "internal_error")
    assert "secret" not in answer.response.content.decode()
    assert "RuntimeError" not in answer.response.content.decode()


def test_an_error_of_ours_is_told_to_whoever_collects_errors(db: None, api: Api) -> None:
    with (
        patch("pizzeria.api.stores.active_stores", side_effect=RuntimeError("oops")),
        pytest.raises(RuntimeError, match="oops"),
    ):
        api.get("/stores")


def test_a_database_that_does_not_answer_invites_to_try_again(db: None, api: Api) -> None:
    with patch("pizzeria.api.stores.active_stores", side_effect=OperationalError("connection refused")):
        answer = api.get("/stores")
    assert (answer.status, answer.code) == (503, "unavailable")
    assert answer.response["Retry-After"] == "5"


def test_pages_keep_their_own_errors(db: None, client: Client) -> None:
    response = client.get("/nulle-part/")
    assert response.status_code == 404
    assert response["Content-Type"] != "application/problem+json"


def test_reading_sets_no_cookie_and_opens_no_session(house: House, api: Api) -> None:
    for path in ("/stores", "/stores/bastille", "/stores/bastille/menu", "/openapi.json"):
        answer = api.get(path)
        assert answer.status == 200
        assert "Cookie" not in answer.response.get("Vary", "")


def _document(api: Api) -> dict[str, Any]:
    answer = api.get("/openapi.json")
    assert answer.status == 200
    return dict(answer.body)


def test_the_document_declares_problems_as_problems(db: None, api: Api) -> None:
    for path, methods in _document(api)["paths"].items():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"], (path, status)
            assert {"500", "503"} <= set(operation["responses"])


def test_the_documents_codes_are_known_and_their_statuses_declared(db: None, api: Api) -> None:
    statuses = {refusal.code: refusal.status for refusal in _refusals()}
    for path, methods in _document(api)["paths"].items():
        for operation in methods.values():
            for code in operation["x-problem-codes"]:
                assert str(statuses[code]) in operation["responses"], (path, code)


def test_every_operation_answers_only_what_it_declares(house: House, people: People, api: Api) -> None:
    paths = _document(api)["paths"]
    token = api.order(basket(house)).body["token"]
    bearer = token_of(people.pizzaiolo)
    names = {"slug": "bastille", "token": token, "number": "P-22222"}
    for path, methods in paths.items():
        for method, operation in methods.items():
            url = re.sub(r"{(\w+)}", lambda found: names[found[1]], path).removeprefix("/api/v1")
            for answer in _tries(api, method, url, bearer):
                assert str(answer.status) in operation["responses"], (method, url, answer.status)


def _tries(api: Api, method: str, url: str, bearer: str) -> list[Answer]:
    if method == "get":
        return [api.get(url), api.get(url, token=bearer), api.get(url + "?limit=x&postal_code=x", token=bearer)]
    bodies = (b"", b"{", b"{}", b"[]", b"a" * 1_100_000)
    return [api.by(method, url, body, token=bearer, idempotency_key="a-proper-key") for body in bodies]


def test_amounts_and_strictness_stand_in_the_document(db: None, api: Api) -> None:
    shapes = _document(api)["components"]["schemas"]
    assert shapes["OrderAsked"]["additionalProperties"] is False
    assert shapes["LineAsked"]["properties"]["quantity"]["maximum"] == 50
    assert shapes["PlacedOut"]["properties"]["total"]["type"] == "string"


def test_the_documentation_page_needs_nothing_from_elsewhere(db: None, api: Api) -> None:
    page = api.get("/docs").response.content.decode()
    assert "/api/v1/orders/{token}/cancel" in page
    assert 'id="out_of_stock"' in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page)
    assert inline == []
    assert "style=" not in page
