"""Reading offers: those that can be used, from memory, and how often those that are counted were."""

import re
from collections import Counter
from collections.abc import Collection, Iterable

from django.db.models import QuerySet

from pizzeria.accounts.models import User
from pizzeria.kept import Kept
from pizzeria.money import NOTHING
from pizzeria.promotions.models import Offer, OfferPart, Quota, Use
from pizzeria.promotions.rules import Deal, Part
from pizzeria.words import one_line

CODE = re.compile(r"\A[A-Z0-9-]{3,30}\Z")


def deals() -> tuple[Deal, ...]:
    """The offers that nobody has ended, the oldest first, planned ones too: from memory, in one small query."""
    return _deals.now()


def deals_with(*, keys: Collection[int]) -> tuple[Deal, ...]:
    """As `deals`, and these offers though they were ended: an order that has one keeps it."""
    known = deals()
    missing = set(keys) - {deal.pk for deal in known}
    if not missing:
        return known
    return (*known, *map(deal_of, _whole(Offer.objects.filter(pk__in=missing))))


def normal_code(typed: str) -> str:
    """A code as it is kept: in capitals, without spaces. Empty for what cannot be one."""
    code = one_line(typed).replace(" ", "").upper()
    return code if CODE.match(code) else ""


def is_a_former_code(*, code: str) -> bool:
    """Whether this was the code of an offer that was ended."""
    return Offer.objects.filter(code=code, is_active=False).exists()


def used_of(*, keys: Iterable[int]) -> dict[int, int]:
    """How often the offers that are counted were used, by their keys."""
    return dict(Quota.objects.filter(offer_id__in=keys).values_list("offer_id", "used"))


def uses_by(*, customer: User) -> Counter[tuple[int, int]]:
    """How often a client used an offer in a period, by (offer, period); see `Use`."""
    return Counter(Use.objects.filter(customer=customer).values_list("offer_id", "period"))


def deal_of(offer: Offer) -> Deal:
    """An offer as it is reckoned with; its parts, stores and quota are read, unless they have been."""
    return Deal(
        pk=offer.pk,
        name=offer.name,
        name_en=offer.name_en,
        kind=offer.kind,
        reach=offer.reach,
        percent=offer.percent or 0,
        amount=offer.amount or NOTHING,
        price=offer.price or NOTHING,
        bought=offer.bought or 0,
        given=offer.given or 0,
        same_size=offer.same_size,
        parts=tuple(_part(part) for part in offer.parts.all()),
        code=offer.code,
        starts_on=offer.starts_on,
        ends_on=offer.ends_on,
        weekdays=frozenset(offer.weekdays),
        from_time=offer.from_time,
        until_time=offer.until_time,
        minimum=offer.minimum or NOTHING,
        stores=tuple((store.pk, store.name) for store in offer.stores.all()),
        fulfilments=frozenset(offer.fulfilments),
        channels=frozenset(offer.channels),
        audience=offer.audience,
        audience_number=offer.audience_number or 0,
        most=offer.quota.most if hasattr(offer, "quota") else None,
        most_each=offer.most_each,
        is_combinable=offer.is_combinable,
    )


def _part(part: OfferPart) -> Part:
    products, sizes = list(part.products.all()), list(part.sizes.all())
    return Part(
        kind=part.kind,
        products=frozenset(product.pk for product in products),
        sizes=frozenset(size.pk for size in sizes),
        names=(
            *((product.name, product.name_en) for product in products),
            *((size.name, size.name_en) for size in sizes),
        ),
    )


def _read_deals() -> tuple[Deal, ...]:
    return tuple(map(deal_of, _whole(Offer.objects.filter(is_active=True))))


def _whole(offers: QuerySet[Offer]) -> QuerySet[Offer]:
    """With all that they are reckoned by, the oldest first."""
    found = offers.select_related("quota").prefetch_related("stores", "parts__products", "parts__sizes")
    return found.order_by("pk")


EDITION = "promotions_edition"
"""Where the offers' edition stands."""

_deals = Kept(table=EDITION, read=_read_deals)
