"""What the scheduled jobs of the cities do."""

import logging

from django.db import transaction
from django.utils import timezone

from pizzeria.catalogue.models import Ingredient
from pizzeria.live.services import prune
from pizzeria.live.tasks import EVENT_LIFE
from pizzeria.ordering.cart import forget_old_carts
from pizzeria.ordering.tasks import CART_LIFE
from pizzeria.stock.services import refresh_makeable
from pizzeria.stores.models import City

logger = logging.getLogger(__name__)


def refresh_city(*, code: str) -> None:
    """Refresh a city's data: expired carts go, makeable counts are computed anew. Idempotent.

    Raises City.DoesNotExist for a code that no city has.
    """
    city = City.objects.get(code=code)
    carts = forget_old_carts(before=timezone.now() - CART_LIFE)
    ingredients = list(Ingredient.objects.values_list("pk", flat=True))
    for store in city.stores.all():
        with transaction.atomic():
            refresh_makeable(store=store, ingredient_ids=ingredients)
    events = prune(before=timezone.now() - EVENT_LIFE)
    logger.info("%s refreshed, %s expired carts and %s old events deleted", city.name, carts, events)
