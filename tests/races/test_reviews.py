"""Two responsables answer one review at once. The race comes in a pair: with the guard, and without it."""

import threading
from collections.abc import Callable

import pytest

from pizzeria.accounts.models import Role, StaffRole, User
from pizzeria.ordering import reviews
from pizzeria.ordering.models import Order, Review
from pizzeria.ordering.reviews import answer, mark_of, write_review
from tests.cast import PASSWORD, House, People
from tests.races.together import PATIENCE, kinds, together, until_somebody_waits

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def _answered_by_two(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch, wait: Callable[[], object]
) -> dict[str, int]:
    """Both have read the same page; each waits before it compares what stands with that."""
    order = house.order()
    Order.objects.filter(pk=order.pk).update(status=Order.Status.DELIVERED)
    review = write_review(order=order, stars=4, words="Bien", seen=mark_of(None))
    rosa = User.objects.create_user("rosa", PASSWORD, first_name="Rosa", last_name="Dupont")
    StaffRole.objects.create(user=rosa, role=Role.MANAGER, store=house.bastille)
    seen, compare = mark_of(review), mark_of

    def compared(now: Review | None) -> str:
        wait()
        return compare(now)

    monkeypatch.setattr(reviews, "mark_of", compared)
    return kinds(
        together(
            [
                lambda: answer(review=review, words="Merci", seen=seen, acting_user=people.manager),
                lambda: answer(review=review, words="Désolée", seen=seen, acting_user=rosa),
            ]
        )
    )


def test_one_answer_stands_and_the_other_responsable_is_told(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = threading.Lock()

    def until_the_other_waits() -> None:
        # The other one waits for nobody: it comes when the first has written.
        if first.acquire(blocking=False):
            until_somebody_waits()

    told = _answered_by_two(house, people, monkeypatch, until_the_other_waits)
    assert told == {"Review": 1, "ReviewChanged": 1}


def test_without_the_orders_row_held_one_answer_is_lost_in_silence(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_have_read = threading.Barrier(2)
    monkeypatch.setattr(reviews, "_held", lambda order_id: Order.objects.get(pk=order_id))
    told = _answered_by_two(house, people, monkeypatch, lambda: both_have_read.wait(PATIENCE))
    assert told == {"Review": 2}
