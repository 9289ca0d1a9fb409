"""Signing in with Google and Facebook (UC 2.1, C1, C11, C12), against a double that speaks as they do."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from pizzeria.accounts.clients import prove_mailbox
from pizzeria.accounts.elsewhere import sign_in_origins
from pizzeria.accounts.models import User
from tests.cast import PASSWORD, People
from tests.openid_double import KEYS, OpenIdDouble, Person

pytestmark = pytest.mark.story

LOGIN, LINKS = "/compte/connexion/", "/compte/externe/"
FAILED = "La connexion n’a pas abouti"
Decide = Callable[[str], str]


def _ask(client: Client, provider: str = "google", **form: str) -> str:
    """Press the button; the address of their page."""
    answer = client.post(f"/compte/{provider}/", {"process": "login"} | form)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def _come_in(client: Client, decide: Decide, provider: str = "google", **form: str) -> HttpResponse:
    return client.get(decide(_ask(client, provider, **form)), follow=True)  # type: ignore[return-value]


def _is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def _confirmed(user: User) -> User:
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    return user


def _link(user: User, provider: str = "google", uid: str = Person.sub) -> SocialAccount:
    return SocialAccount.objects.create(user=user, provider=provider, uid=uid, extra_data={"email": "a@example.org"})


def _reauthenticated(client: Client) -> None:
    client.post("/compte/confirmer-identite/", {"password": PASSWORD})


# --- coming in


def test_a_new_client_comes_in_with_google_and_comes_back(client: Client, db: None, elsewhere: OpenIdDouble) -> None:
    _come_in(client, elsewhere.accept)
    assert _is_signed_in(client)
    alix = User.objects.get()
    assert (alix.first_name, alix.last_name, alix.email) == ("Alix", "Morel", "alix.morel@example.org")
    assert re.fullmatch(r"client-[0-9a-f]{16}", alix.identifier)
    assert EmailAddress.objects.get(user=alix).verified
    again = Client()
    _come_in(again, elsewhere.accept)
    assert again.session["_auth_user_id"] == str(alix.pk)


def test_only_the_name_and_the_e_mail_are_asked_for_and_no_token_is_kept(
    client: Client, db: None, elsewhere: OpenIdDouble
) -> None:
    _come_in(client, elsewhere.accept)
    _come_in(Client(), elsewhere.accept, "facebook")
    assert {frozenset(re.split(r"[ ,]", scope)) for scope in elsewhere.scopes} == {
        frozenset({"openid", "email", "profile"}),
        frozenset({"email", "public_profile"}),
    }
    kept = SocialAccount.objects.get(provider="google").extra_data
    assert kept == {"name": "Alix Morel", "email": "alix.morel@example.org"}
    assert not SocialToken.objects.exists()
    assert "token" not in str(dict(client.session.items()))


def test_a_link_to_the_sign_in_cannot_ask_google_for_more(client: Client, db: None, elsewhere: OpenIdDouble) -> None:
    asked = client.post("/compte/google/?scope=https://mail.google.com/&auth_params=redirect_uri=https://evil.example")
    query = parse_qs(urlsplit(asked["Location"]).query)
    assert "mail.google.com" not in query["scope"][0]
    assert query["redirect_uri"] == ["http://testserver/compte/google/retour/"]


def test_who_is_led_back_is_led_to_a_page_of_ours(client: Client, db: None, elsewhere: OpenIdDouble) -> None:
    assert _come_in(client, elsewhere.accept, next="/panier/").redirect_chain[-1][0] == "/panier/"  # type: ignore[attr-defined]
    foreign = _come_in(Client(), elsewhere.accept, next="https://evil.example/")
    assert "evil.example" not in str(foreign.redirect_chain)  # type: ignore[attr-defined]


def test_somebody_who_refuses_at_google_is_told_so_and_led_back(
    client: Client, db: None, elsewhere: OpenIdDouble
) -> None:
    page = _come_in(client, elsewhere.refuse).content.decode()
    assert "Connexion annulée" in page
    assert f'href="{LOGIN}"' in page
    assert not User.objects.exists()


def test_an_opened_address_of_google_only_asks_whether_to_go_there(
    client: Client, db: None, elsewhere: OpenIdDouble
) -> None:
    page = client.get("/compte/google/")
    assert page.status_code == 200
    assert "Continuer avec Google" in page.content.decode()


def test_a_name_that_cannot_be_stored_is_made_fit(client: Client, db: None, elsewhere: OpenIdDouble) -> None:
    elsewhere.person = Person(given_name="Al\x00ix\u202e" + "x" * 300, family_name="\x00")
    _come_in(client, elsewhere.accept)
    assert User.objects.get().first_name == ("Alix" + "x" * 300)[:80]


# --- forged, replayed, broken


def test_what_google_has_not_signed_for_this_try_is_refused(client: Client, db: None, elsewhere: OpenIdDouble) -> None:
    for lie in ("issuer", "audience", "expired", "nonce", "signature", "unsigned"):
        elsewhere.lies = lie
        answer = _come_in(client, elsewhere.accept)
        assert answer.status_code == 401, lie
        assert FAILED in answer.content.decode(), lie
    assert not User.objects.exists()
    elsewhere.lies = ""
    _come_in(client, elsewhere.accept)
    assert _is_signed_in(client)


@pytest.mark.parametrize("provider", ["google", "facebook"])
def test_a_forged_state_is_refused_and_nobody_is_asked(
    client: Client, db: None, elsewhere: OpenIdDouble, provider: str
) -> None:
    back = elsewhere.accept(_ask(client, provider))
    for forged in (back.replace("state=", "state=x"), re.sub("state=[^&]*&", "", back)):
        assert FAILED in client.get(forged, follow=True).content.decode()
    # The victim's browser holds no such state: a code of the attacker's account signs nobody in.
    assert FAILED in Client().get(back, follow=True).content.decode()
    assert elsewhere.requests == []
    assert not User.objects.exists()


@pytest.mark.parametrize("provider", ["google", "facebook"])
def test_a_code_is_good_for_once_and_for_the_browser_that_asked(
    client: Client, db: None, elsewhere: OpenIdDouble, provider: str
) -> None:
    stolen = dict(parse_qsl(urlsplit(elsewhere.accept(_ask(Client(), provider))).query))["code"]
    asked = urlsplit(_ask(client, provider))
    mine = {"state": dict(parse_qsl(asked.query))["state"], "code": stolen}
    # Everything fits but the PKCE verifier.
    injected = client.get(f"/compte/{provider}/retour/?{urlencode(mine)}", follow=True)
    assert FAILED in injected.content.decode()
    back = elsewhere.accept(_ask(client, provider))
    client.get(back)
    assert FAILED in client.get(back, follow=True).content.decode()
    assert User.objects.count() == 1


@pytest.mark.parametrize(("provider", "fault"), [("google", "500"), ("facebook", "garbage")])
def test_when_they_are_down_a_page_says_so_and_nothing_is_lost(
    client: Client, db: None, elsewhere: OpenIdDouble, provider: str, fault: str
) -> None:
    elsewhere.fault = fault
    page = _come_in(client, elsewhere.accept, provider).content.decode()
    assert FAILED in page
    assert "votre panier et votre compte sont intacts" in page
    elsewhere.fault = ""
    _come_in(client, elsewhere.accept, provider)
    assert User.objects.count() == 1


def test_nobody_answers_at_their_address(client: Client, db: None, elsewhere: OpenIdDouble, settings: Settings) -> None:
    back = elsewhere.accept(_ask(client))
    settings.GOOGLE_API = "http://127.0.0.1:9"
    assert FAILED in client.get(back, follow=True).content.decode()


# --- whose e-mail it is


@pytest.mark.parametrize("provider", ["google", "facebook"])
def test_an_e_mail_that_they_have_not_confirmed_is_confirmed_with_us(
    client: Client, db: None, elsewhere: OpenIdDouble, provider: str
) -> None:
    elsewhere.person = Person(email_verified=False)
    _come_in(client, elsewhere.accept, provider)
    assert not _is_signed_in(client)
    assert not EmailAddress.objects.get().verified


def test_without_an_e_mail_one_is_asked_for_and_confirmed(client: Client, db: None, elsewhere: OpenIdDouble) -> None:
    elsewhere.person = Person(email="")
    page = _come_in(client, elsewhere.accept, "facebook").content.decode()
    assert "Facebook ne nous a pas donné votre adresse électronique" in page
    client.post("/compte/externe/creer/", {"email": "alix@example.org", "first_name": "Alix", "last_name": "Morel"})
    assert not _is_signed_in(client)
    assert not EmailAddress.objects.get(email="alix@example.org").verified


@pytest.mark.parametrize("provider", ["google", "facebook"])
def test_the_e_mail_of_an_account_is_asked_to_sign_in_and_never_linked_silently(
    client: Client, people: People, elsewhere: OpenIdDouble, provider: str
) -> None:
    _confirmed(people.alice)
    elsewhere.person = Person(email="ALICE@example.org")
    answer = _come_in(client, elsewhere.accept, provider)
    assert answer.status_code == 409
    assert "Un compte existe déjà" in answer.content.decode()
    assert not _is_signed_in(client)
    assert not SocialAccount.objects.exists()
    assert User.objects.filter(email__iexact="alice@example.org").count() == 1


def test_an_account_begun_with_anothers_e_mail_is_the_owners_alone_after_a_reset(
    client: Client, db: None, elsewhere: OpenIdDouble
) -> None:
    elsewhere.person = Person(sub="attacker", email="victim@example.org", email_verified=False)
    _come_in(client, elsewhere.accept)
    victim = User.objects.get()
    prove_mailbox(user=victim)
    _come_in(Client(), elsewhere.accept)
    intruder = Client()
    assert "Un compte existe déjà" in _come_in(intruder, elsewhere.accept).content.decode()
    assert not _is_signed_in(intruder)


def test_who_has_left_does_not_come_in_by_google_either(
    client: Client, people: People, elsewhere: OpenIdDouble
) -> None:
    _link(_confirmed(people.alice))
    User.objects.filter(pk=people.alice.pk).update(is_active=False)
    _come_in(client, elsewhere.accept)
    assert not _is_signed_in(client)


# --- linking and unlinking (C12)


def test_alice_links_google_and_comes_in_by_it(client: Client, people: People, elsewhere: OpenIdDouble) -> None:
    client.force_login(_confirmed(people.alice))
    _reauthenticated(client)
    page = _come_in(client, elsewhere.accept, process="connect").content.decode()
    assert "Google est rattaché à votre compte" in page
    other = Client()
    _come_in(other, elsewhere.accept)
    assert other.session["_auth_user_id"] == str(people.alice.pk)


def test_linking_asks_for_the_password_first(client: Client, people: People, elsewhere: OpenIdDouble) -> None:
    client.force_login(_confirmed(people.alice))
    asked = _come_in(client, elsewhere.accept, process="connect")
    assert asked.redirect_chain[-1][0].startswith("/compte/confirmer-identite/")  # type: ignore[attr-defined]
    assert not SocialAccount.objects.exists()
    client.post("/compte/confirmer-identite/", {"password": PASSWORD})
    assert SocialAccount.objects.filter(user=people.alice).exists()


def test_what_is_anothers_cannot_be_linked(client: Client, people: People, elsewhere: OpenIdDouble) -> None:
    _link(people.driver)
    client.force_login(_confirmed(people.alice))
    _reauthenticated(client)
    page = _come_in(client, elsewhere.accept, process="connect").content.decode()
    assert "rattaché à un autre compte" in page
    assert SocialAccount.objects.get().user == people.driver


def test_alice_unlinks_google_since_she_has_a_password(client: Client, people: People, elsewhere: OpenIdDouble) -> None:
    linked = _link(_confirmed(people.alice))
    client.force_login(people.alice)
    _reauthenticated(client)
    client.post(LINKS, {"account": linked.pk})
    assert not SocialAccount.objects.exists()


def test_the_last_way_in_cannot_be_taken_away(client: Client, people: People, elsewhere: OpenIdDouble) -> None:
    linked = _link(_confirmed(people.alice))
    people.alice.set_unusable_password()
    people.alice.save()
    client.force_login(people.alice)
    page = client.post(LINKS, {"account": linked.pk}, follow=True).content.decode()
    assert "Choisissez d’abord un mot de passe" in page
    assert SocialAccount.objects.exists()


def test_nobody_unlinks_what_is_anothers(client: Client, people: People, elsewhere: OpenIdDouble) -> None:
    anothers = _link(people.driver)
    client.force_login(_confirmed(people.alice))
    _reauthenticated(client)
    client.post(LINKS, {"account": anothers.pk})
    assert SocialAccount.objects.filter(pk=anothers.pk).exists()


def test_what_is_linked_can_be_unlinked_when_the_keys_are_gone(client: Client, people: People) -> None:
    linked = _link(_confirmed(people.alice))
    client.force_login(people.alice)
    _reauthenticated(client)
    assert "Google" in client.get(LINKS).content.decode()
    client.post(LINKS, {"account": linked.pk})
    assert not SocialAccount.objects.exists()


# --- without keys


def test_without_both_keys_nothing_shows_and_the_addresses_are_nobodys(
    client: Client, db: None, elsewhere: OpenIdDouble, settings: Settings
) -> None:
    assert "Continuer avec Google" in client.get(LOGIN).content.decode()
    settings.GOOGLE_CLIENT_SECRET = ""
    page = client.get(LOGIN).content.decode()
    assert "Continuer avec Google" not in page
    assert "Continuer avec Facebook" in page
    for address in ("/compte/google/", "/compte/google/retour/"):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code in {404, 405}
    assert sign_in_origins() == [elsewhere.url]


def test_forms_may_lead_to_the_sign_in_pages_of_those_with_keys(db: None, settings: Settings) -> None:
    assert sign_in_origins() == []
    for name, value in KEYS.items():
        setattr(settings, name, value)
    assert sign_in_origins() == ["https://accounts.google.com", "https://www.facebook.com"]
