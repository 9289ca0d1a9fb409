"""As `test_injections`, for the forms that are behind something first: a refund that failed, a difference, a shared
screen, a key, an account begun elsewhere, an invitation. Each is tried with everything, and whatever shows it is read.
"""

import io
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import call_command
from django.utils import timezone
from django.utils.html import escape
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from pizzeria.accounts.models import Attempt, SharedScreen, User
from pizzeria.accounts.pins import choose_pin
from pizzeria.ledger.tests.conftest import sell
from pizzeria.notifications.models import Subscription
from pizzeria.ordering.models import Order
from pizzeria.ordering.services import cancel
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.payments.models import Discrepancy, Payment, Refund
from pizzeria.payments.refunds import told
from pizzeria.payments.tests.test_refunds import said
from pizzeria.shop.tests.conftest import CONTACT, HIDDEN, link_in, post_of_the_day
from pizzeria.stores.models import Store
from pizzeria.words import one_line
from tests.cast import PASSWORD, House, People
from tests.hostile import FORMULAS, HTML, PAYLOADS, TEMPLATE, require_cells, require_mails, require_text
from tests.money import pay_online, place_online
from tests.openid_double import OpenIdDouble, Person
from tests.walking import Form, Walker, read

pytestmark = [pytest.mark.machine, pytest.mark.django_db]

TYPED = [*PAYLOADS.values(), *FORMULAS]
MONEY, KEYS = "/equipe/bastille/encaissements/", "/compte/cles/"
JOURNAL = "/equipe/bastille/equipe/journal/"


def _send(walker: Walker, address: str, **values: str) -> Any:
    """Send a form. What comes back is text, whatever it says."""
    Attempt.objects.all().delete()
    response = walker.send(Form(address, address, "post"), values)
    require_text(address, response)
    return response


def _read(walker: Walker, address: str) -> str:
    walker.sign_in()
    response = walker.browser.get(address)
    require_text(address, response)
    assert response.status_code == 200, address
    return str(response.content.decode())


def _shown(typed: str) -> str:
    """As a page holds it: on one line, without what nobody sees, escaped."""
    return str(escape(one_line(typed.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))))


def _tried(type_one: Callable[[str], bool], *, those: list[str] = TYPED) -> set[str]:
    """What was taken of all this. HTML always is, or nothing would be proved."""
    taken = {typed for typed in those if type_one(typed)}
    assert HTML in taken
    return taken


def _require_journal(people: People) -> None:
    """The audit log and its file say what was done, in their own words."""
    manager = Walker("manager", people.manager)
    _read(manager, JOURNAL)
    _read(manager, f"{JOURNAL}export.csv")


def test_how_a_refund_was_settled_is_text_on_the_orders_page_and_in_the_clients_data(
    house: House, people: People, online: None
) -> None:
    manager, alice = Walker("manager", people.manager), Walker("alice", people.alice)

    def settle(typed: str) -> bool:
        order = pay_online(place_online(house), reference=f"pi_{Order.objects.count()}")
        Order.objects.filter(pk=order.pk).update(customer=people.alice)
        cancel(order=order, role=CUSTOMER, acting_user=None, reason="")
        refund = Refund.objects.get(payment__order=order)
        told(given_back=said(refund, is_failed=True, reference=f"re_{order.pk}", charge=f"pi_{order.pk}"))
        answer = _send(manager, f"{MONEY}remboursements/{refund.pk}/autrement/", words=typed)
        if answer.status_code == 302:
            assert _shown(typed) in _read(manager, f"/equipe/bastille/commandes/{order.number}/")
        return bool(answer.status_code == 302)

    taken = _tried(settle)
    assert set(TYPED) - taken == {PAYLOADS["no text"]}
    _read(manager, MONEY)
    page = _read(alice, "/compte/donnees/voir/")
    assert not [typed for typed in taken if _shown(typed) not in page]
    assert HTML in json.dumps(json.loads(_read(alice, "/compte/donnees/fichier/")))
    _require_journal(people)


def test_why_a_difference_is_none_is_text_in_the_clients_data_and_so_is_its_reference(
    house: House, people: People
) -> None:
    manager, alice = Walker("manager", people.manager), Walker("alice", people.alice)
    payment = Payment.objects.get(order=house.order(customer=people.alice))

    def explain(typed: str) -> bool:
        found = Discrepancy.objects.create(
            day=timezone.localdate(), kind="amount", reference=f"{HTML}{Discrepancy.objects.count()}", payment=payment,
            store=house.bastille, found_at=timezone.now(),
        )  # fmt: skip
        page = f"{MONEY}ecarts/{found.pk}/"
        for address in (MONEY, page):
            assert escape(found.reference) in _read(manager, address)
        return bool(_send(manager, page, words=typed).status_code == 302)

    taken = _tried(explain)
    assert set(TYPED) - taken == {PAYLOADS["no text"]}
    page = _read(alice, "/compte/donnees/voir/")
    assert not [typed for typed in taken if _shown(typed) not in page]
    _read(alice, "/compte/donnees/fichier/")
    _require_journal(people)


def test_the_names_at_a_shared_screen_are_text_and_no_code_is_repeated(house: House, people: People) -> None:
    manager, tablet = Walker("manager", people.manager), Walker("tablet", None)
    screen, luca = "/equipe/bastille/ecran/", people.pizzaiolo
    choose_pin(user=luca, pin="482917")
    User.objects.filter(pk=luca.pk).update(first_name=HTML, last_name=TEMPLATE)
    pin_page = f"{screen}{luca.pk}/"

    def label(typed: str) -> bool:
        answer = _send(manager, "/equipe/bastille/equipe/ecrans/", label=typed)
        if answer.status_code == 302:
            tablet.browser.cookies = manager.browser.cookies
            assert {_shown(HTML) in _read(tablet, address) for address in (screen, pin_page)} == {True}
            assert _shown(typed) in _read(manager, "/equipe/bastille/equipe/ecrans/")
        return bool(answer.status_code == 302)

    _tried(label)
    assert _send(tablet, pin_page, pin="482917").status_code == 302
    assert _shown(HTML) in _read(tablet, "/equipe/bastille/cuisine/")
    for typed in TYPED:
        # Some are as long as a code is: five of them lock it, and the screen shows its faces again.
        answer = _send(tablet, pin_page, pin=typed)
        assert answer.status_code in {302, 422}
        repeated = [
            field.value for form in read(pin_page, answer).forms for field in form.fields if field.name == "pin"
        ]
        assert not any(repeated)
    _require_journal(people)
    for pk in SharedScreen.objects.values_list("pk", flat=True):
        require_text("revoked", manager.browser.post(f"/equipe/bastille/equipe/ecrans/{pk}/retirer/", follow=True))


def test_the_name_of_a_key_is_text_where_keys_are_listed_renamed_and_taken_away(people: People) -> None:
    alice = Walker("alice", people.alice)

    def add(typed: str) -> bool:
        answer = _send(alice, f"{KEYS}ajouter/", name=typed, credential=_key_of(alice), passwordless="True")
        return bool(answer.status_code == 302)

    def rename(typed: str) -> bool:
        address = f"{KEYS}{Authenticator.objects.filter(type='webauthn')[0].pk}/"
        renamed = bool(_send(alice, f"{address}nom/", name=typed).status_code == 302)
        if renamed:
            for page in (KEYS, f"{address}nom/", f"{address}retirer/"):
                assert _shown(typed) in _read(alice, page), page
            _read(alice, "/compte/second-facteur/")
        return renamed

    taken = _tried(add)
    listed = _read(alice, KEYS)
    assert not [typed for typed in taken if _shown(typed) not in listed]
    _tried(rename)
    for typed in TYPED:
        for address in ("ajouter/", "confirmer/", "connexion/"):
            assert _send(alice, f"{KEYS}{address}", name="x", credential=typed, passwordless="True").status_code < 500
    _read(alice, "/compte/donnees/voir/")
    require_mails()


def _key_of(walker: Walker) -> str:
    """What a browser sends of a new key: it answers the challenge that the page has just asked."""
    walker.sign_in()
    page = walker.browser.get(f"{KEYS}ajouter/")
    asked = page.context["js_data"]["creation_options"]["publicKey"]
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())  # type: ignore[no-untyped-call]
    name = sha256(str(key).encode()).digest()
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    made = AuthenticatorData.create(
        sha256(b"testserver").digest(), flags, 0, AttestedCredentialData.create(bytes(16), name, key)
    )
    answer = {
        "clientDataJSON": CollectedClientData.create("webauthn.create", asked["challenge"], "https://testserver"),
        "attestationObject": AttestationObject.create("none", made, {}),
    }
    told = {part: websafe_encode(value) for part, value in answer.items()}
    return json.dumps(
        {"id": websafe_encode(name), "rawId": websafe_encode(name), "type": "public-key", "response": told}
    )


def test_a_code_that_is_none_comes_back_as_text(people: People) -> None:
    alice = Walker("alice", people.alice)
    for typed in TYPED:
        assert _send(alice, "/compte/second-facteur/application/", code=typed).status_code == 200
    TOTP.activate(people.alice, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    guest = Walker("guest", None)
    _send(guest, "/compte/connexion/", login="alice@example.org", password=PASSWORD)
    for typed in TYPED:
        for walker, page in ((alice, "confirmer"), (guest, "verifier")):
            assert _send(walker, f"/compte/second-facteur/{page}/", code=typed).status_code == 200, page


def test_who_comes_from_elsewhere_with_any_name_and_address_is_text(db: None, elsewhere: OpenIdDouble) -> None:
    good = {"email": "alix@example.org", "first_name": "Alix", "last_name": "Morel", "phone": ""}

    def sign_up(typed: str, *fields: str) -> bool:
        guest = Walker("guest", None)
        # What they call themselves there is somebody's words too.
        elsewhere.person = Person(sub=f"{fields} {typed!a}", email="", given_name=typed, family_name=HTML)
        asked = guest.browser.post("/compte/facebook/", {"process": "login"})
        back = guest.browser.get(elsewhere.accept(asked["Location"]), follow=True)
        require_text("back", back)
        assert _shown(HTML) in back.content.decode()
        if _send(guest, "/compte/externe/creer/", **good | dict.fromkeys(fields, typed)).status_code != 302:
            return False
        made = User.objects.get(socialaccount__uid=elsewhere.person.sub)
        require_mails()
        EmailAddress.objects.filter(user=made).update(verified=True)
        owner = Walker("owner", made)
        for address in ("/compte/", "/compte/externe/", "/compte/e-mail/", "/compte/donnees/fichier/", "/"):
            owner.sign_in()
            require_text(address, owner.browser.get(address, follow=True))
        assert _shown(typed) in _read(owner, "/compte/informations/")
        EmailAddress.objects.all().delete()
        User.objects.all().delete()
        return True

    _tried(lambda typed: sign_up(typed, "first_name", "last_name"))
    assert not [typed for typed in TYPED if sign_up(typed, "phone") or sign_up(typed, "email")]


def test_a_client_of_the_counter_is_text_at_the_counter_in_the_mail_and_behind_its_link(people: People) -> None:
    cashier, page = Walker("cashier", people.cashier), "/equipe/bastille/clients/nouveau/"
    good = {
        "first_name": "Basile",
        "last_name": "Dubois",
        "street": "17 rue de Charonne",
        "postal_code": "75011",
        "town": "Paris",
    }

    def invite(typed: str, *fields: str) -> bool:
        asked = good | {"email": f"basile{User.objects.count()}@example.org"} | dict.fromkeys(fields, typed)
        if _send(cashier, page, **asked).status_code != 302:
            return False
        _read(cashier, page)
        made = User.objects.get(email=asked["email"])
        owner = Walker("owner", made)
        for address in ("/compte/adresses/", "/compte/informations/"):
            assert _shown(typed) in _read(owner, address)
        return True

    _tried(lambda typed: invite(typed, "first_name", "last_name", "street", "town"))
    assert not [typed for typed in TYPED if invite(typed, "phone") or invite(typed, "email")]
    letters = post_of_the_day()
    require_mails()
    guest, link = Walker("guest", None), link_in(letters[0])
    for typed in TYPED:
        _send(guest, link, password1=typed)
    _require_journal(people)


def test_a_password_is_taken_as_it_is_and_no_page_shows_it(people: People) -> None:
    for person, address, names in (
        (people.pizzaiolo, "/equipe/mot-de-passe/", ("password", "again")),
        (people.alice, "/compte/mot-de-passe/choisir/", ("password1", "password2")),
    ):
        for typed in TYPED:
            issued = User.objects.get(pk=person.pk)
            issued.must_change_password = person == people.pizzaiolo
            issued.set_unusable_password()
            issued.save()
            answer = _send(Walker("new", issued), address, **dict.fromkeys(names, typed))
            assert typed not in answer.content.decode(), address
            assert _shown(typed) not in answer.content.decode(), address
            issued.refresh_from_db()
            assert issued.check_password(HTML) is (typed == HTML), "taken as it is"


def test_names_that_a_spreadsheet_would_compute_are_text_in_every_file(house: House, people: People) -> None:
    manager = Walker("manager", people.manager)
    sell(house.bastille, "P-22222", at=timezone.now())
    for typed in TYPED:
        name = one_line(typed.replace("\ud800", ""))
        User.objects.filter(pk=people.manager.pk).update(first_name=name, last_name=name)
        Store.objects.filter(pk=house.bastille.pk).update(name=name)
        file = _read(manager, f"{JOURNAL}export.csv")
        assert name.replace('"', '""') in file
        _read(manager, "/equipe/bastille/ventes/")
        written = io.StringIO()
        call_command("vat_report", month=f"{timezone.localdate():%Y-%m}", stdout=written)
        require_cells(written.getvalue())
        assert name.replace('"', '""') in written.getvalue()


def test_what_is_typed_while_an_order_is_changed_is_text_before_after_and_in_its_history(
    house: House, people: People
) -> None:
    order = house.order()
    guest, cashier = Walker("guest", None), Walker("cashier", people.cashier)
    mine = f"/commande/{order.token}/"

    def type_one(typed: str) -> bool:
        _send(guest, f"{mine}modifier/commencer/")
        seen = dict(HIDDEN.findall(_read(guest, f"{mine}modifier/")))
        asked = seen | CONTACT | {"fulfilment": "delivery", "comment": typed, "street": f"3 rue {typed}"[:100]}
        _send(guest, f"{mine}modifier/", **asked, recalculate="1")
        _send(guest, f"{mine}modifier/", **asked, confirm="1")
        _read(cashier, f"/equipe/bastille/commandes/{order.number}/")
        return _shown(typed) in _read(guest, mine)

    _tried(type_one)


def test_what_a_script_tells_of_a_browser_is_refused_in_our_own_words(house: House, people: People) -> None:
    order = house.order()
    guest, alice = Walker("guest", None), Walker("alice", people.alice)
    for typed in TYPED:
        told = {"endpoint": f"https://{typed}", "p256dh": typed, "auth": typed}
        _send(guest, f"/commande/{order.token}/messages/appareil/", **told)
        _send(alice, "/compte/notifications/appareil/", **told)
        assert _shown(typed) not in _read(guest, f"/commande/{order.token}/")
        assert _shown(typed) not in _read(alice, "/compte/notifications/")
    assert not Subscription.objects.exists()


LOOKED_AT_APART: dict[str, Callable[..., None]] = {
    "account_set_password": test_a_password_is_taken_as_it_is_and_no_page_shows_it,
    "socialaccount_signup": test_who_comes_from_elsewhere_with_any_name_and_address_is_text,
    "mfa_activate_totp": test_a_code_that_is_none_comes_back_as_text,
    "mfa_reauthenticate": test_a_code_that_is_none_comes_back_as_text,
    "mfa_add_webauthn": test_the_name_of_a_key_is_text_where_keys_are_listed_renamed_and_taken_away,
    "mfa_edit_webauthn": test_the_name_of_a_key_is_text_where_keys_are_listed_renamed_and_taken_away,
    "mfa_reauthenticate_webauthn": test_the_name_of_a_key_is_text_where_keys_are_listed_renamed_and_taken_away,
    "backoffice:first_password": test_a_password_is_taken_as_it_is_and_no_page_shows_it,
    "backoffice:settle_refund": test_how_a_refund_was_settled_is_text_on_the_orders_page_and_in_the_clients_data,
    "backoffice:explain": test_why_a_difference_is_none_is_text_in_the_clients_data_and_so_is_its_reference,
    "shop:order_browser": test_what_a_script_tells_of_a_browser_is_refused_in_our_own_words,
    "shop:account_browser": test_what_a_script_tells_of_a_browser_is_refused_in_our_own_words,
    "shop:order_change": test_what_is_typed_while_an_order_is_changed_is_text_before_after_and_in_its_history,
    "backoffice:screen_enter": test_the_names_at_a_shared_screen_are_text_and_no_code_is_repeated,
}
"""The forms that are tried here, by the names of their addresses."""
