"""A driver's float: given by somebody else, handed over to somebody else, and every difference has its words."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from pizzeria.accounts.models import Role, StaffRole
from pizzeria.ledger.models import Reason
from pizzeria.live.models import LiveEvent
from pizzeria.ordering.paying import Means, receive, take
from pizzeria.payments.errors import ExplanationMissing, InvalidAmount, RoundChanged, RoundRefused
from pizzeria.payments.models import CashRound, RefundStatus
from pizzeria.payments.round_selectors import loose_cash
from pizzeria.payments.rounds import close_round, expected, open_round
from pizzeria.payments.services import give_back
from tests.cast import House, People

FLOAT = Decimal("40.00")
PIZZA = Decimal("11.50")


def _open(house: House, people: People) -> CashRound:
    return open_round(store=house.bastille, driver=people.driver, opening_amount=FLOAT, acting_user=people.cashier)


def test_what_a_driver_takes_in_cash_is_in_their_round_and_nothing_else_is(house: House, people: People) -> None:
    round_ = _open(house, people)
    receive(order=house.order(), acting_user=people.driver)
    by_card = [Means(method="terminal", amount=PIZZA)]
    order = house.order()
    order.driver = people.driver
    take(order=order, means=by_card, expected_due=PIZZA, acting_user=people.driver)
    receive(order=house.order(), acting_user=people.cashier)
    assert expected(cash_round=round_) == Decimal("51.50")


def test_cash_that_the_driver_gave_back_is_not_expected_of_them(house: House, people: People) -> None:
    round_ = _open(house, people)
    order = house.order()
    receive(order=order, acting_user=people.driver)
    refund = give_back(payment=order.payments.get(), amount=Decimal("4.00"), reason=Reason.GESTURE)
    assert expected(cash_round=round_) == Decimal("51.50")
    refund.status, refund.done_at, refund.done_by = RefundStatus.DONE, timezone.now(), people.driver
    refund.save()
    assert expected(cash_round=round_) == Decimal("47.50")
    refund.done_by = people.cashier
    refund.save()
    assert expected(cash_round=round_) == Decimal("51.50")


def test_a_round_that_is_right_closes_without_a_word_and_what_comes_later_is_not_in_it(
    house: House, people: People
) -> None:
    round_ = _open(house, people)
    receive(order=house.order(), acting_user=people.driver)
    closed = close_round(cash_round=round_, handed_over=Decimal("51.50"), explanation="", acting_user=people.manager)
    assert (closed.expected, closed.received_by) == (Decimal("51.50"), people.manager)
    # The driver's page hears of both.
    assert LiveEvent.objects.filter(topic=f"store:{house.bastille.pk}", kind="round").count() == 2
    later = house.order()
    receive(order=later, acting_user=people.driver)
    assert later.payments.get().cash_round is None
    assert expected(cash_round=closed) == Decimal("51.50")
    [loose] = loose_cash(store_id=house.bastille.pk, since=round_.opened_at)
    assert (loose.driver, loose.amount, loose.orders) == (people.driver, PIZZA, 1)


def test_a_difference_is_refused_until_it_is_explained(house: House, people: People) -> None:
    round_ = _open(house, people)
    for silence in ("", "  \u200b "):
        with pytest.raises(ExplanationMissing) as refusal:
            close_round(
                cash_round=round_, handed_over=Decimal("37.50"), explanation=silence, acting_user=people.cashier
            )
        assert refusal.value.details == {"expected": "40.00", "difference": "-2.50"}
    close_round(
        cash_round=round_, handed_over=Decimal("37.50"), explanation="Pourboire rendu", acting_user=people.cashier
    )
    with pytest.raises(RoundChanged, match="Chloé"):
        close_round(cash_round=round_, handed_over=FLOAT, explanation="", acting_user=people.manager)
    with pytest.raises(IntegrityError), transaction.atomic():
        CashRound.objects.update(explanation="")


def test_nobody_gives_a_round_to_themselves_nor_takes_their_own_back(house: House, people: People) -> None:
    round_ = _open(house, people)
    StaffRole.objects.create(user=people.driver, role=Role.CASHIER, store=house.bastille)
    with pytest.raises(RoundRefused, match="autre"):
        close_round(cash_round=round_, handed_over=FLOAT, explanation="", acting_user=people.driver)
    close_round(cash_round=round_, handed_over=FLOAT, explanation="", acting_user=people.cashier)
    with pytest.raises(RoundRefused, match="autre"):
        open_round(store=house.bastille, driver=people.driver, opening_amount=FLOAT, acting_user=people.driver)


@pytest.mark.parametrize("who", ["pizzaiolo", "driver", "direction", "outsider", "alice"])
def test_only_the_cashier_and_the_manager_give_rounds(house: House, people: People, who: str) -> None:
    with pytest.raises(RoundRefused):
        open_round(store=house.bastille, driver=people.driver, opening_amount=FLOAT, acting_user=getattr(people, who))


def test_a_round_is_for_a_driver_of_the_store_one_at_a_time_and_of_an_amount_that_can_be(
    house: House, people: People
) -> None:
    def give(who: str, amount: str) -> None:
        open_round(
            store=house.bastille,
            driver=getattr(people, who),
            opening_amount=Decimal(amount),
            acting_user=people.cashier,
        )

    with pytest.raises(RoundRefused, match="livreur"):
        give("pizzaiolo", "40.00")
    for wrong in ("-1.00", "0.005", "10000.00"):
        with pytest.raises(InvalidAmount):
            give("driver", wrong)
    give("driver", "0.00")
    with pytest.raises(RoundChanged):
        give("driver", "40.00")
