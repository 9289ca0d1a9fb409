"""What a message says, and whose words it never carries."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.utils import timezone, translation

from pizzeria.notifications.letters import letter_of
from pizzeria.notifications.models import Notice
from pizzeria.notifications.news import due, when, words_of
from pizzeria.notifications.tests.conftest import GASPARD
from pizzeria.notifications.tests.test_told import promise_moves
from pizzeria.ordering.cancelling import cancel_as_client
from pizzeria.ordering.models import Order, PromiseChange
from pizzeria.ordering.services import advance, cancel_as_staff
from pizzeria.payments.models import Payment, PaymentStatus
from pizzeria.stores.hours import PARIS
from tests.cast import House, People
from tests.pdf_reading import read_pdf

pytestmark = pytest.mark.django_db

Status = Order.Status
Reason = PromiseChange.Reason
SPAM = "Gagnez sur http://evil.example/prix"


def mailed(order: Order, kind: str) -> str:
    """The text of the last mail of this kind."""
    return str(letter_of(Notice.objects.filter(order=order, kind=kind, channel="mail").latest("pk")).body)


def test_what_a_client_says_of_their_cancellation_is_mailed_to_nobody(written: House) -> None:
    order = written.order()
    cancel_as_client(order=order, reason=SPAM)
    assert "evil" not in mailed(order, "cancelled")
    assert words_of(Notice.objects.get(kind="cancelled")).body == "Elle ne sera pas préparée."


def test_why_the_house_cancels_is_mailed_in_its_words(written: House, people: People) -> None:
    order = written.order()
    cancel_as_staff(order=order, acting_user=people.manager, reason="Plus de pâte")
    assert "est annulée. Plus de pâte" in mailed(order, "cancelled")


def test_the_paper_in_a_mail_has_a_name_and_an_address_and_nobodys_other_words(written: House) -> None:
    order = written.order(contact=replace(GASPARD, last_name=SPAM, complement=SPAM, comment=SPAM))
    (paper,) = letter_of(Notice.objects.get()).attachments
    shown = read_pdf(paper[1]).words
    assert "evil" not in shown
    assert "Gagnez" not in shown
    for theirs in ("Gaspard", order.street, "Margherita"):
        assert theirs in shown


def test_a_cancellation_says_of_the_money_what_is_so(written: House, people: People) -> None:
    unpaid, paid = written.order(), written.order()
    Payment.objects.filter(order=paid).update(status=PaymentStatus.PAID, received_at=timezone.now())
    for order in (unpaid, paid):
        cancel_as_staff(order=order, acting_user=people.manager, reason="Plus de pâte")
    assert "Rien ne vous sera demandé." in mailed(unpaid, "cancelled")
    assert "vous sont rendus par la pizzeria" in mailed(paid, "cancelled")


def test_the_hour_that_is_replaced_is_the_one_that_was_told_last_by_whichever_message(written: House) -> None:
    order = written.order()
    first = order.promised_at
    changed, moved = first + timedelta(minutes=45), first + timedelta(minutes=65)
    promise_moves(order, to=changed, reason=Reason.CHANGED)
    promise_moves(order, to=moved)
    clock, before = (f"{at.astimezone(PARIS):%H:%M}" for at in (moved, changed))
    title = words_of(Notice.objects.get(kind="moved")).title
    assert clock in title.partition(" au lieu de ")[0]
    assert before in title.partition(" au lieu de ")[2]


def test_an_order_for_another_day_is_told_its_day_as_people_say_it(written: House) -> None:
    order = written.order()
    there = datetime(2031, 5, 5, 19, 30, tzinfo=PARIS)
    Order.objects.filter(pk=order.pk).update(promised_at=there, wanted_at=there)
    assert "elle sera chez vous le lundi 5 mai à 19:30." in mailed(order, "received")
    with translation.override("en"):
        assert due(there) == "on Monday 5 May at 19:30"


@pytest.mark.parametrize(
    ("now", "hour", "sentence"),
    [
        ("12:00", "12:25", "à 12:25"),
        ("23:50", "23:59", "à 23:59"),
        ("23:50", "00:15", "le mardi 6 mai à 00:15"),
        ("00:00", "00:25", "à 00:25"),
    ],
)
def test_an_hour_is_told_alone_while_it_is_of_today_and_with_its_day_from_midnight_on(
    monkeypatch: pytest.MonkeyPatch, now: str, hour: str, sentence: str
) -> None:
    moment, promised = (datetime.fromisoformat(f"2031-05-05T{clock}").replace(tzinfo=PARIS) for clock in (now, hour))
    if promised < moment:
        promised += timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    assert (due(promised), when(promised)) == (sentence, sentence.removeprefix("le ").removeprefix("à "))


@pytest.mark.parametrize(("minutes", "apology"), [(30, ""), (-25, "C’est plus tard que promis")])
def test_who_leaves_after_the_hour_that_was_promised_names_one_that_is_still_to_come(
    house: House, people: People, minutes: int, apology: str
) -> None:
    order = house.order()
    for status in (Status.TAKEN, Status.PREPARING, Status.READY):
        advance(order=order, to_status=status, acting_user=people.pizzaiolo)
    promised = timezone.now() + timedelta(minutes=minutes)
    Order.objects.filter(pk=order.pk).update(promised_at=promised, wanted_at=promised)
    order.refresh_from_db()
    advance(order=order, to_status=Status.DELIVERING, acting_user=people.driver)
    order.refresh_from_db()
    event = order.events.latest("pk")
    body = words_of(Notice(kind="on_the_road", order=order, channel="push", source_id=event.pk)).body
    assert apology in body
    assert (f"arrive vers {when(promised)}." in body) == (not apology)
    assert ("plus tard" in body) == bool(apology)
