"""What the journal takes, how it numbers it, and what it refuses."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from pizzeria.ledger.chain import BEGINNING, digest
from pizzeria.ledger.models import Closing, Entry, Head, Reason
from pizzeria.ledger.services import append_correction, append_payment, append_refund, append_sale
from pizzeria.ledger.tests.conftest import COLA, MEAL, NOON, ONE_DAY, PIZZA, line, pay, sell, sell_many
from pizzeria.ledger.values import SoldLine, TaxedPart
from pizzeria.ordering.vat import vat_of_order
from pizzeria.stores.hours import PARIS
from tests.cast import House, People

pytestmark = pytest.mark.django_db


def numbers(house: House) -> list[int]:
    return list(Entry.objects.filter(store=house.bastille).order_by("number").values_list("number", flat=True))


def less(amount: str, vat: str) -> TaxedPart:
    return TaxedPart(percent=Decimal("10.00"), amount=Decimal(amount), vat=Decimal(vat))


def test_each_store_numbers_from_one(house: House) -> None:
    here = [entry.number for entry in sell_many(house.bastille, 3)]
    there = sell(house.croix_rousse, "P-LYON2").number
    assert (here, there) == ([1, 2, 3], 1)


def test_each_entry_seals_the_one_before(house: House) -> None:
    first, second = sell_many(house.bastille, 2)
    assert first.previous == BEGINNING
    assert second.previous == first.hash
    for entry in Entry.objects.all():
        assert entry.hash == digest(entry.document())


def test_a_sale_is_what_was_sold_with_its_vat_rate_by_rate(house: House) -> None:
    sale = Entry.objects.get(pk=sell(house.bastille, "P-22222", vat=[COLA, PIZZA]).pk)
    assert sale.amount == Decimal("13.11")
    assert sale.vat == [
        {"rate": "5.50", "amount": "2.11", "vat": "0.11"},
        {"rate": "10.00", "amount": "11.00", "vat": "1.00"},
    ]


def test_an_order_is_taken_as_it_stands_its_delivery_being_a_line(house: House, people: People) -> None:
    order = house.order(lines=[house.line("reine"), house.line("cola", None)])
    delivery = SoldLine(label="Livraison", quantity=1, unit_price=order.delivery_fee, amount=order.delivery_fee)
    sale = append_sale(
        store=order.store,
        order=order.number,
        vat=vat_of_order(order=order),
        lines=[*order.lines.all(), delivery],
        acting_user=people.cashier.pk,
    )
    assert sale.amount == order.total
    assert [sold["label"] for sold in sale.lines][-1] == "Livraison"
    assert sale.acting_user == people.cashier.pk


def test_nothing_in_an_entry_tells_who_the_client_is(house: House, people: People) -> None:
    order = house.order(customer=people.alice)
    sale = append_sale(
        store=order.store,
        order=order.number,
        vat=vat_of_order(order=order),
        lines=[line(order.total)],
        acting_user=people.alice.pk,
    )
    told = str(sale.document())
    for word in ("Gaspard", "Alice", "Visiteur", "alice@example.org", "Roquette", "39 98"):
        assert word not in told


@pytest.mark.parametrize(
    ("column", "words"), [("order", "Mme Martin"), ("means", "0639981234"), ("reason", "M. Martin râle"[:10])]
)
def test_a_name_or_a_telephone_fits_nowhere(house: House, column: str, words: str) -> None:
    fields: dict[str, Any] = {"order": "P-22222", "means": "cash", "reason": Reason.GESTURE} | {column: words}
    with pytest.raises(IntegrityError, match="ledger_entry_of_nobody"), transaction.atomic():
        append_payment(store=house.bastille, amount=Decimal("1.00"), at=NOON, **fields)


def test_a_refund_is_negative_and_says_why(house: House) -> None:
    refund = append_refund(
        store=house.bastille, order="P-22222", means="cash", amount=Decimal("5.00"), reason=Reason.GESTURE, at=NOON
    )
    assert (refund.amount, refund.reason, refund.vat) == (Decimal("-5.00"), "gesture", [])


def test_a_correction_is_what_was_sold_less_or_more(house: House) -> None:
    sell(house.bastille, "P-22222")
    cancelled = append_correction(
        store=house.bastille, order="P-22222", vat=[less("-11.00", "-1.00")], reason=Reason.CANCELLED, at=NOON
    )
    other_rate = append_correction(
        store=house.bastille,
        order="P-22222",
        vat=[less("-2.11", "-0.19"), COLA],
        reason=Reason.MISTAKE,
        at=NOON,
    )
    assert (cancelled.amount, other_rate.amount) == (Decimal("-11.00"), Decimal(0))


def test_the_difference_of_two_roundings_is_a_right_vat(house: House) -> None:
    # 10.05 € hold 0.91 €, 7.00 € hold 0.64 €; their difference 3.05 € would hold 0.28 €.
    changed = append_correction(
        store=house.bastille, order="P-22222", vat=[less("-3.05", "-0.27")], reason=Reason.CHANGED, at=NOON
    )
    assert changed.vat == [{"rate": "10.00", "amount": "-3.05", "vat": "-0.27"}]


def test_what_is_rolled_back_leaves_no_gap(house: House) -> None:
    sell(house.bastille, "P-22222")
    with transaction.atomic():
        sell(house.bastille, "P-33333")
        transaction.set_rollback(True)
    sell(house.bastille, "P-44444")
    assert numbers(house) == [1, 2]
    assert Head.objects.get(store=house.bastille).number == 2


def test_an_order_is_sold_once(house: House) -> None:
    sell(house.bastille, "P-22222")
    with pytest.raises(IntegrityError, match="ledger_entry_order_sold_once"), transaction.atomic():
        sell(house.bastille, "P-22222")


def test_several_payments_are_for_one_order(house: House) -> None:
    sell(house.bastille, "P-22222")
    pay(house.bastille, "P-22222", amount="6.00", means="voucher")
    pay(house.bastille, "P-22222", amount="5.00")
    assert numbers(house) == [1, 2, 3]


REFUSED: dict[str, tuple[str, Callable[[House], object]]] = {
    "a sale of nothing": (
        "amount_is_of_its_kind",
        lambda house: append_sale(
            store=house.bastille, order="P-2", vat=[less("0.00", "0.00")], lines=[line("0")], at=NOON
        ),
    ),
    "a payment of less than nothing": (
        "amount_is_of_its_kind",
        lambda house: pay(house.bastille, "P-2", amount="-1.00"),
    ),
    "a refund of less than nothing": (
        "amount_is_of_its_kind",
        lambda house: append_refund(
            store=house.bastille, order="P-2", means="cash", amount=Decimal("-1.00"), reason=Reason.GESTURE, at=NOON
        ),
    ),
    "a payment by no means": ("money_has_a_means", lambda house: pay(house.bastille, "P-2", means="")),
    "a payment for no order": ("order_or_closing", lambda house: pay(house.bastille, "")),
    "a sale without VAT": (
        "vat_adds_up|amount_is_of_its_kind",
        lambda house: append_sale(store=house.bastille, order="P-2", vat=[], lines=[line("1")], at=NOON),
    ),
    "a VAT that is another rate's": (
        "vat_adds_up",
        lambda house: sell(house.bastille, "P-2", vat=[less("11.00", "1.02")]),
    ),
    "a rate that comes twice": ("vat_adds_up", lambda house: sell(house.bastille, "P-2", vat=[PIZZA, PIZZA])),
    "lines of another amount": (
        "lines_add_up",
        lambda house: append_sale(store=house.bastille, order="P-2", vat=MEAL, lines=[line("11.00")], at=NOON),
    ),
    "a sale without its lines": (
        "lines_add_up",
        lambda house: append_sale(store=house.bastille, order="P-2", vat=MEAL, lines=[], at=NOON),
    ),
    "a quantity that does not give the amount": (
        "lines_add_up",
        lambda house: append_sale(
            store=house.bastille,
            order="P-2",
            vat=[PIZZA],
            lines=[SoldLine(label="Reine", quantity=2, unit_price=Decimal("11.00"), amount=Decimal("11.00"))],
            at=NOON,
        ),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_the_database_refuses(house: House, what: str) -> None:
    why, appending = REFUSED[what]
    with pytest.raises(IntegrityError, match=why), transaction.atomic():
        appending(house)
    assert numbers(house) == []


def test_half_a_cent_is_refused(house: House) -> None:
    with pytest.raises(ValueError, match="cents"):
        pay(house.bastille, "P-22222", amount="1.005")


def test_what_is_still_to_come_is_refused(house: House) -> None:
    with pytest.raises(ValueError, match="to come"):
        sell(house.bastille, "P-22222", at=timezone.now() + timedelta(minutes=1))


def test_the_day_is_that_of_paris(house: House) -> None:
    assert sell(house.bastille, "P-22222", at=datetime(2026, 3, 2, 23, 59, tzinfo=PARIS)).day == date(2026, 3, 2)
    assert sell(house.bastille, "P-33333", at=datetime(2026, 3, 3, 0, 1, tzinfo=PARIS)).day == date(2026, 3, 3)


def test_what_comes_late_is_of_the_last_entrys_day(house: House) -> None:
    sell(house.bastille, "P-22222", at=NOON + ONE_DAY)
    late = sell(house.bastille, "P-33333", at=NOON)
    assert (late.day, late.at) == (date(2026, 3, 3), NOON)


STATEMENTS = [
    "UPDATE ledger_entry SET amount = 1 WHERE number = 1",
    "DELETE FROM ledger_entry WHERE number = 1",
    "TRUNCATE ledger_entry CASCADE",
    "UPDATE ledger_closing SET ends_on = ends_on",
    "DELETE FROM ledger_closing",
    "TRUNCATE ledger_closing",
    "UPDATE ledger_head SET number = 0",
    "DELETE FROM ledger_head",
    "TRUNCATE ledger_head",
    "TRUNCATE stores_store CASCADE",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_nothing_is_changed_or_deleted_even_by_plain_sql(house: House, statement: str) -> None:
    sell(house.bastille, "P-22222")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match=r"journal|audit log"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.get().amount == Decimal("11.00")


@pytest.mark.parametrize(
    "changes",
    [{"number": 4}, {"number": 2}, {"previous": "a" * 64}, {"day": date(2026, 3, 1)}],
    ids=["a gap", "a number that is taken", "another one before", "an earlier day"],
)
def test_an_entry_that_does_not_go_on_from_the_last_is_refused_even_by_plain_sql(
    house: House, changes: dict[str, Any]
) -> None:
    last = sell_many(house.bastille, 2)[-1]
    fields = {"number": 3, "previous": last.hash, "day": last.day} | changes
    forged = Entry(
        store=house.bastille, kind="payment", at=NOON, order="P-9", means="cash", amount=1, hash="b" * 64, **fields
    )
    with pytest.raises(IntegrityError, match="does not follow"), transaction.atomic():
        forged.save()


def test_a_closing_that_does_not_go_on_is_refused(house: House) -> None:
    sell(house.bastille, "P-22222")
    forged = Closing(
        store=house.bastille,
        number=2,
        period="day",
        starts_on=NOON.date(),
        ends_on=NOON.date(),
        closed_at=NOON,
        last_hash="a" * 64,
        totals={},
        perpetual={},
        previous="a" * 64,
        hash="b" * 64,
    )
    with pytest.raises(IntegrityError, match="does not follow"), transaction.atomic():
        forged.save()


@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_of_a_transaction_is_refused(house: House) -> None:
    with pytest.raises(TransactionManagementError):
        sell(house.bastille, "P-22222")


def test_the_canonical_form_is_the_documented_one() -> None:
    """Written out by hand, as another program would have to: it may never change."""
    document = {"number": 1, "amount": "11.00", "label": 'é "½"', "acting_user": None, "previous": "0", "hash": "x"}
    sealed = r'{"acting_user":null,"amount":"11.00","label":"é \"½\"","number":1,"previous":"0"}'
    assert digest(document) == hashlib.sha256(sealed.encode()).hexdigest()
