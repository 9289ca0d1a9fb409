"""C11: staff sign in and out."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from tests.cast import PASSWORD, People

SIGN_IN = "/equipe/connexion/"
WRONG = "Les informations saisies sont erronées"
INCOMPLETE = "Les informations saisies sont incomplètes"


def _sign_in(client: Client, identifier: str, password: str, **more: str) -> str:
    answer = client.post(SIGN_IN, {"identifier": identifier, "password": password, **more}, follow=True)
    return answer.content.decode()


def test_the_pizzaiolo_signs_in_and_stands_before_the_board(client: Client, people: People) -> None:
    answer = client.post(SIGN_IN, {"identifier": "luca", "password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == "/equipe/bastille/cuisine/"
    assert "Connecté" in answer.content.decode()


def test_an_identifier_may_be_typed_in_capitals_and_with_spaces(client: Client, people: People) -> None:
    assert "Connecté" in _sign_in(client, "  LUCA ", PASSWORD)


def test_wrong_information_is_refused(client: Client, people: People) -> None:
    for identifier, password in (
        ("luca", "autre-chose"),
        ("personne", PASSWORD),
        ("luca\x00", PASSWORD),
        ("x" * 300, PASSWORD),
        ("luca", "x" * 5000),
        ("' OR 1=1 --", PASSWORD),
        ("🍕", "🍕"),
    ):
        assert WRONG in _sign_in(client, identifier, password)
        assert "_auth_user_id" not in client.session


def test_missing_information_is_said_so(client: Client, people: People) -> None:
    for identifier, password in (("", PASSWORD), ("luca", ""), ("  ", PASSWORD), ("", "")):
        assert INCOMPLETE in _sign_in(client, identifier, password)


def test_what_was_typed_is_kept_except_the_password(client: Client, people: People) -> None:
    page = _sign_in(client, "luca", "autre-chose")
    assert 'value="luca"' in page
    assert "autre-chose" not in page


def test_an_unknown_identifier_costs_as_much_as_a_wrong_password(
    client: Client, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counting(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    _sign_in(client, "luca", "autre-chose")
    known = len(hashed)
    _sign_in(client, "personne", "autre-chose")
    assert len(hashed) - known == known > 0


def test_somebody_who_left_does_not_sign_in(client: Client, people: People) -> None:
    people.pizzaiolo.is_active = False
    people.pizzaiolo.save()
    assert WRONG in _sign_in(client, "luca", PASSWORD)


def test_somebody_who_leaves_is_out_at_once(client: Client, people: People) -> None:
    _sign_in(client, "luca", PASSWORD)
    people.pizzaiolo.is_active = False
    people.pizzaiolo.save()
    assert client.get("/equipe/bastille/cuisine/").headers["Location"].startswith(SIGN_IN)


def test_signing_in_leads_back_to_the_page_that_was_asked_for(client: Client, people: People) -> None:
    asked = client.get("/equipe/bastille/realisables/")
    assert asked.headers["Location"] == "/equipe/connexion/?next=/equipe/bastille/realisables/"
    answer = client.post(SIGN_IN, {"identifier": "luca", "password": PASSWORD, "next": "/equipe/bastille/realisables/"})
    assert answer.headers["Location"] == "/equipe/bastille/realisables/"


def test_signing_in_never_leads_to_another_site(client: Client, people: People) -> None:
    for elsewhere in (
        "https://evil.example/",
        "//evil.example",
        "javascript:alert(1)",
        r"\\evil.example",
        "word",
        "shop:menu",
    ):
        answer = client.post(SIGN_IN, {"identifier": "luca", "password": PASSWORD, "next": elsewhere})
        assert answer.headers["Location"] == "/equipe/"


def test_the_session_gets_a_new_key_when_somebody_signs_in(client: Client, people: People) -> None:
    client.get(SIGN_IN)
    session = client.session
    session["cart"] = "kept"
    session.save()
    before = session.session_key
    _sign_in(client, "luca", PASSWORD)
    assert client.session.session_key != before


def test_the_clients_door_keeps_a_member_of_the_staff_no_longer_than_their_own(client: Client, people: People) -> None:
    EmailAddress.objects.create(user=people.pizzaiolo, email="luca@example.org", verified=True, primary=True)
    for login, hours in (("luca@example.org", 12), ("alice@example.org", 14 * 24)):
        client.post("/compte/connexion/", {"login": login, "password": PASSWORD, "remember": "on"})
        assert hours - 1 < client.session.get_expiry_age() / 3600 <= hours
        client.logout()


def test_a_client_without_a_role_is_told_so(client: Client, people: People) -> None:
    answer = client.post(SIGN_IN, {"identifier": "alice@example.org", "password": PASSWORD}, follow=True)
    assert answer.status_code == 403
    assert "pas celui d’un membre de l’équipe" in answer.content.decode()


def test_signing_out_needs_a_button_and_closes_the_pages(client: Client, people: People) -> None:
    _sign_in(client, "luca", PASSWORD)
    assert client.get("/equipe/deconnexion/").status_code == 405
    assert "Déconnecté" in client.post("/equipe/deconnexion/", follow=True).content.decode()
    assert client.get("/equipe/bastille/cuisine/").status_code == 302


def test_a_forged_form_is_refused(people: People) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(SIGN_IN, {"identifier": "luca", "password": PASSWORD}).status_code == 403


def test_a_page_of_the_team_is_never_kept_in_a_cache(client: Client, people: People) -> None:
    _sign_in(client, "luca", PASSWORD)
    assert "no-store" in client.get("/equipe/bastille/cuisine/").headers["Cache-Control"]
