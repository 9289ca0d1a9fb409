"""Others are told of orders: signed, at least once, in order, without delaying anybody."""

from datetime import timedelta
from unittest.mock import ANY

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from OC_PIZZA.discretion import discreet
from pizzeria.accounts.tokens import issue
from pizzeria.measures import WEBHOOKS
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.ordering.services import advance, cancel_as_staff
from pizzeria.webhooks import services
from pizzeria.webhooks.delivering import due_endpoints, send_due
from pizzeria.webhooks.messages import message_id, secret_of
from pizzeria.webhooks.models import Delivery, Endpoint
from pizzeria.webhooks.retention import forget_old_deliveries
from pizzeria.webhooks.tasks import deliver
from tests.cast import House, People
from tests.hooked import Receiver

pytestmark = pytest.mark.story

Status = Order.Status


def later(by: timedelta) -> None:
    """So much time has passed: everything that waits is due by so much earlier."""
    for delivery in Delivery.objects.exclude(next_at=None):
        moved = {"next_at": (delivery.next_at or timezone.now()) - by, "due_since": delivery.due_since - by}
        Delivery.objects.filter(pk=delivery.pk).update(**moved)
    for endpoint in Endpoint.objects.exclude(rests_until=None):
        Endpoint.objects.filter(pk=endpoint.pk).update(rests_until=(endpoint.rests_until or timezone.now()) - by)


def test_an_order_that_is_placed_is_told_signed_and_without_whose_it_is(
    house: House, endpoint: Endpoint, receiver: Receiver
) -> None:
    order = house.order()
    assert send_due(endpoint_id=endpoint.pk) == 1
    message = receiver.messages[0]
    assert message.told == {
        "type": "order.moved",
        "timestamp": ANY,
        "data": {
            "number": order.number,
            "store": "bastille",
            "from": None,
            "to": "to_prepare",
            "fulfilment": "delivery",
            "total": "11.50",
            "placed_at": ANY,
            "promised_at": ANY,
            "order": f"/api/v1/staff/orders/{order.number}",
        },
    }
    secret = secret_of(endpoint)
    assert message.is_signed_with(secret)
    assert not message.is_signed_with(secret, at=message_time(message.headers) + 301)
    for told in (order.token, order.phone, order.last_name, order.street, order.postal_code, secret):
        assert told not in str(message)


def message_time(headers: dict[str, str]) -> int:
    return int(headers["webhook-timestamp"])


def test_the_job_is_made_with_the_event_and_gone_with_it(house: House, endpoint: Endpoint) -> None:
    with transaction.atomic():
        house.order()
        transaction.set_rollback(True)
    assert (Delivery.objects.count(), jobs()) == (0, 0)
    house.order()
    assert (Delivery.objects.count(), jobs()) == (1, 1)


def jobs() -> int:
    assert deliver.name == "pizzeria.webhooks.tasks.deliver"
    return ProcrastinateJob.objects.filter(task_name=deliver.name, queue_name=deliver.queue).count()


def test_without_the_jobs_own_function_an_order_is_placed_and_what_it_makes_due_waits_for_the_minute(
    house: House, endpoint: Endpoint
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION procrastinate_defer_jobs_v1 RENAME TO gone")
        house.order()
    assert (Delivery.objects.count(), jobs()) == (1, 0)
    assert due_endpoints(at=timezone.now()) == [endpoint.pk]


def test_where_nobody_listens_an_order_makes_neither_rows_nor_jobs(house: House, people: People) -> None:
    house.order()
    assert (Delivery.objects.count(), jobs()) == (0, 0)


def test_an_address_is_told_of_its_store_and_of_the_statuses_that_it_asked_for(
    house: House, people: People, receiver: Receiver
) -> None:
    ready = services.add(
        store=house.bastille, url=receiver.url, statuses=["taken", "cancelled"], acting_user=people.manager
    )
    group = services.add_for_group(at=house.bastille, url=receiver.url, statuses=[], acting_user=people.direction)
    here, there = house.order(), house.order(store=house.croix_rousse, fulfilment=Fulfilment.COLLECTION)
    advance(order=here, to_status=Status.TAKEN, acting_user=people.pizzaiolo)
    advance(order=there, to_status=Status.TAKEN, acting_user=people.outsider)
    send_due(endpoint_id=ready.pk)
    assert receiver.moves == [(here.number, "taken")]
    receiver.messages.clear()
    send_due(endpoint_id=group.pk)
    assert len(receiver.moves) == 4


def test_a_message_that_is_refused_comes_again_with_the_same_id_and_a_new_signature(
    house: House, endpoint: Endpoint, receiver: Receiver
) -> None:
    receiver.answers = [500, 302, 410]
    house.order()
    arrived = [send_due(endpoint_id=endpoint.pk)]
    assert send_due(endpoint_id=endpoint.pk) == 0  # it rests
    for _attempt in range(3):
        later(timedelta(minutes=15))
        arrived.append(send_due(endpoint_id=endpoint.pk))
    assert arrived == [0, 0, 0, 1]
    assert len({message.id for message in receiver.messages}) == 1
    assert {message.path for message in receiver.messages} == {"/"}  # a redirection is not followed
    assert all(message.is_signed_with(secret_of(endpoint)) for message in receiver.messages)
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.answered) == ("delivered", 4, "204")
    assert Endpoint.objects.get().failures == 0


def test_what_is_not_taken_for_a_day_is_given_up_and_counted(
    house: House, endpoint: Endpoint, receiver: Receiver
) -> None:
    counted = WEBHOOKS.labels("given_up")._value.get()
    receiver.answers = [503] * 99
    house.order()
    pauses = []
    while Delivery.objects.get().status == Delivery.Status.DUE:
        send_due(endpoint_id=endpoint.pk)
        pauses.append((Delivery.objects.get().next_at or timezone.now()) - timezone.now())
        later(timedelta(hours=2, minutes=10))
    assert 10 < len(receiver.messages) < 20
    assert pauses[:6] == sorted(pauses[:6])
    assert Delivery.objects.get().status == Delivery.Status.FAILED
    assert WEBHOOKS.labels("given_up")._value.get() == counted + 1
    assert due_endpoints(at=timezone.now()) == []


def test_a_move_waits_until_the_one_before_it_has_arrived_and_another_order_does_not(
    house: House, people: People, endpoint: Endpoint, receiver: Receiver
) -> None:
    receiver.answers = [500]
    first = house.order()
    advance(order=first, to_status=Status.TAKEN, acting_user=people.pizzaiolo)
    other = house.order()
    assert send_due(endpoint_id=endpoint.pk) == 0
    later(timedelta(seconds=7))  # the address has rested, the message has not
    assert send_due(endpoint_id=endpoint.pk) == 1
    later(timedelta(minutes=1))
    assert send_due(endpoint_id=endpoint.pk) == 2
    assert receiver.moves[1:] == [
        (other.number, "to_prepare"), (first.number, "to_prepare"), (first.number, "taken"),
    ]  # fmt: skip


def test_a_dead_address_is_asked_once_a_rest_however_much_is_due_and_keeps_nobody_waiting(
    house: House, people: People, endpoint: Endpoint, receiver: Receiver
) -> None:
    dead = services.add(store=house.bastille, url="http://127.0.0.1:9/", statuses=[], acting_user=people.manager)
    for _order in range(4):
        house.order()
    send_due(endpoint_id=dead.pk)
    assert Delivery.objects.filter(endpoint=dead, attempts__gt=0).count() == 1
    assert due_endpoints(at=timezone.now()) == [endpoint.pk]
    assert send_due(endpoint_id=endpoint.pk) == 4


def test_an_answer_that_drips_is_cut_off(
    house: House, endpoint: Endpoint, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pizzeria.outside.posting.SECONDS", 0.2)
    receiver.drips = True
    house.order()
    assert send_due(endpoint_id=endpoint.pk) == 0
    assert Delivery.objects.get().answered == "timeout"


def test_a_paused_address_is_told_nothing_and_keeps_what_was_due(
    house: House, people: People, endpoint: Endpoint, receiver: Receiver
) -> None:
    house.order()
    services.pause(endpoint=endpoint, acting_user=people.manager)
    house.order()
    assert send_due(endpoint_id=endpoint.pk) == 0
    services.resume(endpoint=endpoint, acting_user=people.manager)
    assert send_due(endpoint_id=endpoint.pk) == 1


def test_another_secret_signs_from_now_on(house: House, people: People, endpoint: Endpoint, receiver: Receiver) -> None:
    old = secret_of(endpoint)
    services.rotate(endpoint=endpoint, acting_user=people.manager)
    services.try_out(endpoint=endpoint, acting_user=people.manager)
    send_due(endpoint_id=endpoint.pk)
    message = receiver.messages[0]
    assert message.told["type"] == "trial"
    assert message.is_signed_with(secret_of(Endpoint.objects.get()))
    assert not message.is_signed_with(old)


def test_no_log_keeps_what_signs_or_opens(endpoint: Endpoint, people: People) -> None:
    token = issue(user=people.manager, label="t", life=timedelta(days=1), scopes=["orders:read"])
    assert discreet(f"a {secret_of(endpoint)} b {token} c") == "a whsec_* b ocp_* c"


def test_one_that_was_given_up_is_sent_again_with_its_own_id(
    house: House, people: People, endpoint: Endpoint, receiver: Receiver
) -> None:
    order = house.order()
    cancel_as_staff(order=order, acting_user=people.manager, reason="four en panne")
    send_due(endpoint_id=endpoint.pk)
    first = Delivery.objects.order_by("pk")[0]
    assert services.send_again(endpoint=endpoint, pk=first.pk, acting_user=people.manager)
    send_due(endpoint_id=endpoint.pk)
    assert [message.id for message in receiver.messages][::2] == [receiver.messages[0].id] * 2


def test_after_a_restore_the_same_keys_are_other_messages(house: House, people: People, endpoint: Endpoint) -> None:
    house.order()
    trial = services.try_out(endpoint=endpoint, acting_user=people.manager)
    moved = Delivery.objects.exclude(event=None).get()
    trial.refresh_from_db()
    assert moved.event
    before = {message_id(moved), message_id(trial)}
    moved.event.at += timedelta(hours=1)
    trial.made_at += timedelta(hours=1)
    assert len(before | {message_id(moved), message_id(trial)}) == 4


def test_old_deliveries_are_forgotten_and_what_is_due_is_not(house: House, endpoint: Endpoint) -> None:
    house.order()
    send_due(endpoint_id=endpoint.pk)
    house.order()
    now = timezone.now()
    assert forget_old_deliveries(before=now - timedelta(days=30)) == 0
    Delivery.objects.update(due_since=now - timedelta(days=31))
    assert forget_old_deliveries(before=now - timedelta(days=30)) == 1
    assert Delivery.objects.get().status == Delivery.Status.DUE
