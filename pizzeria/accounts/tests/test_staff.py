"""UC 7.1: who adds, changes, suspends and removes whom, and what they are given to sign in with."""

from dataclasses import replace
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from pizzeria.accounts.clients import reachable_at
from pizzeria.accounts.errors import NoRole, NotTheirs, OwnRight, StaffChanged, UnknownColleague
from pizzeria.accounts.models import AuditEntry, Role, Scope, StaffRole, User
from pizzeria.accounts.people import roles_of
from pizzeria.accounts.pins import choose_pin
from pizzeria.accounts.services import issue_identifier
from pizzeria.accounts.staff import (
    Details,
    Sheet,
    add_person,
    bring_back,
    change_person,
    details_of,
    issue_new_identifier,
    issue_password,
    join_person,
    remove,
    suspend,
)
from pizzeria.accounts.tokens import authenticate, issue
from pizzeria.stores.models import Store
from tests.cast import PASSWORD, House, People

NOT_SOON = timedelta(days=1)
NINA = Details(first_name="Nina", last_name="Rossi", phone="06 39 98 12 34", email="", roles=frozenset({Role.CASHIER}))


def _hire(house: House, actor: User, *, roles: frozenset[str] = NINA.roles, store: Store | None = None) -> Sheet:
    return add_person(actor=actor, store=store or house.bastille, wanted=replace(NINA, roles=roles))


def _actions(person: User) -> list[str]:
    return list(AuditEntry.objects.filter(subject=f"user:{person.pk}").order_by("pk").values_list("action", flat=True))


def test_the_system_issues_an_identifier_and_a_first_password(house: House, people: People) -> None:
    sheet = _hire(house, people.manager)
    assert sheet.person.identifier == "nina.rossi"
    assert sheet.person.check_password(sheet.password)
    assert sheet.person.must_change_password
    assert roles_of(user=sheet.person) == {(Role.CASHIER, house.bastille.pk)}
    assert _hire(house, people.manager).person.identifier == "nina.rossi2"
    entry = AuditEntry.objects.get(subject=f"user:{sheet.person.pk}")
    assert (entry.actor, entry.store, entry.details) == (people.manager, house.bastille, {"roles": ["cashier"]})


def test_a_responsable_gives_the_four_roles_of_their_point_of_sale_and_the_direction_its_own_too(
    house: House, people: People
) -> None:
    four = frozenset({Role.CASHIER, Role.PIZZAIOLO, Role.DRIVER, Role.MANAGER})
    assert len(roles_of(user=_hire(house, people.manager, roles=four).person)) == 4
    colleague = _hire(house, people.direction, roles=frozenset({Role.DIRECTION})).person
    assert roles_of(user=colleague) == {(Role.DIRECTION, None)}
    for actor, role in ((people.manager, Role.DIRECTION), (people.direction, Role.OPERATOR)):
        with pytest.raises(NotTheirs):
            _hire(house, actor, roles=frozenset({role}))
    with pytest.raises(NoRole):
        _hire(house, people.manager, roles=frozenset())


@pytest.mark.parametrize("who", ["pizzaiolo", "driver", "cashier", "operator", "outsider", "alice"])
def test_nobody_else_adds_anybody(house: House, people: People, who: str) -> None:
    with pytest.raises(NotTheirs):
        _hire(house, getattr(people, who))


def test_a_responsable_manages_nobody_elsewhere(house: House, people: People) -> None:
    with pytest.raises(NotTheirs):
        _hire(house, people.manager, store=house.croix_rousse)
    for deed in (suspend, remove, issue_password, issue_new_identifier):
        for store in (house.bastille, house.croix_rousse):
            with pytest.raises(NotTheirs):
                deed(actor=people.manager, store=store, person=people.outsider)
    assert User.objects.get(pk=people.outsider.pk).is_active


def test_who_holds_a_role_beyond_loses_only_the_one_here(house: House, people: People) -> None:
    StaffRole.objects.create(user=people.outsider, store=house.bastille, role=Role.DRIVER)
    StaffRole.objects.create(user=people.direction, store=house.bastille, role=Role.CASHIER)
    for person in (people.outsider, people.direction):
        now = details_of(person=person, store=house.bastille)
        for deed in (suspend, issue_password, issue_new_identifier):
            with pytest.raises(NotTheirs):
                deed(actor=people.manager, store=house.bastille, person=person)
        with pytest.raises(NotTheirs):
            change_person(actor=people.manager, store=house.bastille, person=person, shown=now.fingerprint, wanted=NINA)
        remove(actor=people.manager, store=house.bastille, person=person)
        assert User.objects.get(pk=person.pk).is_active
    assert roles_of(user=people.outsider) == {(Role.PIZZAIOLO, house.croix_rousse.pk)}
    assert roles_of(user=people.direction) == {(Role.DIRECTION, None)}


def test_nobody_manages_an_exploitant(house: House, people: People) -> None:
    StaffRole.objects.create(user=people.operator, store=house.bastille, role=Role.CASHIER)
    with pytest.raises(NotTheirs):
        issue_password(actor=people.direction, store=house.bastille, person=people.operator)


def test_nobody_takes_their_own_right(house: House, people: People) -> None:
    for actor in (people.manager, people.direction):
        now = details_of(person=actor, store=house.bastille)
        for deed in (suspend, remove, issue_password):
            with pytest.raises(OwnRight):
                deed(actor=actor, store=house.bastille, person=actor)
        with pytest.raises(OwnRight):
            change_person(actor=actor, store=house.bastille, person=actor, shown=now.fingerprint, wanted=NINA)
    own = details_of(person=people.manager, store=house.bastille)
    change_person(
        actor=people.manager,
        store=house.bastille,
        person=people.manager,
        shown=own.fingerprint,
        wanted=replace(own, phone="06 39 98 12 35", roles=own.roles | {Role.CASHIER}),
    )
    assert User.objects.get(pk=people.manager.pk).phone == "06 39 98 12 35"


def test_the_second_who_changes_a_person_is_told_what_the_first_wrote(house: House, people: People) -> None:
    shown = details_of(person=people.driver, store=house.bastille)
    first = replace(shown, phone="06 39 98 00 01", roles=frozenset({Role.DRIVER, Role.CASHIER}))
    second = replace(shown, phone="06 39 98 00 02")
    for_karim = {"store": house.bastille, "person": people.driver}
    change_person(actor=people.manager, shown=shown.fingerprint, wanted=first, **for_karim)  # type: ignore[arg-type]
    with pytest.raises(StaffChanged) as refused:
        change_person(actor=people.direction, shown=shown.fingerprint, wanted=second, **for_karim)  # type: ignore[arg-type]
    assert refused.value.details["now"] == first
    assert details_of(person=people.driver, store=house.bastille) != second
    change_person(actor=people.direction, shown=first.fingerprint, wanted=second, **for_karim)  # type: ignore[arg-type]
    entry = AuditEntry.objects.get(actor=people.direction, action="staff.changed")
    assert entry.details == {"fields": ["phone"], "given": [], "taken": ["cashier"]}


def test_who_is_suspended_is_out_at_once_and_may_be_brought_back(house: House, people: People, client: Client) -> None:
    client.post("/equipe/connexion/", {"identifier": "luca", "password": PASSWORD})
    assert client.get("/equipe/bastille/cuisine/").status_code == 200
    token = issue(user=people.pizzaiolo, label="tablette", life=NOT_SOON, scopes=[Scope.READ_ORDERS])
    suspend(actor=people.manager, store=house.bastille, person=people.pizzaiolo)
    assert client.get("/equipe/bastille/cuisine/").status_code == 302
    assert authenticate(token=token) is None
    bring_back(actor=people.manager, store=house.bastille, person=people.pizzaiolo)
    assert authenticate(token=token)
    # The browser that was signed in then is not signed in again.
    assert client.get("/equipe/bastille/cuisine/").status_code == 302
    assert _actions(people.pizzaiolo)[-2:] == ["staff.suspended", "staff.brought_back"]


def test_who_is_removed_keeps_their_history_and_comes_back_by_their_identifier(house: House, people: People) -> None:
    token = issue(user=people.driver, label="téléphone", life=NOT_SOON, scopes=[Scope.READ_ORDERS])
    choose_pin(user=people.driver, pin="482917")
    remove(actor=people.manager, store=house.bastille, person=people.driver)
    left = User.objects.get(pk=people.driver.pk)
    assert (left.is_active, left.pin, roles_of(user=left)) == (False, "", frozenset())
    sheet = join_person(actor=people.manager, store=house.bastille, identifier="karim", roles=["cashier"])
    assert sheet.person == people.driver
    back = User.objects.get(pk=people.driver.pk)
    assert back.is_active
    assert back.must_change_password
    assert back.check_password(sheet.password)
    assert roles_of(user=back) == {(Role.CASHIER, house.bastille.pk)}
    assert authenticate(token=token) is None


def test_a_colleague_gets_a_role_here_and_nobody_gets_a_hold_on_their_account(house: House, people: People) -> None:
    before = people.outsider.password
    with pytest.raises(NotTheirs):
        join_person(actor=people.manager, store=house.bastille, identifier="oscar", roles=["driver"])
    assert roles_of(user=people.outsider) == {(Role.PIZZAIOLO, house.croix_rousse.pk)}, "their responsable keeps them"
    sheet = join_person(actor=people.direction, store=house.bastille, identifier="oscar", roles=["driver"])
    assert sheet.password == ""
    assert User.objects.get(pk=people.outsider.pk).password == before
    with pytest.raises(NotTheirs):
        issue_password(actor=people.manager, store=house.bastille, person=people.outsider)
    people.outsider.is_active = False
    people.outsider.save()
    join_person(actor=people.direction, store=house.bastille, identifier="oscar", roles=["cashier"])
    assert not User.objects.get(pk=people.outsider.pk).is_active, "a role here ends no suspension elsewhere"


def test_a_client_is_nobodys_colleague(house: House, people: People) -> None:
    client = User.objects.create_user("client-0123456789abcdef")
    for identifier in (client.identifier, people.alice.identifier, "personne", "", "anonyme-4"):
        with pytest.raises(UnknownColleague):
            join_person(actor=people.manager, store=house.bastille, identifier=identifier, roles=["driver"])


def test_a_password_that_is_issued_anew_ends_the_sessions_and_the_pin(
    house: House, people: People, client: Client
) -> None:
    client.force_login(people.cashier)
    choose_pin(user=people.cashier, pin="482917")
    sheet = issue_password(actor=people.manager, store=house.bastille, person=people.cashier)
    now = User.objects.get(pk=people.cashier.pk)
    assert now.check_password(sheet.password)
    assert (now.must_change_password, now.pin) == (True, "")
    assert client.get("/equipe/bastille/comptoir/").status_code == 302
    assert sheet.password not in str(AuditEntry.objects.values_list("details"))


def test_a_password_that_is_issued_anew_leaves_no_other_way_in(house: House, people: People) -> None:
    """Whoever read the sheet before its owner chose a password, and left themselves doors."""
    luca = people.pizzaiolo
    User.objects.filter(pk=luca.pk).update(email="thief@example.org")
    EmailAddress.objects.create(user=luca, email="thief@example.org", primary=True, verified=True)
    Authenticator.objects.create(user=luca, type=Authenticator.Type.WEBAUTHN, data={})
    SocialAccount.objects.create(user=luca, provider="google", uid="thief")
    token = issue(user=luca, label="t", life=NOT_SOON, scopes=[Scope.READ_ORDERS])
    issue_password(actor=people.manager, store=house.bastille, person=luca)
    assert not Authenticator.objects.filter(user=luca).exists()
    assert not SocialAccount.objects.filter(user=luca).exists()
    assert authenticate(token=token) is None
    assert not reachable_at(email="thief@example.org")


def test_an_identifier_that_is_issued_anew_follows_the_name(house: House, people: People) -> None:
    User.objects.filter(pk=people.cashier.pk).update(last_name="Aubert-Roy")
    sheet = issue_new_identifier(actor=people.manager, store=house.bastille, person=people.cashier)
    assert (sheet.person.identifier, sheet.password) == ("chloe.aubertroy", "")
    assert issue_identifier(first_name="Chloé", last_name="Aubert Roy") == "chloe.aubertroy2"


def test_an_address_that_the_responsable_writes_is_not_confirmed(house: House, people: People) -> None:
    shown = details_of(person=people.cashier, store=house.bastille)
    wanted = replace(shown, email="chloe@example.org")
    change_person(
        actor=people.manager, store=house.bastille, person=people.cashier, shown=shown.fingerprint, wanted=wanted
    )
    kept = EmailAddress.objects.get(user=people.cashier)
    assert (kept.email, kept.verified, kept.primary) == ("chloe@example.org", False, True)
    # Whose it is, nobody has shown: a wrong letter would give a stranger the account.
    assert not reachable_at(email="chloe@example.org")
    kept.set_verified()
    assert set(reachable_at(email="chloe@example.org")) == {people.cashier}
