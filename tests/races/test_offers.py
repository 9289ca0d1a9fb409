"""The last uses of a code, wanted by many at once. Each race comes in a pair: with its guard, and without."""

import time
from collections.abc import Callable, Collection
from datetime import datetime

import pytest

from pizzeria.accounts.models import User
from pizzeria.ordering.lines import LineRequest
from pizzeria.ordering.models import AppliedOffer, Order
from pizzeria.ordering.placing import place_order
from pizzeria.ordering.pricing import quote
from pizzeria.promotions import services
from pizzeria.promotions.errors import OfferGone
from pizzeria.promotions.models import Quota, Use
from pizzeria.promotions.rules import Deal
from tests.cast import GUEST, House, People
from tests.offered import tenth
from tests.races.together import kinds, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def ordering(house: House, customer: User | None = None) -> Callable[[], Order]:
    """Order a pizza with the code, at the price that was shown before the race."""
    lines: list[LineRequest] = [house.line()]
    shown = quote(store=house.bastille, requests=lines, fulfilment="collection", code="DIX", customer=customer)
    assert shown.discount
    return lambda: place_order(
        store=house.bastille,
        lines=lines,
        contact=GUEST,
        fulfilment="collection",
        payment_method="cash",
        expected_total=shown.total,
        code="DIX",
        customer=customer,
        acting_user=customer,
    )


def test_ten_of_fifty_clients_get_the_ten_uses_of_a_code(house: House) -> None:
    tenth("DIX", most=10)
    outcomes = together([ordering(house)] * 50)
    assert kinds(outcomes) == {"Order": 10, "TotalChanged": 40}
    assert (Quota.objects.get().used, Use.objects.count(), AppliedOffer.objects.count()) == (10, 10, 10)


def _take_unguarded(*, deals: Collection[Deal], customer: User | None, reference: str, at: datetime) -> None:
    """What `services.take` would be, had nobody thought of the others: read, check, write."""
    for deal in deals:
        quota = Quota.objects.get(offer_id=deal.pk)
        if quota.used >= quota.most:
            raise OfferGone("épuisée", offer=deal.pk)
        time.sleep(0.2)
        Quota.objects.filter(offer_id=deal.pk).update(used=quota.used + 1)
        Use.objects.create(offer_id=deal.pk, reference=reference, at=at)


def test_without_the_guard_more_than_ten_get_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tenth("DIX", most=10)
    monkeypatch.setattr(services, "take", _take_unguarded)
    outcomes = together([ordering(house)] * 50)
    assert kinds(outcomes)["Order"] > 10


def test_a_client_who_orders_twice_at_once_uses_a_code_once(house: House, people: People) -> None:
    tenth("DIX", most_each=1)
    outcomes = together([ordering(house, people.alice)] * 8)
    assert kinds(outcomes) == {"Order": 1, "TotalChanged": 7}
    assert Use.objects.filter(customer=people.alice).count() == 1


def test_without_the_unique_turn_a_client_uses_it_more_than_once(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenth("DIX", most_each=1)
    monkeypatch.setattr(services, "take", _count_unguarded)
    outcomes = together([ordering(house, people.alice)] * 8)
    assert kinds(outcomes)["Order"] > 1


def _count_unguarded(*, deals: Collection[Deal], customer: User | None, reference: str, at: datetime) -> None:
    for deal in deals:
        if Use.objects.filter(offer_id=deal.pk, customer=customer).count() >= (deal.most_each or 0):
            raise OfferGone("déjà utilisée", offer=deal.pk)
        time.sleep(0.2)
        Use.objects.create(offer_id=deal.pk, customer=customer, reference=reference, at=at)
