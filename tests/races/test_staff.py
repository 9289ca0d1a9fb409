"""Who is suspended while they work, and fifty hands that guess one PIN. Each race comes in a pair."""

import threading
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connections, transaction
from django.db.models import QuerySet

from pizzeria.accounts import pins
from pizzeria.accounts.errors import NotTheirs
from pizzeria.accounts.models import Role, StaffRole, User
from pizzeria.accounts.pins import MOST_FAILURES, choose_pin, try_pin
from pizzeria.accounts.selectors import roles_at
from pizzeria.accounts.staff import remove, suspend
from pizzeria.ordering import services
from pizzeria.ordering.models import Order, OrderEvent
from pizzeria.ordering.services import advance
from tests.cast import House, People
from tests.races.together import kinds, together, until_somebody_waits

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

Status = Order.Status
GUESSES = 50
PIN = "482917"


def _suspend_while_they_move(house: House, people: People, monkeypatch: pytest.MonkeyPatch) -> Order:
    """Luca takes an order; between the question whether he may and the move, Renata suspends him."""
    order = house.order()
    may_go_on, has_asked = threading.Event(), threading.Event()
    ask = roles_at

    def asked(**whom: Any) -> frozenset[str]:
        roles = ask(**whom)
        has_asked.set()
        may_go_on.wait(10)
        return roles

    def suspended() -> None:
        has_asked.wait(10)
        suspend(actor=people.manager, store=house.bastille, person=people.pizzaiolo)
        may_go_on.set()

    monkeypatch.setattr(services, "roles_at", asked)
    together([lambda: advance(order=order, to_status=Status.TAKEN, acting_user=people.pizzaiolo), suspended])
    return Order.objects.get(pk=order.pk)


def test_who_is_suspended_moves_nothing_more(house: House, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    order = _suspend_while_they_move(house, people, monkeypatch)
    assert order.status == Status.TO_PREPARE
    assert not OrderEvent.objects.filter(acting_user=people.pizzaiolo).exists()


def test_without_asking_again_the_suspended_person_takes_the_order(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "roles_for_a_deed", lambda **_whom: frozenset(Role.values))
    order = _suspend_while_they_move(house, people, monkeypatch)
    assert order.status == Status.TAKEN


def test_a_suspension_waits_for_the_move_that_came_first(house: House, people: People) -> None:
    order = house.order()

    found: list[bool] = []

    def suspended() -> None:
        suspend(actor=people.manager, store=house.bastille, person=people.pizzaiolo)
        found.append(OrderEvent.objects.filter(order=order, acting_user=people.pizzaiolo).exists())
        connections.close_all()

    waiting = threading.Thread(target=suspended)
    with transaction.atomic():
        advance(order=order, to_status=Status.TAKEN, acting_user=people.pizzaiolo)
        waiting.start()
        until_somebody_waits()
    waiting.join(10)
    assert found == [True]


def test_two_who_remove_one_another_do_not_both_win(house: House, people: People) -> None:
    other = User.objects.create_user("sandrine", first_name="Sandrine", last_name="Rochet")
    for _round in range(5):
        StaffRole.objects.get_or_create(user=other, store=house.bastille, role=Role.MANAGER)
        StaffRole.objects.get_or_create(user=people.manager, store=house.bastille, role=Role.MANAGER)
        User.objects.update(is_active=True)
        outcomes = together(
            [
                lambda: remove(actor=people.manager, store=house.bastille, person=other),
                lambda: remove(actor=other, store=house.bastille, person=people.manager),
            ]
        )
        assert kinds(outcomes) == {NotTheirs.__name__: 1, "NoneType": 1}
        assert StaffRole.objects.filter(role=Role.MANAGER, store=house.bastille).count() == 1


def _fifty_guesses(house: House, people: People, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many of fifty guesses at once were compared with the PIN."""
    choose_pin(user=people.pizzaiolo, pin=PIN)
    compared: list[str] = []

    def counting(typed: str, kept: str) -> bool:
        compared.append(typed)
        return check_password(typed, kept)

    monkeypatch.setattr(pins, "check_password", counting)
    together(
        [
            lambda number=number: try_pin(user=people.pizzaiolo, pin=f"{number:06d}", store=house.bastille)  # type: ignore[misc]
            for number in range(GUESSES)
        ]
    )
    return len(compared)


def test_fifty_guesses_at_once_are_five_tries(house: House, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _fifty_guesses(house, people, monkeypatch) == MOST_FAILURES
    assert User.objects.get(pk=people.pizzaiolo.pk).pin_failures == MOST_FAILURES


def test_without_the_lock_there_are_more(house: House, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_how: rows)
    assert _fifty_guesses(house, people, monkeypatch) > MOST_FAILURES
