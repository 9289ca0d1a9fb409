"""The first responsable: an account that opens the back office, and a password that is shown once."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from pizzeria.accounts.models import StaffRole, User
from tests.cast import House, People

PERSON = {"name": "Renata Bellini Rossi", "email": "renata@oc-pizza.example"}


def create(**options: str) -> tuple[str, str]:
    """What the command prints to be read by people and by scripts, and what it says beside."""
    told, beside = StringIO(), StringIO()
    call_command("createresponsable", **PERSON | options, stdout=told, stderr=beside)
    return told.getvalue(), beside.getvalue()


def login(told: str) -> tuple[str, str]:
    first, second = told.splitlines()
    return first.removeprefix("identifiant: "), second.removeprefix("mot de passe: ")


def signed_in(told: str) -> Client:
    identifier, password = login(told)
    browser = Client()
    browser.post("/equipe/connexion/", {"identifier": identifier, "password": password})
    return browser


def settled(told: str) -> Client:
    """Signed in, and their own password chosen."""
    browser = signed_in(told)
    own = "le chat de la voisine"
    browser.post("/equipe/mot-de-passe/", {"password": own, "again": own})
    return browser


def test_they_sign_in_and_see_every_point_of_sale(house: House) -> None:
    told, beside = create()
    assert (login(told)[0], beside) == ("renata.bellinirossi", "")
    browser = settled(told)
    page = browser.get("/equipe/").content.decode()
    assert house.bastille.name in page
    assert house.croix_rousse.name in page
    for store in ("bastille", "croix-rousse"):
        assert browser.get(f"/equipe/{store}/commandes/").status_code == 200


def test_no_page_opens_before_they_have_chosen_a_password_of_their_own(house: House) -> None:
    browser = signed_in(create()[0])
    for page in ("/equipe/", "/equipe/ventes/", "/equipe/bastille/commandes/", "/equipe/moi/"):
        assert browser.get(page)["Location"].startswith("/equipe/mot-de-passe/"), page


def test_or_one_alone(house: House) -> None:
    browser = settled(create(store="croix-rousse")[0])
    assert browser.get("/equipe/croix-rousse/commandes/").status_code == 200
    assert browser.get("/equipe/bastille/commandes/").status_code == 404


def test_a_group_without_a_point_of_sale_is_run_by_its_direction(db: None) -> None:
    page = settled(create()[0]).get("/equipe/", follow=True)
    assert page.status_code == 200
    assert "pas encore de point de vente" in page.content.decode()


def test_a_second_time_changes_nothing_and_says_so(house: House) -> None:
    first, _beside = create()
    before = User.objects.get(identifier=login(first)[0]).password
    told, beside = create(email="RENATA@oc-pizza.example", name="Somebody Else")
    assert told == ""
    assert "renata.bellinirossi" in beside
    assert User.objects.get().password == before
    assert StaffRole.objects.count() == 2


def test_a_client_of_this_address_stays_a_client(house: House, people: People) -> None:
    told, _beside = create(email=people.alice.email, name="Alice Martin")
    assert login(told)[0] == "alice.martin"
    assert not people.alice.roles.exists()


def test_two_of_a_name_have_two_identifiers(house: House) -> None:
    create()
    assert login(create(email="other@oc-pizza.example")[0])[0] == "renata.bellinirossi2"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Renata"},
        {"name": " "},
        {"name": f"R {'x' * 81}"},
        {"email": "nobody"},
        {"email": ""},
        {"store": "rome"},
    ],
)
def test_what_makes_no_sense_is_refused_and_nobody_is_created(house: House, wrong: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        create(**wrong)
    assert not User.objects.exists()


def test_a_lost_password_is_replaced_and_the_old_one_opens_nothing(house: House) -> None:
    told, _beside = create()
    open_still = signed_in(told)
    new = StringIO()
    call_command("reissuepassword", "Renata.BelliniRossi", stdout=new)
    assert login(new.getvalue())[0] == login(told)[0]
    assert login(new.getvalue())[1] != login(told)[1]
    for browser in (open_still, signed_in(told)):
        assert "/equipe/connexion/" in browser.get("/equipe/")["Location"]
    assert settled(new.getvalue()).get("/equipe/").status_code == 200


def test_a_lost_second_factor_goes_with_the_lost_password(house: House) -> None:
    user = User.objects.get(identifier=login(create()[0])[0])
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    call_command("reissuepassword", user.identifier, stdout=StringIO())
    assert not Authenticator.objects.filter(user=user).exists()


def test_a_client_gets_no_password_from_the_operator(people: People) -> None:
    with pytest.raises(CommandError, match=r"alice@example\.org"):
        call_command("reissuepassword", people.alice.identifier)
