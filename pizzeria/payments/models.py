"""Money: what is owed, what was received, what is given back. A payment's state is apart from the order's."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pizzeria.ledger.models import Reason
from pizzeria.stores.models import Store

EXPLANATION_LENGTH = 200
"""Of what a person types about money: characters."""


class Method(models.TextChoices):
    """Online at the provider (B31), or à la livraison (B32): the means that a driver or a cashier takes."""

    ONLINE = "online", _("carte en ligne")
    CASH = "cash", _("espèces")
    TERMINAL = "terminal", _("carte au terminal")
    VOUCHER = "voucher", _("titre-restaurant")


AT_DOOR = (Method.CASH, Method.TERMINAL, Method.VOUCHER)


class PaymentStatus(models.TextChoices):
    UNPAID = "unpaid", _("non payée")
    PAID = "paid", _("payée")
    REFUNDED = "refunded", _("remboursée")
    FAILED = "failed", _("échouée")


class CashRound(models.Model):
    """A driver's float (fond de caisse), in euros: taken in the evening, handed over with what was received in cash."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    driver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    opening_amount = models.DecimalField(_("fond de caisse"), max_digits=7, decimal_places=2)
    closed_at = models.DateTimeField(null=True, blank=True)
    expected = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    handed_over = models.DecimalField(_("montant remis"), max_digits=8, decimal_places=2, null=True, blank=True)
    explanation = models.CharField(_("explication de l’écart"), max_length=EXPLANATION_LENGTH, blank=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "driver"], condition=Q(closed_at__isnull=True), name="cash_round_one_open_a_driver"
            ),
            models.CheckConstraint(
                condition=Q(opening_amount__gte=0, handed_over__isnull=True)
                | Q(opening_amount__gte=0, handed_over__gte=0),
                name="cash_round_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(
                    closed_at__isnull=True, expected__isnull=True, handed_over__isnull=True, received_by__isnull=True
                )
                | Q(
                    closed_at__isnull=False,
                    expected__isnull=False,
                    handed_over__isnull=False,
                    received_by__isnull=False,
                ),
                name="cash_round_closed_with_its_count",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(expected=F("handed_over")) | ~Q(explanation=""),
                name="cash_round_difference_is_explained",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.driver_id} {self.opened_at:%d/%m %H:%M}"


class Payment(models.Model):
    """What is due, then received, for an order, in euros. An order has one row that is due at most; several that are paid."""

    order = models.ForeignKey("ordering.Order", on_delete=models.PROTECT, related_name="payments")
    method = models.CharField(_("moyen de paiement"), max_length=8, choices=Method)
    status = models.CharField(_("statut"), max_length=8, choices=PaymentStatus, default=PaymentStatus.UNPAID)
    amount = models.DecimalField(_("montant"), max_digits=8, decimal_places=2)
    refunded = models.DecimalField(
        max_digits=8,
        decimal_places=2,
        default=Decimal("0.00"),
        db_default=Decimal("0.00"),
        help_text="Given back, or to be given back: the sum of its refunds that still stand.",
    )
    tendered = models.DecimalField(
        max_digits=8, decimal_places=2, null=True, blank=True, help_text="The cash that was handed over for it."
    )
    reference = models.CharField(
        max_length=80, null=True, blank=True, unique=True, help_text="The provider's name for it (`pi_…`)."
    )
    # Of what is due there is neither yet, and no entry in an index.
    cash_round = models.ForeignKey(
        CashRound, on_delete=models.PROTECT, null=True, blank=True, related_name="payments", db_index=False
    )
    entry_number = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="The number of its entry in the store's journal: that of its receipt."
    )
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, db_index=False
    )
    received_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="payment_amount_not_negative"),
            models.CheckConstraint(
                condition=~Q(status="paid") | Q(received_at__isnull=False), name="payment_paid_has_a_time"
            ),
            models.CheckConstraint(
                condition=Q(refunded=0) | Q(refunded__gt=0, refunded__lte=F("amount"), status__in=["paid", "refunded"]),
                name="payment_refunded_within_what_was_paid",
            ),
            models.CheckConstraint(
                condition=Q(tendered__isnull=True) | Q(method="cash", tendered__gte=F("amount")),
                name="payment_tendered_covers_it",
            ),
            models.UniqueConstraint(fields=["order"], condition=Q(status="unpaid"), name="payment_one_due_an_order"),
        ]
        indexes = [
            models.Index(fields=["cash_round"], condition=Q(cash_round__isnull=False), name="payment_cash_round"),
            models.Index(fields=["received_by"], condition=Q(received_by__isnull=False), name="payment_received_by"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} € {self.get_status_display()}"

    @property
    def change(self) -> Decimal:
        """The change given on it, in euros."""
        return self.tendered - self.amount if self.tendered is not None else Decimal("0.00")


class RefundStatus(models.TextChoices):
    DUE = "due", _("à rendre")
    SENT = "sent", _("en cours chez le prestataire")
    DONE = "done", _("rendu")
    FAILED = "failed", _("échoué, à traiter à la main")


class Refund(models.Model):
    """Money of a payment that is given back, in euros. One that failed for good still is due: a person sees to it."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount = models.DecimalField(_("montant"), max_digits=8, decimal_places=2)
    reason = models.CharField(_("motif"), max_length=10, choices=Reason)
    words = models.CharField(
        _("explication"), max_length=EXPLANATION_LENGTH, blank=True, help_text="What the person who gives it typed."
    )
    status = models.CharField(_("statut"), max_length=8, choices=RefundStatus, default=RefundStatus.DUE)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True, help_text="None when a person has to act.")
    problem = models.CharField(max_length=EXPLANATION_LENGTH, blank=True, default="", db_default="")
    reference = models.CharField(
        max_length=80, null=True, blank=True, unique=True, help_text="The provider's (`re_…`)."
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    entry_number = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive"),
            models.CheckConstraint(
                condition=~Q(status="done") | Q(done_at__isnull=False), name="refund_done_has_a_time"
            ),
        ]
        indexes = [models.Index(fields=["status", "next_attempt_at"])]

    def __str__(self) -> str:
        return f"{self.amount} € {self.get_status_display()}"

    @property
    def is_gesture(self) -> bool:
        """Whether the house gives it of what was sold: it may be taken back, where what a change has made too much may not."""
        return self.reason == Reason.GESTURE


class RefundReturn(models.Model):
    """A refund that was given, and that the provider brought back later: two moves of money, on a day each."""

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="returns")
    given_at = models.DateTimeField()
    came_back_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.refund_id} {self.came_back_at:%d/%m %H:%M}"


class ProviderEvent(models.Model):
    """An event that the provider told, by its name: each is acted upon once."""

    reference = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=80)
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.reference


class ProviderCustomer(models.Model):
    """A client as the provider knows them: their cards are kept there, and nowhere else."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reference = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.reference


class VoucherCeiling(models.Model):
    """How much may be paid with titres-restaurant a day and person, in euros, from a day on (Code du travail, R3262-10)."""

    starts_on = models.DateField(unique=True)
    amount = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        ordering = ["starts_on"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="voucher_ceiling_positive")]

    def __str__(self) -> str:
        return f"{self.amount} € {self.starts_on}"


class Discrepancy(models.Model):
    """What the provider's list and ours say differently about a day; found each night, explained by a person."""

    class Kind(models.TextChoices):
        MISSING_HERE = "missing_here", _("encaissé chez le prestataire, inconnu ici")
        MISSING_THERE = "missing_there", _("encaissé ici, inconnu du prestataire")
        AMOUNT = "amount", _("montants différents")
        REFUND_MISSING_HERE = "refund_here", _("remboursé chez le prestataire, inconnu ici")
        REFUND_MISSING_THERE = "refund_there", _("remboursé ici, inconnu du prestataire")
        REFUND_AMOUNT = "refund_amount", _("remboursements différents")

    day = models.DateField()
    kind = models.CharField(max_length=16, choices=Kind)
    reference = models.CharField(max_length=80)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ours = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    theirs = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    found_at = models.DateTimeField()
    explained_at = models.DateTimeField(null=True, blank=True)
    explained_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    explanation = models.CharField(_("explication"), max_length=EXPLANATION_LENGTH, blank=True)

    class Meta:
        ordering = ["day", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "reference"], name="discrepancy_once"),
            models.CheckConstraint(
                condition=Q(explained_at__isnull=True, explained_by__isnull=True)
                | (Q(explained_at__isnull=False, explained_by__isnull=False) & ~Q(explanation="")),
                name="discrepancy_explained_with_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind} {self.reference}"
