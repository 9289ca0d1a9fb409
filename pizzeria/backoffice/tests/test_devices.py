"""Tokens for a store's devices (Équipe → Appareils): for its people, shown once, revoked at once."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from pizzeria.accounts.models import ApiToken, AuditEntry, Role, StaffRole, User
from pizzeria.accounts.tokens import authenticate
from pizzeria.api.tests.conftest import Api
from tests.cast import House, People

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
PAGE = "/equipe/bastille/equipe/appareils/"
TOKEN = re.compile(r'value="(ocp_[\w-]{43})"')


def asked(bearer: User, **changes: object) -> dict[str, object]:
    return {"label": "Tablette", "bearer": bearer.pk, "days": "30", "scopes": ["orders:read"]} | changes


def test_the_responsable_issues_a_token_that_is_shown_once_and_opens_what_its_bearer_may(
    house: House, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.manager)
    page = browser.post(PAGE, asked(people.driver, scopes=["orders:read", "orders:move"])).content.decode()
    [token] = TOKEN.findall(page)
    assert token not in browser.get(PAGE).content.decode()
    kept = ApiToken.objects.get()
    assert (kept.user, kept.store, kept.issued_by) == (people.driver, house.bastille, people.manager)
    entry = AuditEntry.objects.get(action="token.issued")
    assert (entry.actor, entry.store, entry.details["bearer"]) == (people.manager, house.bastille, people.driver.pk)
    assert Api().get("/staff/orders", token=token).status == 200
    assert "utilisé le" in browser.get(PAGE).content.decode()


def test_nobody_is_issued_a_token_who_does_not_work_there_or_has_more_to_give_away(
    house: House, people: People, signed_in: SignedIn
) -> None:
    StaffRole.objects.create(user=people.operator, role=Role.CASHIER, store=house.bastille)
    for bearer in (people.outsider, people.alice, people.direction, people.operator):
        assert signed_in(people.manager).post(PAGE, asked(bearer)).status_code == 422
    wrong: list[dict[str, object]] = [
        {"days": "3650"}, {"scopes": []}, {"scopes": ["supervision:read"]}, {"label": " "}, {"label": "x" * 61},
    ]  # fmt: skip
    for changes in wrong:
        assert signed_in(people.manager).post(PAGE, asked(people.cashier, **changes)).status_code == 422
    assert not ApiToken.objects.exists()
    assert signed_in(people.direction).post(PAGE, asked(people.operator)).status_code == 200


def test_a_revoked_token_and_one_of_a_suspended_person_are_dead(
    house: House, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.manager)
    first, second = (
        TOKEN.findall(browser.post(PAGE, asked(who)).content.decode())[0] for who in (people.cashier, people.driver)
    )
    kept = ApiToken.objects.get(user=people.cashier)
    assert browser.post(f"{PAGE}{kept.pk}/revoquer/").status_code == 302
    assert authenticate(token=first) is None
    assert browser.post(f"{PAGE}{kept.pk}/revoquer/").status_code == 302
    User.objects.filter(pk=people.driver.pk).update(is_active=False)
    assert authenticate(token=second) is None
    assert "personne suspendue" in browser.get(PAGE).content.decode()


def test_another_stores_tokens_are_neither_seen_nor_revoked(house: House, people: People, signed_in: SignedIn) -> None:
    StaffRole.objects.create(user=people.outsider, role=Role.MANAGER, store=house.croix_rousse)
    theirs = signed_in(people.outsider)
    assert theirs.post(PAGE, asked(people.cashier)).status_code == 404
    signed_in(people.manager).post(PAGE, asked(people.cashier))
    theirs.post(f"/equipe/croix-rousse/equipe/appareils/{ApiToken.objects.get().pk}/revoquer/")
    assert "Tablette" not in theirs.get("/equipe/croix-rousse/equipe/appareils/").content.decode()
    assert ApiToken.objects.count() == 1


def test_the_list_costs_as_much_for_many_tokens_as_for_one(
    house: House, people: People, signed_in: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    browser = signed_in(people.manager)
    for _token in range(5):
        browser.post(PAGE, asked(people.cashier))
    with django_assert_max_num_queries(12):
        browser.get(PAGE)
