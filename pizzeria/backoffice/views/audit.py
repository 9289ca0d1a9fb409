"""The audit log of a store: who did what, newest first (the direction reads the group's entries beside them)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from pizzeria.accounts.audit import people_in, read_entries, record
from pizzeria.accounts.models import AuditEntry, Role, User
from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.audit_words import outcome_of, sentence_of
from pizzeria.backoffice.forms import FIRST_DAY
from pizzeria.tables import csv_of

PAGE_SIZE = 50
LONGEST_FILE = 20_000
"""Entries of one export: more are asked for day by day."""


class Filters(forms.Form):
    """Whose deeds, of which day, and from which entry on; all may be empty."""

    who = forms.IntegerField(label=gettext_lazy("Personne"), required=False, min_value=1, max_value=2**31)
    day = forms.DateField(
        label=gettext_lazy("Jour"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if day and not FIRST_DAY <= day <= timezone.localdate():
            raise forms.ValidationError(_("Choisissez aujourd’hui, ou un jour passé."))
        return day


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry as a page and a file show it."""

    entry: AuditEntry
    who: str
    roles: str
    sentence: str
    outcome: str

    @property
    def at(self) -> datetime:
        return timezone.localtime(self.entry.at)

    @property
    def order(self) -> str:
        """The number of the order that it was done to; empty for anything else."""
        kind, _colon, of = self.entry.subject.partition(":")
        return of.partition(" ")[0] if kind == "order" else ""


@require_safe
@staff_page(Action.SEE_AUDIT)
def journal(request: StaffRequest, place: Place) -> HttpResponse:
    form = _filters(request.GET)
    found = list(_found(place, form)[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    context = {
        "place": place,
        "current": "journal",
        "form": form,
        "people": people_in(store=place.store),
        "lines": _lines(shown),
        "older": shown[-1].pk if len(found) > PAGE_SIZE else None,
        "filters": _kept(request.GET),
        "is_newest": not form.cleaned_data.get("before"),
    }
    return render(request, "backoffice/journal.html", context)


@require_safe
@staff_page(Action.SEE_AUDIT)
def journal_file(request: StaffRequest, place: Place) -> HttpResponse:
    """The same entries for a spreadsheet. That they were taken away is written down."""
    found = list(_found(place, _filters(request.GET))[:LONGEST_FILE])
    record(
        actor=place.user,
        roles=place.roles,
        store=place.store,
        action="audit.exported",
        details={"entries": len(found)},
    )
    head = [_("Date"), _("Personne"), _("Rôles"), _("Action"), _("Résultat"), _("Code"), _("Objet")]
    rows = [
        [f"{line.at:%Y-%m-%d %H:%M:%S}", line.who, line.roles, line.sentence, line.outcome, line.entry.action, line.entry.subject]
        for line in _lines(found)
    ]  # fmt: skip
    response = HttpResponse(csv_of(head=head, rows=rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="journal-{place.store.slug}-{timezone.localdate()}.csv"'
    return response


def _filters(asked: QueryDict) -> Filters:
    """What says nothing sensible is told beside its field and filters nothing."""
    form = Filters(asked)
    form.is_valid()
    return form


def _found(place: Place, form: Filters) -> QuerySet[AuditEntry]:
    wanted = form.cleaned_data
    return read_entries(
        store=place.store,
        with_group=Role.DIRECTION in place.roles,
        person_id=wanted.get("who"),
        day=wanted.get("day"),
        before_id=wanted.get("before"),
    )


def _kept(asked: QueryDict) -> str:
    kept = asked.copy()
    kept.pop("before", None)
    return kept.urlencode()


def _lines(entries: Sequence[AuditEntry]) -> list[Line]:
    keys = {entry.subject.removeprefix("user:") for entry in entries if entry.subject.startswith("user:")}
    named = User.objects.filter(pk__in=[int(key) for key in keys if key.isdecimal()])
    names = {f"user:{user.pk}": str(user) for user in named}
    return [
        Line(
            entry=entry,
            who=str(entry.actor) if entry.actor else "",
            roles=", ".join(str(role.label) for role in Role if role in entry.roles),
            sentence=sentence_of(entry, names=names),
            outcome=outcome_of(entry),
        )
        for entry in entries
    ]
