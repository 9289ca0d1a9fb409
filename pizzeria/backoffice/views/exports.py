"""Tables to take away, for a spreadsheet: chosen on a page, streamed as a file, and written down in the audit log."""

from collections.abc import Sequence

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from pizzeria.accounts.audit import record
from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, places_of, staff_page
from pizzeria.backoffice.export_forms import ALL, CSV, ExportForm, first_asked
from pizzeria.backoffice.export_tables import TABLES
from pizzeria.tables import csv_lines, xlsx_file

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@staff_page(Action.EXPORT)
def exports(request: StaffRequest, place: Place) -> HttpResponse:
    return _page(request, place, ExportForm(initial=first_asked(today=timezone.localdate())), status=200)


@require_POST
@staff_page(Action.EXPORT)
def export(request: StaffRequest, place: Place) -> HttpResponseBase:
    form = ExportForm(request.POST)
    if not form.is_valid():
        return _page(request, place, form, status=422)
    asked = form.cleaned_data
    table, stores = TABLES[asked["what"]], _stores(place, asked["stores"])
    rows = table.rows(stores, asked["since"], asked["until"])
    days = f"{asked['since']}-{asked['until']}"
    name = f"{asked['what']}-{place.store.slug if len(stores) == 1 else 'groupe'}-{days}.{asked['file']}"
    record(
        actor=place.user,
        roles=place.roles,
        store=place.store,
        action="table.exported",
        details={"table": asked["what"], "days": days, "stores": len(stores), "file": asked["file"]},
    )
    if asked["file"] == CSV:
        lines = csv_lines(columns=table.columns(), rows=rows)
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    file = xlsx_file(columns=table.columns(), rows=rows, sheet=str(table.label)[:31])
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX_TYPE)


def _stores(place: Place, asked: str) -> Sequence[int]:
    """The stores whose rows are taken away: this one, or all where this person may."""
    if asked != ALL:
        return [place.store.pk]
    return [each.store.pk for each in places_of(user=place.user) if each.may(Action.EXPORT)]


def _page(request: StaffRequest, place: Place, form: ExportForm, *, status: int) -> HttpResponse:
    context = {"place": place, "current": "exports", "form": form, "tables": TABLES.items()}
    return render(request, "backoffice/exports.html", context, status=status)
