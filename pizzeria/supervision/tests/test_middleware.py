"""Every answer is counted once, under a name of ours."""

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from pizzeria.measures import IN_MEMORY
from pizzeria.operations import views
from pizzeria.supervision.middleware import MeasureMiddleware

from .conftest import calls_of

pytestmark = pytest.mark.django_db

FEW = 20
"""Calls: a few microseconds. Looking a counter up by its labels would be as many again."""


def counted(view: str, status: str, method: str = "GET") -> float:
    labels = {"view": view, "status": status, "method": method}
    return IN_MEMORY.get_sample_value("oc_pizza_http_requests_total", labels) or 0.0


def timed(view: str) -> float:
    return IN_MEMORY.get_sample_value("oc_pizza_http_request_duration_seconds_count", {"view": view}) or 0.0


def unhandled() -> float:
    return IN_MEMORY.get_sample_value("oc_pizza_unhandled_errors_total") or 0.0


def test_an_answer_is_counted_and_timed_by_its_view(client: Client) -> None:
    before = counted("healthz", "2xx"), timed("healthz")
    client.get("/healthz")
    assert (counted("healthz", "2xx"), timed("healthz")) == (before[0] + 1, before[1] + 1)


def test_addresses_that_do_not_exist_make_no_names(client: Client) -> None:
    before, names = counted("none", "4xx"), _names()
    for number in range(5):
        client.get(f"/nulle-part/{number}/")
    assert counted("none", "4xx") == before + 5
    assert _names() <= names | {"none"}


def test_a_method_that_a_client_invents_makes_no_name(client: Client) -> None:
    before = counted("healthz", "4xx", method="other")
    client.generic("BREW", "/healthz")
    assert counted("healthz", "4xx", method="other") == before + 1


def test_what_nothing_foresaw_is_a_5xx_and_counted_as_such(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ValueError("nobody thought of this")

    monkeypatch.setattr(views, "problems", fail)
    client.raise_request_exception = False
    before = counted("readyz", "5xx"), unhandled()
    assert client.get("/readyz").status_code == 500
    assert (counted("readyz", "5xx"), unhandled()) == (before[0] + 1, before[1] + 1)


def test_a_503_that_was_foreseen_is_no_unhandled_error(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "problems", lambda: {"database": "OperationalError"})
    before = counted("readyz", "5xx"), unhandled()
    assert client.get("/readyz").status_code == 503
    assert (counted("readyz", "5xx"), unhandled()) == (before[0] + 1, before[1])


def test_it_sees_what_goes_out(settings: Settings) -> None:
    assert settings.MIDDLEWARE.index("pizzeria.supervision.middleware.MeasureMiddleware") <= 1


def test_counting_costs_next_to_nothing() -> None:
    request = RequestFactory().get("/")
    answer = HttpResponse()
    measured = MeasureMiddleware(lambda _request: answer)
    measured(request)
    assert calls_of(lambda: measured(request)) <= FEW


def _names() -> set[str]:
    [metric] = [metric for metric in IN_MEMORY.collect() if metric.name == "oc_pizza_http_requests"]
    return {sample.labels["view"] for sample in metric.samples}
