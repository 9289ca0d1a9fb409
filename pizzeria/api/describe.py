"""From our models to what the API answers."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from pizzeria.accounts.models import User
from pizzeria.api import answers
from pizzeria.catalogue.models import Ingredient, Product, Variant
from pizzeria.catalogue.selectors import Offer, allergens_of
from pizzeria.languages import localized
from pizzeria.ordering.models import LineChange, Order, OrderEvent, OrderLine
from pizzeria.ordering.planning import Promise
from pizzeria.ordering.pricing import Quote
from pizzeria.ordering.promise import SlotOffer
from pizzeria.ordering.transitions import CHANGEABLE, CUSTOMER, next_statuses, roles_on
from pizzeria.stores.hours import is_open, next_opening
from pizzeria.stores.models import Store

CONTACT = ("first_name", "last_name", "phone", "email", "street", "complement", "postal_code", "town")


def store_of(store: Store, *, at: datetime) -> answers.StoreOut:
    """A store as it stands at `at`; `store` has its city, hours and zones."""
    opened = is_open(store=store, at=at)
    return answers.StoreOut(
        slug=store.slug,
        name=store.name,
        city=answers.CityOut(code=store.city.code, name=store.city.name),
        address=answers.AddressOut(street=store.street, postal_code=store.postal_code, town=store.town),
        phone=store.phone,
        email=store.email,
        is_open=opened,
        next_opening=None if opened else next_opening(store=store, at=at),
        preparation_minutes=store.preparation_minutes,
        hours=[
            answers.HoursOut(weekday=period.weekday + 1, opens=period.opens, closes=period.closes)
            for period in store.opening_hours.all()
        ],
        delivery_zones=[
            answers.ZoneOut(
                postal_code=zone.postal_code, fee=zone.fee, minimum_order=zone.minimum_order, minutes=zone.minutes
            )
            for zone in store.delivery_zones.all()
        ],
    )


def menu_of(store: Store, *, offer: Offer, makeable: Mapping[int, int]) -> answers.MenuOut:
    """What a store sells; `makeable` says how many of each variant."""
    return answers.MenuOut(
        store=store.slug,
        products=[_product(product, makeable) for product in offer.products],
        extras=[_extra(extra) for extra in offer.extras.values()],
    )


def _product(product: Product, makeable: Mapping[int, int]) -> answers.ProductOut:
    variants = list(product.variants.all())
    # Every size has the same recipe in other quantities: the first one names the ingredients.
    recipe = variants[0].composition.all() if variants else []
    return answers.ProductOut(
        slug=product.slug,
        kind=product.kind,
        name=localized(product, "name"),
        description=localized(product, "description"),
        tags=product.tags,
        allergens=allergens_of(variant=variants[0]) if variants else [],
        ingredients=[
            answers.IngredientOut(
                id=line.ingredient.pk,
                name=localized(line.ingredient, "name"),
                removable=not line.is_base,
                allergens=line.ingredient.allergens,
            )
            for line in recipe
        ],
        variants=[_variant(variant, makeable) for variant in variants],
    )


def _variant(variant: Variant, makeable: Mapping[int, int]) -> answers.VariantOut:
    size = variant.size
    return answers.VariantOut(
        id=variant.pk,
        size=answers.SizeOut(code=size.code, name=localized(size, "name"), diameter_cm=size.diameter_cm)
        if size
        else None,
        price=variant.price,
        makeable=makeable.get(variant.pk, 0),
    )


def _extra(extra: Ingredient) -> answers.ExtraOut:
    price = extra.extra_price
    if price is None:
        raise ValueError(f"{extra} has no price as an extra")
    return answers.ExtraOut(id=extra.pk, name=localized(extra, "name"), price=price, allergens=extra.allergens)


def priced(quote: Quote, *, promise: Promise | None, refusal: str | None) -> answers.QuoteOut:
    """A basket with its price, and what would be promised for it, or why nothing can be."""
    return answers.QuoteOut(
        lines=[
            answers.PricedLineOut(
                label=line.label,
                quantity=line.request.quantity,
                unit_price=line.unit_price,
                amount=line.amount,
                discount=line.discount,
            )
            for line in quote.lines
        ],
        fulfilment=quote.fulfilment,
        offers=[answers.OfferOut(label=each.label, amount=each.amount) for each in quote.offers],
        code=answers.CodeOut(is_applied=quote.code.is_applied, words=quote.code.words) if quote.code else None,
        discount=quote.discount,
        subtotal=quote.subtotal,
        delivery_fee=quote.delivery_fee,
        total=quote.total,
        promise=answers.PromiseOut(
            promised_at=promise.promised_at, wanted_at=promise.wanted_at, road_minutes=promise.road_minutes
        )
        if promise
        else None,
        refusal=refusal,
    )


def slots_on(day: date, *, days: list[date], slots: list[SlotOffer]) -> answers.SlotsOut:
    return answers.SlotsOut(
        day=day,
        days=days,
        slots=[answers.SlotOut(starts_at=slot.starts_at, ends_at=slot.ends_at, room=slot.room) for slot in slots],
    )


def placed(order: Order) -> answers.PlacedOut:
    """An order that was just placed, from what is in memory: no query."""
    return answers.PlacedOut(
        number=order.number,
        token=order.token,
        store=order.store.slug,
        status=order.status,
        fulfilment=order.fulfilment,
        payment_method=order.payment_method,
        payment_status=order.payment_status,
        payment=_paying(order),
        discount=order.discount,
        subtotal=order.subtotal,
        delivery_fee=order.delivery_fee,
        total=order.total,
        placed_at=order.placed_at,
        wanted_at=order.wanted_at,
        promised_at=order.promised_at,
    )


def client_order(order: Order) -> answers.ClientOrderOut:
    cancelled = Order.Status.CANCELLED
    mine = next_statuses(from_status=order.status, fulfilment=order.fulfilment, roles=frozenset({CUSTOMER}))
    changes = [
        answers.OrderChangeOut(at=change.at, role=change.role, difference=change.difference)
        for change in order.order_changes.all()
    ]
    return answers.ClientOrderOut(
        **_order(order),
        payment=_paying(order),
        cancellable=cancelled in mine,
        changeable=order.status in CHANGEABLE,
        version=order.version,
        changes=changes,
    )


def staff_order(order: Order, *, user: User, roles: frozenset[str]) -> answers.StaffOrderOut:
    """An order as somebody with these roles at its store reads it."""
    mine = roles_on(order=order, user=user, roles=roles)
    moves = next_statuses(from_status=order.status, fulfilment=order.fulfilment, roles=mine)
    # A cancellation asks for a reason and gives the ingredients back: it is not a step forward.
    return answers.StaffOrderOut(**_order(order), next=[move for move in moves if move != Order.Status.CANCELLED])


def _paying(order: Order) -> answers.PayingOut:
    waits = order.status == Order.Status.AWAITING_PAYMENT
    return answers.PayingOut(
        status=order.payment_status,
        pay_url=reverse("shop:pay", args=[order.token]) if waits else None,
        payable_until=order.payable_until if waits else None,
    )


def _order(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "store": order.store.slug,
        "status": order.status,
        "status_label": order.get_status_display(),
        "fulfilment": order.fulfilment,
        "payment_method": order.payment_method,
        "payment_status": order.payment_status,
        "contact": answers.ContactOut(**{name: getattr(order, name) for name in CONTACT}),
        "comment": order.comment,
        "lines": [_line(line) for line in order.lines.all()],
        "offers": [answers.OfferOut(label=each.label, amount=each.amount) for each in order.offers.all()],
        "discount": order.discount,
        "subtotal": order.subtotal,
        "delivery_fee": order.delivery_fee,
        "total": order.total,
        "placed_at": order.placed_at,
        "wanted_at": order.wanted_at,
        "first_promised_at": order.first_promised_at,
        "promised_at": order.promised_at,
        "promise_changes": [
            answers.PromiseChangeOut(at=change.at, before=change.before, after=change.after, reason=change.reason)
            for change in order.promise_changes.all()
        ],
        "ready_at": order.ready_at,
        "delivered_at": order.delivered_at,
        "events": [_event(event) for event in order.events.all()],
    }


def _line(line: OrderLine) -> answers.LineOut:
    changes = list(line.changes.all())
    return answers.LineOut(
        label=line.label,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line.amount,
        discount=line.discount,
        vat_percent=line.vat_percent,
        comment=line.comment,
        removed=[localized(change.ingredient, "name") for change in changes if change.kind == LineChange.Kind.REMOVED],
        extras=[
            answers.ChangeOut(ingredient=localized(change.ingredient, "name"), price=change.price)
            for change in changes
            if change.kind == LineChange.Kind.EXTRA
        ],
    )


def _event(event: OrderEvent) -> answers.EventOut:
    return answers.EventOut(
        at=event.at,
        from_status=event.from_status or None,
        to_status=event.to_status,
        role=event.role,
        reason=event.reason,
    )
