"""B5: an order is opened by its token, or by its number and a proof."""

from dataclasses import replace

import pytest

from pizzeria.ordering.selectors import order_by_number, order_by_token
from tests.cast import GUEST, House


def test_the_token_opens_the_order(house: House) -> None:
    order = house.order()
    assert order_by_token(token=order.token) == order


@pytest.mark.parametrize("token", ["", "\x00", "\ud800", "P-ABCDE", "x" * 10_000, "a/b", "é"])
def test_nothing_else_does(house: House, token: str) -> None:
    house.order()
    assert order_by_token(token=token) is None


@pytest.mark.parametrize(
    "proof",
    ["06 39 98 12 34", "0639981234", "+33 6 39 98 12 34", "+33 (0)6 39 98 12 34", "0033639981234", "06.39.98.12.34"],
)
def test_the_number_and_the_phone_open_it_however_they_are_written(house: House, proof: str) -> None:
    order = house.order()
    for number in (order.number, order.number.lower(), f" {order.number[2:]} ", order.number.replace("-", " ")):
        assert order_by_number(number=number, proof=proof) == order


def test_a_number_that_begins_with_a_p_is_found_without_its_prefix(house: House) -> None:
    order = house.order()
    order.number = "P-PPPPP"
    order.save()
    for number in ("P-PPPPP", "PPPPPP", "PPPPP"):
        assert order_by_number(number=number, proof=GUEST.phone) == order


def test_the_email_opens_it_in_any_case(house: House) -> None:
    order = house.order(contact=replace(GUEST, phone="", email="Gaspard@example.org"))
    assert order_by_number(number=order.number, proof=" gaspard@EXAMPLE.org ") == order


@pytest.mark.parametrize("proof", ["", " ", "06 39 98 12 35", "alice@example.org", "\x00", "\ud800", "-"])
def test_a_number_without_its_proof_opens_nothing(house: House, proof: str) -> None:
    with_phone = house.order()
    with_email = house.order(contact=replace(GUEST, phone="", email="gaspard@example.org"))
    assert order_by_number(number=with_phone.number, proof=proof) is None
    assert order_by_number(number=with_email.number, proof=proof) is None


@pytest.mark.parametrize("number", ["", "P-", "P-00000", "\x00", "\ud800", "9" * 10_000, "P-ABCDEF"])
def test_an_unknown_number_opens_nothing(house: House, number: str) -> None:
    house.order()
    assert order_by_number(number=number, proof=GUEST.phone) is None
