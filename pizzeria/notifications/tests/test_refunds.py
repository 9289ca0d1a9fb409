"""Money that comes back by itself is told once, when it is given; with a cancellation it was told already."""

from decimal import Decimal

import pytest
from django.utils import timezone, translation

from pizzeria.ledger.models import Reason
from pizzeria.notifications.models import Notice
from pizzeria.notifications.news import is_news, words_of
from pizzeria.notifications.tests.test_told import told
from pizzeria.ordering.gestures import gesture, give_back_part
from pizzeria.ordering.models import Order
from pizzeria.ordering.services import cancel_as_staff
from pizzeria.payments.models import Method, Payment, PaymentStatus, Refund
from pizzeria.payments.refunds import hand_back, settle_by_hand
from pizzeria.payments.refunds import told as provider_tells
from pizzeria.payments.tests.test_refunds import said
from tests.cast import House, People

pytestmark = pytest.mark.django_db


def paid(house: House, *, method: str = Method.CASH) -> Order:
    """An order that was paid, and of which nobody has been told anything yet."""
    order = house.order()
    Payment.objects.filter(order=order).update(
        method=method, status=PaymentStatus.PAID, received_at=timezone.now(),
        reference="pi_1" if method == Method.ONLINE else None,
    )  # fmt: skip
    Order.objects.filter(pk=order.pk).update(payment_status=PaymentStatus.PAID)
    Notice.objects.all().delete()
    return order


def test_a_gesture_is_told_when_a_hand_has_given_it_and_not_before(written: House, people: People) -> None:
    order = paid(written)
    gesture(order=order, amount=Decimal("3.50"), words="Pizza tiède, four n° 2", acting_user=people.manager)
    assert told(order) == []
    hand_back(refund=Refund.objects.get(), acting_user=people.cashier)
    assert told(order) == ["refunded.mail"]
    words = words_of(Notice.objects.get())
    assert words.title.replace("\xa0", " ").replace("\u202f", " ") == f"Commande {order.number} : 3,50 € rendus"
    assert words.body.startswith("C’est un geste de la maison. 3,50")
    # What the staff typed is for the staff.
    assert "four" not in words.body


def test_what_the_provider_gives_back_is_told_once_however_often_it_says_so(written: House, people: People) -> None:
    order = paid(written, method=Method.ONLINE)
    give_back_part(order=order, amount=Decimal("2.00"), reason=Reason.CHANGED)
    refund = Refund.objects.get()
    provider_tells(given_back=said(refund))
    assert told(order) == []
    for _time in range(2):
        provider_tells(given_back=said(refund, is_done=True))
    assert told(order) == ["refunded.mail"]
    assert words_of(Notice.objects.get()).body.endswith("reviennent sur votre carte.")
    # Brought back, and given by a bank transfer: it was told already, and is told no more while it is not given.
    provider_tells(given_back=said(refund, is_failed=True))
    assert not is_news(Notice.objects.get())
    settle_by_hand(refund=refund, acting_user=people.manager, words="Virement")
    assert told(order) == ["refunded.mail"]
    assert is_news(Notice.objects.get())


def test_a_cancellation_that_gives_money_back_is_told_once(written: House, people: People) -> None:
    order = paid(written)
    cancel_as_staff(order=order, acting_user=people.manager, reason="Plus de pâte")
    hand_back(refund=Refund.objects.get(), acting_user=people.cashier)
    assert told(order) == ["cancelled.mail"]


def test_a_gesture_is_told_in_english_to_whoever_ordered_in_english(written: House, people: People) -> None:
    order = paid(written)
    Order.objects.filter(pk=order.pk).update(language="en")
    gesture(order=order, amount=Decimal("3.50"), words="Tiède", acting_user=people.manager)
    hand_back(refund=Refund.objects.get(), acting_user=people.cashier)
    with translation.override("fr"):
        words = words_of(Notice.objects.get())
    assert words.title == f"Order {order.number}: €3.50 given back"
