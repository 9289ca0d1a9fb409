"""UC 2.1, C1, C11: a client makes an account, confirms their address, signs in and chooses another password."""

import re
from datetime import date

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.http import HttpResponse
from django.test import Client

from pizzeria.accounts.models import Attempt, Mail, User
from pizzeria.shop.tests.conftest import link_in, post_of_the_day, words
from tests.cast import PASSWORD, House, People

pytestmark = pytest.mark.story

NEW = "une-autre-phrase-de-test"
FILLED = {"first_name": "Basile", "last_name": "Dubois", "email": "basile@example.org", "password1": PASSWORD}
INCOMPLETE = "Les informations saisies sont incomplètes"
WRONG = "Les informations saisies sont erronées"


def sign_up(client: Client, **fields: str) -> HttpResponse:
    return client.post("/compte/creer/", FILLED | fields)  # type: ignore[return-value]


def sign_in(client: Client, email: str, password: str) -> HttpResponse:
    return client.post("/compte/connexion/", {"login": email, "password": password}, follow=True)  # type: ignore[return-value]


def test_an_account_opens_once_its_address_is_confirmed(client: Client, house: House) -> None:
    """UC 2.1: a future client signs up, follows the link of the mail, and is in."""
    answer = sign_up(client, phone="06 39 98 12 34", birthday="2004-11-02")
    assert answer.headers["Location"] == "/compte/e-mail/a-confirmer/"
    assert client.get("/compte/").headers["Location"].startswith("/compte/connexion/")
    (letter,) = post_of_the_day()
    assert letter.to == ["basile@example.org"]
    page = client.get(link_in(letter))
    assert "basile@example.org est bien votre adresse" in words(page)
    opened = client.post(link_in(letter), follow=True)
    assert "Connecté" in words(opened)
    user = User.objects.get(email="basile@example.org")
    assert (user.first_name, user.phone, user.birthday) == ("Basile", "06 39 98 12 34", date(2004, 11, 2))
    assert "basile" not in user.identifier
    # The link has done its work.
    assert "déjà servi" in words(Client().get(link_in(letter)))


def test_the_mail_is_in_both_looks_and_holds_no_name_that_a_stranger_chose(client: Client, house: House) -> None:
    sign_up(client, first_name="Gagnez sur http://evil.example")
    (letter,) = post_of_the_day()
    (html, _kind) = letter.alternatives[0]  # type: ignore[attr-defined]
    assert link_in(letter) in str(html)
    assert "evil" not in f"{letter.subject}{letter.body}{html}"
    assert "Confirmer mon adresse" in str(html)
    assert not Mail.objects.exists()


def test_a_reader_of_english_is_written_to_in_english(client: Client, house: House) -> None:
    client.post("/compte/creer/", FILLED, headers={"accept-language": "en"})
    (letter,) = post_of_the_day()
    assert "Confirm your address" in letter.subject


@pytest.mark.parametrize("is_confirmed", [True, False])
@pytest.mark.parametrize("typed", ["alice@example.org", " ALICE@Example.org  ", "\u200balice@example.org"])
def test_a_known_address_is_told_so_however_it_is_typed(
    client: Client, people: People, typed: str, *, is_confirmed: bool
) -> None:
    """UC 2.1: "Un compte existe déjà", whether its owner has confirmed it or not."""
    EmailAddress.objects.update(verified=is_confirmed)
    page = sign_up(client, email=typed)
    assert "Un compte existe déjà" in words(page)
    assert User.objects.filter(email="alice@example.org").count() == 1
    assert not post_of_the_day()


def test_nobody_keeps_an_address_from_its_owner_by_asking_to_change_to_it(client: Client, people: People) -> None:
    EmailAddress.objects.create(user=people.alice, email="basile@example.org", verified=False, primary=False)
    assert sign_up(client).status_code == 302
    assert User.objects.filter(email="basile@example.org").exists()


IMPOSSIBLE = [
    ("email", "basile"), ("email", "a" * 10_000 + "@example.org"), ("email", "b@" + "İ" * 200 + ".fr"), ("email", "b\x00@"),
    ("first_name", "\u200b"), ("first_name", "é" * 10_000), ("last_name", ""), ("phone", "12"),
    ("birthday", "3026-01-01"), ("birthday", "0001-01-01"), ("birthday", "hier"), ("birthday", "\x00"),
    ("password1", "court"), ("password1", "basile@example.org"), ("password1", "\x00" * 20), ("password1", ""),
]  # fmt: skip


def test_what_cannot_be_is_refused_beside_its_field(client: Client, house: House) -> None:
    for field, typed in IMPOSSIBLE:
        Attempt.objects.all().delete()
        page = sign_up(client, **{field: typed}).content.decode()
        beside = rf'name="{field}"[^>]*aria-describedby="[^"]*id_{field}_error"'
        assert re.search(beside, page), (field, typed[:20])
    assert not User.objects.exists()


def test_whoever_signs_in_is_told_connecte(client: Client, people: People) -> None:
    """C11."""
    page = sign_in(client, "Alice@Example.ORG ", PASSWORD)
    assert "Connecté" in words(page)
    assert "Bonjour Alice" in words(page)


REFUSED = [
    ("alice@example.org", "autre-chose", WRONG), ("nobody@example.org", PASSWORD, WRONG), ("alice", PASSWORD, WRONG),
    ("", PASSWORD, INCOMPLETE), ("alice@example.org", "", INCOMPLETE), ("\x00", PASSWORD, INCOMPLETE),
    ("a" * 10_000, "b" * 10_000, WRONG), ("alice@example.org", "\x00", WRONG), ("🍕@é.fr", "🍕", WRONG),
    ("alice@example.org' OR 1=1 --", "x", WRONG), ("luca", PASSWORD, WRONG),
]  # fmt: skip


def test_what_is_blank_and_what_is_wrong_is_told_to_the_letter(client: Client, people: People) -> None:
    """C11: and never which of the two it was."""
    for email, password, said in REFUSED:
        assert said in words(sign_in(client, email, password)), (email[:40], password[:20])
    assert "_auth_user_id" not in client.session


def test_signing_in_leads_where_one_came_from_and_never_to_another_site(client: Client, people: People) -> None:
    form = {"login": "alice@example.org", "password": PASSWORD}
    assert client.post("/compte/connexion/", form | {"next": "/commander/"}).headers["Location"] == "/commander/"
    stranger = Client().post("/compte/connexion/", form | {"next": "https://evil.example/"})
    assert stranger.headers["Location"] == "/compte/"


def test_a_forgotten_password_is_chosen_anew_by_mail(client: Client, people: People) -> None:
    """Once, within an hour; whoever was in elsewhere is out."""
    elsewhere = Client()
    elsewhere.force_login(people.alice)
    client.post("/compte/mot-de-passe/oublie/", {"email": "ALICE@example.org "})
    (letter,) = post_of_the_day()
    form = client.get(link_in(letter), follow=True)
    assert PASSWORD not in form.content.decode()
    chosen = client.post(form.request["PATH_INFO"], {"password1": NEW}, follow=True)
    assert "Connecté" in words(chosen)
    assert elsewhere.get("/compte/").status_code == 302
    assert "Bonjour Alice" in words(sign_in(Client(), "alice@example.org", NEW))
    assert "déjà servi" in words(Client().get(link_in(letter), follow=True))
    assert [told.subject for told in post_of_the_day()] == ["Votre mot de passe a changé"]


def test_a_reset_never_tells_who_has_an_account(client: Client, people: People) -> None:
    known, unknown = (
        client.post("/compte/mot-de-passe/oublie/", {"email": email}, follow=True).content
        for email in ("alice@example.org", "nobody@example.org")
    )
    assert known == unknown
    assert [letter.subject for letter in post_of_the_day()] == [
        "Choisissez un nouveau mot de passe",
        "Aucun compte n’a cette adresse",
    ]


def test_an_address_that_waits_to_be_confirmed_opens_no_account(client: Client, people: People) -> None:
    """Alice mistypes her new address: its owner gets no link to her account."""
    EmailAddress.objects.create(user=people.alice, email="alicia@example.org", verified=False, primary=False)
    client.post("/compte/mot-de-passe/oublie/", {"email": "alicia@example.org"})
    assert [letter.subject for letter in post_of_the_day()] == ["Aucun compte n’a cette adresse"]


def test_what_a_manager_typed_for_a_colleague_opens_nothing_by_mail(client: Client, people: People) -> None:
    EmailAddress.objects.create(user=people.driver, email="karin@example.org", verified=False, primary=True)
    client.post("/compte/mot-de-passe/oublie/", {"email": "karin@example.org"})
    assert [letter.subject for letter in post_of_the_day()] == ["Aucun compte n’a cette adresse"]


def test_an_account_made_in_somebodys_name_is_theirs_alone_once_they_prove_it(client: Client, house: House) -> None:
    sign_up(client)
    squatted = User.objects.get(email="basile@example.org")
    SocialAccount.objects.create(user=squatted, provider="facebook", uid="a stranger's")
    post_of_the_day()
    owner = Client()
    owner.post("/compte/mot-de-passe/oublie/", {"email": "basile@example.org"})
    (letter,) = post_of_the_day()
    form = owner.get(link_in(letter), follow=True)
    assert "Connecté" in words(owner.post(form.request["PATH_INFO"], {"password1": NEW}, follow=True))
    assert not SocialAccount.objects.filter(user=squatted).exists()
    assert EmailAddress.objects.get(user=squatted).verified


def test_a_new_address_counts_once_it_is_confirmed_and_the_old_one_is_told(client: Client, people: People) -> None:
    sign_in(client, "alice@example.org", PASSWORD)
    client.post("/compte/confirmer-identite/", {"password": PASSWORD})
    page = client.post("/compte/e-mail/", {"email": "Alice@Nouvelle.example", "action_add": ""}, follow=True)
    assert "alice@nouvelle.example attend d’être confirmée" in words(page)
    assert User.objects.get(pk=people.alice.pk).email == "alice@example.org"
    (letter,) = post_of_the_day()
    client.post(link_in(letter))
    assert User.objects.get(pk=people.alice.pk).email == "alice@nouvelle.example"
    (told,) = post_of_the_day()
    assert (told.to, told.subject) == (["alice@example.org"], "L’adresse de votre compte a changé")
    assert WRONG in words(sign_in(Client(), "alice@example.org", PASSWORD))


def test_a_new_address_is_asked_for_by_whoever_knows_the_password(client: Client, people: People) -> None:
    client.force_login(people.alice)
    answer = client.post("/compte/e-mail/", {"email": "voleur@example.org", "action_add": ""})
    assert answer.headers["Location"].startswith("/compte/confirmer-identite/")
    assert not post_of_the_day()


def test_an_address_that_was_given_up_again_is_not_written_to(client: Client, people: People) -> None:
    sign_in(client, "alice@example.org", PASSWORD)
    client.post("/compte/confirmer-identite/", {"password": PASSWORD})
    for action in ("action_add", "action_remove"):
        client.post("/compte/e-mail/", {"email": "alice@nouvelle.example", action: ""})
    assert [letter.subject for letter in post_of_the_day()] == ["Votre adresse reste la même"]
    assert not Mail.objects.exists()


def test_a_link_that_was_made_up_opens_nothing(client: Client, people: People) -> None:
    reset = [f"mot-de-passe/{key}" for key in ("1-set-password", "zzzzzzzzzzzzz-a-b", "1-%00", "é-é")]
    for link in (*reset, "e-mail/a:b:c", "e-mail/é"):
        page = client.get(f"/compte/lien/{link}/")
        assert page.status_code == 404 or "Ce lien a déjà servi, ou n’est plus valable" in words(page), link


def test_another_password_closes_the_account_on_other_devices(client: Client, people: People) -> None:
    elsewhere = Client()
    for browser in (client, elsewhere):
        browser.force_login(people.alice)
    client.post("/compte/mot-de-passe/", {"oldpassword": PASSWORD, "password1": NEW})
    assert client.get("/compte/").status_code == 200
    assert elsewhere.get("/compte/").status_code == 302
    assert [told.subject for told in post_of_the_day()] == ["Votre mot de passe a changé"]


def test_a_strangers_mailbox_is_not_filled_by_signing_in_again_and_again(client: Client, house: House) -> None:
    sign_up(client)
    for _time in range(8):
        sign_in(Client(), "basile@example.org", PASSWORD)
    assert len(post_of_the_day()) == 5


@pytest.mark.parametrize(("confirms", "links"), [("the same browser", 1), ("another browser", 0)])
def test_what_a_stranger_linked_to_my_address_goes_when_i_confirm_it(
    client: Client, house: House, confirms: str, links: int
) -> None:
    sign_up(client)
    (letter,) = post_of_the_day()
    SocialAccount.objects.create(user=User.objects.get(email="basile@example.org"), provider="facebook", uid="1")
    browser = client if confirms == "the same browser" else Client()
    browser.post(link_in(letter))
    assert SocialAccount.objects.count() == links
