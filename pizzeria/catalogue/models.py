"""What OC Pizza sells: ingredients, products, sizes, recipes, prices and VAT."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, BigIntegerRangeField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _


class Allergen(models.TextChoices):
    """The 14 allergens of Regulation (EU) 1169/2011, annex II."""

    GLUTEN = "gluten", _("gluten")
    CRUSTACEANS = "crustaceans", _("crustacés")
    EGGS = "eggs", _("œufs")
    FISH = "fish", _("poissons")
    PEANUTS = "peanuts", _("arachides")
    SOYBEANS = "soybeans", _("soja")
    MILK = "milk", _("lait")
    NUTS = "nuts", _("fruits à coque")
    CELERY = "celery", _("céleri")
    MUSTARD = "mustard", _("moutarde")
    SESAME = "sesame", _("sésame")
    SULPHITES = "sulphites", _("sulfites")
    LUPIN = "lupin", _("lupin")
    MOLLUSCS = "molluscs", _("mollusques")


class VatCategory(models.TextChoices):
    IMMEDIATE = "immediate", _("à consommer tout de suite")
    SEALED = "sealed", _("boisson fermée")
    ALCOHOL = "alcohol", _("alcool")


class VatRate(models.Model):
    """The rate, in percent, of a category from a date on."""

    category = models.CharField(max_length=12, choices=VatCategory)
    percent = models.DecimalField(max_digits=4, decimal_places=2)
    valid_from = models.DateField()
    source = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["category", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["category", "valid_from"], name="vat_rate_one_a_day"),
            models.CheckConstraint(condition=Q(percent__gte=0, percent__lt=100), name="vat_rate_is_a_percentage"),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.percent} %"


class Ingredient(models.Model):
    """Something that the stock counts: flour in grams, oil in millilitres, cans by the piece."""

    class Unit(models.TextChoices):
        GRAM = "g", _("g")
        MILLILITRE = "ml", _("ml")
        PIECE = "piece", _("pièce")

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("nom"), max_length=80)
    name_en = models.CharField(_("nom anglais"), max_length=80)
    comment = models.CharField(_("commentaire"), max_length=200, blank=True)
    unit = models.CharField(_("unité"), max_length=5, choices=Unit)
    unit_quantity = models.PositiveIntegerField(
        _("quantité unitaire"), default=1, help_text=_("Ce que contient une unité livrée : la farine compte par 500 g.")
    )
    allergens = ArrayField(models.CharField(max_length=12, choices=Allergen), default=list, blank=True)
    meat_origin = models.CharField(_("origine de la viande"), max_length=60, blank=True)
    meat_origin_en = models.CharField(_("origine de la viande en anglais"), max_length=60, blank=True)
    extra_price = models.DecimalField(_("prix en supplément"), max_digits=5, decimal_places=2, null=True, blank=True)
    extra_quantity = models.PositiveIntegerField(
        _("quantité en supplément"), default=30, help_text=_("Pour la taille de référence, dans l’unité.")
    )
    look = models.JSONField(default=dict, blank=True, help_text="How it is drawn on a pizza.")

    class Meta:
        ordering = ["name"]
        verbose_name = _("ingrédient")
        constraints = [
            models.CheckConstraint(condition=Q(unit_quantity__gte=1), name="ingredient_unit_quantity_positive"),
            models.CheckConstraint(
                condition=Q(extra_price__isnull=True) | Q(extra_price__gte=0), name="ingredient_extra_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Size(models.Model):
    """A pizza size: its dough in grams, and what a recipe's grams are multiplied by."""

    code = models.CharField(max_length=2, unique=True)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=40)
    diameter_cm = models.PositiveSmallIntegerField()
    dough = models.ForeignKey(Ingredient, on_delete=models.PROTECT, related_name="+")
    dough_grams = models.PositiveIntegerField()
    factor = models.DecimalField(max_digits=4, decimal_places=2)
    oven_minutes = models.PositiveSmallIntegerField(
        _("minutes de four"),
        default=6,
        db_default=6,
        help_text=_("Ce qu’une pizza de cette taille occupe d’une place au four."),
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        constraints = [models.CheckConstraint(condition=Q(factor__gt=0), name="size_factor_positive")]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """A pizza, a drink or a dessert."""

    class Kind(models.TextChoices):
        PIZZA = "pizza", _("pizza")
        DRINK = "drink", _("boisson")
        DESSERT = "dessert", _("dessert")

    kind = models.CharField(max_length=8, choices=Kind)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("nom"), max_length=80)
    name_en = models.CharField(
        _("nom anglais"), max_length=80, blank=True, help_text=_("Vide pour un nom propre, comme celui d’une pizza.")
    )
    description = models.CharField(_("description"), max_length=240, blank=True)
    description_en = models.CharField(_("description anglaise"), max_length=240, blank=True)
    preparation = models.TextField(_("préparation"), blank=True)
    vat_category = models.CharField(max_length=12, choices=VatCategory)
    tags = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(_("disponible"), default=True)

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("produit")

    def __str__(self) -> str:
        return self.name


class Variant(models.Model):
    """A product in a size, at a price in euros, VAT included. Drinks and desserts have no size."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    size = models.ForeignKey(Size, on_delete=models.PROTECT, null=True, blank=True)
    price = models.DecimalField(_("prix"), max_digits=6, decimal_places=2)

    class Meta:
        ordering = ["product__position", "size__position"]
        constraints = [
            models.UniqueConstraint(fields=["product", "size"], name="variant_once_a_size", nulls_distinct=False),
            models.CheckConstraint(condition=Q(price__gte=Decimal("0.00")), name="variant_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.size or ''}".strip()


class Composition(models.Model):
    """How much of an ingredient a variant needs, in the ingredient's unit, its dough included.

    Written by `catalogue.services.set_recipe` from the recipe of the reference size.
    """

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="composition")
    ingredient = models.ForeignKey(Ingredient, on_delete=models.PROTECT, related_name="used_in")
    quantity = models.PositiveIntegerField(_("quantité"))
    is_base = models.BooleanField(_("ne peut être retiré"), default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["variant", "ingredient"], name="composition_ingredient_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="composition_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.ingredient} {self.quantity}"


class RecipeChange(models.Model):
    """What a recipe was and what it became, by whom and why. Never changed: a trigger refuses it.

    `before` and `after` hold `recipe` (of the reference size, as `set_recipe` takes it: a list of `ingredient`, a key,
    `name`, `unit` and `quantity`, without the dough) and `preparation`.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="recipe_changes")
    at = models.DateTimeField()
    acting_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    store = models.ForeignKey(
        "stores.Store", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Where from."
    )
    reason = models.CharField(_("raison"), max_length=200)
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.product_id} {self.at}"


class PlannedPrice(models.Model):
    """A variant's price from a day on, in euros, VAT included: until another day, or for good.

    The morning's update applies it and ends it (`prices.apply_planned_prices`).
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("prévu")
        APPLIED = "applied", _("en vigueur")
        DONE = "done", _("terminé")
        CANCELLED = "cancelled", _("annulé")

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="planned_prices")
    price = models.DecimalField(_("prix"), max_digits=6, decimal_places=2)
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au"), null=True, blank=True, help_text="The last day of it; none for good.")
    state = models.CharField(max_length=9, choices=State, default=State.PLANNED)
    price_before = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    planned_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["starts_on", "variant__product__position", "variant__size__position"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gt=0), name="planned_price_positive"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="planned_price_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(state="applied") | Q(price_before__isnull=False), name="planned_price_knows_the_one_before"
            ),
            # A variant has one price at a time. Its number as a range: plain equality would need an extension.
            ExclusionConstraint(
                name="planned_price_one_at_a_time",
                expressions=[
                    (
                        Func(
                            F("variant"),
                            F("variant"),
                            Value("[]"),
                            function="int8range",
                            output_field=BigIntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            F("starts_on"),
                            Coalesce(F("ends_on"), F("starts_on")),
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state__in=["planned", "applied"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} {self.price} € {self.starts_on}"
