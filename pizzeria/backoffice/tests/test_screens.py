"""A shared screen: faces, a PIN, the board; and nothing beyond its store's floor."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from pizzeria.accounts.models import AuditEntry, Role, SharedScreen, StaffRole, User
from pizzeria.accounts.pins import choose_pin
from pizzeria.accounts.screens import IDLE, open_screen
from pizzeria.accounts.staff import remove, suspend
from tests.cast import PASSWORD, House, People

from .conftest import HTMX

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]

PIN = "482917"
SCREEN = "/equipe/bastille/ecran/"
BOARD = "/equipe/bastille/cuisine/"


@pytest.fixture
def tablet(house: House, people: People) -> Client:
    """The tablet in Bastille's kitchen; Luca, Karim and Renata have PINs."""
    for person in (people.pizzaiolo, people.driver, people.manager, people.outsider):
        choose_pin(user=person, pin=PIN)
    browser = Client()
    browser.cookies[settings.SCREEN_COOKIE_NAME] = open_screen(
        actor=people.manager, store=house.bastille, label="four", at=timezone.now()
    )
    return browser


def _enter(browser: Client, person: User, pin: str = PIN) -> str:
    answer = browser.post(f"{SCREEN}{person.pk}/", {"pin": pin})
    return answer.get("Location", answer.content.decode())


def test_the_responsable_makes_this_browser_the_stores_and_is_signed_out_of_it(
    house: House, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.manager)
    answer = browser.post("/equipe/bastille/equipe/ecrans/", {"label": "Tablette du four"})
    assert answer["Location"] == SCREEN
    assert "_auth_user_id" not in browser.session
    cookie = answer.cookies[settings.SCREEN_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Strict", 365 * 24 * 3600)
    assert not SharedScreen.objects.filter(digest=cookie.value).exists(), "only a digest is kept"
    assert browser.get(SCREEN).status_code == 200
    assert browser.get("/equipe/")["Location"] == SCREEN


def test_it_shows_who_of_the_floor_has_a_pin(people: People, tablet: Client) -> None:
    page = tablet.get(SCREEN).content.decode()
    assert "Luca" in page
    assert "Karim" in page
    for absent in ("Chloé", "Renata", "Oscar", "Diane"):
        assert absent not in page


def test_a_face_and_a_pin_and_the_board_stands_there(house: House, people: People, tablet: Client) -> None:
    order = house.order()
    assert _enter(tablet, people.pizzaiolo) == BOARD
    assert order.number in tablet.get(BOARD).content.decode()
    answer = tablet.post(f"/equipe/bastille/commandes/{order.number}/avancer/", {"to": "taken"}, follow=True)
    assert answer.status_code == 200
    order.refresh_from_db()
    assert order.pizzaiolo == people.pizzaiolo
    assert "Changer de personne" in tablet.get(BOARD).content.decode()
    tablet.post(f"{SCREEN}changer/")
    assert tablet.get(BOARD)["Location"] == SCREEN
    assert AuditEntry.objects.filter(actor=people.pizzaiolo, action="screen.taken", store=house.bastille).exists()


def test_a_pin_opens_nothing_else(house: House, people: People, tablet: Client) -> None:
    """Not another store, not the account, not the API, not supervision, not what is a responsable's."""
    StaffRole.objects.create(user=people.pizzaiolo, store=house.bastille, role=Role.MANAGER)
    StaffRole.objects.create(user=people.pizzaiolo, store=house.croix_rousse, role=Role.PIZZAIOLO)
    _enter(tablet, people.pizzaiolo)
    assert tablet.get(BOARD).status_code == 200
    for page in ("commandes/", "equipe/", "equipe/ecrans/", "ventes/", "encaissements/"):
        assert tablet.get(f"/equipe/bastille/{page}").status_code == 403, page
    for page in ("/equipe/croix-rousse/cuisine/", "/compte/", "/equipe/moi/", "/supervision/", "/equipe/ventes/"):
        assert "/connexion/" in tablet.get(page)["Location"], page
    assert tablet.get("/api/v1/staff/orders").status_code == 401
    assert tablet.get("/equipe/croix-rousse/ecran/").status_code == 404
    assert Client().get(SCREEN).status_code == 404
    assert "_auth_user_id" not in tablet.session


def test_nobody_stands_there_who_does_not_work_there(people: People, tablet: Client) -> None:
    for person in (people.outsider, people.manager, people.cashier):
        assert _enter(tablet, person) == SCREEN
        assert tablet.get(BOARD)["Location"] == SCREEN


def test_a_wrong_pin_is_counted_and_five_lock_it(people: People, tablet: Client) -> None:
    assert "Il reste 4 essais" in _enter(tablet, people.pizzaiolo, "000001")
    for _try in range(4):
        _enter(tablet, people.pizzaiolo, "000001")
    assert _enter(tablet, people.pizzaiolo) == SCREEN
    assert "code bloqué" in tablet.get(SCREEN).content.decode()
    assert _enter(tablet, people.driver) == "/equipe/bastille/livraisons/"


def test_after_ten_minutes_without_a_tap_it_asks_again(people: People, tablet: Client) -> None:
    _enter(tablet, people.pizzaiolo)
    nine = timezone.now() - IDLE + timedelta(minutes=1)
    SharedScreen.objects.update(active_at=nine)
    # What the page asks for by itself is nobody's tap.
    tablet.get(BOARD, headers={**HTMX, "HX-Target": "live"})
    assert SharedScreen.objects.get().active_at == nine
    tablet.get(BOARD, headers={"Sec-Fetch-User": "?1"})
    assert SharedScreen.objects.get().active_at > nine  # type: ignore[operator]
    SharedScreen.objects.update(active_at=timezone.now() - IDLE)
    assert tablet.get(BOARD)["Location"] == SCREEN
    assert tablet.get(BOARD, headers=HTMX)["HX-Redirect"] == SCREEN
    assert "/connexion/" not in tablet.post("/equipe/bastille/commandes/P-22222/avancer/")["Location"]


def test_a_responsable_who_signs_in_there_is_out_after_ten_minutes_without_a_tap(
    people: People, tablet: Client
) -> None:
    orders = "/equipe/bastille/commandes/"
    tablet.post("/equipe/connexion/", {"identifier": "renata", "password": PASSWORD})
    session = tablet.session
    assert session.get_expiry_age() <= IDLE.total_seconds()
    session.set_expiry(timezone.now() + timedelta(minutes=5))
    session.save()
    tablet.get(orders, headers={**HTMX, "HX-Target": "live"})
    assert tablet.session.get_expiry_age() <= 300
    tablet.get(orders, headers={"Sec-Fetch-User": "?1"})
    assert tablet.session.get_expiry_age() > 500
    Session.objects.update(expire_date=timezone.now())
    assert tablet.get(orders)["Location"] == SCREEN


@pytest.mark.parametrize("ended", ["suspended", "removed", "password", "revoked", "expired"])
def test_who_is_out_is_out_at_the_screen_too(people: People, tablet: Client, ended: str) -> None:
    _enter(tablet, people.pizzaiolo)
    assert tablet.get(BOARD).status_code == 200
    if ended == "suspended":
        User.objects.filter(pk=people.pizzaiolo.pk).update(is_active=False)
    elif ended == "removed":
        people.pizzaiolo.roles.all().delete()
    elif ended == "password":
        User.objects.filter(pk=people.pizzaiolo.pk).update(must_change_password=True)
    elif ended == "revoked":
        SharedScreen.objects.all().delete()
    else:
        SharedScreen.objects.update(expires_at=timezone.now())
    assert tablet.get(BOARD).status_code == 302


@pytest.mark.parametrize("deed", [suspend, remove])
def test_a_screen_closes_with_the_right_of_who_has_made_it(
    house: House, people: People, signed_in: SignedIn, tablet: Client, deed: Callable[..., None]
) -> None:
    """They may have made it of a browser that is at home."""
    _enter(tablet, people.pizzaiolo)
    browser, page = signed_in(people.direction), f"/equipe/bastille/equipe/{people.manager.pk}/"
    assert "ferme aussi l’écran partagé" in browser.get(page).content.decode()
    deed(actor=people.direction, store=house.bastille, person=people.manager)
    assert tablet.get(BOARD).status_code == 302
    assert tablet.get(SCREEN).status_code == 404
    assert AuditEntry.objects.filter(actor=people.direction, action="screen.revoked").exists()


def test_a_screen_is_listed_and_closed_for_good(people: People, signed_in: SignedIn, tablet: Client) -> None:
    browser = signed_in(people.manager)
    assert "four" in browser.get("/equipe/bastille/equipe/ecrans/").content.decode()
    pk = SharedScreen.objects.get().pk
    for words in ("n’est plus un écran partagé", "n’est plus partagé"):
        answer = browser.post(f"/equipe/bastille/equipe/ecrans/{pk}/retirer/", follow=True)
        assert words in answer.content.decode()
    assert tablet.get(SCREEN).status_code == 404
    assert list(AuditEntry.objects.filter(action__startswith="screen.").values_list("action", flat=True)) == [
        "screen.revoked",
        "screen.opened",
    ]
