"""Several workers and one address: nothing is sent there twice, never two at a time, and it may go meanwhile.

In pairs: with the lock, and without.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from importlib import import_module

import pytest
from django.db import connection, transaction

from pizzeria.accounts.models import User
from pizzeria.ordering.models import Order
from pizzeria.ordering.services import advance
from pizzeria.webhooks import delivering
from pizzeria.webhooks.models import Delivery, Endpoint
from pizzeria.webhooks.services import add, remove
from tests.cast import House, People
from tests.hooked import Message, Receiver, receiving
from tests.races.together import PATIENCE, kinds, together, until_somebody_waits

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ORDERS = 4


class Crowd:
    """How many messages stood at the receiver's at the same time."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.guard = threading.Lock()

    def __call__(self, _message: Message) -> None:
        with self.guard:
            self.now += 1
            self.most = max(self.most, self.now)
        threading.Event().wait(0.02)
        with self.guard:
            self.now -= 1


def _due(house: House, manager: User, pizzaiolo: User, there: Receiver) -> Endpoint:
    endpoint = add(store=house.bastille, url=there.url, statuses=[], acting_user=manager)
    for _order in range(ORDERS):
        advance(order=house.order(), to_status="taken", acting_user=pizzaiolo)
    return endpoint


def test_eight_workers_send_each_message_once_and_one_at_a_time(house: House, people: People) -> None:
    with receiving() as there:
        there.before_answering = crowd = Crowd()
        endpoint = _due(house, people.manager, people.pizzaiolo, there)
        outcomes = together([partial(delivering.send_due, endpoint_id=endpoint.pk)] * 8)
        assert kinds(outcomes) == {"int": 8}
        delivering.send_due(endpoint_id=endpoint.pk)
    assert Counter(message.id for message in there.messages).most_common(1)[0][1] == 1
    assert len(there.messages) == 2 * ORDERS
    assert crowd.most == 1
    placed = [number for number, to in there.moves if to == "to_prepare"]
    assert placed == [number for number, to in there.moves if to == "taken"]


def test_without_the_lock_they_send_the_same_at_the_same_time(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unguarded(*, endpoint_id: int, at: datetime) -> Delivery | None:
        return delivering._due(Endpoint.objects.get(pk=endpoint_id), at).first()

    monkeypatch.setattr(delivering, "claim", unguarded)
    with receiving() as there:
        there.before_answering = crowd = Crowd()
        endpoint = _due(house, people.manager, people.pizzaiolo, there)
        together([partial(delivering.send_due, endpoint_id=endpoint.pk)] * 8)
    assert crowd.most > 1
    assert len(there.messages) > 2 * ORDERS


DUE: str = import_module("pizzeria.webhooks.migrations.0004_addresses_that_go").DUE


@pytest.fixture
def _unguarded() -> Iterator[None]:
    """The trigger as it would be if it did not hold the address."""
    with connection.cursor() as cursor:
        cursor.execute(DUE.replace("FOR KEY SHARE OF endpoint", ""))
    yield
    with connection.cursor() as cursor:
        cursor.execute(DUE)


def _removed_while_an_order_is_placed(house: House, people: People, wait: Callable[[], object]) -> dict[str, int]:
    """What became of the order and of the removal, which begins when the order is placed; `wait` ends before that commits."""
    endpoint = add(store=house.bastille, url="http://127.0.0.1:9/", statuses=[], acting_user=people.manager)
    is_placed = threading.Event()

    def place() -> None:
        with transaction.atomic():
            house.order()
            is_placed.set()
            wait()

    def take_away() -> None:
        is_placed.wait(PATIENCE)
        remove(endpoint=endpoint, acting_user=people.manager)

    return kinds(together([place, take_away]))


def test_an_address_that_is_removed_costs_nobody_an_order(house: House, people: People) -> None:
    assert _removed_while_an_order_is_placed(house, people, until_somebody_waits) == {"NoneType": 2}
    assert (Order.objects.count(), Endpoint.objects.count(), Delivery.objects.count()) == (1, 0, 0)


@pytest.mark.usefixtures("_unguarded")
def test_unless_its_row_is_held_it_does(house: House, people: People) -> None:
    def until_it_is_gone() -> None:
        while Endpoint.objects.exists():
            threading.Event().wait(0.01)

    assert _removed_while_an_order_is_placed(house, people, until_it_is_gone) == {"IntegrityError": 1, "NoneType": 1}
    assert not Order.objects.exists()
