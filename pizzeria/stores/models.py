"""Cities and points of sale: where OC Pizza is, when it is open and what it delivers to."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from pizzeria.stores.calendar import Day
    from pizzeria.stores.hours import Span

POSTAL_CODE = RegexValidator(r"\A[0-9]{5}\Z", _("Un code postal a cinq chiffres."))
SIRET = RegexValidator(r"\A[0-9]{14}\Z", _("Un SIRET a quatorze chiffres."))
VAT_NUMBER = RegexValidator(
    r"\AFR[0-9A-Z]{2}[0-9]{9}\Z", _("Un numéro de TVA français s’écrit FR, une clé et neuf chiffres.")
)


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


class OnHolidays(models.TextChoices):
    """What a store does on the French public holidays, where no exceptional day says otherwise."""

    USUAL = "usual", _("ouvert comme d’habitude")
    SUNDAY = "sunday", _("ouvert comme un dimanche")
    CLOSED = "closed", _("fermé")


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
    company = models.CharField(
        _("raison sociale"), max_length=120, blank=True, db_default="", help_text="With its form and capital."
    )
    siret = models.CharField(_("SIRET"), max_length=14, blank=True, db_default="", validators=[SIRET])
    vat_number = models.CharField(_("n° de TVA"), max_length=13, blank=True, db_default="", validators=[VAT_NUMBER])
    preparation_minutes = models.PositiveSmallIntegerField(
        _("minutes de préparation"), default=20, help_text=_("Délai habituel entre la commande et la sortie du four.")
    )
    oven_minutes = models.PositiveSmallIntegerField(
        _("minutes de four par heure"),
        default=720,
        db_default=720,
        help_text=_("Ses places au four, fois soixante : douze places font 720 minutes."),
    )
    on_holidays = models.CharField(
        _("jours fériés"), max_length=8, choices=OnHolidays, default=OnHolidays.USUAL, db_default="usual"
    )
    is_active = models.BooleanField(_("ouvert au public"), default=True)
    menu_version = models.PositiveBigIntegerField(
        default=1, editable=False, help_text="Grows whenever what the menu shows of this store changes."
    )

    known_days: "dict[tuple[date, str | None], Day] | None" = None
    """What its days are, by the day and the reader's language: of a store that stays in memory until anything of it changes."""
    known_spans: "dict[tuple[date, int], list[Span]] | None" = None
    """Its opening periods, by the day that they are asked from and for how many days: of the same."""

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
    free_from = models.DecimalField(_("livraison offerte dès"), max_digits=6, decimal_places=2, null=True, blank=True)
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


class RoadHour(models.Model):
    """How long the road to a zone takes in an hour of the day when it takes another time than usual."""

    zone = models.ForeignKey(DeliveryZone, on_delete=models.CASCADE, related_name="road_hours")
    hour = models.PositiveSmallIntegerField(_("heure"), help_text="0 to 23, Europe/Paris.")
    minutes = models.PositiveSmallIntegerField(_("minutes de route"))

    class Meta:
        ordering = ["hour"]
        constraints = [
            models.UniqueConstraint(fields=["zone", "hour"], name="road_hour_once_a_zone"),
            models.CheckConstraint(condition=models.Q(hour__lte=23), name="road_hour_is_an_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.zone_id} {self.hour} h: {self.minutes} min"


class OvenHour(models.Model):
    """The minutes of oven of an hour of a weekday (0 is Monday) that differs from the store's usual ones."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="oven_hours")
    weekday = models.PositiveSmallIntegerField(_("jour"))
    hour = models.PositiveSmallIntegerField(_("heure"), help_text="0 to 23, Europe/Paris.")
    minutes = models.PositiveSmallIntegerField(_("minutes de four par heure"))

    class Meta:
        ordering = ["weekday", "hour"]
        constraints = [
            models.UniqueConstraint(fields=["store", "weekday", "hour"], name="oven_hour_once"),
            models.CheckConstraint(condition=models.Q(weekday__lte=6, hour__lte=23), name="oven_hour_is_an_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.weekday} {self.hour} h: {self.minutes} min"


class SpecialDay(models.Model):
    """A day with hours of its own: closed when it has none. Several rows make several periods.

    It goes before the week's hours and before what the store does on public holidays. Europe/Paris wall time; a period
    that ends after midnight has `closes` before `opens`.
    """

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="special_days")
    day = models.DateField(_("jour"))
    opens = models.TimeField(_("ouvre à"), null=True, blank=True)
    closes = models.TimeField(_("ferme à"), null=True, blank=True)
    reason = models.CharField(_("raison"), max_length=80, blank=True, help_text="As clients read it.")

    class Meta:
        ordering = ["day", "opens"]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "day", "opens"], name="special_day_start_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(opens__isnull=True, closes__isnull=True)
                | models.Q(opens__isnull=False, closes__isnull=False),
                name="special_day_has_both_times_or_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.day}"


class Rush(models.Model):
    """More work than usual, with an end: minutes added to every promise, or no order at all for now (a pause)."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="rushes")
    minutes = models.PositiveSmallIntegerField(_("minutes ajoutées"), null=True, help_text="None for a pause.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(_("jusqu’à"))
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gte=models.F("starts_at")), name="rush_ends_after_start")
        ]
        indexes = [models.Index(fields=["store", "ends_at"])]

    def __str__(self) -> str:
        return f"{self.store_id} {self.minutes if self.minutes is not None else 'pause'}"
