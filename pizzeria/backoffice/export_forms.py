"""What is asked for when a table is taken away as a file."""

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pizzeria.backoffice.export_tables import TABLES
from pizzeria.backoffice.forms import FIRST_DAY

CSV, XLSX = "csv", "xlsx"
HERE, ALL = "here", "all"


def _day(label: object) -> forms.DateField:
    return forms.DateField(
        label=label,  # type: ignore[arg-type]  # lazy
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )


class ExportForm(forms.Form):
    what = forms.ChoiceField(
        label=gettext_lazy("Tableau"), choices=[(name, table.label) for name, table in TABLES.items()]
    )
    since = _day(gettext_lazy("Du"))
    until = _day(gettext_lazy("Au"))
    stores = forms.ChoiceField(
        label=gettext_lazy("Points de vente"),
        choices=[(HERE, gettext_lazy("Celui-ci")), (ALL, gettext_lazy("Tous les miens"))],
    )
    file = forms.ChoiceField(
        label=gettext_lazy("Fichier"),
        choices=[(XLSX, gettext_lazy("Excel (.xlsx)")), (CSV, gettext_lazy("CSV (séparé par des points-virgules)"))],
    )

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        table = TABLES.get(self.cleaned_data.get("what", ""))
        if since is None or until is None or table is None:
            return
        if not FIRST_DAY <= since <= until <= timezone.localdate():
            self.add_error("until", _("Choisissez deux jours passés, le premier avant le second."))
        elif until - since >= table.longest:
            days = table.longest.days
            words = ngettext("Au plus %(days)s jour par fichier.", "Au plus %(days)s jours par fichier.", days)
            self.add_error("until", words % {"days": days})


def first_asked(*, today: date) -> dict[str, object]:
    """What the form shows first: the month that runs."""
    month = today.replace(day=1)
    return {"what": "orders", "since": month.isoformat(), "until": today.isoformat(), "stores": HERE, "file": XLSX}
