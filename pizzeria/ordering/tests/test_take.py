"""Money at the door and the counter: several means for one order, each on record, none twice."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from pizzeria.accounts.models import Role, StaffRole, User
from pizzeria.errors import BusinessError
from pizzeria.ledger.models import Entry
from pizzeria.ordering.errors import (
    AboveVoucherCeiling,
    DueChanged,
    InvalidChoice,
    NotAllowed,
    NothingDue,
    SeveralMeansNeeded,
)
from pizzeria.ordering.models import Order
from pizzeria.ordering.paying import Means, take
from pizzeria.ordering.receipts import receipt_of
from pizzeria.ordering.services import advance, cancel
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.payments.errors import InvalidAmount
from pizzeria.payments.models import Payment, VoucherCeiling
from pizzeria.payments.vouchers import ceiling_on
from tests.cast import PASSWORD, House, People

FOUR = Decimal("38.50")
"""Four Margheritas, delivered."""


def _large(house: House) -> Order:
    return house.order(lines=[house.line(quantity=4)])


def _euros(method: str, amount: str, tendered: str | None = None) -> Means:
    return Means(method=method, amount=Decimal(amount), tendered=Decimal(tendered) if tendered else None)


def _take(order: Order, means: Sequence[Means], who: User, due: Decimal = FOUR) -> list[Payment]:
    return take(order=order, means=means, expected_due=due, acting_user=who)


def test_an_order_is_paid_by_two_people_with_titres_and_the_rest_in_cash(house: House, people: People) -> None:
    order = _large(house)
    paid = _take(
        order,
        [_euros("voucher", "25.00"), _euros("voucher", "10.00"), _euros("cash", "3.50", "5.00")],
        people.cashier,
    )
    assert [(row.method, row.status, row.amount) for row in order.payments.all()] == [
        ("cash", "paid", Decimal("3.50")),
        ("voucher", "paid", Decimal("25.00")),
        ("voucher", "paid", Decimal("10.00")),
    ]
    assert Order.objects.get(pk=order.pk).payment_status == "paid"
    entries = Entry.objects.filter(order=order.number).values_list("number", "kind", "means", "amount")
    assert list(entries) == [
        (1, "sale", "", FOUR),
        (2, "payment", "voucher", Decimal("25.00")),
        (3, "payment", "voucher", Decimal("10.00")),
        (4, "payment", "cash", Decimal("3.50")),
    ]
    receipt = receipt_of(payment=paid[-1])
    assert (receipt.number, receipt.change, receipt.vat) == ("bastille-4", Decimal("1.50"), [])


def test_what_is_not_taken_stays_due_and_the_sale_is_written_once(house: House, people: People) -> None:
    order = _large(house)
    _take(order, [_euros("voucher", "25.00")], people.cashier)
    assert Order.objects.get(pk=order.pk).payment_status == "unpaid"
    assert order.payments.get(status="unpaid").amount == Decimal("13.50")
    _take(order, [_euros("terminal", "13.50")], people.cashier, due=Decimal("13.50"))
    assert list(Entry.objects.filter(order=order.number).values_list("kind", flat=True)) == [
        "sale",
        "payment",
        "payment",
    ]


def test_a_second_tap_takes_nothing_and_is_told_what_is_left(house: House, people: People) -> None:
    order = _large(house)
    _take(order, [_euros("cash", "20.00")], people.cashier)
    with pytest.raises(DueChanged, match="18,50") as refusal:
        _take(order, [_euros("cash", "18.50")], people.cashier)
    assert refusal.value.details == {"due": "18.50"}
    _take(order, [_euros("cash", "18.50")], people.cashier, due=Decimal("18.50"))
    with pytest.raises(NothingDue):
        _take(order, [_euros("cash", "18.50")], people.cashier, due=Decimal("18.50"))
    assert order.payments.filter(status="paid").count() == 2


@pytest.mark.parametrize(
    ("means", "refusal"),
    [
        ([], InvalidAmount),
        ([("cash", "38.51", None)], InvalidAmount),
        ([("cash", "20.00", None), ("terminal", "20.00", None)], InvalidAmount),
        ([("cash", "0.00", None)], InvalidAmount),
        ([("cash", "50.00", None), ("cash", "-11.50", None)], InvalidAmount),
        ([("cash", "1.005", None)], InvalidAmount),
        ([("cash", "38.50", "38.00")], InvalidAmount),
        ([("terminal", "38.50", "40.00")], InvalidAmount),
        ([("online", "38.50", None)], InvalidChoice),
        ([("", "38.50", None)], InvalidChoice),
        ([("voucher", "25.01", None)], AboveVoucherCeiling),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept_of_it(
    house: House, people: People, means: list[tuple[str, str, str | None]], refusal: type[BusinessError]
) -> None:
    order = _large(house)
    with pytest.raises(refusal):
        _take(order, [_euros(*each) for each in means], people.cashier)
    assert [(row.status, row.amount) for row in order.payments.all()] == [("unpaid", FOUR)]
    assert not Entry.objects.filter(order=order.number).exists()


def test_the_ceiling_is_that_of_the_day(house: House) -> None:
    VoucherCeiling.objects.create(starts_on=date(2031, 1, 1), amount=Decimal("30.00"))
    days = {date(2022, 9, 30): None, date(2022, 10, 1): Decimal(25), date(2030, 12, 31): Decimal(25)}
    days |= {date(2031, 1, 1): Decimal(30)}
    assert {day: ceiling_on(day=day) for day in days} == days


def test_nothing_is_taken_for_a_cancelled_order_or_one_that_is_paid_on_the_page(house: House, people: People) -> None:
    cancelled, waiting = _large(house), _large(house)
    cancel(order=cancelled, role=CUSTOMER, acting_user=None, reason="")
    Order.objects.filter(pk=waiting.pk).update(status="awaiting_payment")
    for order, words in ((cancelled, "Annulée"), (waiting, "En attente de paiement")):
        with pytest.raises(NothingDue, match=words):
            _take(order, [_euros("cash", "38.50")], people.cashier)


def test_a_driver_takes_for_what_is_ready_or_theirs_and_others_for_nothing(house: House, people: People) -> None:
    order = _large(house)
    lea = User.objects.create_user("lea", PASSWORD, first_name="Léa", last_name="Roux")
    StaffRole.objects.create(user=lea, role=Role.DRIVER, store=house.bastille)

    def may(who: User) -> bool:
        try:
            _take(order, [_euros("cash", "1.00")], who, due=order.payments.get(status="unpaid").amount)
        except NotAllowed:
            return False
        return True

    staff = (people.pizzaiolo, people.manager, people.direction, people.outsider, people.alice)
    assert not any(may(who) for who in (*staff, people.driver))
    for step in ("taken", "preparing", "ready"):
        advance(order=order, to_status=step, acting_user=people.pizzaiolo)
    assert may(lea)
    advance(order=order, to_status="delivering", acting_user=people.driver)
    assert may(people.driver)
    assert not may(lea)
    assert may(people.cashier)


def test_titres_above_one_persons_ceiling_are_not_taken_in_one_tap(house: House, people: People) -> None:
    order = _large(house)
    order.payments.update(method="voucher")
    Order.objects.filter(pk=order.pk).update(status="delivering", version=2, driver=people.driver)
    order.refresh_from_db()
    with pytest.raises(SeveralMeansNeeded, match="Encaisser"):
        advance(order=order, to_status="delivered", acting_user=people.driver)
    assert order.payments.get().status == "unpaid"
    _take(order, [_euros("voucher", "25.00"), _euros("voucher", "13.50")], people.driver)
    assert advance(order=order, to_status="delivered", acting_user=people.driver).payment_status == "paid"


def test_a_partly_paid_order_that_is_cancelled_owes_back_what_was_taken(house: House, people: People) -> None:
    order = _large(house)
    _take(order, [_euros("cash", "20.00", "50.00")], people.cashier)
    cancel(order=order, role=CUSTOMER, acting_user=None, reason="")
    assert sorted(order.payments.values_list("status", "amount", "refunded")) == [
        ("failed", Decimal("18.50"), Decimal(0)),
        ("refunded", Decimal("20.00"), Decimal("20.00")),
    ]


def test_the_receipt_of_a_payment_that_covers_the_order_says_its_vat(house: House, people: People) -> None:
    order = _large(house)
    [payment] = _take(order, [_euros("cash", "38.50", "50.00")], people.cashier)
    receipt = receipt_of(payment=payment)
    assert [(row.percent, row.amount, row.vat) for row in receipt.vat] == [(Decimal(10), FOUR, Decimal("3.50"))]
    assert (receipt.means, receipt.tendered, receipt.change) == ("espèces", Decimal(50), Decimal("11.50"))
    with pytest.raises(ValueError, match="not received"):
        receipt_of(payment=house.order().payments.get())
