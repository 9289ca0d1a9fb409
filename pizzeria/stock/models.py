"""Ingredient quantities of every point of sale, and every movement that explains them."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pizzeria.catalogue.models import Ingredient, Variant
from pizzeria.stores.models import Store


class StockItem(models.Model):
    """What a store has of an ingredient, in the ingredient's unit. Never below zero, by constraint."""

    # Found by `stock_item_once_a_store`, which begins with it.
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="stock", db_index=False)
    ingredient = models.ForeignKey(Ingredient, on_delete=models.PROTECT, related_name="stock")
    available = models.IntegerField(_("quantité"), default=0)
    alert_below = models.PositiveIntegerField(_("seuil d’alerte"), default=0)
    off_sale_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when nothing that needs it is sold, whatever the quantity says."
    )
    off_sale_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Grows with what people change. Orders do not touch it."
    )

    class Meta:
        ordering = ["ingredient__name"]
        constraints = [
            models.UniqueConstraint(fields=["store", "ingredient"], name="stock_item_once_a_store"),
            models.CheckConstraint(condition=Q(available__gte=0), name="stock_available_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.ingredient}: {self.available}"

    @property
    def state(self) -> str:
        """`off_sale`, `out`, `low` or `fine`: the loudest of them that is true."""
        if self.off_sale_since:
            return "off_sale"
        if self.available == 0:
            return "out"
        return "low" if self.available < self.alert_below else "fine"


class Movement(models.Model):
    """One change of one quantity. The movements of an item add up to its quantity."""

    class Reason(models.TextChoices):
        INITIAL = "initial", _("stock initial")
        ORDER = "order", _("commande")
        RETURN = "return", _("commande annulée ou modifiée")
        RAISE = "raise", _("ajout")
        LOWER = "lower", _("retrait")
        DELIVERY = "delivery", _("livraison reçue")
        WASTE = "waste", _("perte")
        COUNT = "count", _("inventaire")

    class Cause(models.TextChoices):
        """Why something was thrown away."""

        EXPIRED = "expired", _("périmé")
        SPOILT = "spoilt", _("abîmé")
        DROPPED = "dropped", _("tombé")
        BURNT = "burnt", _("brûlé")
        MISTAKE = "mistake", _("erreur de préparation")

    item = models.ForeignKey(StockItem, on_delete=models.PROTECT, related_name="movements")
    change = models.IntegerField()
    reason = models.CharField(max_length=8, choices=Reason)
    cause = models.CharField(_("raison"), max_length=8, choices=Cause, blank=True, default="", db_default="")
    reference = models.CharField(max_length=40, blank=True)
    # Kept: a movement is history, and the database refuses to change it.
    acting_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=~Q(change=0), name="movement_moves_something")]
        # What an order took is looked up when it is cancelled, among the movements of years.
        # What a day used is read among them too: a BRIN index costs an order next to nothing.
        indexes = [
            models.Index(fields=["reference"], name="movement_reference"),
            BrinIndex(fields=["created_at"], autosummarize=True, name="movement_time"),
            # A client's order writes ten movements of nobody's.
            models.Index(fields=["acting_user"], condition=Q(acting_user__isnull=False), name="movement_acting_user"),
        ]

    def __str__(self) -> str:
        return f"{self.change:+d} {self.reason}"


class Makeable(models.Model):
    """How many of a variant a store can still make (UC 4.4), kept equal to recipes times stock."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="makeable")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="makeable")
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "variant"], name="makeable_once_a_store")]

    def __str__(self) -> str:
        return f"{self.variant}: {self.count}"


class Proposal(models.Model):
    """How much of an ingredient to order for a day, and the figures that say why; computed by `proposals`."""

    item = models.ForeignKey(StockItem, on_delete=models.CASCADE, related_name="proposals")
    for_day = models.DateField()
    quantity = models.PositiveIntegerField(_("quantité"), help_text="In whole delivered units.")
    weekday_use = models.PositiveIntegerField(help_text="What that weekday used, on average.")
    rest_of_today = models.PositiveIntegerField(help_text="What today will probably still use.")
    available = models.PositiveIntegerField(help_text="What was there when this was computed.")
    received_at = models.DateTimeField(null=True, blank=True)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)

    class Meta:
        ordering = ["item__ingredient__name"]
        constraints = [
            models.UniqueConstraint(fields=["item", "for_day"], name="proposal_once_a_day"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="proposal_orders_something"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.for_day}: {self.quantity}"

    @property
    def units(self) -> int:
        """How many delivered units that is."""
        return self.quantity // self.item.ingredient.unit_quantity
