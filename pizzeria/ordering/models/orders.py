"""An order, its lines and what makes them."""

import secrets
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from pizzeria.catalogue.models import Ingredient, Variant
from pizzeria.ordering.folding import phone_backwards, words_vector
from pizzeria.payments.models import Method, PaymentStatus
from pizzeria.stores.models import Store

NUMBER_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, O, 1 and I, which sound or look alike on the phone."""
NUMBER_LENGTH = 5


def new_token() -> str:
    return secrets.token_urlsafe(24)


def new_number() -> str:
    """A short number for people; access is by the token, never by the number alone."""
    return "P-" + "".join(secrets.choice(NUMBER_ALPHABET) for _ in range(NUMBER_LENGTH))


class Fulfilment(models.TextChoices):
    DELIVERY = "delivery", _("à livrer")
    COLLECTION = "collection", _("à emporter")
    ON_SITE = "on_site", _("sur place")


class Source(models.TextChoices):
    """Where an order came from: itself, or a colleague who took it."""

    WEB = "web", _("sur le site")
    API = "api", _("par l’API")
    PHONE = "phone", _("par téléphone")
    COUNTER = "counter", _("au comptoir")


class Line(models.Model):
    """What a cart line and an order line share.

    `second_half` makes a half-and-half pizza: `variant` is then its left half.
    """

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    # Of most lines there is none: an index of those that have one is each table's own.
    second_half = models.ForeignKey(
        Variant, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    # Not a "positive" one: each table says itself that it is one at least.
    quantity = models.SmallIntegerField(_("quantité"), default=1)
    comment = models.CharField(_("commentaire"), max_length=120, blank=True)

    class Meta:
        abstract = True


class Order(models.Model):
    """A commande. Its status moves by `services.advance` and `services.cancel` alone."""

    class Status(models.TextChoices):
        AWAITING_PAYMENT = "awaiting_payment", _("En attente de paiement")
        TO_PREPARE = "to_prepare", _("À réaliser")
        TAKEN = "taken", _("Prise en charge")
        PREPARING = "preparing", _("En préparation")
        READY = "ready", _("Prête")
        DELIVERING = "delivering", _("En livraison")
        DELIVERED = "delivered", _("Livrée")
        CANCELLED = "cancelled", _("Annulée")

    number = models.CharField(_("numéro"), max_length=12, unique=True, default=new_number)
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    # Found by an index that begins with it, as is `customer`; of the staff, the rows that have them are indexed.
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="orders", db_index=False)
    status = models.CharField(_("statut"), max_length=16, choices=Status, default=Status.TO_PREPARE)
    version = models.PositiveIntegerField(
        default=1, help_text="Grows by one with every change; compared before a swap."
    )
    fulfilment = models.CharField(_("mode"), max_length=10, choices=Fulfilment)
    source = models.CharField(_("reçue"), max_length=8, choices=Source, default=Source.WEB, db_default="web")
    payment_method = models.CharField(_("moyen de paiement"), max_length=8, choices=Method)
    payment_status = models.CharField(max_length=8, choices=PaymentStatus, default=PaymentStatus.UNPAID)
    payable_until = models.DateTimeField(
        null=True, blank=True, help_text="When an order that waits for its payment lets its ingredients go."
    )
    change_for = models.DecimalField(
        max_digits=6, decimal_places=2, null=True, blank=True, help_text="The cash that the client will hand over."
    )
    sold_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the sale went into the journal: paid or handed over, whichever came first.",
    )
    discount = models.DecimalField(
        max_digits=8,
        decimal_places=2,
        default=Decimal("0.00"),
        db_default=Decimal("0.00"),
        help_text="What offers took off the lines.",
    )
    subtotal = models.DecimalField(max_digits=8, decimal_places=2, help_text="The lines, less their discounts.")
    delivery_fee = models.DecimalField(max_digits=6, decimal_places=2)
    total = models.DecimalField(max_digits=8, decimal_places=2)

    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="orders", db_index=False
    )
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    pizzaiolo = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    driver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    first_name = models.CharField(_("prénom"), max_length=80)
    last_name = models.CharField(pgettext_lazy("personne", "nom"), max_length=80)
    phone = models.CharField(_("téléphone"), max_length=20, blank=True)
    email = models.EmailField(_("adresse électronique"), blank=True)
    street = models.CharField(_("adresse"), max_length=120, blank=True)
    complement = models.CharField(_("complément"), max_length=120, blank=True)
    postal_code = models.CharField(_("code postal"), max_length=5, blank=True)
    town = models.CharField(_("commune"), max_length=80, blank=True)
    comment = models.CharField(_("commentaire"), max_length=300, blank=True)
    language = models.CharField(max_length=5, default="fr")
    placed_at = models.DateTimeField(_("passée le"))
    wanted_at = models.DateTimeField(
        _("demandée pour"), null=True, blank=True, help_text="The slot that was chosen; none for as soon as possible."
    )
    start_at = models.DateTimeField(null=True, blank=True, help_text="When the kitchen should begin; none for at once.")
    promised_at = models.DateTimeField(_("promise pour"), help_text="As it stands now: at the door, or at the counter.")
    first_promised_at = models.DateTimeField(null=True, blank=True, help_text="What was promised when it was placed.")
    ready_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    anonymised_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When what told whose it was went: see `retention`."
    )

    class Meta:
        ordering = ["-placed_at"]
        verbose_name = _("commande")
        constraints = [
            models.CheckConstraint(
                condition=Q(total=models.F("subtotal") + models.F("delivery_fee")), name="order_total_adds_up"
            ),
            models.CheckConstraint(condition=Q(subtotal__gt=0, delivery_fee__gte=0), name="order_amounts_positive"),
            models.CheckConstraint(
                condition=~Q(fulfilment="delivery")
                | (~Q(street="") & ~Q(postal_code=""))
                | Q(anonymised_at__isnull=False),
                name="order_delivery_has_an_address",
            ),
            models.CheckConstraint(
                # Once it is handed over, nobody has to be reached about it.
                condition=~Q(phone="") | ~Q(email="") | Q(anonymised_at__isnull=False) | Q(status="delivered"),
                name="order_can_be_contacted",
            ),
        ]
        indexes = [
            models.Index(fields=["store", "status", "placed_at"]),
            models.Index(fields=["store", "-placed_at"]),
            models.Index(fields=["customer", "-placed_at"]),
            # What an account may claim: no condition that a parameter would hide from a plan that is kept.
            models.Index(Lower("email"), condition=Q(customer__isnull=True), name="order_unclaimed_by_email"),
            # What the house looks for, among the orders of years: see `order_list`.
            GinIndex(words_vector(), name="order_words"),
            models.Index(OpClass(phone_backwards(), "text_pattern_ops"), name="order_phone_backwards"),
            # Nobody's yet when it is written, and no entry then.
            *(
                models.Index(fields=[who], condition=Q(**{f"{who}__isnull": False}), name=f"order_{who}")
                for who in ("taken_by", "pizzaiolo", "driver")
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def gross(self) -> Decimal:
        """What the lines cost before offers, in euros."""
        return self.subtotal + self.discount

    @property
    def customer_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or gettext("client anonymisé")


class OrderLine(Line):
    """A line as it was sold: its words and its price stay when the catalogue changes."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    label = models.CharField(max_length=200)
    unit_price = models.DecimalField(max_digits=6, decimal_places=2)
    amount = models.DecimalField(_("montant"), max_digits=8, decimal_places=2, help_text="Before `discount`.")
    discount = models.DecimalField(
        max_digits=8,
        decimal_places=2,
        default=Decimal("0.00"),
        db_default=Decimal("0.00"),
        help_text="What offers took off.",
    )
    vat_percent = models.DecimalField(max_digits=4, decimal_places=2)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="order_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(amount=models.F("unit_price") * models.F("quantity")), name="order_line_amount_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(discount__gte=0, discount__lte=models.F("amount")), name="order_line_discount_within_amount"
            ),
        ]
        indexes = [
            models.Index(fields=["second_half"], condition=Q(second_half__isnull=False), name="order_line_second_half"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.label}"

    @property
    def net(self) -> Decimal:
        """What is paid for it, in euros: the amount, less what offers took off."""
        return self.amount - self.discount


class AppliedOffer(models.Model):
    """What an offer took off an order, in euros, and the words that explained it to the client."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="offers")
    offer = models.ForeignKey("promotions.Offer", on_delete=models.PROTECT, related_name="+")
    label = models.CharField(max_length=200)
    amount = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="applied_offer_takes_something")]

    def __str__(self) -> str:
        return f"{self.label} −{self.amount} €"


class LineChange(models.Model):
    """An ingredient taken off a line's pizza, or put on it for a price in euros."""

    class Kind(models.TextChoices):
        REMOVED = "removed", _("sans")
        EXTRA = "extra", _("avec en plus")

    line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="changes")
    ingredient = models.ForeignKey(Ingredient, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    price = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["line", "ingredient"], name="line_change_ingredient_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ingredient_id}"


class IdempotencyKey(models.Model):
    """The answer that a key already got: the same key never makes two orders."""

    key = models.CharField(max_length=80, unique=True)
    request_digest = models.CharField(max_length=64)
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.key
