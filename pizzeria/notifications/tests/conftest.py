from dataclasses import replace

import pytest

from pizzeria.ordering.models import Order
from tests.cast import GUEST, House

GASPARD = replace(GUEST, email="gaspard@example.org")


class Written(House):
    """The house, whose orders are placed by somebody who has an e-mail address."""

    def order(self, **given: object) -> Order:
        return super().order(**{"contact": GASPARD} | given)  # type: ignore[arg-type]


@pytest.fixture
def written(house: House) -> House:
    return Written(**vars(house))
