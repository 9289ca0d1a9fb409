"""Whatever the staff asks for leaves an entry in the audit log, and nobody's words or secrets get into it."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from OC_PIZZA.doors import DOORS
from pizzeria.accounts.models import ApiToken, Attempt, AuditEntry, Role, Scope, StaffRole, User
from pizzeria.accounts.tokens import issue
from pizzeria.backoffice import urls
from pizzeria.backoffice.audit_words import SENTENCES, sentence_of
from pizzeria.backoffice.middleware import TOLD_ELSEWHERE
from pizzeria.backoffice.tests.conftest import order_in
from tests.cast import PASSWORD, House, People

pytestmark = [pytest.mark.django_db, pytest.mark.story]

ARGUMENTS = {"store": "bastille", "number": "P-22222", "day": date(2026, 11, 29)}
"""What an address may ask for; nothing of it need be there. Everything else is a key."""


def pages() -> Iterator[tuple[str, str]]:
    """Every address of the back office that takes a POST: its name, and one that it may have."""
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        name = f"backoffice:{pattern.name}"
        arguments = {key: ARGUMENTS.get(key, "1") for key in pattern.pattern.converters}
        takes_a_post = name in DOORS and "POST" in DOORS[name].methods
        if takes_a_post and name not in TOLD_ELSEWHERE:
            yield name, reverse(name, kwargs=arguments)


@pytest.fixture
def everybody(people: People, house: House) -> User:
    """Renata, for once in every role of Bastille, and the direction's."""
    StaffRole.objects.bulk_create(
        StaffRole(user=people.manager, role=role, store=house.bastille)
        for role in (Role.PIZZAIOLO, Role.DRIVER, Role.CASHIER)
    )
    StaffRole.objects.create(user=people.manager, role=Role.DIRECTION)
    return people.manager


@pytest.mark.sweep
def test_every_address_of_the_back_office_that_takes_a_post_writes_it_down(everybody: User) -> None:
    browser = Client()
    browser.force_login(everybody)
    silent, wordless, walked = [], [], 0
    for name, address in pages():
        before = AuditEntry.objects.count()
        browser.post(address)
        walked += 1
        if AuditEntry.objects.count() == before:
            silent.append(name)
        elif name not in SENTENCES:
            wordless.append(name)
        if not browser.session.get("_auth_user_id"):
            browser.force_login(everybody)
    assert (silent, wordless) == ([], [])
    assert walked > 10


def test_a_move_is_written_with_who_where_as_what_and_on_which_order(house: House, people: People) -> None:
    order = order_in(house, people, "to_prepare")
    browser = Client()
    browser.force_login(people.pizzaiolo)
    browser.post(f"/equipe/bastille/commandes/{order.number}/avancer/", {"to": "taken", "page": "board"})
    entry = AuditEntry.objects.get(action="backoffice:advance")
    assert (entry.actor, entry.store, entry.roles) == (people.pizzaiolo, house.bastille, ["pizzaiolo"])
    assert (entry.subject, entry.details) == (f"order:{order.number}", {"status": 302})


def test_a_move_by_a_device_is_its_bearers(house: House, people: People) -> None:
    order = order_in(house, people, "to_prepare")
    token = issue(user=people.pizzaiolo, label="tablette", life=timedelta(days=1), scopes=Scope.values)
    device = Client(headers={"authorization": f"Bearer {token}"})
    address = f"/api/v1/staff/orders/{order.number}/advance"
    for _twice in range(2):
        device.post(address, {"to": "taken"}, content_type="application/json")
    done, refused = AuditEntry.objects.filter(action="api:advance_order").order_by("id")
    assert (done.actor, done.store, done.subject) == (people.pizzaiolo, house.bastille, f"order:{order.number}")
    key = ApiToken.objects.get().pk
    assert (done.details, refused.details) == ({"status": 200, "token": key}, {"status": 409, "token": key})
    told = f"a fait avancer la commande {order.number}, par un appareil (jeton n° {key})"
    assert sentence_of(done, names={}) == told


def test_what_a_role_does_not_allow_is_written_down_as_refused(house: House, people: People) -> None:
    order = order_in(house, people, "to_prepare")
    browser = Client()
    browser.force_login(people.driver)
    browser.post(f"/equipe/bastille/commandes/{order.number}/annuler/", {"reason": "Fermé"})
    entry = AuditEntry.objects.get(action="backoffice:cancel")
    assert (entry.actor, entry.details) == (people.driver, {"status": 403})


@pytest.mark.django_db(transaction=True)
def test_what_a_service_has_written_the_gate_does_not_write_again(house: House, people: People) -> None:
    browser = Client()
    browser.force_login(people.manager)
    address = f"/equipe/bastille/equipe/{people.driver.pk}/suspendre/"
    browser.post(address)
    about_karim = AuditEntry.objects.filter(subject=f"user:{people.driver.pk}")
    assert [entry.action for entry in about_karim] == ["staff.suspended"]
    browser.post(f"/equipe/bastille/equipe/{people.direction.pk}/suspendre/")
    assert AuditEntry.objects.filter(action="backoffice:suspend").count() == 1


def test_a_client_who_tries_leaves_nothing(people: People) -> None:
    browser = Client()
    browser.force_login(people.alice)
    browser.post("/equipe/bastille/fonds/", {"amount": "1"})
    browser.post("/equipe/deconnexion/")
    assert not AuditEntry.objects.exists()


def test_signing_in_and_out_is_written_down_and_so_is_a_password_that_was_wrong(people: People) -> None:
    browser = Client()
    browser.post("/equipe/connexion/", {"identifier": "Luca", "password": "un-autre-mot-de-passe"})
    browser.post("/equipe/connexion/", {"identifier": "personne", "password": "un-autre-mot-de-passe"})
    browser.post("/equipe/connexion/", {"identifier": "luca", "password": PASSWORD})
    browser.post("/equipe/deconnexion/")
    luca = people.pizzaiolo
    written = AuditEntry.objects.order_by("id").values_list("action", "actor", "subject", "store__slug")
    assert list(written) == [
        ("sign_in.failed", None, f"user:{luca.pk}", "bastille"),
        ("sign_in.done", luca.pk, f"user:{luca.pk}", "bastille"),
        ("sign_in.ended", luca.pk, f"user:{luca.pk}", "bastille"),
    ]
    # What nobody is called fills no log: it is counted, in one row for all of them.
    assert Attempt.objects.filter(count=1, until__gt=timezone.now() + timedelta(hours=23)).count() == 1
    assert "personne" not in str(list(AuditEntry.objects.values()))
    assert "mot-de-passe" not in str(list(AuditEntry.objects.values()))
