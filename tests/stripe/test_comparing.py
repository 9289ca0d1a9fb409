"""A day at Stripe against ours: what was missed is settled, what differs is kept once, what comes right goes."""

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from pytest_django import Settings

from pizzeria.operations.schedule import StepsFailedError, refresh_city
from pizzeria.ordering.comparing import compare_day
from pizzeria.ordering.models import Order
from pizzeria.ordering.online import begin, look_up
from pizzeria.ordering.services import cancel
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.payments.comparing import explain
from pizzeria.payments.models import Discrepancy, Payment, Refund
from pizzeria.payments.providers.stripe import Stripe
from pizzeria.payments.refunds import send_due
from tests.cast import House, People
from tests.money import place_online
from tests.races.together import money_that_does_not_balance
from tests.stripe.books import assert_books_balance, stands
from tests.stripe_double import StripeDouble

pytestmark = pytest.mark.machine


def charged(house: House, stripe: StripeDouble) -> Order:
    """An order that the client has paid at Stripe, and of which nobody has told us."""
    order = place_online(house)
    stripe.pay(begin(order=order).reference)
    return order


def paid(house: House, stripe: StripeDouble) -> Order:
    return look_up(order=charged(house, stripe)).order


def differences(day: date | None = None) -> list[tuple[str, Decimal | None, Decimal | None]]:
    """Compare a day, today unless told otherwise; what nobody has explained since ever."""
    assert compare_day(day=day or timezone.localdate(), at=timezone.now())
    found = Discrepancy.objects.filter(explained_at=None)
    return [(difference.kind, difference.ours, difference.theirs) for difference in found]


def backdated(stripe: StripeDouble, order: Order, to: date) -> None:
    """As if Stripe's charge had been of another day, at noon."""
    noon = timezone.localtime().replace(year=to.year, month=to.month, day=to.day, hour=12)
    reference = Payment.objects.get(order=order).reference or ""
    for charge in stripe.charges(reference):
        stripe.backdate(f"charges/{charge['id']}", int(noon.timestamp()))


def test_a_day_on_which_both_say_the_same_has_no_difference(house: House, stripe: StripeDouble) -> None:
    paid(house, stripe)
    cancelled = paid(house, stripe)
    cancel(order=cancelled, role=CUSTOMER, acting_user=None, reason="")
    send_due(at=timezone.now())
    compared = compare_day(day=timezone.localdate(), at=timezone.now())
    assert compared
    assert (compared.settled, compared.counts.charges, compared.counts.refunds, compared.counts.differences) == (
        0,
        2,
        1,
        0,
    )
    assert money_that_does_not_balance() == []


def test_what_was_paid_without_our_knowing_is_settled_and_is_no_difference(house: House, stripe: StripeDouble) -> None:
    order = charged(house, stripe)
    compared = compare_day(day=timezone.localdate(), at=timezone.now())
    assert compared
    assert (compared.settled, compared.counts.differences) == (1, 0)
    assert stands(order) == ("to_prepare", "paid")
    assert_books_balance(stripe)


def test_what_stripe_took_for_nobody_of_ours_is_kept_once(house: House, stripe: StripeDouble) -> None:
    stripe.pay(Stripe.from_settings().charge(amount=Decimal("7.00"), order="P-ZZZZZ", key="k").reference)
    for _time in range(2):
        assert differences() == [("missing_here", None, Decimal("7.00"))]


def test_another_amount_and_a_payment_that_stripe_does_not_know_are_found(house: House, stripe: StripeDouble) -> None:
    first, second = paid(house, stripe), paid(house, stripe)
    Payment.objects.filter(order=first).update(amount=Decimal("10.00"))
    Payment.objects.filter(order=second).update(reference="pi_of_nobody")
    assert sorted(differences(), key=str) == [
        ("amount", Decimal("10.00"), first.total),
        ("missing_here", None, second.total),
        ("missing_there", second.total, None),
    ]
    assert set(Discrepancy.objects.values_list("store", flat=True)) == {house.bastille.pk}


def test_what_comes_right_is_forgotten_and_what_was_explained_is_kept(
    house: House, people: People, stripe: StripeDouble
) -> None:
    first, second = paid(house, stripe), paid(house, stripe)
    Payment.objects.update(amount=Decimal("10.00"))
    assert len(differences()) == 2
    explained = Discrepancy.objects.get(payment__order=second)
    explain(discrepancy=explained, words="Erreur du 28", acting_user=people.manager)
    Payment.objects.filter(order=first).update(amount=first.total)
    assert differences() == []
    assert Discrepancy.objects.get() == explained


def test_what_is_paid_around_midnight_is_of_either_day(house: House, stripe: StripeDouble) -> None:
    order = paid(house, stripe)
    yesterday = timezone.localdate() - timedelta(days=1)
    backdated(stripe, order, yesterday)
    assert differences() == []
    assert differences(yesterday) == []


def test_a_refund_that_one_of_the_two_does_not_know_is_found(house: House, stripe: StripeDouble) -> None:
    order, other = paid(house, stripe), paid(house, stripe)
    reference = Payment.objects.get(order=order).reference or ""
    Stripe.from_settings().refund(reference=reference, amount=Decimal("2.00"), key="by hand")
    cancel(order=other, role=CUSTOMER, acting_user=None, reason="")
    send_due(at=timezone.now())
    Refund.objects.update(reference="re_of_nobody")
    assert sorted(differences(), key=str) == [
        ("refund_here", None, other.total),
        ("refund_here", None, Decimal("2.00")),
        ("refund_there", other.total, None),
    ]


def test_a_refund_whose_end_nobody_told_us_is_done_in_the_morning(house: House, stripe: StripeDouble) -> None:
    order = paid(house, stripe)
    cancel(order=order, role=CUSTOMER, acting_user=None, reason="")
    stripe.refunds_become = "pending"
    send_due(at=timezone.now())
    refund = Refund.objects.get()
    stripe.refund_goes_on(refund.reference or "", "succeeded")
    assert differences() == []
    refund.refresh_from_db()
    assert refund.status == "done"


def test_stripe_tells_that_a_refund_has_failed_and_a_person_sees_it(house: House, stripe: StripeDouble) -> None:
    order = paid(house, stripe)
    cancel(order=order, role=CUSTOMER, acting_user=None, reason="")
    send_due(at=timezone.now())
    refund = Refund.objects.get()
    stripe.deliver()
    stripe.refund_goes_on(refund.reference or "", "failed")
    stripe.deliver(times=2)
    refund.refresh_from_db()
    assert (refund.status, refund.problem) == ("failed", "lost_or_stolen_card")
    assert money_that_does_not_balance() == []


def test_the_command_says_what_differs_and_fails_when_something_does(house: House, stripe: StripeDouble) -> None:
    order, said = paid(house, stripe), StringIO()
    today = timezone.localdate().isoformat()
    call_command("compare_payments", "--day", today, stdout=said)
    assert "1 × encaissement, 0 × remboursement, 0 × retrouvé, aucun écart" in said.getvalue()
    Payment.objects.update(amount=Decimal("10.00"))
    with pytest.raises(CommandError, match="1 écart à expliquer"):
        call_command("compare_payments", "--day", today, stdout=said)
    assert f"montants différents, ici 10,00\u00a0€, chez Stripe {order.total}".replace(".", ",") in said.getvalue()


def test_a_stripe_that_does_not_answer_fails_its_step_alone(house: House, stripe: StripeDouble) -> None:
    stripe.fault("GET /v1/", "500", times=None)
    with pytest.raises(StepsFailedError, match=r"^paiements comparés à Stripe$"):
        refresh_city(code="city_001")
    with pytest.raises(CommandError, match="Stripe ne répond pas"):
        call_command("compare_payments")


def test_without_keys_there_is_nothing_to_compare(house: House, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    said = StringIO()
    call_command("compare_payments", stdout=said)
    assert said.getvalue() == "sans clés, rien à comparer\n"
