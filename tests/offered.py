"""Offers of the tests, by the service that makes them."""

from decimal import Decimal
from typing import Any

from pizzeria.promotions.editing import OfferAsked, PartAsked, add_offer
from pizzeria.promotions.models import Offer
from tests.cast import House

PIZZA = PartAsked(kind="pizza")
DRINK = PartAsked(kind="drink")


def offer(name: str, *, parts: tuple[PartAsked, ...] = (), most: int | None = None, **values: Any) -> Offer:
    return add_offer(asked=OfferAsked(values={"name": name, **values}, parts=parts, most=most), acting_user=None)


def third_free(**values: Any) -> Offer:
    """Two pizzas bought, the third and cheapest is free."""
    return offer("2 achetées, 1 offerte", kind="set", bought=2, given=1, parts=(PIZZA,), **values)


def lunch(**values: Any) -> Offer:
    """A pizza and a drink at 10,00 €."""
    return offer("Formule midi", kind="formula", price=Decimal("10.00"), parts=(PIZZA, DRINK), **values)


def tenth(code: str = "", most: int | None = None, **values: Any) -> Offer:
    return offer("10 % de moins", kind="percent", percent=10, code=code, most=most, **values)


def free_ride(**values: Any) -> Offer:
    return offer("Livraison offerte", kind="delivery", **values)


def every_kind(house: House) -> list[Offer]:
    """One of each kind, all at once."""
    cola = PartAsked(products=[house.variant("cola", None).product])
    return [
        third_free(),
        lunch(),
        tenth(),
        free_ride(minimum=Decimal(30)),
        offer("1 € sur le cola", kind="amount", amount=Decimal(1), reach="items", parts=(cola,)),
        offer("3,33 € dès 40 €", kind="amount", amount=Decimal("3.33"), minimum=Decimal(40)),
        offer("20 % seul", kind="percent", percent=20, is_combinable=False, minimum=Decimal(60)),
    ]
