"""What is typed on the pages of the service: the week, an exceptional day, holidays, ovens, a zone.

Each carries the mark of what its page showed (`seen`), and gives a plan as `stores.planning` takes it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pizzeria.accounts.details import problem_of_phone
from pizzeria.stores.identity import NAMES, Identity, is_siret, wrong_siret
from pizzeria.stores.models import POSTAL_CODE, VAT_NUMBER, OnHolidays
from pizzeria.stores.planning import DayPlan, Hours, OvenPlan, Week, ZonePlan
from pizzeria.words import one_line

PERIODS = 2
"""Noon and evening: so many periods a day has room for, more where it has more."""
PLACES_MINUTES = 60
"""A place in the oven, in minutes an hour."""
MOST_PLACES = 200
MOST_MINUTES = 180
YEAR = timedelta(days=366)


class Planned(forms.Form):
    """`seen` is the mark of what was shown; `accepted` the numbers of the orders that a warning named already."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=40)
    accepted = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)

    def clean_accepted(self) -> list[str]:
        return str(self.cleaned_data["accepted"]).split()

    def shown_again(self, **hidden: str) -> None:
        """Show what was typed once more, with other hidden values: what stands now has been told."""
        asked = cast("QueryDict", self.data).copy()
        for name, value in hidden.items():
            asked[self.add_prefix(name)] = value
        self.data = asked


def _time(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        input_formats=["%H:%M"],
        widget=forms.TimeInput({"type": "time"}, "%H:%M"),
        error_messages={"invalid": gettext_lazy("Indiquez une heure, par exemple 18:30.")},
    )


class PeriodsForm(Planned):
    """Periods of some days, each with two fields: `<day>-<n>-opens` and `<day>-<n>-closes`."""

    def _add_day(self, key: str, label: str, hours: Sequence[Hours], room: int) -> None:
        for number in range(max(room, len(hours))):
            opens, closes = f"{key}-{number}-opens", f"{key}-{number}-closes"
            self.fields[opens] = _time(_("%(day)s, ouvre") % {"day": label})
            self.fields[closes] = _time(_("%(day)s, ferme") % {"day": label})
            if number < len(hours):
                self.initial[opens], self.initial[closes] = hours[number].opens, hours[number].closes

    def periods_of(self, key: str) -> list[tuple[forms.BoundField, forms.BoundField]]:
        names = [name for name in self.fields if name.startswith(f"{key}-") and name.endswith("-opens")]
        return [(self[name], self[name.removesuffix("opens") + "closes"]) for name in names]

    def _hours(self, key: str) -> tuple[Hours, ...]:
        """The periods of a day, in their order; one of which half is missing is an error of its own."""
        found = []
        for opens, closes in self.periods_of(key):
            start, end = (self.cleaned_data.get(each.name) for each in (opens, closes))
            if isinstance(start, time) and isinstance(end, time):
                found.append(Hours(start, end))
            elif (start or end) and not (opens.errors or closes.errors):
                missing = closes.name if start else opens.name
                self.add_error(missing, _("Indiquez les deux heures, ou aucune."))
        return tuple(sorted(found))


class WeekForm(PeriodsForm):
    """The week, a day a row."""

    prefix = "week"

    def __init__(self, *args: Any, week: Week, mark: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = mark
        room = max(PERIODS, *(len(hours) for hours in week.values()))
        for day, label in WEEKDAYS.items():
            self._add_day(str(day), str(label), week[day], room)

    @property
    def rows(self) -> list[tuple[str, list[tuple[forms.BoundField, forms.BoundField]]]]:
        return [(capfirst(str(label)), self.periods_of(str(day))) for day, label in WEEKDAYS.items()]

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        asked["week"] = {day: self._hours(str(day)) for day in WEEKDAYS}
        return asked


class DayForm(PeriodsForm):
    """An exceptional day. Without hours it is closed; its button `usual` gives back the hours of any other day."""

    prefix = "day"
    day = forms.DateField(
        label=gettext_lazy("Jour"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    reason = forms.CharField(
        label=gettext_lazy("Raison"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Les clients la lisent : « travaux », « fête de la musique »."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, day: date | None, plan: DayPlan | None, mark: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update({"seen": mark, "day": day, "reason": plan.reason if plan else ""})
        self._add_day("on", _("ce jour"), plan.hours if plan else (), PERIODS)

    @property
    def periods(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return self.periods_of("on")

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        today = timezone.localdate()
        if not today <= day <= today + YEAR:
            raise forms.ValidationError(_("Choisissez un jour à partir d’aujourd’hui, dans l’année qui vient."))
        return day

    def clean_reason(self) -> str:
        return one_line(str(self.cleaned_data["reason"]))

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        asked["plan"] = DayPlan(reason=asked.get("reason", ""), hours=self._hours("on"))
        return asked


class HolidaysForm(Planned):
    prefix = "holidays"
    on_holidays = forms.ChoiceField(
        label=gettext_lazy("Les jours fériés, nous sommes"), choices=OnHolidays.choices, widget=forms.RadioSelect
    )


class OvensForm(Planned):
    """Places in the oven, usually and by hour of the week where they differ: a place is sixty minutes an hour."""

    prefix = "ovens"
    preparation = forms.IntegerField(
        label=gettext_lazy("Minutes de préparation"),
        min_value=1,
        max_value=MOST_MINUTES,
        help_text=gettext_lazy("De la commande à la sortie du four, quand rien n’attend."),
    )
    usual = forms.DecimalField(
        label=gettext_lazy("Places au four"),
        min_value=Decimal(0),
        max_value=Decimal(MOST_PLACES),
        max_digits=5,
        decimal_places=2,
        help_text=gettext_lazy("Combien de pizzas cuisent en même temps, d’habitude."),
    )

    def __init__(self, *args: Any, plan: OvenPlan, hours: Sequence[int], mark: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update({"seen": mark, "preparation": plan.preparation, "usual": places(plan.usual)})
        self.hours = hours
        for hour in hours:
            for day, label in WEEKDAYS.items():
                name = f"at-{day}-{hour}"
                self.fields[name] = forms.DecimalField(
                    label=_("%(day)s à %(hour)s h") % {"day": capfirst(str(label)), "hour": hour},
                    required=False,
                    min_value=Decimal(0),
                    max_value=Decimal(MOST_PLACES),
                    max_digits=5,
                    decimal_places=2,
                    widget=forms.NumberInput({"inputmode": "decimal", "placeholder": "·"}),
                )
                if (day, hour) in plan.differing:
                    self.initial[name] = places(plan.differing[day, hour])

    @property
    def rows(self) -> Iterator[tuple[int, list[forms.BoundField]]]:
        for hour in self.hours:
            yield hour, [self[f"at-{day}-{hour}"] for day in WEEKDAYS]

    @property
    def plan(self) -> OvenPlan:
        """Once it is valid. An hour that says what is usual says nothing."""
        asked = self.cleaned_data
        usual = minutes(asked["usual"])
        found = {(day, hour): asked.get(f"at-{day}-{hour}") for hour in self.hours for day in WEEKDAYS}
        differing = {where: minutes(said) for where, said in found.items() if said is not None}
        return OvenPlan(
            usual=usual,
            preparation=asked["preparation"],
            differing={where: said for where, said in sorted(differing.items()) if said != usual},
        )


class ZoneForm(Planned):
    """A delivery zone; the minutes of an hour are blank where they are the usual ones."""

    prefix = "zone"
    postal_code = forms.CharField(
        label=gettext_lazy("Code postal"),
        max_length=5,
        validators=[POSTAL_CODE],
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, plan: ZonePlan | None, hours: Sequence[int], mark: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hours = hours
        self.fields["fee"] = _euros(_("Frais en €"))
        self.fields["minimum_order"] = _euros(_("Minimum de commande en €"))
        self.fields["free_from"] = _euros(_("Offerte dès, en €"), required=False)
        self.fields["minutes"] = _minutes(_("Minutes de route"))
        for hour in hours:
            label = _("Minutes de route à %(hour)s h") % {"hour": hour}
            self.fields[f"at-{hour}"] = _minutes(label, required=False)
        self.initial["seen"] = mark
        if plan:
            self.fields["postal_code"].widget.attrs["readonly"] = True
            names = ("postal_code", "fee", "minimum_order", "free_from", "minutes")
            self.initial.update({name: getattr(plan, name) for name in names})
            self.initial.update({f"at-{hour}": said for hour, said in plan.by_hour.items()})

    @property
    def terms(self) -> list[forms.BoundField]:
        return [self[name] for name in ("postal_code", "fee", "minimum_order", "free_from", "minutes")]

    @property
    def by_hour(self) -> list[tuple[int, forms.BoundField]]:
        return [(hour, self[f"at-{hour}"]) for hour in self.hours]

    @property
    def plan(self) -> ZonePlan:
        """Once it is valid."""
        asked = self.cleaned_data
        found = {hour: asked.get(f"at-{hour}") for hour in self.hours}
        return ZonePlan(
            postal_code=asked["postal_code"],
            fee=asked["fee"],
            minimum_order=asked["minimum_order"],
            free_from=asked["free_from"],
            minutes=asked["minutes"],
            by_hour={hour: said for hour, said in found.items() if said is not None and said != asked["minutes"]},
        )


class IdentityForm(Planned):
    """Who sells, as tickets and receipts say it; the numbers may be typed with their spaces."""

    prefix = "identity"
    company = forms.CharField(
        label=gettext_lazy("Raison sociale"),
        max_length=120,
        help_text=gettext_lazy("Avec sa forme et son capital, par exemple « OC Pizza SAS au capital de 40 000 € »."),
    )
    siret = forms.CharField(
        label=gettext_lazy("SIRET"),
        max_length=30,
        help_text=gettext_lazy("Les quatorze chiffres de cet établissement."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    vat_number = forms.CharField(
        label=gettext_lazy("N° de TVA"),
        max_length=30,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
    )
    legal_line = forms.CharField(
        label=gettext_lazy("Autre mention"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Par exemple « RCS Paris 123 456 789 »."),
    )
    phone = forms.CharField(
        label=gettext_lazy("Téléphone"), max_length=20, widget=forms.TextInput({"type": "tel", "autocomplete": "off"})
    )
    email = forms.EmailField(label=gettext_lazy("Adresse électronique"))

    def __init__(self, *args: Any, identity: Identity, mark: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update({"seen": mark, **asdict(identity)})

    @property
    def company_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("company", "siret", "vat_number", "legal_line")]

    @property
    def reached_by(self) -> list[forms.BoundField]:
        return [self[name] for name in ("phone", "email")]

    @property
    def identity(self) -> Identity:
        """Once it is valid."""
        return Identity(**{name: str(self.cleaned_data[name]) for name in NAMES})

    def clean_company(self) -> str:
        return one_line(str(self.cleaned_data["company"]))

    def clean_legal_line(self) -> str:
        return one_line(str(self.cleaned_data["legal_line"]))

    def clean_siret(self) -> str:
        siret = _together(self.cleaned_data["siret"])
        if not is_siret(siret):
            raise forms.ValidationError(wrong_siret())
        return siret

    def clean_vat_number(self) -> str:
        number = _together(self.cleaned_data["vat_number"]).upper()
        if number:
            VAT_NUMBER(number)
        return number

    def clean_phone(self) -> str:
        phone = one_line(str(self.cleaned_data["phone"]))
        if problem := problem_of_phone(phone):
            raise forms.ValidationError(problem)
        return phone


class BreakdownForm(forms.Form):
    """How many places of the oven are lost, and until when."""

    places = forms.IntegerField(label=gettext_lazy("Places perdues"), min_value=1, max_value=MOST_PLACES)
    until = forms.ChoiceField(
        label=gettext_lazy("Jusqu’à quand"),
        choices=[
            ("60", gettext_lazy("une heure")),
            ("120", gettext_lazy("deux heures")),
            ("close", gettext_lazy("la fin du service")),
        ],
    )


def places(minutes: int) -> Decimal:
    """Minutes of oven an hour as places: 720 are 12."""
    return (Decimal(minutes) / PLACES_MINUTES).quantize(Decimal("0.01")).normalize() + 0


def minutes(places: Decimal) -> int:
    return round(places * PLACES_MINUTES)


def _euros(label: str, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=Decimal(0),
        max_digits=6,
        decimal_places=2,
        localize=True,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        **options,
    )


def _minutes(label: str, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=MOST_MINUTES, **options)


def _together(typed: object) -> str:
    """A number without the spaces and points that make it legible."""
    return "".join(letter for letter in one_line(str(typed)) if letter not in " .-")
