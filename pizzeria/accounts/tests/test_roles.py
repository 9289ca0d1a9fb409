"""Who may act where."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from pizzeria.accounts.models import Role, StaffRole, User
from pizzeria.accounts.permissions import PERMISSIONS, Action, allows
from pizzeria.accounts.selectors import roles_at, stores_of, workplaces_of
from pizzeria.stores.models import Store
from tests.cast import House, People


def test_a_role_holds_at_its_store_and_nowhere_else(house: House, people: People) -> None:
    assert roles_at(user=people.pizzaiolo, store_id=house.bastille.pk) == {"pizzaiolo"}
    assert roles_at(user=people.pizzaiolo, store_id=house.croix_rousse.pk) == frozenset()
    assert roles_at(user=people.outsider, store_id=house.bastille.pk) == frozenset()


def test_a_group_role_holds_everywhere(house: House, people: People) -> None:
    for store in (house.bastille, house.croix_rousse):
        assert roles_at(user=people.direction, store_id=store.pk) == {"direction"}
    assert set(stores_of(user=people.direction)) == {house.bastille, house.croix_rousse}


def test_a_client_and_a_guest_hold_no_role(house: House, people: People) -> None:
    for nobody in (people.alice, AnonymousUser(), None):
        assert roles_at(user=nobody, store_id=house.bastille.pk) == frozenset()
    assert not stores_of(user=people.alice)
    assert not stores_of(user=AnonymousUser())
    assert workplaces_of(user=people.alice) == []


@pytest.mark.parametrize("who", ["manager", "direction"])
def test_who_has_left_holds_no_role(house: House, people: People, who: str) -> None:
    leaver: User = getattr(people, who)
    leaver.is_active = False
    leaver.save()
    assert roles_at(user=leaver, store_id=house.bastille.pk) == frozenset()
    assert not stores_of(user=leaver)
    assert workplaces_of(user=leaver) == []


def test_two_roles_at_one_store_are_one_workplace(house: House, people: People) -> None:
    StaffRole.objects.create(user=people.manager, store=house.bastille, role=Role.CASHIER)
    StaffRole.objects.create(user=people.manager, store=house.croix_rousse, role=Role.DRIVER)
    found = {place.store: place.roles for place in workplaces_of(user=people.manager)}
    assert found == {house.bastille: {"manager", "cashier"}, house.croix_rousse: {"driver"}}
    assert list(stores_of(user=people.manager)) == [house.bastille, house.croix_rousse]


def test_the_number_of_stores_costs_no_queries(house: House, people: People) -> None:
    with CaptureQueriesContext(connection) as queries:
        for place in workplaces_of(user=people.direction):
            assert place.store.city.name
    assert len(queries) == 2


@pytest.mark.parametrize("typed", ["luca", " LUCA ", "Luca", "lu\x00ca"])
def test_an_identifier_is_read_as_it_is_typed(people: People, typed: str) -> None:
    assert User.objects.get_by_natural_key(typed) == people.pizzaiolo


@pytest.mark.parametrize("typed", ["", None, "\x00", "\ud800", "luc", "luca%", "l" * 10_000])
def test_an_unknown_identifier_is_nobodys(people: People, typed: str | None) -> None:
    with pytest.raises(User.DoesNotExist):
        User.objects.get_by_natural_key(typed)


def test_an_identifier_is_given_once_in_any_case(people: People) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(identifier="LUCA")


@pytest.mark.parametrize(("role", "store"), [(Role.DIRECTION, "bastille"), (Role.PIZZAIOLO, None)])
def test_the_database_refuses_a_role_in_the_wrong_place(people: People, role: str, store: str | None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffRole.objects.create(user=people.alice, role=role, store=Store.objects.filter(slug=store).first())


def test_a_role_is_held_once(house: House, people: People) -> None:
    for holder, store in ((people.direction, None), (people.driver, house.bastille)):
        held = StaffRole.objects.get(user=holder)
        with pytest.raises(IntegrityError), transaction.atomic():
            StaffRole.objects.create(user=holder, role=held.role, store=store)


def test_every_action_belongs_to_somebody_and_to_known_roles() -> None:
    assert set(PERMISSIONS) == set(Action)
    assert all(grant.roles and grant.roles <= set(Role.values) for grant in PERMISSIONS.values())
    assert not any(allows(roles=[], action=action) for action in Action)
