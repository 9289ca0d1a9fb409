"""VAT by rate, with the delivery shared among the rates."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pizzeria.ordering.vat import vat_rows

RATES = st.sampled_from([Decimal("5.50"), Decimal("10.00"), Decimal("20.00")])
EUROS = st.decimals(min_value="0.01", max_value="500", places=2)


def test_the_delivery_is_taxed_as_what_is_delivered() -> None:
    [row] = vat_rows(amounts=[(Decimal("10.00"), Decimal("9.00"))], delivery_fee=Decimal("2.50"))
    assert (row.amount, row.vat) == (Decimal("11.50"), Decimal("1.05"))


def test_the_delivery_of_several_rates_is_shared_in_proportion() -> None:
    amounts = [(Decimal("10.00"), Decimal("12.00")), (Decimal("5.50"), Decimal("2.50"))]
    low, high = vat_rows(amounts=amounts, delivery_fee=Decimal("2.50"))
    assert (low.percent, low.amount) == (Decimal("5.50"), Decimal("2.93"))
    assert (high.percent, high.amount) == (Decimal("10.00"), Decimal("14.07"))


@given(st.lists(st.tuples(RATES, EUROS), min_size=1, max_size=12), st.decimals(min_value="0", max_value="20", places=2))
def test_the_rates_add_up_to_what_is_paid(amounts: list[tuple[Decimal, Decimal]], fee: Decimal) -> None:
    rows = vat_rows(amounts=amounts, delivery_fee=fee)
    assert sum(row.amount for row in rows) == sum(amount for _rate, amount in amounts) + fee
    assert all(Decimal(0) <= row.vat <= row.amount for row in rows)
    assert [row.percent for row in rows] == sorted({rate for rate, _amount in amounts})


def test_nothing_has_no_rates() -> None:
    assert vat_rows(amounts=[], delivery_fee=Decimal("0.00")) == []
