"""Money: what is owed and what was received. A payment's state is apart from the order's."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Method(models.TextChoices):
    """À la livraison (B32): the means that a driver or a cashier takes."""

    CASH = "cash", _("espèces")
    TERMINAL = "terminal", _("carte au terminal")
    VOUCHER = "voucher", _("titre-restaurant")


class PaymentStatus(models.TextChoices):
    UNPAID = "unpaid", _("non payée")
    PAID = "paid", _("payée")
    REFUNDED = "refunded", _("remboursée")
    FAILED = "failed", _("échouée")


class Payment(models.Model):
    """What is due, then received, for an order, in euros."""

    order = models.ForeignKey("ordering.Order", on_delete=models.PROTECT, related_name="payments")
    method = models.CharField(_("moyen de paiement"), max_length=8, choices=Method)
    status = models.CharField(_("statut"), max_length=8, choices=PaymentStatus, default=PaymentStatus.UNPAID)
    amount = models.DecimalField(_("montant"), max_digits=8, decimal_places=2)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="payment_amount_not_negative"),
            models.CheckConstraint(
                condition=~Q(status="paid") | Q(received_at__isnull=False), name="payment_paid_has_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} € {self.get_status_display()}"
