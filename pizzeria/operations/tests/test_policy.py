"""What an answer tells the browser, and what its cookies say of themselves."""

import pytest
from django.test import Client
from pytest_django import Settings

from local.nginx import CONF_FILES
from pizzeria.operations.policy import PERMISSIONS, POLICY
from tests.cast import PASSWORD, House, People
from tests.deployed import manage

KEPT_BY_NOBODY = [
    "/panier/",
    "/commander/",
    "/compte/",
    "/compte/connexion/",
    "/equipe/connexion/",
    "/suivre/",
    "/nowhere/",
]


@pytest.mark.parametrize(
    "path", ["/", "/carte/bastille/", "/nowhere/", "/equipe/connexion/", "/api/v1/stores", "/healthz"]
)
def test_every_answer_says_what_it_may_load_and_nothing_inside_a_page_is_run(house: House, path: str) -> None:
    headers = Client().get(path).headers
    assert headers["Content-Security-Policy"] == POLICY % "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Permissions-Policy"] == PERMISSIONS
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert not [name for name in headers if name.startswith("Access-Control-")]


def test_nginx_says_of_its_own_pages_what_the_site_says_of_its_own() -> None:
    told = (CONF_FILES / "nginx" / "http.conf").read_text()
    policy = POLICY % "'self'"
    assert f'"" "{policy}";' in told
    assert f'"" "{PERMISSIONS}";' in told


def test_a_form_may_lead_to_the_sign_in_that_is_offered(house: House, settings: Settings) -> None:
    settings.GOOGLE_CLIENT_ID, settings.GOOGLE_CLIENT_SECRET = "id", "secret"
    policy = Client().get("/compte/connexion/").headers["Content-Security-Policy"]
    assert "form-action 'self' https://accounts.google.com;" in policy


@pytest.mark.parametrize(
    "path", ["/commande/never-was/", "/compte/lien/navigateur/x/", "/compte/lien/mot-de-passe/1-x/"]
)
def test_an_address_that_is_a_secret_is_told_to_nobody(db: None, path: str) -> None:
    assert Client().get(path).headers["Referrer-Policy"] == "strict-origin"


@pytest.mark.parametrize("path", KEPT_BY_NOBODY)
def test_a_personal_page_is_kept_by_no_cache(house: House, people: People, path: str) -> None:
    browser = Client()
    browser.force_login(people.alice)
    assert "no-store" in browser.get(path).headers["Cache-Control"]


def test_a_menu_may_still_be_kept(house: House) -> None:
    assert "no-store" not in Client().get("/carte/bastille/").headers["Cache-Control"]


def test_no_cookie_is_read_by_a_script_or_sent_with_another_sites_form(people: People) -> None:
    browser = Client()
    browser.post("/equipe/connexion/", {"identifier": "luca", "password": PASSWORD})
    browser.get("/equipe/connexion/")
    assert {"sessionid", "oc_known"} <= set(browser.cookies)
    for name, cookie in browser.cookies.items():
        assert cookie["samesite"] == "Lax", name
        assert cookie["httponly"] or name in {"csrftoken", "django_language"}, name
        assert not cookie["domain"], name


NAMES = """
from django.conf import settings
print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.KNOWN_BROWSER_COOKIE_NAME)
print(settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY)
"""


@pytest.mark.machine
def test_under_https_a_cookie_is_this_hosts_alone() -> None:
    names, flags = manage("shell", "--no-imports", "-c", NAMES).splitlines()
    assert names == "__Host-sessionid __Host-csrftoken __Host-oc_known"
    assert flags == "True True True"
