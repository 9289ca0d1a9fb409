"""Offers: rules as data, edited by the responsable."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pizzeria.catalogue.models import Product, Size
from pizzeria.stores.models import Store


class Kind(models.TextChoices):
    """What an offer does to a price."""

    PERCENT = "percent", _("un pourcentage")
    AMOUNT = "amount", _("un montant")
    SET = "set", _("n achetées, m offertes")
    FORMULA = "formula", _("une formule à prix fixe")
    DELIVERY = "delivery", _("la livraison offerte")


class Reach(models.TextChoices):
    """What a percentage or an amount is taken off."""

    ORDER = "order", _("toute la commande")
    ITEMS = "items", _("certains produits")


class Audience(models.TextChoices):
    """Whom an offer is for; whoever is not signed in has those for everybody alone."""

    EVERYBODY = "everybody", _("tout le monde")
    NEW = "new", _("un client qui n’a jamais commandé")
    NTH = "nth", _("la n-ième commande d’un client")
    ABSENT = "absent", _("un client qu’on n’a pas vu depuis n jours")
    BIRTHDAY = "birthday", _("un client autour de son anniversaire")


class Offer(models.Model):
    """Something that takes a part off an order's price, and on which conditions.

    Days and hours are those of Paris, by the moment at which the order is placed; hours that run past midnight are still
    those of the day that they began on (`rules.day_of`). An empty list, and no date, mean: any.
    """

    name = models.CharField(_("nom"), max_length=80)
    name_en = models.CharField(_("nom anglais"), max_length=80, blank=True)
    is_active = models.BooleanField(_("en cours"), default=True)
    kind = models.CharField(_("ce qu’elle donne"), max_length=8, choices=Kind, db_default=Kind.PERCENT)
    reach = models.CharField(_("sur"), max_length=5, choices=Reach, default=Reach.ORDER, db_default=Reach.ORDER)
    percent = models.PositiveSmallIntegerField(_("pourcentage"), null=True, blank=True)
    amount = models.DecimalField(_("montant en €"), max_digits=6, decimal_places=2, null=True, blank=True)
    price = models.DecimalField(_("prix de la formule en €"), max_digits=6, decimal_places=2, null=True, blank=True)
    bought = models.PositiveSmallIntegerField(_("achetées"), null=True, blank=True)
    given = models.PositiveSmallIntegerField(_("offertes"), null=True, blank=True)
    same_size = models.BooleanField(_("de la même taille"), default=True, db_default=True)

    code = models.CharField(
        _("code"), max_length=30, blank=True, db_default="", help_text="Upper case; empty for none."
    )
    starts_on = models.DateField(_("du"), null=True, blank=True)
    ends_on = models.DateField(_("au"), null=True, blank=True, help_text="The last day of it.")
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(), default=list, db_default=[], blank=True, help_text="0 is Monday."
    )
    from_time = models.TimeField(_("de"), null=True, blank=True)
    until_time = models.TimeField(_("à"), null=True, blank=True)
    minimum = models.DecimalField(
        _("à partir de, en €"), max_digits=6, decimal_places=2, null=True, blank=True, help_text="Before discounts."
    )
    stores = models.ManyToManyField(Store, related_name="+", blank=True)
    fulfilments = ArrayField(models.CharField(max_length=10), default=list, db_default=[], blank=True)
    channels = ArrayField(models.CharField(max_length=8), default=list, db_default=[], blank=True)
    audience = models.CharField(
        _("pour"), max_length=9, choices=Audience, default=Audience.EVERYBODY, db_default=Audience.EVERYBODY
    )
    audience_number = models.PositiveSmallIntegerField(_("n"), null=True, blank=True)
    most_each = models.PositiveSmallIntegerField(_("fois par client"), null=True, blank=True)
    is_combinable = models.BooleanField(_("se cumule avec d’autres"), default=True, db_default=True)

    version = models.PositiveIntegerField(default=1, db_default=1)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("offre")
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=~Q(code="") & Q(is_active=True), name="offer_code_once"),
            models.CheckConstraint(
                condition=(Q(kind=Kind.PERCENT, percent__gte=1, percent__lte=100) & Q(percent__isnull=False))
                | (Q(kind=Kind.AMOUNT, amount__gt=0) & Q(amount__isnull=False))
                | (Q(kind=Kind.SET, bought__gte=1, given__gte=1) & Q(bought__isnull=False, given__isnull=False))
                | (Q(kind=Kind.FORMULA, price__gt=0) & Q(price__isnull=False))
                | Q(kind=Kind.DELIVERY),
                name="offer_knows_what_it_gives",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="offer_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OfferPart(models.Model):
    """What fits an offer, or one part of a formula: products of a kind or by name, in some sizes; empty means any."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Product.Kind, blank=True)
    products = models.ManyToManyField(Product, related_name="+", blank=True)
    sizes = models.ManyToManyField(Size, related_name="+", blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["offer", "position"], name="offer_part_once")]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.position}"


class Quota(models.Model):
    """How often an offer may be used in all, and was. Beside the offer: what is counted is not what is edited."""

    offer = models.OneToOneField(Offer, on_delete=models.CASCADE, related_name="quota")
    most = models.PositiveIntegerField(_("fois en tout"))
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(used__lte=F("most")), name="quota_not_exceeded")]

    def __str__(self) -> str:
        return f"{self.offer_id}: {self.used}/{self.most}"


class Use(models.Model):
    """That an order used an offer which is counted. `reference` is the order's token, as in the stock.

    `period` is the year of the birthday for an offer that comes with one, and 0 for others; `ordinal` is a client's first,
    second, … use in it: unique, so that two orders at once cannot both be the last that is allowed.
    """

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="uses")
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    reference = models.CharField(max_length=40)
    period = models.PositiveSmallIntegerField(default=0)
    ordinal = models.PositiveSmallIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["offer", "customer", "period", "ordinal"], name="use_in_its_turn"),
            models.UniqueConstraint(fields=["offer", "reference"], name="use_once_an_order"),
        ]
        indexes = [models.Index(fields=["reference"])]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.reference}"
