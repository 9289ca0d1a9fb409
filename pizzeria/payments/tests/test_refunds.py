"""What is owed back is given back once, by who took it, and the journal says when."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from pizzeria.ordering.models import Order
from pizzeria.ordering.paying import receive
from pizzeria.ordering.services import cancel
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.payments.errors import NotToGiveBack, WordsMissing
from pizzeria.payments.models import Refund
from pizzeria.payments.money_selectors import money_of_day
from pizzeria.payments.providers import GivenBack
from pizzeria.payments.refunds import hand_back, key_of, retry, send_due, settle_by_hand, told
from tests.cast import House, People
from tests.money import in_journal, pay_online, place_online

pytestmark = pytest.mark.story


def cancelled(order: Order) -> Refund:
    """The refund of an order that was paid and then cancelled."""
    cancel(order=order, role=CUSTOMER, acting_user=None, reason="")
    return Refund.objects.select_related("payment__order").get(payment__order=order)


@pytest.fixture
def refund(house: House, online: None) -> Refund:
    return cancelled(pay_online(place_online(house), reference="pi_1"))


def said(refund: Refund, **words: object) -> GivenBack:
    found = GivenBack(reference="re_1", charge="pi_1", amount=refund.amount, is_done=False, key=key_of(refund))
    return replace(found, **words)  # type: ignore[arg-type]


def money(refund: Refund) -> list[tuple[str, str, Decimal]]:
    """The journal's lines of the order that are money, after its payment."""
    return [line for line in in_journal(refund.payment.order) if line[0] in {"payment", "refund"}][1:]


def state(refund: Refund) -> tuple[str, str | None]:
    refund.refresh_from_db()
    return refund.status, refund.reference


def test_what_was_paid_at_the_counter_is_given_back_by_a_hand_and_then_written_down(
    house: House, people: People
) -> None:
    order = house.order(fulfilment="collection")
    receive(order=order, acting_user=people.cashier)
    refund = cancelled(order)
    assert (refund.status, refund.next_attempt_at, money(refund)) == ("due", None, [])
    given = hand_back(refund=refund, acting_user=people.manager)
    assert (given.status, given.done_by, money(refund)) == ("done", people.manager, [("refund", "cash", -order.total)])


def test_who_taps_second_hears_that_it_is_given_back_and_by_whom(house: House, people: People) -> None:
    order = house.order(fulfilment="collection")
    receive(order=order, acting_user=people.cashier)
    refund = cancelled(order)
    hand_back(refund=refund, acting_user=people.manager)
    with pytest.raises(NotToGiveBack, match="Renata"):
        hand_back(refund=refund, acting_user=people.cashier)
    assert len(money(refund)) == 1


def test_what_the_provider_took_is_not_given_back_by_a_hand(refund: Refund, people: People) -> None:
    with pytest.raises(NotToGiveBack):
        hand_back(refund=refund, acting_user=people.cashier)
    assert (state(refund), money(refund)) == (("due", None), [])


def test_a_refund_of_the_provider_is_sent_by_a_job_of_its_own_transaction(refund: Refund) -> None:
    assert list(ProcrastinateJob.objects.values_list("task_name", "status")) == [
        ("pizzeria.payments.tasks.send_refunds", "todo")
    ]
    assert refund.next_attempt_at


def test_without_keys_a_refund_waits_and_no_attempt_is_counted(refund: Refund, settings: object) -> None:
    settings.STRIPE_SECRET_KEY = ""  # type: ignore[attr-defined]
    assert send_due(at=timezone.now()) == 0
    refund.refresh_from_db()
    assert (refund.status, refund.attempts) == ("due", 0)


def test_a_refund_that_the_provider_accepted_is_in_the_journal_once_and_done_later(refund: Refund) -> None:
    told(given_back=said(refund))
    assert (state(refund), money(refund)) == (("sent", "re_1"), [("refund", "online", -refund.amount)])
    for _time in range(2):
        told(given_back=said(refund, is_done=True))
    # What was said before comes last: done stays done.
    told(given_back=said(refund))
    assert (state(refund), money(refund)) == (("done", "re_1"), [("refund", "online", -refund.amount)])


def test_a_refund_that_fails_after_it_was_done_is_due_again_and_the_journal_puts_it_right_once(refund: Refund) -> None:
    told(given_back=said(refund, is_done=True))
    for _time in range(2):
        told(given_back=said(refund, is_failed=True, problem="Compte clos"))
    told(given_back=said(refund, is_done=True))
    assert (state(refund), refund.problem) == (("failed", "re_1"), "Compte clos")
    assert money(refund) == [("refund", "online", -refund.amount), ("payment", "online", refund.amount)]


def test_a_refund_that_comes_back_on_a_later_day_leaves_both_days_as_the_journal_has_them(
    refund: Refund, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = timezone.localtime()
    yesterday = today - timedelta(days=1)
    with monkeypatch.context() as then:
        then.setattr(timezone, "now", lambda: yesterday)
        told(given_back=said(refund, is_done=True))
    told(given_back=said(refund, is_failed=True, problem="Compte clos"))
    for moment, given_back in ((yesterday, refund.amount), (today, -refund.amount)):
        [row] = money_of_day(store_id=refund.payment.order.store_id, day=timezone.localdate(moment))
        assert (row.given_back, row.is_as_in_the_journal) == (given_back, True)


def test_a_refund_that_failed_is_sent_again_under_a_new_key_and_the_old_news_of_it_says_nothing(
    refund: Refund, people: People
) -> None:
    old = said(refund, is_failed=True, problem="Compte clos")
    told(given_back=old)
    assert money(refund) == []
    again = retry(refund=refund, acting_user=people.manager)
    assert (again.status, key_of(again) != old.key) == ("due", True)
    told(given_back=old)
    assert state(refund) == ("due", None)
    told(given_back=said(again, reference="re_2", is_done=True))
    assert (state(refund), money(refund)) == (("done", "re_2"), [("refund", "online", -refund.amount)])


def test_a_refund_that_failed_is_settled_beside_the_provider_with_words(refund: Refund, people: People) -> None:
    told(given_back=said(refund, is_failed=True))
    with pytest.raises(WordsMissing):
        settle_by_hand(refund=refund, acting_user=people.manager, words=" \u200b")
    settle_by_hand(refund=refund, acting_user=people.manager, words="Virement du 29")
    assert (state(refund), refund.words) == (("done", "re_1"), "Virement du 29")
    assert money(refund) == [("refund", "transfer", -refund.amount)]
    told(given_back=said(refund, is_failed=True))
    assert state(refund) == ("done", "re_1")


def test_a_refund_that_is_on_its_way_is_neither_retried_nor_settled_by_hand(refund: Refund, people: People) -> None:
    with pytest.raises(NotToGiveBack, match="à rendre"):
        retry(refund=refund, acting_user=people.manager)
    with pytest.raises(NotToGiveBack, match="à rendre"):
        settle_by_hand(refund=refund, acting_user=people.manager, words="Virement")


@pytest.mark.parametrize("key", ["", "refund-", "refund-x", "another-1", "refund-" + "9" * 40, "refund-999999"])
def test_a_refund_that_nobody_here_asked_for_changes_nothing(refund: Refund, key: str) -> None:
    told(given_back=said(refund, key=key, is_done=True))
    assert (state(refund), money(refund)) == (("due", None), [])
