"""An account that is attacked: its owner reads what to do, asks for a link, and is in (A1, C11)."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESKTOP, PHONE, People
from tests.journeys.steps import assert_accessible
from tests.journeys.test_accounts import _enter, _new_address, _sign_up
from tests.mailbox import Mailbox, link_of

pytestmark = pytest.mark.browser

WRONG = "ce-n-est-pas-celui-la"


def test_the_owner_of_a_locked_account_lets_this_browser_in_by_mail(people: People, mailbox: Mailbox) -> None:
    email, home = _new_address(), people.someone(DESKTOP)
    _sign_up(home, mailbox, email)
    attacker = people.someone(DESKTOP)
    for _try in range(11):
        _enter(attacker, email, WRONG)
    expect(attacker.get_by_role("heading", name="Trop d’essais")).to_be_visible()

    owner = people.someone(PHONE)
    _enter(owner, email, WRONG)
    assert_accessible(owner)
    owner.get_by_role("link", name="Recevoir un lien").click()
    assert_accessible(owner)
    owner.get_by_label("Adresse électronique").fill(email)
    owner.get_by_role("button", name="Recevoir un lien").click()
    expect(owner.get_by_role("heading", name="Consultez votre messagerie")).to_be_visible()
    assert_accessible(owner)
    owner.goto(link_of(mailbox.letter_to(email)))
    assert_accessible(owner)
    owner.get_by_role("button", name="Continuer").click()
    expect(owner.get_by_text("Vous pouvez de nouveau saisir votre mot de passe ici.")).to_be_visible()
    _enter(owner, email, WRONG)
    expect(owner.get_by_text("Les informations saisies sont erronées")).to_be_visible()

    _enter(attacker, email, WRONG)
    expect(attacker.get_by_role("heading", name="Trop d’essais")).to_be_visible()
