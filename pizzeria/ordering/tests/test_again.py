"""« Commander à nouveau »: the cart is as the order was, and what is not is told, line by line."""

from decimal import Decimal

import pytest

from pizzeria.catalogue.models import Ingredient, Product, Variant
from pizzeria.ordering.again import NothingLeft, What, last_order_of, order_again
from pizzeria.ordering.models import Cart, Order
from pizzeria.stock.models import StockItem
from pizzeria.stores.models import Store
from tests.cast import House, People

pytestmark = pytest.mark.django_db


@pytest.fixture
def usual(house: House) -> Order:
    chevre, reine = house.ingredients["chevre"].pk, house.variant("reine").pk
    return house.order(
        lines=[
            house.line("margherita", quantity=2, comment="bien cuite"),
            house.line("reine", extras=(chevre,)),
            house.line("chevre-miel", second_half_id=reine),
            house.line("cola", None),
        ]
    )


def told(order: Order, cart: Cart | None = None) -> list[tuple[str, str]]:
    found = order_again(cart=cart, order=order)
    return [(each.what, each.words.replace("\u00a0", " ")) for each in found.differences]


def test_the_same_again_says_nothing_and_twice_doubles_nothing(usual: Order) -> None:
    first = order_again(cart=None, order=usual)
    assert (list(first.differences), first.moved_from) == ([], None)
    order_again(cart=first.cart, order=usual)
    lines = [(line.variant_id, line.second_half_id, line.quantity, line.comment) for line in first.cart.lines.all()]
    sold = [(line.variant_id, line.second_half_id, line.quantity, line.comment) for line in usual.lines.all()]
    assert lines == sold


def test_what_is_gone_dearer_cheaper_short_or_without_its_extra_is_told_line_by_line(
    house: House, usual: Order
) -> None:
    Product.objects.filter(slug="cola").update(is_active=False)
    Variant.objects.filter(product__slug="margherita", size__code="m").update(price=Decimal("9.50"))
    Variant.objects.filter(product__slug="chevre-miel").update(price=Decimal("11.00"))
    Ingredient.objects.filter(slug="chevre").update(extra_price=None)
    StockItem.objects.filter(store=house.bastille, ingredient__slug="jambon").update(available=10)
    assert told(usual) == [
        (What.GONE, "Cola 33 cl n’est plus à la carte."),
        (What.SHORT, "Reine — Moyenne : OC Pizza Bastille n’en a plus assez pour le moment."),
        (What.SHORT, "½ Chèvre + ½ Reine — Moyenne : OC Pizza Bastille n’en a plus assez pour le moment."),
        (
            What.CHANGED,
            "Reine — Moyenne : « chèvre » ne s’ajoute ou ne se retire plus. Le prix est maintenant de 12,00 €.",
        ),
        (What.DEARER, "Margherita — Moyenne coûte maintenant 9,50 € au lieu de 9,00 €."),
        (What.CHEAPER, "½ Chèvre + ½ Reine — Moyenne coûte maintenant 12,00 € au lieu de 13,00 €."),
    ]
    assert Cart.objects.get().lines.count() == 3


def test_a_pizzeria_that_is_no_more_is_replaced_by_one_that_serves_the_place(house: House, usual: Order) -> None:
    Store.objects.filter(pk=house.bastille.pk).update(is_active=False)
    gone = Order.objects.select_related("store").get(pk=usual.pk)
    with pytest.raises(NothingLeft, match="n’est plus là"):
        order_again(cart=None, order=gone)
    house.croix_rousse.delivery_zones.update(postal_code="75011")
    again = order_again(cart=None, order=gone)
    assert (again.cart.store, again.moved_from) == (house.croix_rousse, house.bastille)


def test_nothing_that_is_left_is_said_and_the_cart_is_as_it_was(usual: Order) -> None:
    Product.objects.update(is_active=False)
    with pytest.raises(NothingLeft, match="Rien de cette commande"):
        order_again(cart=None, order=usual)
    assert not Cart.objects.exists()


def test_the_last_time_is_the_last_order_that_was_not_cancelled(house: House, people: People) -> None:
    assert last_order_of(user=people.alice) is None
    had, cancelled = house.order(customer=people.alice), house.order(customer=people.alice)
    Order.objects.filter(pk=cancelled.pk).update(status=Order.Status.CANCELLED)
    assert last_order_of(user=people.alice) == had
