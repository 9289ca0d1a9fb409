"""Who asks, and whether they asked by HTTPS, as nginx tells it over a Unix socket."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from pizzeria.operations.middleware import ClientAddressMiddleware

NGINX = {"REMOTE_ADDR": ""}
"""What gunicorn knows of who opened its Unix socket."""


def address(**environ: str) -> str:
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    ClientAddressMiddleware(view)(RequestFactory().get("/", **environ))  # type: ignore[arg-type]
    return seen[0]


def test_the_clients_address_is_the_one_that_nginx_saw_not_the_one_that_the_client_claims() -> None:
    assert address(**NGINX, HTTP_X_FORWARDED_FOR="198.51.100.7") == "198.51.100.7"
    assert address(**NGINX, HTTP_X_FORWARDED_FOR="10.0.0.1, 127.0.0.1, 2001:db8::7") == "2001:db8::7"


def test_without_nginx_in_front_nobody_can_claim_an_address() -> None:
    assert address(REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="198.51.100.7") == "192.0.2.1"
    assert address(**NGINX) == ""


@pytest.fixture
def https(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 3600


def test_pages_are_served_by_https_alone_and_health_is_told_behind_nginx(db: None, https: None) -> None:
    assert Client().get("/panier/")["Location"] == "https://testserver/panier/"
    for path in ("/healthz", "/readyz"):
        assert Client().get(path).status_code == 200
    page = Client(headers={"x-forwarded-proto": "https"}).get("/panier/")
    assert page.status_code == 200
    assert page["Strict-Transport-Security"] == "max-age=3600"
