"""What people change in the stock (UC 6.2, D2): added, taken off, delivered, thrown away, counted, taken off sale.

What is added or taken off is a sum: orders that go on meanwhile do not spoil it. What another *person* changed since the
page was read does, or one delivery would be written down twice: they are told (`seen`, the line's version). A count says
what there is: it is held against the quantity that it was written beside (`expected`), orders included.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.languages import localized
from pizzeria.stock.errors import InvalidQuantity, StockChanged, UnknownStock
from pizzeria.stock.models import Movement, Proposal, StockItem
from pizzeria.stock.services import MOST_IN_STOCK, bump_menu, checked, move_locked, tell_changed
from pizzeria.stores.models import Store

Reason = Movement.Reason
SIGNS = {Reason.RAISE: 1, Reason.DELIVERY: 1, Reason.LOWER: -1, Reason.WASTE: -1}
"""What people add, and what they take off."""


@transaction.atomic
def change_quantity(
    *,
    store: Store,
    item_id: int,
    reason: Movement.Reason,
    quantity: int,
    seen: int,
    acting_user: User,
    cause: str = "",
    at: datetime | None = None,
) -> StockItem:
    """Add or take off `quantity`, in the ingredient's unit, for one of the reasons of `SIGNS`.

    Raises InvalidQuantity, UnknownStock, and StockChanged when somebody else has changed the line since `seen`.
    """
    change = SIGNS[reason] * checked(quantity)
    if reason == Reason.WASTE and cause not in Movement.Cause.values:
        raise InvalidQuantity(_("Dites pourquoi c’est jeté."))
    item = _locked(store, item_id)
    _require_seen(item, seen)
    move_locked(item=item, change=change, reason=reason, acting_user=acting_user, cause=cause, at=at)
    tell_changed(store=store, ingredient_ids=[item.ingredient_id])
    return item


@transaction.atomic
def count_quantity(*, store: Store, item_id: int, counted: int, expected: int, acting_user: User) -> StockItem:
    """Write down what was counted; what differs becomes a movement.

    Raises InvalidQuantity, UnknownStock, and StockChanged when the stock is not `expected` any more.
    """
    if not 0 <= counted <= MOST_IN_STOCK:
        raise InvalidQuantity(_("Indiquez ce que vous avez compté, zéro compris."))
    item = _locked(store, item_id)
    if item.available != expected:
        raise _changed(item)
    if counted != item.available:
        change = counted - item.available
        move_locked(item=item, change=change, reason=Reason.COUNT, acting_user=acting_user)
        tell_changed(store=store, ingredient_ids=[item.ingredient_id])
    return item


@transaction.atomic
def receive_delivery(
    *, store: Store, quantities: Mapping[int, int], seen: Mapping[int, int], acting_user: User
) -> list[StockItem]:
    """Add what was delivered: quantities in the ingredients' units, and the versions that were read, by stock line.

    What was proposed of it is received by that. Nothing is added when one line is refused: InvalidQuantity, UnknownStock,
    StockChanged.
    """
    if not quantities:
        raise InvalidQuantity(_("Indiquez ce qui a été livré."))
    # What was proposed first, as `receive_order` does; then all the lines by primary key, before any is changed.
    proposals = _proposals(quantities)
    items = [_locked(store, item_id) for item_id in sorted(quantities)]
    for item in items:
        _require_seen(item, seen.get(item.pk, -1))
        quantity = checked(quantities[item.pk])
        move_locked(item=item, change=quantity, reason=Reason.DELIVERY, acting_user=acting_user)
    Proposal.objects.filter(pk__in=proposals).update(received_at=timezone.now(), received_by=acting_user)
    tell_changed(store=store, ingredient_ids=[item.ingredient_id for item in items])
    return items


@transaction.atomic
def set_threshold(*, store: Store, item_id: int, alert_below: int, seen: int) -> StockItem:
    """From below which quantity the line asks for attention. Raises InvalidQuantity, UnknownStock and StockChanged."""
    if not 0 <= alert_below <= MOST_IN_STOCK:
        raise InvalidQuantity(_("Un seuil va de zéro à un milliard."))
    item = _locked(store, item_id)
    _require_seen(item, seen)
    item.alert_below = alert_below
    item.version += 1
    item.save(update_fields=["alert_below", "version"])
    tell_changed(store=store, ingredient_ids=[])
    return item


@transaction.atomic
def take_off_sale(*, store: Store, item_id: int, acting_user: User) -> StockItem:
    """Sell nothing that needs this until it is back, whatever the quantity says; done already, it stays as it was."""
    item = _locked(store, item_id)
    if item.off_sale_since is None:
        item.off_sale_since, item.off_sale_by = timezone.now(), acting_user
        _say_sale(store, item)
    return item


@transaction.atomic
def put_back_on_sale(*, store: Store, item_id: int) -> StockItem:
    """What needs this is sold again, as far as the quantity goes."""
    item = _locked(store, item_id)
    if item.off_sale_since is not None:
        item.off_sale_since = item.off_sale_by = None
        _say_sale(store, item)
    return item


def _say_sale(store: Store, item: StockItem) -> None:
    item.version += 1
    item.save(update_fields=["off_sale_since", "off_sale_by", "version"])
    tell_changed(store=store, ingredient_ids=[item.ingredient_id])
    # The board shows what is off sale and knows its state by the menu's version, also where no count changed.
    bump_menu(store_ids=[store.pk])


def _locked(store: Store, item_id: int) -> StockItem:
    lines = StockItem.objects.select_for_update(of=["self"]).select_related("ingredient", "off_sale_by")
    item = lines.filter(pk=item_id, store=store).first()
    if item is None:
        raise UnknownStock(_("Cet ingrédient n’est pas dans votre stock."))
    return item


def _require_seen(item: StockItem, seen: int) -> None:
    if item.version != seen:
        raise _changed(item)


def _changed(item: StockItem) -> StockChanged:
    """The refusal that says what stands now; the caller's page has what was typed."""
    return StockChanged(
        _("« %(name)s » a changé pendant ce temps : il y en a maintenant %(now)s.")
        % {"name": localized(item.ingredient, "name"), "now": item.available},
        item=item.pk,
        available=item.available,
        version=item.version,
    )


def _proposals(items: Collection[int]) -> list[int]:
    """The oldest proposal of each line that still waits, locked: `receive_order` would add it a second time."""
    waiting = Proposal.objects.filter(item__in=items, received_at=None).order_by("item_id", "-for_day")
    return list({each.item_id: each.pk for each in waiting.select_for_update(of=["self"])}.values())
