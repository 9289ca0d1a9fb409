"""Several workers and one address: nothing is sent there twice, and never two at a time. In a pair: with the lock, and without."""

import threading
from collections import Counter
from datetime import datetime
from functools import partial

import pytest

from pizzeria.accounts.models import User
from pizzeria.ordering.services import advance
from pizzeria.webhooks import delivering
from pizzeria.webhooks.models import Delivery, Endpoint
from pizzeria.webhooks.services import add
from tests.cast import House, People
from tests.hooked import Message, Receiver, receiving
from tests.races.together import kinds, together

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
