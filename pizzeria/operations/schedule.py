"""What the scheduled jobs of the cities do."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from pizzeria.catalogue.models import Ingredient
from pizzeria.live.models import LiveEvent
from pizzeria.ordering.models import Cart
from pizzeria.stock.services import refresh_makeable
from pizzeria.stores.models import City

logger = logging.getLogger(__name__)

CART_LIFE = timedelta(days=7)
EVENT_LIFE = timedelta(days=1)


def refresh_city(*, code: str) -> None:
    """Refresh a city's data: expired carts go, makeable counts are computed anew. Idempotent.

    Raises City.DoesNotExist for a code that no city has.
    """
    city = City.objects.get(code=code)
    expired = Cart.objects.filter(store__city=city, updated_at__lt=timezone.now() - CART_LIFE)
    deleted, _by_model = expired.delete()
    ingredients = list(Ingredient.objects.values_list("pk", flat=True))
    for store in city.stores.all():
        with transaction.atomic():
            refresh_makeable(store=store, ingredient_ids=ingredients)
    LiveEvent.objects.filter(created_at__lt=timezone.now() - EVENT_LIFE).delete()
    logger.info("%s refreshed, %s expired rows deleted", city.name, deleted)
