"""What people type about the stock, recipes and ingredients; what may be is for the services to say."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pizzeria.backoffice.forms import FIRST_DAY
from pizzeria.catalogue.ingredients import IngredientDetails, in_order
from pizzeria.catalogue.models import Allergen, Ingredient
from pizzeria.languages import in_alphabet
from pizzeria.stock.models import Movement
from pizzeria.stock.recipes import MOST_INGREDIENTS, MOST_OF_ONE, PREPARATION_LENGTH, REASON_LENGTH

GROUPED = re.compile(r"(?<=\d)[\s\u00a0\u202f.](?=\d{3}(\D|\Z))")
"""What people put between thousands."""
DIGITS = 10
NO_NUMBER = gettext_lazy("Indiquez un nombre entier, sans unité.")


class QuantityField(forms.IntegerField):
    """A whole number as people type it, `12 500` too; a text field, which says what is wrong and keeps what was typed."""

    widget = forms.TextInput

    def __init__(self, **options: Any) -> None:
        super().__init__(error_messages={"invalid": NO_NUMBER, "required": NO_NUMBER}, **options)
        self.widget.attrs |= {"inputmode": "numeric", "autocomplete": "off", "maxlength": "13"}

    def to_python(self, value: Any) -> int | None:
        typed = GROUPED.sub("", str(value or "").strip())
        if typed and not re.fullmatch(rf"-?[0-9]{{1,{DIGITS}}}", typed):
            raise forms.ValidationError(NO_NUMBER)
        return super().to_python(typed)


class SeenForm(forms.Form):
    """`seen` is the version of the line that the page showed."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)


class RaiseForm(SeenForm):
    quantity = QuantityField(label=gettext_lazy("Quantité ajoutée"))


class LowerForm(SeenForm):
    quantity = QuantityField(label=gettext_lazy("Quantité retirée"))


class WasteForm(SeenForm):
    quantity = QuantityField(label=gettext_lazy("Quantité jetée"))
    cause = forms.ChoiceField(
        label=gettext_lazy("Raison"), choices=[("", gettext_lazy("Choisissez")), *Movement.Cause.choices]
    )


class CountForm(forms.Form):
    """`expected` is the quantity that the page showed."""

    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    quantity = QuantityField(label=gettext_lazy("Quantité comptée"))


class ThresholdForm(SeenForm):
    quantity = QuantityField(
        label=gettext_lazy("Prévenir en dessous de"), help_text=gettext_lazy("Zéro : ne jamais prévenir.")
    )


class MovementFilters(forms.Form):
    """Which movements; all may be empty, and what says nothing sensible filters nothing."""

    item = forms.IntegerField(label=gettext_lazy("Ingrédient"), required=False, min_value=1, max_value=2**62)
    reason = forms.ChoiceField(
        label=gettext_lazy("Raison"),
        choices=[("", gettext_lazy("Toutes")), *Movement.Reason.choices],
        required=False,
    )
    day = forms.DateField(
        label=gettext_lazy("Jour"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def clean_day(self) -> Any:
        day = self.cleaned_data["day"]
        if day and not FIRST_DAY <= day <= timezone.localdate():
            raise forms.ValidationError(_("Choisissez aujourd’hui, ou un jour passé."))
        return day


class IngredientField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    def label_from_instance(self, obj: Ingredient) -> str:
        return f"{obj.name} ({obj.get_unit_display()})"


ROWS = MOST_INGREDIENTS
EMPTY_ROWS = 4
"""Lines to add ingredients in, beyond those that are written; there are more after a look."""


def _by_name(ingredient: Ingredient) -> str:
    return in_alphabet(ingredient.name)


class RecipeForm(forms.Form):
    """The recipe of the reference size, a line an ingredient; a line without a quantity is none."""

    shown = forms.CharField(widget=forms.HiddenInput, max_length=16)
    preparation = forms.CharField(
        label=gettext_lazy("Préparation"),
        max_length=PREPARATION_LENGTH,
        required=False,
        widget=forms.Textarea({"rows": 6}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Pourquoi ce changement ?"),
        max_length=REASON_LENGTH,
        help_text=gettext_lazy("Une phrase, pour les collègues des autres points de vente."),
        error_messages={"required": gettext_lazy("Dites pourquoi la recette change.")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, ingredients: QuerySet[Ingredient], rows: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(rows):
            self.fields[f"ingredient-{number}"] = IngredientField(
                label=_("Ingrédient %(number)s") % {"number": number + 1}, queryset=ingredients, required=False
            )
            self.fields[f"quantity-{number}"] = QuantityField(
                label=_("Quantité de l’ingrédient %(number)s") % {"number": number + 1}, required=False
            )
        self.rows = rows
        # One list of ingredients for all the lines: each would ask the database for its own.
        choices = [("", "—"), *((each.pk, self._label(each)) for each in sorted(ingredients, key=_by_name))]
        for number in range(rows):
            self.fields[f"ingredient-{number}"].widget.choices = choices

    @staticmethod
    def _label(ingredient: Ingredient) -> str:
        return f"{ingredient.name} ({ingredient.get_unit_display()})"

    def lines(self) -> Iterable[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"ingredient-{number}"], self[f"quantity-{number}"]) for number in range(self.rows)]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        for number in range(self.rows):
            ingredient, quantity = typed.get(f"ingredient-{number}"), typed.get(f"quantity-{number}")
            if quantity is not None and ingredient is None and f"ingredient-{number}" not in self.errors:
                self.add_error(f"ingredient-{number}", _("Choisissez l’ingrédient."))
            if quantity is not None and not 0 <= quantity <= MOST_OF_ONE:
                self.add_error(f"quantity-{number}", _("Une quantité va de 1 à %(most)s.") % {"most": MOST_OF_ONE})
        return typed

    def recipe(self) -> list[tuple[Ingredient, int]]:
        """What was typed, without the lines that have no quantity, or zero: that takes an ingredient out."""
        pairs = [
            (self.cleaned_data.get(f"ingredient-{number}"), self.cleaned_data.get(f"quantity-{number}"))
            for number in range(self.rows)
        ]
        return [(ingredient, quantity) for ingredient, quantity in pairs if ingredient and quantity]


class IngredientForm(forms.Form):
    """An ingredient; `shown` is the mark of what the page showed, empty for a new one."""

    shown = forms.CharField(widget=forms.HiddenInput, max_length=16, required=False)
    name = forms.CharField(label=gettext_lazy("Nom"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("Nom anglais"), max_length=80)
    comment = forms.CharField(label=gettext_lazy("Commentaire"), max_length=200, required=False)
    unit = forms.ChoiceField(label=gettext_lazy("Unité"), choices=Ingredient.Unit.choices)
    unit_quantity = QuantityField(
        label=gettext_lazy("Quantité unitaire"),
        min_value=1,
        max_value=1_000_000,
        help_text=gettext_lazy("Ce que contient une unité livrée : la farine compte par 500 g."),
    )
    allergens = forms.MultipleChoiceField(
        label=gettext_lazy("Allergènes"),
        choices=Allergen.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    meat_origin = forms.CharField(label=gettext_lazy("Origine de la viande"), max_length=60, required=False)
    meat_origin_en = forms.CharField(
        label=gettext_lazy("Origine de la viande en anglais"), max_length=60, required=False
    )
    extra_price = forms.DecimalField(
        label=gettext_lazy("Prix en supplément, en €"),
        min_value=0,
        max_digits=5,
        decimal_places=2,
        required=False,
        localize=True,
        help_text=gettext_lazy("Vide : n’est pas proposé en supplément."),
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )
    extra_quantity = QuantityField(
        label=gettext_lazy("Quantité en supplément"),
        min_value=1,
        max_value=MOST_OF_ONE,
        help_text=gettext_lazy("Pour la taille de référence, dans l’unité."),
    )

    def details(self) -> IngredientDetails:
        typed = {name: value for name, value in self.cleaned_data.items() if name != "shown"}
        return IngredientDetails(**typed | {"allergens": in_order(typed["allergens"])})
