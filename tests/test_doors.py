"""Every address with every role: exactly those come in of whom `OC_PIZZA/doors.py` says so (C11, C12)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.urls.converters import IntConverter
from pytest_django import Settings

from OC_PIZZA.doors import DOORS, FIRST_PASSWORD, LINKING, Door, Who
from pizzeria.accounts.models import Scope, User
from pizzeria.accounts.permissions import Action, allows
from pizzeria.accounts.selectors import group_roles_of, roles_at
from pizzeria.accounts.tokens import issue
from pizzeria.api.site import api
from pizzeria.ordering.visibility import sees_orders
from tests.cast import House, People

pytestmark = pytest.mark.sweep

CAST = ("alice", "pizzaiolo", "driver", "cashier", "manager", "direction", "operator", "outsider")
METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS")
ONLY_IN_DEVELOPMENT = {"shop:style"}
NOBODYS = "ABCDEFGHabcdefgh0123456789"
"""A token that opens nothing: who is let in finds nothing behind the door, which costs least."""

ARGUMENTS = {
    "store": "bastille",
    "number": "P-22222",
    "token": NOBODYS,
    "slug": "bastille",
    "key": "a-b",
    "uidb36": "1",
    "code": "en",
    "day": date(2026, 11, 29),
    "name": "margherita",
    "digest": "0123456789ab",
    "draft": "a-draft",
    "product": "margherita",
    "secret": "a:b:c",
    "sort": "formule",
}
"""What stands in an address."""
OF_STOCK = {"api:read_stock": Action.SEE_STOCK, "api:read_makeable": Action.SEE_MAKEABLE}
"""What a device reads besides orders, and what its bearer must be allowed for it."""
ANY_NUMBER = 2_000_000


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Settings) -> None:
    settings.SECOND_FACTOR = "optional"


def _views(patterns: list[URLPattern | URLResolver], spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _views(pattern.url_patterns, inner)
        else:
            yield ":".join((*spaces, pattern.name or "")), pattern


VIEWS = dict(_views(get_resolver().url_patterns))


def _path(name: str) -> str:
    """The address of a view, with something in the place of its arguments."""
    pattern = VIEWS[name].pattern
    numbers = {argument for argument, kind in pattern.converters.items() if isinstance(kind, IntConverter)}
    arguments = {
        argument: ANY_NUMBER if argument in numbers else ARGUMENTS[argument] for argument in pattern.regex.groupindex
    }
    return reverse(name, kwargs=arguments)


def _of(who: Who) -> dict[str, Door]:
    return {name: door for name, door in DOORS.items() if door.who == who and name in VIEWS}


def _knocked(browser: Client, name: str) -> Any:
    """The answer to this browser: to a form that is sent where one is taken, to a page that is asked for otherwise."""
    method = "POST" if "POST" in DOORS[name].methods else "GET"
    return browser.generic(method, _path(name), headers={"Sec-Fetch-Site": "same-origin"})


def _is_let_in(response: Any) -> bool:
    return hasattr(response.wsgi_request, "place")


def _leads_to_sign_in(response: Any) -> bool:
    return response.status_code == 302 and "/connexion/" in response["Location"]


def _browser(user: User | None) -> Client:
    browser = Client()
    if user:
        browser.force_login(user)
    return browser


def test_every_address_has_a_door_and_every_door_an_address() -> None:
    # Where several operations of the API share an address, its name is the first one's.
    shared = {name for name in VIEWS if name.startswith("api:") and resolve(_path(name)).view_name in DOORS}
    assert set(VIEWS) - set(DOORS) - shared == set()
    assert set(DOORS) - set(VIEWS) <= ONLY_IN_DEVELOPMENT


def test_every_operation_of_the_api_is_behind_its_door() -> None:
    for path, operations in api.get_openapi_schema()["paths"].items():
        name = next(name for name, view in VIEWS.items() if name.startswith("api:") and _same(view, path))
        taken = {method.upper() for method in operations}
        assert taken == set(DOORS[name].methods) - {"HEAD"}, path


def _same(view: URLPattern, path: str) -> bool:
    def plain(text: str) -> str:
        return "/".join("*" if part[:1] in "<{" else part for part in text.removeprefix("/api/v1/").split("/"))

    return plain(str(view.pattern)) == plain(path)


def test_a_page_of_the_staff_asks_what_its_door_says() -> None:
    for name, door in DOORS.items():
        if name in VIEWS and (door.who == Who.STAFF or hasattr(VIEWS[name].callback, "action")):
            assert getattr(VIEWS[name].callback, "action", None) == door.action, name


@pytest.mark.parametrize("who", ["guest", *CAST])
def test_a_page_of_the_staff_opens_to_its_roles_alone(house: House, people: People, who: str) -> None:
    user = getattr(people, who, None)
    browser = _browser(user)
    roles = roles_at(user=user, store_id=house.bastille.pk)
    for name, door in _of(Who.STAFF).items():
        response = _knocked(browser, name)
        assert door.action
        assert _is_let_in(response) == allows(roles=roles, action=door.action), (name, response.status_code)
        if not _is_let_in(response):
            refused = {"guest": 302, "outsider": 404}.get(who, 403)
            assert response.status_code == refused, name
            assert _leads_to_sign_in(response) == (who == "guest"), name


@pytest.mark.parametrize("who", ["guest", *CAST])
def test_what_is_the_groups_opens_to_the_groups_roles_alone(house: House, people: People, who: str) -> None:
    user = getattr(people, who, None)
    browser = _browser(user)
    held = group_roles_of(user=user) if user else frozenset()
    for name, door in _of(Who.GROUP).items():
        assert door.action
        expected = allows(roles=held, action=door.action)
        assert (_knocked(browser, name).status_code == 200) == expected, name
    for name, door in _of(Who.REPORTS).items():
        assert door.action
        expected = user is not None and allows(
            roles=roles_at(user=user, store_id=house.bastille.pk), action=door.action
        )
        assert (_knocked(browser, name).status_code == 200) == expected, name
    for name in _of(Who.TEAM):
        assert (_knocked(browser, name).status_code in (200, 302, 422)) == (who != "alice"), name
        assert _leads_to_sign_in(_knocked(browser, name)) == (who == "guest")


def test_a_device_reads_and_moves_orders_by_its_token_alone(house: House, people: People) -> None:
    browsers = {
        who: issue(user=getattr(people, who), label="t", life=timedelta(days=1), scopes=Scope.values) for who in CAST
    }
    for name in _of(Who.BEARER):
        for who, token in browsers.items():
            method = DOORS[name].methods[0]
            response = Client().generic(
                method, _path(name), '{"to": "taken"}', "application/json", headers={"Authorization": f"Bearer {token}"}
            )
            user = getattr(people, who)
            roles = {
                role
                for store in (house.bastille, house.croix_rousse)
                for role in roles_at(user=user, store_id=store.pk)
            }
            may = allows(roles=roles, action=OF_STOCK[name]) if name in OF_STOCK else sees_orders(roles=roles)
            assert (response.status_code in (401, 403)) == (not may), (name, who, response.content)
        for browser in (Client(), _browser(people.manager)):
            assert _knocked(browser, name).status_code == 401, name


def test_who_is_signed_in_has_an_account_and_nobody_else(people: People) -> None:
    guest, alice = Client(), _browser(people.alice)
    for name in _of(Who.SIGNED_IN):
        if name != "mfa_reauthenticate":
            assert _leads_to_sign_in(_knocked(guest, name)), name
        assert not _leads_to_sign_in(_knocked(alice, name)), name


def test_a_first_password_opens_nothing_but_the_choice_of_another(people: People) -> None:
    User.objects.filter(pk=people.pizzaiolo.pk).update(must_change_password=True)
    luca = _browser(people.pizzaiolo)
    for name in (_of(Who.SIGNED_IN).keys() - {FIRST_PASSWORD}) | LINKING:
        assert _knocked(luca, name).get("Location") == reverse(FIRST_PASSWORD), name
    assert luca.get(reverse(FIRST_PASSWORD)).status_code == 200


@pytest.mark.parametrize("who", ["guest", *CAST])
def test_a_shared_screen_is_where_a_browser_was_made_one(house: House, people: People, who: str) -> None:
    browser = _browser(getattr(people, who, None))
    for name in _of(Who.SCREEN):
        assert _knocked(browser, name).status_code == 404, name


def test_an_order_opens_to_nobody_without_its_token(house: House, people: People) -> None:
    order = house.order()
    for browser in (Client(), _browser(people.alice), _browser(people.direction)):
        for name in _of(Who.TOKEN):
            assert _knocked(browser, name).status_code == 404, name
    assert Client().get(reverse("shop:order", args=[order.token])).status_code == 200


def test_what_is_everybodys_turns_nobody_away(people: People, house: House) -> None:
    guest = Client()
    for name in _of(Who.EVERYBODY):
        response = _knocked(guest, name)
        assert response.status_code not in (403, 405), name
        assert "next=" not in response.get("Location", ""), name


def test_what_a_link_opens_opens_to_no_other(people: People) -> None:
    browser = Client()
    for name in _of(Who.LINK):
        assert _knocked(browser, name).status_code < 500, name
        assert "_auth_user_id" not in browser.session


def test_nobody_shows_a_second_factor_before_the_first() -> None:
    for name in _of(Who.PENDING):
        assert _leads_to_sign_in(_knocked(Client(), name)), name


def test_a_program_elsewhere_is_not_one_of_this_machine() -> None:
    for name in _of(Who.MACHINE):
        assert Client(REMOTE_ADDR="203.0.113.9").get(_path(name)).status_code == 404
    for name in _of(Who.STRIPE):
        assert _knocked(Client(), name).status_code in (400, 404)


def test_no_door_takes_a_method_that_it_does_not_name(db: None) -> None:
    browser = Client()
    for name, door in DOORS.items():
        for method in METHODS:
            if name in VIEWS and method not in door.methods:
                response = browser.generic(method, _path(name))
                assert response.status_code == 405, (method, name)
                assert response["Allow"] == ", ".join(door.methods), name


ONE_CLICK = "shop:stop"
"""A program of mail posts there, with no cookie of ours: only whoever was sent the link knows where (RFC 8058)."""


def test_a_form_that_another_site_sends_is_refused_at_every_door(db: None) -> None:
    browser = Client(enforce_csrf_checks=True)
    for name, door in DOORS.items():
        if name == ONE_CLICK:
            continue
        if "POST" in door.methods and door.who not in (Who.STRIPE, Who.BEARER) and not name.startswith("api:"):
            response = browser.post(_path(name), headers={"Sec-Fetch-Site": "cross-site"})
            assert response.status_code == 403, name
