"""What the tests of the API share: a client that speaks JSON, a basket, tokens."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from pizzeria.accounts.models import User
from pizzeria.accounts.tokens import issue
from tests.cast import House

ROOT = "/api/v1"
FOR_ORDERS = ("orders:read", "orders:move")

CONTACT = {
    "first_name": "Gaspard",
    "last_name": "Visiteur",
    "phone": "06 39 98 12 34",
    "street": "3 rue de la Roquette",
    "postal_code": "75011",
    "town": "Paris",
}


@dataclass(frozen=True)
class Answer:
    """A response as a client of the API reads it."""

    status: int
    body: Any
    response: HttpResponse

    @property
    def code(self) -> str:
        """The problem's code; the answer must be a problem document that says the same status."""
        assert self.response["Content-Type"] == "application/problem+json", self.response.content[:300]
        assert self.body["status"] == self.status
        assert self.body["title"]
        assert self.body["detail"]
        assert self.body["type"].endswith(self.body["code"])
        return str(self.body["code"])


class Api:
    """Speaks to the API as a programme would, without cookies."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)

    def get(self, path: str, *, token: str = "", **headers: str) -> Answer:
        return _answer(self.client.get(ROOT + path, headers=_headers(token, headers)))

    def post(self, path: str, body: object = None, *, token: str = "", **headers: str) -> Answer:
        return self.send(path, json.dumps(body).encode() if body is not None else b"", token=token, **headers)

    def put(self, path: str, body: object) -> Answer:
        return self.by("put", path, json.dumps(body).encode())

    def send(
        self, path: str, raw: bytes, *, token: str = "", content_type: str = "application/json", **headers: str
    ) -> Answer:
        return self.by("post", path, raw, token=token, content_type=content_type, **headers)

    def by(
        self,
        method: str,
        path: str,
        raw: bytes,
        *,
        token: str = "",
        content_type: str = "application/json",
        **headers: str,
    ) -> Answer:
        """What is sent by this method, well formed or not."""
        asked = _headers(token, headers)
        return _answer(self.client.generic(method.upper(), ROOT + path, raw, content_type, headers=asked))

    def order(self, body: object, *, key: str = "0f8fad5b-d9cb-469f-a165-70867728950e", **headers: str) -> Answer:
        return self.post("/orders", body, idempotency_key=key, **headers)


def _headers(token: str, named: Mapping[str, str]) -> dict[str, str]:
    headers = {name.replace("_", "-"): value for name, value in named.items()}
    return headers | ({"Authorization": f"Bearer {token}"} if token else {})


def _answer(response: Any) -> Answer:
    body = json.loads(response.content) if "json" in response.get("Content-Type", "") else None
    assert not response.cookies
    return Answer(status=response.status_code, body=body, response=response)


def basket(house: House, **changes: object) -> dict[str, Any]:
    """One Margherita delivered for 11.50 euros, or what `changes` make of it."""
    order: dict[str, Any] = {
        "store": "bastille",
        "lines": [{"variant": house.variant("margherita").pk, "quantity": 1}],
        "fulfilment": "delivery",
        "payment_method": "cash",
        "contact": dict(CONTACT),
        "expected_total": "11.50",
    }
    return order | changes


def token_of(user: User) -> str:
    return issue(user=user, label="test", life=timedelta(days=1), scopes=FOR_ORDERS)


@pytest.fixture
def api() -> Api:
    return Api()
