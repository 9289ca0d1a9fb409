"""What the responsable reads of offers: what each has cost so far, and an example out of the menu."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from pizzeria.catalogue.models import Variant
from pizzeria.catalogue.selectors import offer
from pizzeria.money import CENT, NOTHING, in_cents
from pizzeria.ordering.lines import label_of
from pizzeria.ordering.models import AppliedOffer, Order
from pizzeria.promotions.best import best_savings
from pizzeria.promotions.models import Kind, Offer
from pizzeria.promotions.rules import Deal, Part, Unit, day_of
from pizzeria.promotions.selectors import deal_of
from pizzeria.promotions.words import conditions, for_whom, gives
from pizzeria.stores.models import Store

MOST_ENDED = 20
MOST_UNITS = 20
EXAMPLE_FEE = Decimal("2.50")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A basket in words, what it costs without the offer and with it, in euros."""

    basket: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    """An offer in a list: `state` is running, planned or ended; how many orders of the store had it, and what it took off."""

    offer: Offer
    gives: str
    conditions: Sequence[str]
    state: str
    orders: int
    cost: Decimal


def offers_at(*, store: Store) -> list[OfferRow]:
    """A store's offers and the group's: those that run first, then those that are planned, then the last that ended."""
    offers = list(whole_offers().filter(Q(stores=None) | Q(stores=store)).order_by("-pk").distinct())
    costs = _costs(store)
    rows = [_row(each, costs, timezone.localtime()) for each in offers]
    ended = [row for row in rows if row.state == "ended"][:MOST_ENDED]
    return [row for state in ("running", "planned") for row in rows if row.state == state] + ended


def whole_offers() -> QuerySet[Offer]:
    return Offer.objects.select_related("quota", "written_by").prefetch_related(
        "stores", "parts__products", "parts__sizes"
    )


def example_of(*, deal: Deal) -> Example | None:
    """What an offer does to a small basket of the menu, by the reckoning that a client's has; None when nothing fits it."""
    variants = _fitting(deal)
    if not variants:
        return None
    basket = [(_unit(variant), 1) for variant in variants]
    fee = EXAMPLE_FEE if deal.kind == Kind.DELIVERY else NOTHING
    saved = sum(saving.amount for saving in best_savings(basket=basket, deals=[deal], fee=in_cents(fee))) * CENT
    before = sum((variant.price for variant in variants), fee)
    counted = {variant.pk: variants.count(variant) for variant in variants}
    named = {variant.pk: label_of(variant) for variant in variants}
    words = " + ".join(f"{count} × {named[pk]}" for pk, count in counted.items())
    return Example(basket=words, before=before, after=before - saved)


def _row(found: Offer, costs: dict[int, tuple[int, Decimal]], now: datetime) -> OfferRow:
    deal = deal_of(found)
    orders, cost = costs.get(found.pk, (0, NOTHING))
    return OfferRow(
        offer=found,
        gives=gives(deal),
        conditions=[words for words in (for_whom(deal), *conditions(deal)) if words],
        state=state_of(found, now),
        orders=orders,
        cost=cost,
    )


def state_of(found: Offer, now: datetime) -> str:
    """Running, planned or ended, at a moment of Paris."""
    today = day_of(now, since=found.from_time, until=found.until_time)
    is_used_up = hasattr(found, "quota") and found.quota.used >= found.quota.most
    if not found.is_active or is_used_up or (found.ends_on and found.ends_on < today):
        return "ended"
    return "planned" if found.starts_on and found.starts_on > today else "running"


def _costs(store: Store) -> dict[int, tuple[int, Decimal]]:
    """How many of a store's orders had each offer, and what it took off them."""
    applied = AppliedOffer.objects.filter(order__store=store).exclude(order__status=Order.Status.CANCELLED)
    sums = applied.order_by().values("offer_id").annotate(orders=Count("pk"), cost=Sum("amount"))
    return {row["offer_id"]: (row["orders"], row["cost"]) for row in sums}


def _fitting(deal: Deal) -> list[Variant]:
    """A basket that the offer fits: as small as it can be."""
    if deal.kind == Kind.SET:
        first = next(_on_sale(deal.parts[0]), None)
        return [first] * (deal.bought + deal.given) if first else []
    found = [next(_on_sale(part), None) for part in deal.parts] or [next(_on_sale(Part(kind="pizza")), None)]
    chosen = [variant for variant in found if variant]
    if len(chosen) < len(found):
        return []
    more = next(_on_sale(Part(kind="pizza")), chosen[0])
    # With something else that is paid: no offer makes an order free.
    basket = chosen if deal.kind == Kind.FORMULA else [*chosen, more]
    while sum(variant.price for variant in basket) < deal.minimum and len(basket) < MOST_UNITS:
        basket.append(more)
    return basket


def _on_sale(part: Part) -> Iterator[Variant]:
    """The variants of the menu that fit, a pizza's middle size before the others."""
    variants = [variant for product in offer().products for variant in product.variants.all()]
    fitting = [variant for variant in variants if part.fits(_unit(variant))]
    return iter(sorted(fitting, key=lambda variant: bool(variant.size) and variant.size.code != "m"))  # type: ignore[union-attr]


def _unit(variant: Variant) -> Unit:
    price = in_cents(variant.price)
    return Unit(
        kind=variant.product.kind,
        products=(variant.product_id,),
        size=variant.size_id,
        menu=price,
        price=price,
    )
