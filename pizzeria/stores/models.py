"""Cities and points of sale: where OC Pizza is, when it is open and what it delivers to."""

from decimal import Decimal

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

POSTAL_CODE = RegexValidator(r"\A[0-9]{5}\Z", _("Un code postal a cinq chiffres."))


class City(models.Model):
    """A city of the group; `code` names its thin application, e.g. `city_001`."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("nom"), max_length=80)

    class Meta:
        ordering = ["code"]
        verbose_name = _("ville")
        verbose_name_plural = _("villes")

    def __str__(self) -> str:
        return self.name


class Store(models.Model):
    """A point of sale (point de vente)."""

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="stores", verbose_name=_("ville"))
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("nom"), max_length=80)
    street = models.CharField(_("adresse"), max_length=120)
    postal_code = models.CharField(_("code postal"), max_length=5, validators=[POSTAL_CODE])
    town = models.CharField(_("commune"), max_length=80)
    phone = models.CharField(_("téléphone"), max_length=20)
    email = models.EmailField(_("adresse électronique"))
    legal_line = models.CharField(_("mentions légales"), max_length=200, blank=True)
    preparation_minutes = models.PositiveSmallIntegerField(
        _("minutes de préparation"), default=20, help_text=_("Délai habituel entre la commande et la sortie du four.")
    )
    is_active = models.BooleanField(_("ouvert au public"), default=True)
    menu_version = models.PositiveBigIntegerField(
        default=1, editable=False, help_text="Grows whenever what the menu shows of this store changes."
    )

    class Meta:
        ordering = ["city__code", "name"]
        verbose_name = _("point de vente")
        verbose_name_plural = _("points de vente")

    def __str__(self) -> str:
        return self.name


class OpeningHours(models.Model):
    """One opening period of a weekday (0 is Monday), Europe/Paris wall time.

    A period that ends after midnight has `closes` before `opens`.
    """

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(_("jour"))
    opens = models.TimeField(_("ouvre à"))
    closes = models.TimeField(_("ferme à"))

    class Meta:
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="opening_hours_weekday_is_a_day"),
            models.UniqueConstraint(fields=["store", "weekday", "opens"], name="opening_hours_start_once"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens:%H:%M}-{self.closes:%H:%M}"


class DeliveryZone(models.Model):
    """A postal code that a store delivers to, with its fee and minimum in euros."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="delivery_zones")
    postal_code = models.CharField(_("code postal"), max_length=5, validators=[POSTAL_CODE])
    fee = models.DecimalField(_("frais de livraison"), max_digits=6, decimal_places=2, default=Decimal("0.00"))
    minimum_order = models.DecimalField(_("minimum"), max_digits=6, decimal_places=2, default=Decimal("0.00"))
    minutes = models.PositiveSmallIntegerField(_("minutes de route"), default=15)

    class Meta:
        ordering = ["postal_code"]
        constraints = [
            models.UniqueConstraint(fields=["store", "postal_code"], name="delivery_zone_once_a_store"),
            models.CheckConstraint(
                condition=models.Q(fee__gte=0, minimum_order__gte=0), name="delivery_zone_amounts_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["postal_code"])]

    def __str__(self) -> str:
        return self.postal_code
