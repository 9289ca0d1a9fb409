"""« Commander à nouveau »: an order's lines into the cart, and line by line what is not as it was."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from django.db import transaction
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.catalogue.selectors import Offer, offer
from pizzeria.errors import BusinessError
from pizzeria.languages import localized
from pizzeria.money import euros
from pizzeria.ordering.cart import keep_lines, requests_of_order
from pizzeria.ordering.errors import InvalidLine
from pizzeria.ordering.lines import LineRequest, PricedLine, needs_of, price_each
from pizzeria.ordering.models import Cart, Order, OrderLine
from pizzeria.stock.selectors import short_ingredients
from pizzeria.stores.hours import is_open
from pizzeria.stores.models import Store
from pizzeria.stores.selectors import active_stores, stores_delivering_to


class NothingLeft(BusinessError):
    """Nothing of this order is sold any more, or no pizzeria that could make it is left."""

    code: ClassVar[str] = "nothing_left"


class What(StrEnum):
    """What became of a line, in the order in which it matters."""

    GONE = "gone"
    SHORT = "short"
    CHANGED = "changed"
    DEARER = "dearer"
    CHEAPER = "cheaper"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A line that is not as it was, in words for its client. One that is `GONE` is not in the cart."""

    what: What
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """The cart that was filled; `moved_from` is the store of the order, when the cart is at another."""

    cart: Cart
    differences: Sequence[Difference]
    moved_from: Store | None


def last_order_of(*, user: User) -> Order | None:
    """What this client had the last time, to be had again in one tap."""
    had = Order.objects.filter(customer=user).exclude(status=Order.Status.CANCELLED)
    return had.select_related("store").order_by("-placed_at", "-pk").first()


@transaction.atomic
def order_again(*, cart: Cart | None, order: Order) -> Again:
    """Put an order's lines into the cart, which keeps what it has; done twice, nothing is doubled.

    What has left the menu is left out, and so is an extra that is not offered any more; what the store has too little of
    is put in, where the cart's page says so. All of it is told. A pizzeria that is no more is replaced by one that
    delivers to the same place, or of the same city. Raises NothingLeft, and InvalidLine for a cart that would be too long.
    """
    store = store_for(order=order)
    if store is None:
        raise NothingLeft(
            _("%(store)s n’est plus là, et aucune autre pizzeria ne sert cette adresse.") % {"store": order.store.name}
        )
    on_sale = offer()
    wanted, differences = list[LineRequest](), list[Difference]()
    for line, asked in requests_of_order(order=order):
        kept, without = _still_offered(asked, on_sale)
        [priced] = price_each([kept])
        if isinstance(priced, InvalidLine):
            differences.append(
                Difference(what=What.GONE, words=_("%(line)s n’est plus à la carte.") % {"line": line.label})
            )
            continue
        wanted.append(kept)
        differences += _changes(line, priced, without)
    if not wanted:
        raise NothingLeft(_("Rien de cette commande n’est encore à la carte."))
    differences += _short(store, wanted)
    filled = keep_lines(cart=cart, store=store, requests=wanted, comment=order.comment)
    differences.sort(key=lambda difference: list(What).index(difference.what))
    return Again(cart=filled, differences=differences, moved_from=order.store if store != order.store else None)


def store_for(*, order: Order) -> Store | None:
    """The order's own store; one that is closed to the public for good is replaced. None where nobody can."""
    if order.store.is_active:
        return order.store
    return next(iter(_others(order)), None)


def open_instead(*, order: Order, at_store: Store, at: datetime) -> Store | None:
    """A store that is open now and serves the same place, for when `at_store` is closed."""
    return next((store for store in _others(order) if store != at_store and is_open(store=store, at=at)), None)


def _others(order: Order) -> list[Store]:
    if order.postal_code:
        return list(stores_delivering_to(postal_code=order.postal_code))
    return list(active_stores().filter(city_id=order.store.city_id))


def _still_offered(asked: LineRequest, on_sale: Offer) -> tuple[LineRequest, list[int]]:
    """The line without what cannot be added, or left out, any more; and which ingredients these are."""
    halves = [on_sale.variants.get(pk) for pk in (asked.variant_id, asked.second_half_id) if pk]
    recipe = [row for half in halves if half for row in half.composition.all()]
    base = {row.ingredient_id for row in recipe if row.is_base}
    removable = {row.ingredient_id for row in recipe} - base
    extras = tuple(pk for pk in asked.extras if pk in on_sale.extras)
    # One that is in no recipe of it any more need not be left out.
    removed = tuple(pk for pk in asked.removed if pk in removable)
    lost = [pk for pk in asked.extras if pk not in extras] + [pk for pk in asked.removed if pk in base]
    return replace(asked, extras=extras, removed=removed), lost


def _changes(line: OrderLine, priced: PricedLine, without: Sequence[int]) -> list[Difference]:
    """What is not as it was of a line that is still sold. A line that lost an extra is cheaper for it: that is said once."""
    names = [localized(change.ingredient, "name") for change in line.changes.all() if change.ingredient_id in without]
    if names:
        words = _("%(line)s : « %(what)s » ne s’ajoute ou ne se retire plus. Le prix est maintenant de %(now)s.")
        told = {"line": line.label, "what": ", ".join(names), "now": euros(priced.unit_price)}
        return [Difference(what=What.CHANGED, words=words % told)]
    return _price_change(line, now=priced.unit_price)


def _price_change(line: OrderLine, *, now: Decimal) -> list[Difference]:
    if now == line.unit_price:
        return []
    told = {"line": line.label, "now": euros(now), "then": euros(line.unit_price)}
    words = _("%(line)s coûte maintenant %(now)s au lieu de %(then)s.") % told
    return [Difference(what=What.DEARER if now > line.unit_price else What.CHEAPER, words=words)]


def _short(store: Store, wanted: Sequence[LineRequest]) -> list[Difference]:
    """The lines of which the store has not enough for the whole of them now."""
    priced = [line for line in price_each(wanted) if isinstance(line, PricedLine)]
    short = short_ingredients(store=store, needs=needs_of(priced))
    words = _("%(line)s : %(store)s n’en a plus assez pour le moment.")
    return [
        Difference(what=What.SHORT, words=words % {"line": line.label, "store": store.name})
        for line in priced
        if short & set(line.needs)
    ]
