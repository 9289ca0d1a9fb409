"""The cart (B1): kept in the database under an unguessable token, so that it survives navigation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Unpack

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.money import NOTHING
from pizzeria.ordering.changing import require_changeable
from pizzeria.ordering.errors import InvalidChoice, InvalidLine
from pizzeria.ordering.lines import (
    MAX_LINES,
    MAX_QUANTITY,
    LineRequest,
    PricedLine,
    checked_comment,
    needs_of,
    price_each,
    price_lines,
    unit_of,
)
from pizzeria.ordering.models import Cart, CartLine, Channel, LineChange, Order, OrderLine
from pizzeria.ordering.offers import Asked, CodeAnswer, Offered, offered
from pizzeria.ordering.placing import Terms, place_order_once
from pizzeria.ordering.pricing import discounted
from pizzeria.ordering.selectors import is_token
from pizzeria.stock.selectors import short_ingredients
from pizzeria.stock.swapping import held_by
from pizzeria.stores.models import Store

CODE_TYPED = 60
"""Letters of a code that are looked at."""


def find_cart(*, token: str) -> Cart | None:
    if not is_token(token):
        return None
    return Cart.objects.filter(token=token).first()


@transaction.atomic
def add_line(*, cart: Cart | None, store: Store, request: LineRequest) -> Cart:
    """Add to the cart, making one when there is none; an equal line grows instead of doubling.

    A cart belongs to one store: adding from another store's menu moves it there, unless it changes an order. Raises
    InvalidLine.
    """
    [priced] = price_lines([request])
    before, cart = cart, _locked_at(cart, store)
    # One that was just made has nothing to ask for.
    kept = list(cart.lines.all()) if cart == before else []
    removed, extras = (tuple(one.pk for one in some) for some in (priced.removed, priced.extras))
    wanted = _cart_line(cart, replace(request, removed=removed, extras=extras, comment=priced.comment))
    most = MAX_QUANTITY - request.quantity
    grown = next((line for line in kept if _is_equal(line, wanted) and line.quantity <= most), None)
    if grown:
        cart.lines.filter(pk=grown.pk).update(quantity=F("quantity") + request.quantity)
    elif len(kept) >= MAX_LINES:
        raise InvalidLine(_("Une commande compte au plus %(most)s lignes.") % {"most": MAX_LINES})
    else:
        wanted.save()
    return cart


@transaction.atomic
def move_cart(*, cart: Cart, store: Store) -> None:
    """Take the cart to another store, as it is: what that store cannot make, its page says.

    Raises InvalidChoice for one that changes an order, which stays where it was placed.
    """
    if cart.changes_id is not None:
        raise InvalidChoice(_("Une commande se modifie dans la pizzeria où elle a été passée."))
    _locked_at(cart, store)


@transaction.atomic
def set_quantity(*, cart: Cart, line_id: int, quantity: int) -> None:
    """Change a line's quantity; zero takes it out. Raises InvalidLine."""
    if not 0 <= quantity <= MAX_QUANTITY:
        raise InvalidLine(_("La quantité va de 1 à %(most)s.") % {"most": MAX_QUANTITY})
    _touch(cart)
    line = cart.lines.filter(pk=line_id)
    if quantity == 0:
        line.delete()
    else:
        line.update(quantity=quantity)


@transaction.atomic
def set_comment(*, cart: Cart, line_id: int, comment: str) -> None:
    """Change the word to the kitchen on a line. Raises InvalidLine for one that is too long."""
    checked = checked_comment(comment)
    _touch(cart)
    cart.lines.filter(pk=line_id).update(comment=checked)


@transaction.atomic
def refill(*, cart: Cart | None, order: Order) -> Cart:
    """Put an order's lines back into the cart, which keeps what it has; done twice, nothing is doubled.

    The cart moves to the order's store. What has left the menu since is put back as well: the cart's page
    says so. Raises InvalidLine for a cart that would have too many lines.
    """
    requests = [request for _line, request in requests_of_order(order=order)]
    return keep_lines(cart=cart, store=order.store, requests=requests, comment=order.comment)


@transaction.atomic
def keep_lines(*, cart: Cart | None, store: Store, requests: Sequence[LineRequest], comment: str) -> Cart:
    """Put lines into the cart, at this store, as `refill` does. Raises InvalidLine for one that would have too many."""
    cart = _locked_at(cart, store)
    kept = list(cart.lines.all())
    for request in requests:
        wanted = _cart_line(cart, request)
        equal = next((line for line in kept if _is_equal(line, wanted)), None)
        if equal is None:
            wanted.save()
            kept.append(wanted)
        elif equal.quantity < wanted.quantity:
            cart.lines.filter(pk=equal.pk).update(quantity=wanted.quantity)
    if len(kept) > MAX_LINES:
        raise InvalidLine(_("Une commande compte au plus %(most)s lignes.") % {"most": MAX_LINES})
    Cart.objects.filter(pk=cart.pk).update(comment=comment)
    return cart


@transaction.atomic
def begin_change(*, order: Order, cart: Cart | None) -> Cart:
    """A cart with what the order has, in which it is changed (UC 1.3); the one of this browser when it does so already.

    Raises TransitionRefused once preparation started.
    """
    require_changeable(order)
    if cart and cart.changes_id == order.pk:
        return cart
    made = Cart.objects.create(store=order.store, comment=order.comment, changes=order, order_version=order.version)
    CartLine.objects.bulk_create([_cart_line(made, request) for _line, request in requests_of_order(order=order)])
    return made


def end_change(*, cart: Cart) -> None:
    """The change is made, or not wanted any more: its cart goes. The order is untouched by that."""
    Cart.objects.filter(pk=cart.pk, changes__isnull=False).delete()


def set_code(*, cart: Cart, code: str, customer: User | None = None) -> CodeAnswer | None:
    """Keep a promotion's code with the cart, or take it out; what it does to the cart. One that can do nothing is not kept."""
    if not code.strip():
        Cart.objects.filter(pk=cart.pk).update(code="", updated_at=timezone.now())
        return None
    _touch(cart)
    answer = offers_of(cart=cart, rows=read_cart(cart=cart), customer=customer, code=code[:CODE_TYPED]).code
    if answer and answer.is_of_use:
        Cart.objects.filter(pk=cart.pk).update(code=answer.code)
    return answer


def offers_of(
    *, cart: Cart, rows: Sequence["CartRow"], customer: User | None = None, code: str | None = None
) -> Offered:
    """What offers do to the lines that can be priced, in these lines' order, before anybody says how it is ordered."""
    lines = [row.priced for row in rows if row.priced]
    asked = Asked(
        store_id=cart.store_id, channel=Channel.ONLINE, code=cart.code if code is None else code, customer=customer
    )
    return offered(basket=[(unit_of(line), line.request.quantity) for line in lines], fee=NOTHING, asked=asked)


def with_offers(*, rows: Sequence["CartRow"], found: Offered) -> list["CartRow"]:
    """The rows with what offers take off each of them."""
    priced = iter(discounted([row.priced for row in rows if row.priced], found))
    return [replace(row, priced=next(priced)) if row.priced else row for row in rows]


def forget_old_carts(*, before: datetime) -> int:
    """Delete the carts that nobody has touched since `before`; how many there were."""
    deleted, by_model = Cart.objects.filter(updated_at__lt=before).delete()
    return by_model.get("ordering.Cart", 0) if deleted else 0


def request_of(line: CartLine) -> LineRequest:
    """A cart line as pricing reads it."""
    return LineRequest(
        variant_id=line.variant_id,
        quantity=line.quantity,
        second_half_id=line.second_half_id,
        removed=tuple(line.removed),
        extras=tuple(line.extras),
        comment=line.comment,
    )


def requests_of(*, cart: Cart | None) -> list[LineRequest]:
    """The cart's lines as pricing reads them, in the order in which they were added."""
    return [request_of(line) for line in cart.lines.all()] if cart else []


@dataclass(frozen=True, slots=True, kw_only=True)
class CartRow:
    """A cart line with its price, or with what keeps it from being ordered now."""

    line: CartLine
    priced: PricedLine | None
    problem: str = ""


def read_cart(*, cart: Cart | None) -> list[CartRow]:
    """The cart as its page shows it: every line priced, or said to be unavailable. Never raises."""
    lines = list(cart.lines.all()) if cart else []
    if cart is None or not lines:
        return []
    priced = price_each([request_of(line) for line in lines])
    short = short_ingredients(store=cart.store, needs=_wanting(cart, _needs(priced)))
    return [_row(line, found, short) for line, found in zip(lines, priced, strict=True)]


def count_items(*, cart: Cart | None) -> int:
    """How many pizzas, drinks and desserts are in the cart."""
    return (cart.lines.aggregate(items=Sum("quantity"))["items"] or 0) if cart else 0


def subtotal_of(rows: Sequence[CartRow]) -> Decimal:
    """What is paid for the lines that can be priced, in euros."""
    return sum((row.priced.net for row in rows if row.priced), NOTHING)


@transaction.atomic
def check_out(*, cart: Cart, key: str, **terms: Unpack[Terms]) -> tuple[Order, bool]:
    """Turn the cart into an order and empty it; True when the order is new.

    `key` is the form's: sent twice, it leads to the same order. The store, the lines and, unless it is told, the code
    are the cart's. Raises what `place_order` raises; the cart is then kept.
    """
    # Two clicks on one form meet here: the second waits until the first has emptied the cart.
    now = Cart.objects.select_for_update(no_key=True).get(pk=cart.pk)
    if now.changes_id:
        raise InvalidChoice(_("Ce panier modifie une commande : confirmez la modification, ou abandonnez-la."))
    store = cart.store if cart.store_id == now.store_id else now.store
    lines = requests_of(cart=now)
    terms.setdefault("code", now.code)
    placed, is_new = place_order_once(key=key, digest=key[-64:], store=store, lines=lines, **terms)
    if is_new:
        cart.lines.all().delete()
        if now.code:
            Cart.objects.filter(pk=cart.pk).update(code="")
    return placed, is_new


def requests_of_order(*, order: Order) -> list[tuple[OrderLine, LineRequest]]:
    """An order's lines, each with what would be asked for to have it again."""
    return [
        (
            line,
            LineRequest(
                variant_id=line.variant_id,
                second_half_id=line.second_half_id,
                quantity=line.quantity,
                comment=line.comment,
                removed=_changed(line, LineChange.Kind.REMOVED),
                extras=_changed(line, LineChange.Kind.EXTRA),
            ),
        )
        for line in order.lines.prefetch_related("changes__ingredient")
    ]


def _cart_line(cart: Cart, request: LineRequest) -> CartLine:
    """A line as the cart would hold it, not yet stored."""
    return CartLine(
        cart=cart,
        variant_id=request.variant_id,
        second_half_id=request.second_half_id,
        quantity=request.quantity,
        comment=request.comment,
        removed=list(request.removed),
        extras=list(request.extras),
    )


def _changed(line: OrderLine, kind: LineChange.Kind) -> list[int]:
    return sorted(change.ingredient_id for change in line.changes.all() if change.kind == kind)


def _is_equal(line: CartLine, other: CartLine) -> bool:
    """Whether two lines ask for the same, however many of it."""
    names = ("variant_id", "second_half_id", "removed", "extras", "comment")
    return all(getattr(line, name) == getattr(other, name) for name in names)


def _needs(priced: Sequence[PricedLine | InvalidLine]) -> dict[int, int]:
    return needs_of([line for line in priced if isinstance(line, PricedLine)])


def _wanting(cart: Cart, needs: dict[int, int]) -> dict[int, int]:
    """What the stock still has to give: what the order that is changed holds already is its own."""
    held = held_by(reference=cart.changes.token) if cart.changes else {}
    return {ingredient: needed - held.get(ingredient, 0) for ingredient, needed in needs.items()}


def _row(line: CartLine, found: PricedLine | InvalidLine, short: set[int]) -> CartRow:
    if isinstance(found, InvalidLine):
        return CartRow(line=line, priced=None, problem=found.message)
    if short & set(found.needs):
        return CartRow(line=line, priced=found, problem=_("Il n’y en a plus assez à cette pizzeria pour le moment."))
    return CartRow(line=line, priced=found)


def _locked_at(cart: Cart | None, store: Store) -> Cart:
    """The cart, at this store; a new one when there is none or when it has expired meanwhile.

    Two tabs with one cart take turns: equal lines meet, and none grows past its bound.
    """
    locked = Cart.objects.select_for_update(no_key=True).filter(pk=cart.pk).first() if cart else None
    if locked is None:
        return Cart.objects.create(store=store)
    if locked.changes and locked.store_id != store.pk:
        raise InvalidLine(
            _(
                "Vous modifiez la commande %(number)s, préparée par %(store)s : terminez ou abandonnez d’abord cette modification."
            )
            % {"number": locked.changes.number, "store": locked.store.name}
        )
    locked.store = store
    locked.save(update_fields=["store", "updated_at"])
    return locked


def _touch(cart: Cart) -> None:
    """A cart in use does not expire.

    Its row is locked by it: what another tab does to a line meanwhile, `add_line` above all, comes before or after.
    """
    Cart.objects.filter(pk=cart.pk).update(updated_at=timezone.now())
