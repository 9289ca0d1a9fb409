"""Everyone sees only their point of sale, and only the pages of their roles."""

from collections.abc import Callable

import pytest
from django.test import Client

from pizzeria.accounts.models import Role, StaffRole, User
from pizzeria.accounts.permissions import PERMISSIONS, Action
from pizzeria.payments.models import CashRound
from tests.cast import House, People

from .conftest import HTMX

pytestmark = pytest.mark.sweep

SignedIn = Callable[[User], Client]

WHO = ("pizzaiolo", "driver", "cashier", "manager", "direction", "operator", "outsider", "alice")
OPENS = {
    "cuisine/": {"pizzaiolo", "manager", "direction"},
    "realisables/": {"pizzaiolo", "cashier", "manager", "direction"},
    "livraisons/": {"driver", "manager", "direction"},
    "comptoir/": {"cashier", "manager", "direction"},
    "commandes/": {"cashier", "manager", "direction"},
    "commandes/{number}/": {"cashier", "manager", "direction"},
    "commandes/{number}/annuler/": {"cashier", "manager"},
    "commandes/{number}/geste/": {"manager"},
    "encaissements/": {"manager", "direction"},
    "commandes/{number}/encaisser/": {"cashier"},
    "commandes/{number}/recus/{payment}/": {"driver", "cashier", "manager", "direction"},
    "journee/": {"manager", "direction"},
    "ventes/": {"manager", "direction"},
    "exports/": {"manager", "direction"},
    "fonds/": {"cashier", "manager", "direction"},
    "fonds/{round}/": {"cashier", "manager"},
    "commandes/{number}/lignes/{line}/": {"pizzaiolo", "manager", "direction"},
}
"""Who at Bastille opens which page of Bastille. The order is not a driver's yet: they take no money for it."""

FIRST = {"pizzaiolo": "cuisine", "driver": "livraisons", "cashier": "comptoir", "manager": "journee"}
"""Where people with one role at one store go after signing in."""

ELSEWHERE = {"outsider": 404, "alice": 403}
"""What people who do not work at Bastille are answered."""


def _paths(house: House, store: str = "bastille") -> dict[str, str]:
    """Every page of a store, with an order, a line, a payment and a float of Bastille."""
    order = house.order()
    order.payments.update(status="paid", received_at=order.placed_at)
    driver = User.objects.create_user(f"driver-{order.number}")
    float_out = CashRound.objects.create(
        store=house.bastille, driver=driver, opening_amount=40, opened_at=order.placed_at
    )
    names = {
        "number": order.number,
        "line": order.lines.get().pk,
        "payment": order.payments.get().pk,
        "round": float_out.pk,
    }
    return {page: f"/equipe/{store}/{page.format(**names)}" for page in OPENS}


@pytest.mark.parametrize("who", WHO)
def test_every_page_opens_to_its_roles_alone(house: House, people: People, signed_in: SignedIn, who: str) -> None:
    browser = signed_in(getattr(people, who))
    for page, path in _paths(house).items():
        expected = 200 if who in OPENS[page] else ELSEWHERE.get(who, 403)
        assert browser.get(path).status_code == expected, path
        assert browser.get(path, headers=HTMX).status_code == expected, path


def test_no_page_of_another_store_is_found(house: House, people: People, signed_in: SignedIn) -> None:
    paths = _paths(house, "croix-rousse")
    for who in ("pizzaiolo", "driver", "cashier", "manager"):
        browser = signed_in(getattr(people, who))
        for path in paths.values():
            assert browser.get(path).status_code == 404, path


def test_an_order_is_found_under_its_own_stores_address_alone(
    house: House, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.direction)
    paths = _paths(house)
    for page in ("commandes/{number}/", "commandes/{number}/lignes/{line}/", "commandes/{number}/recus/{payment}/"):
        path = paths[page]
        assert browser.get(path).status_code == 200
        assert browser.get(path.replace("bastille", "croix-rousse")).status_code == 404


def test_a_guest_is_led_to_the_sign_in_page(house: House, client: Client) -> None:
    for path in _paths(house).values():
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"/equipe/connexion/?next={path}"


def test_a_page_whose_session_ended_goes_to_the_sign_in_page_as_a_whole(house: House, client: Client) -> None:
    answer = client.get(
        "/equipe/bastille/cuisine/?v=x",
        headers={**HTMX, "HX-Current-URL": "http://testserver/equipe/bastille/cuisine/"},
    )
    assert answer.headers["HX-Redirect"] == "/equipe/connexion/?next=/equipe/bastille/cuisine/"


@pytest.mark.parametrize("said", ["http://[elsewhere", "//elsewhere.example/x", "http://elsewhere.example/", "\xff"])
def test_an_address_that_is_none_of_ours_leads_back_to_the_first_page(client: Client, house: House, said: str) -> None:
    answer = client.get("/equipe/bastille/cuisine/", headers={**HTMX, "HX-Current-URL": said})
    assert answer.headers["HX-Redirect"] == "/equipe/connexion/?next=/equipe/"


def test_an_unknown_store_is_not_found(people: People, signed_in: SignedIn) -> None:
    assert signed_in(people.direction).get("/equipe/nulle-part/cuisine/").status_code == 404


def test_what_is_no_order_is_not_found(house: House, people: People, signed_in: SignedIn) -> None:
    number = house.order().number
    browser = signed_in(people.manager)
    for path in (
        "P-ZZZZZ/",
        "p-zzzzz/",
        "P-%00AAAA/",
        "1/",
        "P-ÉÉÉÉÉ/",
        "P-ZZZZZ/lignes/1/",
        f"{number}/lignes/{10**30}/",
    ):
        assert browser.get(f"/equipe/bastille/commandes/{path}").status_code == 404, path


def test_the_line_of_another_order_is_not_found(house: House, people: People, signed_in: SignedIn) -> None:
    mine, other = house.order(), house.order()
    path = f"/equipe/bastille/commandes/{mine.number}/lignes/{other.lines.get().pk}/"
    assert signed_in(people.pizzaiolo).get(path).status_code == 404


def test_the_tabs_show_only_pages_that_open(house: House, people: People, signed_in: SignedIn) -> None:
    for who, page in FIRST.items():
        browser = signed_in(getattr(people, who))
        answer = browser.get(f"/equipe/bastille/{page}/")
        for tab in answer.context["place"].tabs:
            assert tab.url in answer.content.decode()
            assert browser.get(tab.url).status_code == 200


def test_one_role_at_one_store_goes_straight_to_its_page(people: People, signed_in: SignedIn) -> None:
    for who, page in FIRST.items():
        assert signed_in(getattr(people, who)).get("/equipe/").headers["Location"] == f"/equipe/bastille/{page}/"


def test_somebody_with_two_stores_chooses(house: House, people: People, signed_in: SignedIn) -> None:
    StaffRole.objects.create(user=people.pizzaiolo, role=Role.PIZZAIOLO, store=house.croix_rousse)
    page = signed_in(people.pizzaiolo).get("/equipe/").content.decode()
    assert "/equipe/bastille/cuisine/" in page
    assert "/equipe/croix-rousse/cuisine/" in page


def test_somebody_with_two_roles_chooses(house: House, people: People, signed_in: SignedIn) -> None:
    StaffRole.objects.create(user=people.pizzaiolo, role=Role.CASHIER, store=house.bastille)
    page = signed_in(people.pizzaiolo).get("/equipe/").content.decode()
    assert "/equipe/bastille/cuisine/" in page
    assert "/equipe/bastille/comptoir/" in page


def test_a_role_at_one_store_opens_nothing_at_the_other(house: House, people: People, signed_in: SignedIn) -> None:
    StaffRole.objects.create(user=people.driver, role=Role.MANAGER, store=house.croix_rousse)
    browser = signed_in(people.driver)
    assert browser.get("/equipe/croix-rousse/commandes/").status_code == 200
    assert browser.get("/equipe/bastille/commandes/").status_code == 403


def test_direction_sees_every_store_on_one_page(house: House, people: People, signed_in: SignedIn) -> None:
    house.order()
    page = signed_in(people.direction).get("/equipe/", follow=True).content.decode()
    assert "OC Pizza Bastille" in page
    assert "OC Pizza Croix-Rousse" in page
    assert "11,50" in page


def test_the_operator_is_told_that_the_work_is_on_the_server(people: People, signed_in: SignedIn) -> None:
    assert "sur le serveur" in signed_in(people.operator).get("/equipe/").content.decode()


def test_every_action_has_its_roles() -> None:
    assert set(PERMISSIONS) == set(Action)
    assert all(grant.roles <= set(Role.values) for grant in PERMISSIONS.values())
