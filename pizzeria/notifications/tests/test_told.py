"""What happens to an order becomes a notice, in the same transaction, where somebody wants to be told."""

from collections.abc import Collection
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from pizzeria.notifications.choices import DEFAULTS, choose_for_account, choose_for_order
from pizzeria.notifications.models import Notice, Subscription
from pizzeria.notifications.tasks import tell
from pizzeria.ordering.models import Fulfilment, Order, OrderChange, PromiseChange
from pizzeria.ordering.services import advance, cancel_as_staff
from tests.cast import GUEST, House, People

pytestmark = pytest.mark.django_db

Status = Order.Status
Reason = PromiseChange.Reason


def told(order: Order | None = None) -> list[str]:
    notices = Notice.objects.filter(order=order) if order else Notice.objects.all()
    return [f"{notice.kind}.{notice.channel}" for notice in notices]


def promise_moves(order: Order, *, to: datetime, reason: str = Reason.KITCHEN) -> PromiseChange:
    before, order.promised_at = order.promised_at, to
    order.save(update_fields=["promised_at"])
    return PromiseChange.objects.create(order=order, at=timezone.now(), before=before, after=to, reason=reason)


def test_the_house_tells_by_mail_what_is_to_be_kept_and_by_push_what_matters_for_ten_minutes(
    house: House, people: People, written: House
) -> None:
    order = written.order()
    Subscription.objects.create(order=order, endpoint="https://push.example/1", p256dh="p", auth="a")
    for status, who in (
        (Status.TAKEN, people.pizzaiolo),
        (Status.PREPARING, people.pizzaiolo),
        (Status.READY, people.pizzaiolo),
        (Status.DELIVERING, people.driver),
        (Status.DELIVERED, people.driver),
    ):
        advance(order=order, to_status=status, acting_user=who)
    assert told(order) == ["received.mail", "on_the_road.push", "review.mail"]
    review = Notice.objects.get(kind="review")
    assert timedelta(minutes=59) < (review.next_at or timezone.now()) - timezone.now() <= timedelta(hours=1)


def test_the_database_tells_by_the_table_that_the_code_says() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT notifications_defaults()")
        assert cursor.fetchone()[0] == list(DEFAULTS)


def test_who_is_reached_by_nothing_costs_neither_a_notice_nor_a_job(house: House) -> None:
    house.order()
    assert told() == []
    assert not ProcrastinateJob.objects.filter(task_name=tell.name).exists()


def test_an_order_that_is_rolled_back_is_told_to_nobody(written: House) -> None:
    with transaction.atomic():
        written.order()
        transaction.set_rollback(True)
    assert told() == []
    assert not ProcrastinateJob.objects.filter(task_name=tell.name).exists()


def test_what_is_written_about_the_past_is_news_to_nobody(written: House, people: People) -> None:
    order = written.order()
    Notice.objects.all().delete()
    advance(order=order, to_status=Status.TAKEN, acting_user=people.pizzaiolo)
    cancel_as_staff(order=order, acting_user=people.manager, reason="Hier", at=timezone.now() - timedelta(hours=2))
    assert told() == []


def test_a_promise_that_moves_is_told_when_it_is_more_than_five_minutes_from_what_was_told_last(written: House) -> None:
    order = written.order()
    Notice.objects.all().delete()
    promised = order.promised_at
    for minutes, is_told in ((3, 0), (5, 0), (8, 1), (12, 1), (15, 2), (9, 3)):
        promise_moves(order, to=promised + timedelta(minutes=minutes))
        assert len(told(order)) == is_told, minutes


@pytest.mark.parametrize("reason", [Reason.CHANGED, Reason.PAID])
def test_a_promise_that_another_message_tells_is_not_told_twice(written: House, reason: str) -> None:
    order = written.order()
    Notice.objects.all().delete()
    promise_moves(order, to=order.promised_at + timedelta(minutes=30), reason=reason)
    assert told() == []
    promise_moves(order, to=order.promised_at + timedelta(minutes=4))
    assert told() == []


def test_a_change_and_a_cancellation_are_told(written: House, people: People) -> None:
    order = written.order()
    OrderChange.objects.create(order=order, at=timezone.now(), role="customer", difference=0)
    cancel_as_staff(order=order, acting_user=people.manager, reason="Plus de pâte")
    assert told(order) == ["received.mail", "changed.mail", "cancelled.mail"]


def test_what_is_fetched_is_told_when_it_is_ready(written: House, people: People) -> None:
    order = written.order(fulfilment=Fulfilment.COLLECTION)
    choose_for_order(order=order, wanted=["ready.sms"])
    for status in (Status.TAKEN, Status.PREPARING, Status.READY):
        advance(order=order, to_status=status, acting_user=people.pizzaiolo)
    assert told(order) == ["received.mail", "ready.sms"]


@pytest.mark.parametrize(
    ("of_account", "of_order", "expected"),
    [
        (None, None, ["cancelled.mail"]),
        (["cancelled.sms"], None, ["cancelled.sms"]),
        (["cancelled.sms"], ["cancelled.mail", "cancelled.sms"], ["cancelled.mail", "cancelled.sms"]),
        ([], None, []),
    ],
)
def test_an_order_tells_what_was_chosen_for_it_or_else_for_its_account(
    written: House,
    people: People,
    of_account: Collection[str] | None,
    of_order: Collection[str] | None,
    expected: list[str],
) -> None:
    order = written.order(customer=people.alice)
    Notice.objects.all().delete()
    if of_account is not None:
        choose_for_account(customer=people.alice, wanted=of_account)
    if of_order is not None:
        choose_for_order(order=order, wanted=of_order)
    cancel_as_staff(order=order, acting_user=people.manager, reason="Plus de pâte")
    assert told(order) == expected


def test_an_order_for_later_is_recalled_an_hour_before(written: House) -> None:
    order = written.order()
    Notice.objects.all().delete()
    later = timezone.now() + timedelta(hours=5)
    Order.objects.filter(pk=order.pk).update(wanted_at=later, promised_at=later)
    order.events.model.objects.create(order=order, to_status=Status.TO_PREPARE, at=timezone.now(), role="customer")
    reminder = Notice.objects.get(kind="reminder")
    assert reminder.next_at == later - timedelta(hours=1)
    assert GUEST.email == ""
