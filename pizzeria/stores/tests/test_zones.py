"""Who delivers where."""

from decimal import Decimal

import pytest

from pizzeria.stores.models import DeliveryZone
from pizzeria.stores.selectors import stores_delivering_to, zone_of, zones_delivering_to
from tests.cast import House


def test_the_cheapest_delivery_comes_first(house: House) -> None:
    DeliveryZone.objects.create(store=house.croix_rousse, postal_code="75011", fee=Decimal("1.00"))
    assert list(stores_delivering_to(postal_code="75011")) == [house.croix_rousse, house.bastille]
    assert [zone.store for zone in zones_delivering_to(postal_code="75011")] == [house.croix_rousse, house.bastille]


def test_a_store_that_is_not_active_delivers_nowhere(house: House) -> None:
    house.bastille.is_active = False
    house.bastille.save()
    assert not stores_delivering_to(postal_code="75011")
    assert not zones_delivering_to(postal_code="75011")


@pytest.mark.parametrize(
    "code", ["", "75012", "7501", "75011 ", "75011\n", "\x00", "\ud800", "٧٥٠١١", "%", "9" * 10_000]
)
def test_nobody_delivers_to_what_is_not_a_code_of_ours(house: House, code: str) -> None:
    assert not stores_delivering_to(postal_code=code)
    assert not zones_delivering_to(postal_code=code)
    assert zone_of(store=house.bastille, postal_code=code) is None
