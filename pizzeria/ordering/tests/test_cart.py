"""B1: the cart survives navigation, bad input and two tabs."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from pizzeria.ordering.cart import add_line, check_out, find_cart, forget_old_carts, set_comment, set_quantity
from pizzeria.ordering.errors import EmptyCart, InvalidLine, TotalChanged
from pizzeria.ordering.lines import MAX_LINES, MAX_QUANTITY, LineRequest
from pizzeria.ordering.models import Cart, Fulfilment, Order
from pizzeria.ordering.pricing import quote
from pizzeria.stock.errors import OutOfStock
from pizzeria.stock.models import StockItem
from tests.cast import GUEST, House


def _cart(house: House, request: LineRequest | None = None) -> Cart:
    return add_line(cart=None, store=house.bastille, request=request or house.line())


def _check_out(house: House, cart: Cart, key: str = "k") -> tuple[Order, bool]:
    priced = quote(store=house.bastille, requests=[house.line()], fulfilment=Fulfilment.COLLECTION)
    return check_out(
        cart=cart,
        key=key,
        contact=GUEST,
        fulfilment=Fulfilment.COLLECTION,
        payment_method="cash",
        expected_total=priced.total,
    )


def test_an_equal_line_grows_instead_of_doubling(house: House) -> None:
    mozzarella = house.ingredients["mozzarella"].pk
    ham = house.ingredients["jambon"].pk
    request = house.line(removed=(mozzarella,), extras=(ham, ham), comment=" Bien  cuite ")
    cart = _cart(house, request)
    add_line(cart=cart, store=house.bastille, request=replace(request, quantity=2, comment="Bien cuite"))
    line = cart.lines.get()
    assert (line.quantity, line.comment, line.extras) == (3, "Bien cuite", [ham])


def test_another_size_another_comment_or_another_change_is_another_line(house: House) -> None:
    cart = _cart(house)
    for request in (house.line(size="s"), house.line(comment="Sans attendre"), house.line("reine")):
        add_line(cart=cart, store=house.bastille, request=request)
    assert cart.lines.count() == 4


def test_a_line_never_grows_past_its_bound(house: House) -> None:
    cart = _cart(house, house.line(quantity=MAX_QUANTITY))
    add_line(cart=cart, store=house.bastille, request=house.line())
    assert [line.quantity for line in cart.lines.all()] == [MAX_QUANTITY, 1]


@pytest.mark.parametrize("quantity", [0, -1, MAX_QUANTITY + 1, 10**9, 10**30])
def test_a_senseless_quantity_is_refused_and_the_cart_kept(house: House, quantity: int) -> None:
    cart = _cart(house)
    with pytest.raises(InvalidLine):
        add_line(cart=cart, store=house.bastille, request=house.line(quantity=quantity))
    assert cart.lines.get().quantity == 1


@pytest.mark.parametrize("variant", [0, -1, 10**9, 10**30])
def test_an_unknown_pizza_is_refused(house: House, variant: int) -> None:
    with pytest.raises(InvalidLine):
        _cart(house, LineRequest(variant_id=variant))


def test_a_comment_that_is_too_long_is_refused_and_never_cut(house: House) -> None:
    cart = _cart(house)
    with pytest.raises(InvalidLine):
        add_line(cart=cart, store=house.bastille, request=house.line(comment="x" * 121))
    with pytest.raises(InvalidLine):
        set_comment(cart=cart, line_id=cart.lines.get().pk, comment="x" * 121)
    set_comment(cart=cart, line_id=cart.lines.get().pk, comment="\x00\ud800" + "é" * 120)
    assert cart.lines.get().comment == "é" * 120


def test_a_cart_has_at_most_forty_lines(house: House) -> None:
    cart = _cart(house, house.line(comment="0"))
    for number in range(1, MAX_LINES):
        add_line(cart=cart, store=house.bastille, request=house.line(comment=str(number)))
    with pytest.raises(InvalidLine):
        add_line(cart=cart, store=house.bastille, request=house.line(comment="encore une"))
    add_line(cart=cart, store=house.bastille, request=house.line(comment="0"))
    assert cart.lines.count() == MAX_LINES


def test_adding_at_another_store_moves_the_cart_there(house: House) -> None:
    cart = _cart(house)
    moved = add_line(cart=cart, store=house.croix_rousse, request=house.line())
    assert (moved.pk, moved.store) == (cart.pk, house.croix_rousse)


def test_zero_takes_a_line_out_and_somebody_elses_line_is_out_of_reach(house: House) -> None:
    mine, theirs = _cart(house), _cart(house)
    set_quantity(cart=mine, line_id=theirs.lines.get().pk, quantity=0)
    set_quantity(cart=mine, line_id=theirs.lines.get().pk, quantity=7)
    assert theirs.lines.get().quantity == 1
    set_quantity(cart=mine, line_id=mine.lines.get().pk, quantity=0)
    assert not mine.lines.exists()


@pytest.mark.parametrize("quantity", [-1, MAX_QUANTITY + 1, 10**9])
def test_a_line_keeps_its_quantity_when_the_new_one_makes_no_sense(house: House, quantity: int) -> None:
    cart = _cart(house)
    with pytest.raises(InvalidLine):
        set_quantity(cart=cart, line_id=cart.lines.get().pk, quantity=quantity)
    assert cart.lines.get().quantity == 1


@pytest.mark.parametrize("token", ["", "\x00", "\ud800", "é", "x" * 41, "a b", "inconnu"])
def test_a_token_that_opens_nothing_opens_nothing(house: House, token: str) -> None:
    assert find_cart(token=token) is None


def test_a_cart_in_use_does_not_expire(house: House) -> None:
    used, left = _cart(house), _cart(house)
    Cart.objects.update(updated_at=timezone.now() - timedelta(days=8))
    set_quantity(cart=used, line_id=used.lines.get().pk, quantity=2)
    assert forget_old_carts(before=timezone.now() - timedelta(days=7)) == 1
    assert find_cart(token=used.token)
    assert not find_cart(token=left.token)


def test_adding_to_an_expired_cart_starts_a_new_one(house: House) -> None:
    cart = _cart(house)
    Cart.objects.filter(pk=cart.pk).delete()
    fresh = add_line(cart=cart, store=house.bastille, request=house.line())
    assert fresh.token != cart.token
    assert fresh.lines.count() == 1


def test_checking_out_twice_makes_one_order_and_empties_the_cart_once(house: House) -> None:
    cart = _cart(house)
    order, is_new = _check_out(house, cart)
    again, is_new_again = _check_out(house, cart)
    assert (is_new, is_new_again, order) == (True, False, again)
    assert Order.objects.count() == 1
    assert not cart.lines.exists()


def test_an_empty_cart_is_said_to_be_empty(house: House) -> None:
    cart = _cart(house)
    cart.lines.all().delete()
    with pytest.raises(EmptyCart, match="Votre panier est vide"):
        _check_out(house, cart)


def test_a_refused_order_keeps_the_cart_and_the_key(house: House) -> None:
    cart = _cart(house)
    StockItem.objects.filter(ingredient=house.ingredients["mozzarella"]).update(available=0)
    with pytest.raises(OutOfStock):
        _check_out(house, cart)
    assert cart.lines.count() == 1
    StockItem.objects.filter(ingredient=house.ingredients["mozzarella"]).update(available=100)
    set_quantity(cart=cart, line_id=cart.lines.get().pk, quantity=2)
    with pytest.raises(TotalChanged):
        _check_out(house, cart)
    set_quantity(cart=cart, line_id=cart.lines.get().pk, quantity=1)
    assert _check_out(house, cart)[1]
