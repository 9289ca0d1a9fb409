"""A second proof at sign-in: an application's codes, recovery codes, and what strange passkeys end in (C11, C12)."""

import json
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from pizzeria.accounts.models import User
from tests.cast import PASSWORD, People

pytestmark = pytest.mark.story

INDEX, APPLICATION, CODES = (
    "/compte/second-facteur/",
    "/compte/second-facteur/application/",
    "/compte/second-facteur/secours/",
)
VERIFY = "/compte/second-facteur/verifier/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
USED = "Ce code n’est pas le bon, ou il a déjà servi"


@pytest.fixture(autouse=True)
def _a_process_of_its_own() -> None:
    """The library remembers used codes in its memory, of the test before too."""
    cache.clear()


def _code(secret: str = SECRET, *, steps: int = 0) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def _protected(user: User) -> User:
    TOTP.activate(user, SECRET)
    return user


def _password(client: Client) -> None:
    answer = client.post("/compte/connexion/", {"login": "alice@example.org", "password": PASSWORD})
    assert answer["Location"] == VERIFY


def _verify(client: Client, code: str) -> HttpResponse:
    return client.post(VERIFY, {"code": code}, follow=True)  # type: ignore[return-value]


def _is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def _signed_in(client: Client, user: User) -> None:
    """Signed in, and asked for the password a moment ago."""
    client.force_login(user)
    client.post("/compte/confirmer-identite/", {"password": PASSWORD})


def test_alice_sets_up_an_application_and_notes_her_recovery_codes_once(client: Client, people: People) -> None:
    _signed_in(client, people.alice)
    page = client.get(APPLICATION).content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    secret = re.search(r'enrol__key">(\w+)<', page)
    assert secret
    shown = client.post(APPLICATION, {"code": _code(secret[1])}, follow=True).content.decode()
    assert len(re.findall(r"<code>\d{8}</code>", shown)) == 10
    assert not re.search(r"<code>\d{8}</code>", client.get(CODES).content.decode())


def test_whoever_was_in_by_the_password_alone_is_out_when_a_second_proof_is_set_up(
    client: Client, people: People, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    thief = Client()
    thief.post("/compte/connexion/", {"login": "alice@example.org", "password": PASSWORD})
    assert _is_signed_in(thief)
    _signed_in(client, people.alice)
    secret = re.search(r'enrol__key">(\w+)<', client.get(APPLICATION).content.decode())
    assert secret
    with django_capture_on_commit_callbacks(execute=True):
        client.post(APPLICATION, {"code": _code(secret[1])})
    assert (_is_signed_in(client), _is_signed_in(thief)) == (True, False)


def test_the_application_is_shown_to_nobody_who_has_not_given_the_password_again(
    client: Client, people: People
) -> None:
    client.force_login(people.alice)
    for address in (APPLICATION, "/compte/cles/ajouter/", "/compte/second-facteur/secours/nouveaux/"):
        assert client.get(address)["Location"].startswith("/compte/confirmer-identite/")


def test_whoever_was_sent_here_by_their_role_comes_back(client: Client, people: People) -> None:
    _signed_in(client, people.manager)
    asked = client.get(f"{INDEX}?next=/equipe/bastille/ventes/").content.decode()
    assert "Votre rôle demande un second facteur" in asked
    _protected(people.manager)
    assert 'href="/equipe/bastille/ventes/"' in client.get(INDEX).content.decode()
    client.get(f"{INDEX}?next=https://evil.example/")
    assert "evil.example" not in client.get(INDEX).content.decode()


def test_the_password_alone_no_longer_opens_the_account(client: Client, people: People) -> None:
    _protected(people.alice)
    _password(client)
    assert not _is_signed_in(client)
    assert USED in _verify(client, "000000").content.decode()
    _verify(client, _code())
    assert _is_signed_in(client)


def test_a_code_that_was_read_over_the_shoulder_is_worth_nothing_in_another_process(
    client: Client, people: People
) -> None:
    _protected(people.alice)
    code = _code()
    _password(client)
    _verify(client, code)
    assert _is_signed_in(client)
    cache.clear()  # What the first process has in its memory, the second has not.
    thief = Client()
    _password(thief)
    for typed in (code, f"{code[:3]} {code[3:]}", f"{code[:3]}-{code[3:]}"):
        assert USED in _verify(thief, typed).content.decode()
    assert not _is_signed_in(thief)


def test_a_recovery_code_opens_once(client: Client, people: People) -> None:
    _protected(people.alice)
    code = RecoveryCodes.activate(people.alice).get_unused_codes()[0]
    _password(client)
    _verify(client, code)
    assert _is_signed_in(client)
    again = Client()
    _password(again)
    assert USED in _verify(again, code).content.decode()


def test_whatever_is_typed_as_a_code_is_refused(client: Client, people: People) -> None:
    _protected(people.alice)
    _password(client)
    for typed in ("", "\x00", "🍕" * 6, "1" * 10_000, "' OR 1=1 --"):
        assert _verify(client, typed).status_code == 200, typed
    assert not _is_signed_in(client)


STRANGE = ["", "x", "null", "[]", "{}", "5", '"a"', '{"id": "a"}', '{"id": 1, "rawId": 1, "response": 1}',
           '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "AA"}}',
           '{"response": {"userHandle": null}}', '{"response": []}', "[" * 2000]  # fmt: skip


def test_a_strange_passkey_is_refused_at_the_door_that_was_tried(client: Client, db: None) -> None:
    client.get("/compte/cles/connexion/", headers={"Accept": "application/json"})
    for number, credential in enumerate(STRANGE):
        form, address = {"credential": credential}, {"REMOTE_ADDR": f"203.0.113.{number}"}
        answer = client.post("/compte/cles/connexion/", form | {"next": "/equipe/bastille/"}, **address)  # type: ignore[arg-type]
        assert answer["Location"] == "/equipe/connexion/?next=/equipe/bastille/", credential
        answer = client.post("/compte/cles/connexion/", form, **address)  # type: ignore[arg-type]
        assert answer["Location"] == "/compte/connexion/", credential
    assert not _is_signed_in(client)


def test_a_strange_passkey_cannot_be_added(client: Client, people: People) -> None:
    _signed_in(client, people.alice)
    client.get("/compte/cles/ajouter/")
    for credential in STRANGE:
        form = {"credential": credential, "name": "x", "passwordless": "True"}
        assert client.post("/compte/cles/ajouter/", form).status_code == 200, credential
    assert not Authenticator.objects.exists()


def test_a_challenge_is_for_the_name_of_the_site_and_asks_for_a_finger_or_a_code(client: Client, db: None) -> None:
    told = client.get("/compte/cles/connexion/", headers={"Accept": "application/json"}).json()
    asked = told["request_options"]["publicKey"]
    assert asked["rpId"] == "testserver"
    assert asked["userVerification"] == "required"
    assert json.dumps(asked).count("challenge") == 1


def test_nobody_touches_the_keys_of_another(client: Client, people: People) -> None:
    key = Authenticator.objects.create(
        user=people.driver, type=Authenticator.Type.WEBAUTHN, data={"name": "la clé de Karim", "credential": {}}
    )
    _signed_in(client, people.alice)
    for address in (f"/compte/cles/{key.pk}/retirer/", f"/compte/cles/{key.pk}/nom/"):
        assert client.post(address, {"name": "à moi"}).status_code == 404
