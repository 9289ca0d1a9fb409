"""SMS, by a service that takes them over HTTP as apprise sends them."""

import json
import re
import threading

import pytest
from django.utils import timezone
from pytest_django import Settings

from pizzeria.notifications.choices import choose_for_order
from pizzeria.notifications.delivering import send_due
from pizzeria.notifications.models import Notice
from pizzeria.notifications.texting import GSM, international, text_of
from pizzeria.ordering.models import Order
from pizzeria.ordering.services import cancel_as_staff
from tests.cast import House, People
from tests.hooked import receiving

pytestmark = [
    pytest.mark.django_db,
    # apprise's own, where Python still has it.
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
]


def cancelled(house: House, people: People) -> Order:
    order = house.order()
    choose_for_order(order=order, wanted=["cancelled.sms"])
    cancel_as_staff(order=order, acting_user=people.manager, reason="Plus de pâte")
    return order


def test_who_ticked_sms_is_told_by_one_with_a_way_to_stop(house: House, people: People, settings: Settings) -> None:
    with receiving() as service:
        settings.APPRISE_SMS_URL = service.url.replace("http://", "json://") + "sms/{number}"
        order = cancelled(house, people)
        assert send_due(channel="sms") == 1
    (message,) = service.messages
    assert message.path == "/sms/33639981234"
    said = json.loads(message.body)["message"]
    assert f"Commande {order.number} annulée. Plus de pate" in said
    assert "STOP http" in said
    assert "/compte/lien/messages/s" in said


@pytest.mark.parametrize("answers", ["a refusal", "too late"])
def test_what_a_service_may_have_sent_is_not_sent_again_and_the_staff_reads_that_nobody_knows(
    house: House, people: People, settings: Settings, answers: str
) -> None:
    gone = threading.Event()
    with receiving() as service:
        service.answers[:] = [500]
        if answers == "too late":
            service.before_answering = lambda _message: gone.wait(10)  # type: ignore[assignment]
        settings.APPRISE_SMS_URL = service.url.replace("http://", "json://") + "sms/{number}?rto=0.2"
        cancelled(house, people)
        assert send_due(channel="sms") == 0
        gone.set()
        Notice.objects.exclude(next_at=None).update(next_at=timezone.now())
        assert send_due(channel="sms") == 0
        assert len(service.messages) == 1
    notice = Notice.objects.get()
    assert (notice.get_status_display(), notice.answer_words) == (
        "parti, sans confirmation",
        "le service n’a pas confirmé",
    )


def test_an_sms_is_written_in_the_letters_that_every_telephone_has_and_is_two_of_them_at_most(
    house: House, settings: Settings
) -> None:
    settings.SITE_URL = "https://ocpizza.example"
    order = house.order()
    made = Notice.objects.create(kind="received", source_id=order.events.get().pk, order=order, channel="sms")
    text = text_of(made)
    day = r"(le [a-z]+ \d+ [a-zé]+ )?"  # where the promise is after midnight
    assert re.search(rf"Commande {order.number} recue, chez vous {day}à \d\d:\d\d\. ", text)
    assert not set(text) - GSM
    assert len(text) <= 2 * 153


def test_a_setting_that_nobody_can_read_is_tried_again_once_it_is_mended(
    house: House, people: People, settings: Settings
) -> None:
    settings.APPRISE_SMS_URL = "nonsense://{number}"
    cancelled(house, people)
    assert send_due(channel="sms") == 0
    assert (Notice.objects.get().status, Notice.objects.get().answered) == ("due", "bad_setting")


def test_without_a_service_no_sms_is_sent_and_the_staff_reads_why(house: House, people: People) -> None:
    cancelled(house, people)
    assert send_due(channel="sms") == 0
    assert Notice.objects.get().answer_words == "ce moyen n’est pas réglé"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("06 39 98 12 34", "33639981234"),
        ("+33 7 39 98 12 34", "33739981234"),
        ("0033 (0)6 39 98 12 34", "33639981234"),
        ("01 99 00 12 34", ""),
        ("+44 7911 123456", ""),
        ("", ""),
    ],
)
def test_an_sms_goes_to_french_mobiles_alone(typed: str, number: str) -> None:
    assert international(typed) == number
