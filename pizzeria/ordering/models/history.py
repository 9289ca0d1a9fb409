"""What happened to an order, was said of it and was handed over: added to, never rewritten."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pizzeria.ordering.models.orders import Order


class OrderEvent(models.Model):
    """One move of an order: who, when, from, to, why. Never changed: a trigger refuses it, but for a client's `reason` to be
    forgotten.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    from_status = models.CharField(max_length=16, blank=True)
    to_status = models.CharField(max_length=16, choices=Order.Status)
    at = models.DateTimeField()
    acting_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    role = models.CharField(max_length=10)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["acting_user"], condition=Q(acting_user__isnull=False), name="order_event_acting_user"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"


class OrderChange(models.Model):
    """What a client or a cashier changed in an order (UC 1.3): what was replaced by what. Never changed: a trigger refuses it.

    `before` and `after` hold what differs alone, as `changing` writes it; `difference` is what the total grew by, in euros.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="order_changes")
    at = models.DateTimeField()
    acting_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    role = models.CharField(max_length=10)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    difference = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.order_id} {self.at}"


class PromiseChange(models.Model):
    """A promise that reality moved, and why. Never changed: a trigger refuses it."""

    class Reason(models.TextChoices):
        CHANGED = "changed", _("la commande a été modifiée")
        PAID = "paid", _("le paiement est arrivé")
        KITCHEN = "kitchen", _("la cuisine a pris du retard")
        OVEN = "oven", _("un four est en panne")
        RUSH = "rush", _("il y a beaucoup de monde ce soir")
        ROAD = "road", _("la route est plus longue que prévu")
        EARLY = "early", _("elle est en avance")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="promise_changes")
    at = models.DateTimeField()
    before = models.DateTimeField()
    after = models.DateTimeField()
    reason = models.CharField(max_length=8, choices=Reason)
    acting_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.order_id} {self.before} → {self.after}"


class RecapDelivery(models.Model):
    """That a récapitulatif (B2) was delivered: how, when, and which edition of the order it told."""

    class Medium(models.TextChoices):
        SCREEN = "screen", _("à l’écran")
        PDF = "pdf", _("en PDF")
        TICKET = "ticket", _("en ticket")
        MAIL = "mail", _("par e-mail")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="recaps")
    medium = models.CharField(max_length=8, choices=Medium)
    order_version = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["order", "medium", "order_version"], name="recap_told_once")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.medium}"


class Review(models.Model):
    """What a client says of an order once it was handed over, and what the responsable answers."""

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="review")
    stars = models.PositiveSmallIntegerField(_("note"))
    words = models.CharField(_("avis"), max_length=1000, blank=True)
    at = models.DateTimeField()
    reply = models.CharField(_("réponse"), max_length=1000, blank=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    replied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]
        constraints = [models.CheckConstraint(condition=Q(stars__gte=1, stars__lte=5), name="review_one_to_five_stars")]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.stars}"
