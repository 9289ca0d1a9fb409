"""What somebody is about to order: a client’s cart, a cashier’s draft."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pizzeria.ordering.models.orders import Line, new_token
from pizzeria.stores.models import Store


class Cart(models.Model):
    """What somebody is about to order from a store; found by its unguessable token."""

    token = models.CharField(max_length=40, unique=True, default=new_token)
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+")
    comment = models.CharField(_("commentaire"), max_length=300, blank=True)
    code = models.CharField(_("code promotionnel"), max_length=30, blank=True, db_default="")
    changes = models.ForeignKey(
        "ordering.Order",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="The order that this cart changes (UC 1.3); none for one that is to be placed.",
    )
    order_version = models.PositiveIntegerField(null=True, blank=True, help_text="That order's, when the change began.")
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"cart {self.pk}"


class CartLine(Line):
    """`removed` and `extras` hold ingredient ids, sorted, so that equal lines are equal rows."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    removed = models.JSONField(default=list, blank=True)
    extras = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1, quantity__lte=50), name="cart_line_sane_quantity")
        ]
        indexes = [
            models.Index(fields=["second_half"], condition=Q(second_half__isnull=False), name="cart_line_second_half"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"


class Draft(models.Model):
    """An order that a cashier is writing down for somebody at the counter or on the phone; gone when it is placed, or a day old."""

    token = models.CharField(max_length=40)
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+")
    cashier = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    values = models.JSONField(default=dict, help_text="What is typed, by the name of its field.")
    lines = models.JSONField(default=list, help_text="Pairs of a number and what is asked for.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cashier", "token"], name="draft_once_a_tab")]

    def __str__(self) -> str:
        return f"draft {self.pk}"
