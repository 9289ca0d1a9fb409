"""UC 7.1 on the pages: the team, somebody's page, the sheet that is shown once, the first sign-in."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from pizzeria.accounts.gates import SIGNED_IN_AT, STAFF_SESSION
from pizzeria.accounts.models import Role, StaffRole, User
from pizzeria.accounts.services import reissue_password
from tests.cast import PASSWORD, House, People

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]

TEAM = "/equipe/bastille/equipe/"
NINA = {"first_name": "Nina", "last_name": "Rossi", "roles": ["cashier"]}
OWN = "le chat de la voisine"


def _secret(page: str, name: str) -> str:
    [found] = re.findall(rf'id="{name}">([^<]+)<', page)
    return str(found)


def _hired(browser: Client, **more: object) -> tuple[str, str]:
    page = browser.post(f"{TEAM}ajouter/", NINA | more).content.decode()
    return _secret(page, "identifier"), _secret(page, "password")


def test_who_is_added_signs_in_chooses_a_password_and_works(
    people: People, signed_in: SignedIn, client: Client
) -> None:
    identifier, password = _hired(signed_in(people.manager))
    answer = client.post("/equipe/connexion/", {"identifier": identifier, "password": password}, follow=True)
    assert answer.redirect_chain[-1][0] == "/equipe/mot-de-passe/?next=%2Fequipe%2F"
    answer = client.post("/equipe/mot-de-passe/", {"password": OWN, "again": OWN}, follow=True)
    assert answer.redirect_chain[-1][0] == "/equipe/bastille/comptoir/"
    assert client.get("/compte/second-facteur/application/").status_code == 200, "no password is asked for once more"
    client.logout()
    for tried, signs_in in ((password, False), (OWN, True)):
        client.post("/equipe/connexion/", {"identifier": identifier, "password": tried})
        assert ("_auth_user_id" in client.session) == signs_in


def test_the_sheet_is_shown_once_and_kept_nowhere(people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.manager)
    answer = browser.post(f"{TEAM}ajouter/", NINA)
    password = _secret(answer.content.decode(), "password")
    assert "no-store" in answer["Cache-Control"]
    assert password not in str(dict(browser.session.items()))
    pk = User.objects.get(identifier="nina.rossi").pk
    for page in (TEAM, f"{TEAM}{pk}/"):
        assert password not in browser.get(page).content.decode()


def test_a_second_tap_adds_nobody_twice(people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.manager)
    _hired(browser)
    answer = browser.post(f"{TEAM}ajouter/", NINA)
    assert answer.status_code == 422
    assert "nina.rossi" in answer.content.decode()
    assert _hired(browser, is_another="on")[0] == "nina.rossi2"


def test_a_page_shows_what_was_typed_and_what_is_wrong_with_it(people: People, signed_in: SignedIn) -> None:
    answer = signed_in(people.manager).post(
        f"{TEAM}ajouter/",
        {"first_name": "<b>Nina", "last_name": " ", "phone": "12", "email": "x", "roles": ["operator"]},
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "&lt;b&gt;Nina" in page
    assert "Ce numéro n’est pas complet" in page
    assert not User.objects.filter(first_name__contains="Nina").exists()


def test_the_team_names_who_works_here_and_where_else(house: House, people: People, signed_in: SignedIn) -> None:
    StaffRole.objects.create(user=people.outsider, store=house.bastille, role=Role.DRIVER)
    page = signed_in(people.manager).get(TEAM).content.decode()
    assert "Luca Dupont" in page
    assert "Oscar Dupont" in page
    assert "OC Pizza Croix-Rousse" in page
    assert "Diane" not in page
    assert "Diane" in signed_in(people.direction).get(TEAM).content.decode()


def test_nobody_of_another_team_has_a_page_here(people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.manager)
    for person in (people.outsider, people.alice, people.direction, people.operator):
        assert browser.get(f"{TEAM}{person.pk}/").status_code == 404
        assert browser.post(f"{TEAM}{person.pk}/retirer/").status_code == 404


def test_the_second_who_saves_sees_both_values_and_may_insist(people: People, signed_in: SignedIn) -> None:
    page = f"{TEAM}{people.driver.pk}/"
    browsers = signed_in(people.manager), signed_in(people.direction)
    shown = [browser.get(page).context["form"].initial for browser in browsers]
    browsers[0].post(page, shown[0] | {"phone": "06 39 98 00 01"})
    answer = browsers[1].post(page, shown[1] | {"phone": "06 39 98 00 02"})
    assert answer.status_code == 422
    assert "06 39 98 00 01" in answer.content.decode()
    assert "06 39 98 00 02" in answer.content.decode()
    again = answer.context["form"].data
    browsers[1].post(page, {name: again[name] for name in again})
    assert User.objects.get(pk=people.driver.pk).phone == "06 39 98 00 02"


def test_the_buttons_of_a_person_do_what_they_say(people: People, signed_in: SignedIn) -> None:
    browser, page = signed_in(people.manager), f"{TEAM}{people.driver.pk}/"
    assert "est suspendu" in browser.post(f"{page}suspendre/", follow=True).content.decode()
    assert "suspendu" in browser.get(page).content.decode()
    assert "peut de nouveau" in browser.post(f"{page}reprendre/", follow=True).content.decode()
    assert _secret(browser.post(f"{page}mot-de-passe/").content.decode(), "password")
    assert "inchangé" in browser.post(f"{page}identifiant/").content.decode()
    assert "plus partie" in browser.post(f"{page}retirer/", follow=True).content.decode()
    assert browser.get(page).status_code == 404
    own = browser.post(f"{TEAM}{people.manager.pk}/suspendre/", follow=True)
    assert "pas vous-même" in own.content.decode()


def test_a_colleague_of_another_shop_is_found_by_identifier(people: People, signed_in: SignedIn) -> None:
    asked = {"identifier": " OSCAR ", "roles": ["driver"]}
    assert "la direction peut" in signed_in(people.manager).post(f"{TEAM}rattacher/", asked).content.decode()
    browser = signed_in(people.direction)
    answer = browser.post(f"{TEAM}rattacher/", asked, follow=True)
    assert "Oscar Dupont travaille maintenant ici aussi" in answer.content.decode()
    answer = browser.post(f"{TEAM}rattacher/", {"identifier": "alice@example.org", "roles": ["driver"]})
    assert "Aucun compte du personnel" in answer.content.decode()


@pytest.mark.parametrize(
    ("password", "again", "says"),
    [
        ("court", "court", "10"),
        (OWN, "autre chose", "pas les mêmes"),
        ("", "", "obligatoire"),
        ("password12", "password12", "courant"),
    ],
)
def test_a_poor_first_choice_is_refused_and_said_why(
    people: People, signed_in: SignedIn, password: str, again: str, says: str
) -> None:
    User.objects.filter(pk=people.driver.pk).update(must_change_password=True)
    answer = signed_in(people.driver).post("/equipe/mot-de-passe/", {"password": password, "again": again})
    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_the_password_that_was_handed_over_is_not_chosen_again(people: People, client: Client) -> None:
    issued = reissue_password(user=people.driver)
    client.post("/equipe/connexion/", {"identifier": "karim", "password": issued})
    answer = client.post("/equipe/mot-de-passe/", {"password": issued, "again": issued})
    assert "choisissez le vôtre" in answer.content.decode()
    for page in ("/equipe/", "/equipe/ventes/", "/equipe/bastille/livraisons/", "/equipe/moi/", "/supervision/"):
        assert client.get(page)["Location"].startswith("/equipe/mot-de-passe/?next="), page
    htmx = client.get("/equipe/bastille/livraisons/", headers={"HX-Request": "true"})
    assert htmx["HX-Redirect"].startswith("/equipe/mot-de-passe/")


@pytest.mark.parametrize(
    ("who", "page"),
    [("manager", "/equipe/bastille/commandes/"), ("direction", "/equipe/groupe/"), ("operator", "/supervision/")],
)
def test_who_runs_a_shop_the_group_or_the_server_shows_a_second_proof_first(
    people: People, signed_in: SignedIn, settings: Settings, who: str, page: str
) -> None:
    settings.SECOND_FACTOR = "required"
    user = getattr(people, who)
    browser = signed_in(user)
    answer = browser.get(page, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/equipe/second-facteur/?next=")
    assert f"/compte/second-facteur/?next={page}" in answer.content.decode()
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert browser.get(page).status_code == 200
    assert browser.get("/equipe/second-facteur/").status_code == 302


def test_who_works_on_the_floor_needs_no_second_factor(people: People, signed_in: SignedIn, settings: Settings) -> None:
    settings.SECOND_FACTOR = "required"
    assert signed_in(people.pizzaiolo).get("/equipe/bastille/cuisine/").status_code == 200
    assert signed_in(people.alice).get("/compte/").status_code == 200


def test_a_day_of_work_is_twelve_hours(people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.cashier)
    session = browser.session
    assert session.get_expiry_date() <= timezone.now() + STAFF_SESSION
    session[SIGNED_IN_AT] = (timezone.now() - STAFF_SESSION - timedelta(seconds=1)).timestamp()
    session.save()
    assert browser.get("/equipe/bastille/comptoir/")["Location"].startswith("/equipe/connexion/")
    assert "_auth_user_id" not in browser.session
    assert signed_in(people.alice).session.get_expiry_age() > STAFF_SESSION.total_seconds()


def test_a_pin_is_chosen_with_the_password_on_ones_own_page(people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.cashier)
    for current, pin, again, says in (
        ("autre", "482917", "482917", "pas votre mot de passe"),
        (PASSWORD, "482917", "482918", "pas les mêmes"),
        (PASSWORD, "123456", "123456", "d’abord"),
    ):
        answer = browser.post("/equipe/moi/", {"current": current, "pin": pin, "again": again})
        assert answer.status_code == 422
        assert says in answer.content.decode()
        assert pin not in answer.content.decode()
    answer = browser.post("/equipe/moi/", {"current": PASSWORD, "pin": "482917", "again": "482917"}, follow=True)
    assert "Vous avez un code" in answer.content.decode()
    assert "482917" not in User.objects.get(pk=people.cashier.pk).pin
    browser.post("/equipe/moi/code/retirer/")
    assert User.objects.get(pk=people.cashier.pk).pin == ""
    assert signed_in(people.alice).get("/equipe/moi/").status_code == 403
