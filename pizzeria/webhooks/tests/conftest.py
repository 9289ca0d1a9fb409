from collections.abc import Iterator

import pytest

from pizzeria.webhooks.models import Endpoint
from pizzeria.webhooks.services import add
from tests.cast import House, People
from tests.hooked import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as there:
        yield there


@pytest.fixture
def endpoint(house: House, people: People, receiver: Receiver) -> Endpoint:
    """Renata has Bastille's orders told to the receiver."""
    return add(store=house.bastille, url=receiver.url, statuses=[], acting_user=people.manager)
