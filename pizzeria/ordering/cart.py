"""The cart (B1): kept in the database under an unguessable token, so that it survives navigation."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from pizzeria.ordering.errors import InvalidLine
from pizzeria.ordering.models import Cart, CartLine
from pizzeria.ordering.pricing import MAX_LINES, MAX_QUANTITY, LineRequest, price_lines
from pizzeria.stores.models import Store


def find_cart(*, token: str) -> Cart | None:
    if not token:
        return None
    return Cart.objects.select_related("store").filter(token=token).first()


@transaction.atomic
def add_line(*, cart: Cart | None, store: Store, request: LineRequest) -> Cart:
    """Add to the cart, making one when there is none; an equal line grows instead of doubling.

    A cart belongs to one store: adding from another store's menu moves it there. Raises InvalidLine.
    """
    price_lines([request])
    cart = _cart_at(cart, store)
    same = cart.lines.filter(
        variant_id=request.variant_id,
        second_half_id=request.second_half_id,
        removed=sorted(set(request.removed)),
        extras=sorted(set(request.extras)),
        comment=request.comment[:120],
        quantity__lte=MAX_QUANTITY - request.quantity,
    ).first()
    if same:
        cart.lines.filter(pk=same.pk).update(quantity=F("quantity") + request.quantity)
        return cart
    if cart.lines.count() >= MAX_LINES:
        raise InvalidLine(_("Une commande compte au plus %(most)s lignes.") % {"most": MAX_LINES})
    CartLine.objects.create(
        cart=cart,
        variant_id=request.variant_id,
        second_half_id=request.second_half_id,
        quantity=request.quantity,
        removed=sorted(set(request.removed)),
        extras=sorted(set(request.extras)),
        comment=request.comment[:120],
    )
    return cart


def set_quantity(*, cart: Cart, line_id: int, quantity: int) -> None:
    """Change a line's quantity; zero takes it out. Raises InvalidLine."""
    if quantity == 0:
        cart.lines.filter(pk=line_id).delete()
        return
    if not 1 <= quantity <= MAX_QUANTITY:
        raise InvalidLine(_("La quantité va de 1 à %(most)s.") % {"most": MAX_QUANTITY})
    cart.lines.filter(pk=line_id).update(quantity=quantity)


def requests_of(*, cart: Cart | None) -> list[LineRequest]:
    """The cart's lines as pricing reads them, in the order in which they were added."""
    if cart is None:
        return []
    return [
        LineRequest(
            variant_id=line.variant_id,
            quantity=line.quantity,
            second_half_id=line.second_half_id,
            removed=tuple(line.removed),
            extras=tuple(line.extras),
            comment=line.comment,
        )
        for line in cart.lines.all()
    ]


def _cart_at(cart: Cart | None, store: Store) -> Cart:
    if cart is None:
        return Cart.objects.create(store=store)
    if cart.store_id != store.pk:
        cart.store = store
        cart.save(update_fields=["store", "updated_at"])
    return cart
