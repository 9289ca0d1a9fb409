"""The journal: what was sold, taken, given back and corrected. Rows are added, never changed: triggers refuse it.

It holds nobody's name: an order's number, a user's key, and reasons that are chosen, not typed.
"""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pizzeria.ledger.chain import BEGINNING, FORMAT
from pizzeria.ledger.values import euros, moment
from pizzeria.stores.models import Store

SHA_256 = r"^[0-9a-f]{64}$"
ORDER_NUMBER = r"^[0-9A-Z-]*$"
MEANS = r"^[a-z_]*$"


class Kind(models.TextChoices):
    SALE = "sale", _("vente")
    PAYMENT = "payment", _("encaissement")
    REFUND = "refund", _("remboursement")
    CORRECTION = "correction", _("correction")
    CLOSING = "closing", _("clôture")


class Reason(models.TextChoices):
    """Why something is corrected or given back. The words that somebody typed stay with the order, which may forget them."""

    CANCELLED = "cancelled", _("commande annulée")
    CHANGED = "changed", _("commande modifiée")
    GESTURE = "gesture", _("geste commercial")
    OVERPAID = "overpaid", _("trop-perçu")
    MISTAKE = "mistake", _("erreur de saisie")


class Period(models.TextChoices):
    DAY = "day", _("journée")
    MONTH = "month", _("mois")
    YEAR = "year", _("année")


class Head(models.Model):
    """Where a store's journal ends: the row that whoever appends locks, and that the triggers alone move."""

    store = models.OneToOneField(Store, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=BEGINNING)
    day = models.DateField(null=True, help_text="Of the last entry: none after it is of an earlier one.")
    closing_number = models.PositiveBigIntegerField(default=0)
    closing_hash = models.CharField(max_length=64, default=BEGINNING)

    def __str__(self) -> str:
        return f"{self.store_id}: {self.number}"


class Entry(models.Model):
    """One line of a store's journal, in euros.

    A sale and a correction are turnover, with their VAT; a payment and a refund are money, with its means. A refund is
    negative. What is cancelled or changed is corrected by what it was more or less.
    """

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveBigIntegerField(help_text="1, 2, 3 … in each store, without a gap.")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    day = models.DateField(
        help_text="In Paris; the next open one when that of `at` is closed. Never before the last entry's."
    )
    order = models.CharField(max_length=12, blank=True)
    means = models.CharField(max_length=16, blank=True)
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    vat = models.JSONField(default=list)
    lines = models.JSONField(default=list)
    acting_user = models.PositiveBigIntegerField(
        null=True, help_text="A key, not a name; none for a client without an account."
    )
    reason = models.CharField(max_length=10, choices=Reason, blank=True)
    closing = models.CharField(
        max_length=64, blank=True, help_text="The hash of the closing that this entry announces."
    )
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["store", "number"]
        indexes = [
            models.Index(fields=["store", "day"]),
            models.Index(fields=["order"], name="ledger_entry_of_an_order"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["store", "number"], name="ledger_entry_number_once"),
            models.UniqueConstraint(fields=["order"], condition=Q(kind="sale"), name="ledger_entry_order_sold_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="ledger_entry_numbered_from_one"),
            models.CheckConstraint(
                condition=Q(hash__regex=SHA_256, previous__regex=SHA_256), name="ledger_entry_hashes_are_sha256"
            ),
            models.CheckConstraint(
                condition=Q(kind="sale", amount__gt=0)
                | Q(kind="payment", amount__gt=0)
                | Q(kind="refund", amount__lt=0)
                | Q(kind="correction")
                | Q(kind="closing", amount=0),
                name="ledger_entry_amount_is_of_its_kind",
            ),
            models.CheckConstraint(
                condition=(Q(kind__in=["payment", "refund"]) & ~Q(means=""))
                | (~Q(kind__in=["payment", "refund"]) & Q(means="")),
                name="ledger_entry_money_has_a_means",
            ),
            models.CheckConstraint(
                condition=(Q(kind="closing", order="", closing__regex=SHA_256))
                | (~Q(kind="closing") & ~Q(order="") & Q(closing="")),
                name="ledger_entry_order_or_closing",
            ),
            models.CheckConstraint(
                condition=Q(kind="payment")
                | (Q(kind__in=["refund", "correction"]) & ~Q(reason=""))
                | (Q(kind__in=["sale", "closing"]) & Q(reason="")),
                name="ledger_entry_says_why",
            ),
            # By their form: no name, address or phone number fits into these.
            models.CheckConstraint(
                condition=Q(order__regex=ORDER_NUMBER, means__regex=MEANS, reason__in=["", *Reason.values]),
                name="ledger_entry_of_nobody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.store_id}/{self.number} {self.kind}"

    def document(self) -> dict[str, Any]:
        """What is hashed and archived; see `chain`."""
        return {
            "format": FORMAT,
            "store": self.store_id,
            "number": self.number,
            "kind": str(self.kind),
            "at": moment(self.at),
            "day": self.day.isoformat(),
            "order": self.order,
            "means": self.means,
            "amount": euros(self.amount),
            "vat": self.vat,
            "lines": self.lines,
            "acting_user": self.acting_user,
            "reason": str(self.reason),
            "closing": self.closing,
            "previous": self.previous,
            "hash": self.hash,
        }


class Closing(models.Model):
    """The sums of a day, month or year that is over, and those since the first entry (total perpétuel)."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveBigIntegerField(help_text="1, 2, 3 … in each store, whatever the period.")
    period = models.CharField(max_length=5, choices=Period)
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The last day that it covers.")
    closed_at = models.DateTimeField()
    first_number = models.PositiveBigIntegerField(null=True, help_text="None where nothing was written.")
    last_number = models.PositiveBigIntegerField(null=True)
    last_hash = models.CharField(max_length=64, help_text="Of the last entry until then, be it of an earlier period.")
    totals = models.JSONField()
    perpetual = models.JSONField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["store", "number"]
        constraints = [
            models.UniqueConstraint(fields=["store", "number"], name="ledger_closing_number_once"),
            models.UniqueConstraint(fields=["store", "period", "starts_on"], name="ledger_closing_period_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="ledger_closing_numbered_from_one"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=models.F("starts_on")), name="ledger_closing_ends_after_it_began"
            ),
            models.CheckConstraint(
                condition=Q(hash__regex=SHA_256, previous__regex=SHA_256, last_hash__regex=SHA_256),
                name="ledger_closing_hashes_are_sha256",
            ),
            models.CheckConstraint(
                condition=Q(first_number__isnull=True, last_number__isnull=True)
                | Q(first_number__gte=1, last_number__gte=models.F("first_number")),
                name="ledger_closing_covers_numbers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.store_id}/{self.number} {self.period} {self.starts_on}"

    def document(self) -> dict[str, Any]:
        """What is hashed and archived; see `chain`."""
        return {
            "format": FORMAT,
            "store": self.store_id,
            "number": self.number,
            "period": str(self.period),
            "starts_on": self.starts_on.isoformat(),
            "ends_on": self.ends_on.isoformat(),
            "closed_at": moment(self.closed_at),
            "first_number": self.first_number,
            "last_number": self.last_number,
            "last_hash": self.last_hash,
            "totals": self.totals,
            "perpetual": self.perpetual,
            "previous": self.previous,
            "hash": self.hash,
        }
