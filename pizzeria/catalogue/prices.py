"""Prices that are planned for a day: a reduction from one day to another, a new price from a day on.

The price that is asked is always the variant's own: the morning's update writes it there and takes it back. An order
that was placed keeps what it was sold for.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from pizzeria.catalogue.errors import InvalidPlan
from pizzeria.catalogue.models import PlannedPrice, Product, Variant
from pizzeria.languages import localized
from pizzeria.money import CENT

MOST_PERCENT = 90
State = PlannedPrice.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """How many prices begun and how many ended."""

    applied: int
    ended: int


@transaction.atomic
def plan_reduction(
    *, product: Product, percent: int, starts_on: date, ends_on: date, today: date, planned_by: Any
) -> list[PlannedPrice]:
    """Take a percentage off every size of a product from one day to another, both included. Raises InvalidPlan."""
    if not 1 <= percent <= MOST_PERCENT:
        raise InvalidPlan(_("Une réduction va de 1 à %(most)s %%.") % {"most": MOST_PERCENT})
    _check_days(starts_on, ends_on, today)
    variants = list(product.variants.all())
    if not variants:
        raise InvalidPlan(_("Ce produit n’a pas de prix."))
    return [
        _plan(
            variant=variant,
            price=(variant.price * (100 - percent) / 100).quantize(CENT, ROUND_HALF_UP),
            starts_on=starts_on,
            ends_on=ends_on,
            planned_by=planned_by,
        )
        for variant in variants
    ]


@transaction.atomic
def plan_new_price(*, variant: Variant, price: Decimal, starts_on: date, today: date, planned_by: Any) -> PlannedPrice:
    """Give a variant another price from a day on, for good. Raises InvalidPlan."""
    _check_days(starts_on, None, today)
    return _plan(variant=variant, price=price, starts_on=starts_on, ends_on=None, planned_by=planned_by)


@transaction.atomic
def cancel_plan(*, pk: int) -> PlannedPrice | None:
    """Take back what is planned or in force, the price before it included; None when it is over already."""
    plan = (
        PlannedPrice.objects.select_for_update(of=["self"])
        .select_related("variant__product", "variant__size")
        .filter(pk=pk)
        .first()
    )
    if plan is None or plan.state not in {State.PLANNED, State.APPLIED}:
        return None
    if plan.state == State.APPLIED:
        _give_back(plan)
    plan.state = State.CANCELLED
    plan.save(update_fields=["state"])
    return plan


@transaction.atomic
def apply_planned_prices(*, on: date) -> Changed:
    """End what was until before this day, then apply what is due on it. Done again, it changes nothing."""
    # Three cities' updates begin at the same second: the others wait here, and find nothing left to do.
    over = list(_waiting(State.APPLIED).filter(ends_on__lt=on))
    for plan in over:
        _give_back(plan)
        _end(plan)
    applied = 0
    for plan in _waiting(State.PLANNED).filter(starts_on__lte=on):
        if plan.ends_on and plan.ends_on < on:
            _end(plan)  # nobody ran the update while it was due
            continue
        _apply(plan)
        applied += 1
    return Changed(applied=applied, ended=len(over))


def plans() -> QuerySet[PlannedPrice]:
    """What is planned or in force, soonest first."""
    found = PlannedPrice.objects.filter(state__in=[State.PLANNED, State.APPLIED])
    return found.select_related("variant__product", "variant__size", "planned_by")


def _waiting(state: State) -> QuerySet[PlannedPrice]:
    return PlannedPrice.objects.select_for_update().filter(state=state).order_by("pk")


def _plan(*, variant: Variant, price: Decimal, starts_on: date, ends_on: date | None, planned_by: Any) -> PlannedPrice:
    if not Decimal(0) < price < Decimal(10_000):
        raise InvalidPlan(_("Indiquez un prix au-dessus de zéro."))
    try:
        # In a savepoint of its own: the refusal is told, and the caller's transaction rolls back by itself.
        with transaction.atomic():
            return PlannedPrice.objects.create(
                variant=variant, price=price, starts_on=starts_on, ends_on=ends_on, planned_by=planned_by
            )
    except IntegrityError as error:
        words = {"variant": localized(variant.product, "name")}
        raise InvalidPlan(
            _("%(variant)s a déjà un prix prévu pour un de ces jours. Annulez-le d’abord.") % words
        ) from error


def _check_days(starts_on: date, ends_on: date | None, today: date) -> None:
    if starts_on <= today:
        raise InvalidPlan(_("Un prix est prévu pour demain au plus tôt : il change le matin, avant l’ouverture."))
    if ends_on and ends_on < starts_on:
        raise InvalidPlan(_("Le dernier jour vient avant le premier."))


def _apply(plan: PlannedPrice) -> None:
    variant = Variant.objects.select_for_update(of=["self"]).get(pk=plan.variant_id)
    plan.price_before, variant.price = variant.price, plan.price
    plan.state = State.APPLIED if plan.ends_on else State.DONE
    variant.save(update_fields=["price"])
    plan.save(update_fields=["state", "price_before"])


def _end(plan: PlannedPrice) -> None:
    plan.state = State.DONE
    plan.save(update_fields=["state"])


def _give_back(plan: PlannedPrice) -> None:
    """The price of before, unless somebody has given the variant another one meanwhile."""
    Variant.objects.filter(pk=plan.variant_id, price=plan.price).update(price=plan.price_before)
