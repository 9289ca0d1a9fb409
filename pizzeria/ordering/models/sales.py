"""What a store sold, day by day: computed from its orders."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from pizzeria.catalogue.models import Product
from pizzeria.stores.models import Store


class Channel(models.TextChoices):
    """How an order came in."""

    ONLINE = "online", _("en ligne")
    COUNTER = "counter", _("au comptoir ou par téléphone")


class Sales(models.Model):
    """What a store sold on a day in Paris through a channel, computed from its orders by `sales.recompute_sales`."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    channel = models.CharField(max_length=8, choices=Channel)
    orders = models.PositiveIntegerField()
    turnover = models.DecimalField(max_digits=10, decimal_places=2)

    class Meta:
        abstract = True


class DaySales(Sales):
    """All of it: the turnover is what clients pay, delivery included and gestures taken off."""

    delivery_fees = models.DecimalField(max_digits=10, decimal_places=2)
    discounts = models.DecimalField(
        max_digits=10,
        decimal_places=2,
        default=Decimal("0.00"),
        db_default=Decimal("0.00"),
        help_text="What offers took off the prices: clients never paid it.",
    )
    gestures = models.DecimalField(
        max_digits=10,
        decimal_places=2,
        default=Decimal("0.00"),
        db_default=Decimal("0.00"),
        help_text="What the house gave back of orders that stand; the turnover is without it.",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "day", "channel"], name="day_sales_once")]

    def __str__(self) -> str:
        return f"{self.store_id} {self.day} {self.channel}: {self.turnover} €"


class ProductDaySales(Sales):
    """One product's part. A pizza of two halves counts half for each of them."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    quantity = models.DecimalField(max_digits=9, decimal_places=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "day", "channel", "product"], name="product_day_sales_once")
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.day} {self.product_id}: {self.quantity}"
