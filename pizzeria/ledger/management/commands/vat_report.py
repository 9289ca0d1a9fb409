"""`./manage.py vat_report`: a month's sales by VAT rate, for the accountant."""

import csv
import re
from argparse import ArgumentParser
from calendar import monthrange
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from pizzeria.ledger.asked import stores_asked
from pizzeria.ledger.selectors import SalesAtRate, sales_by_vat_rate
from pizzeria.tables import harmless

MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


class Command(BaseCommand):
    help = "Écrit en CSV, pour le comptable, les ventes d’un mois par point de vente et par taux de TVA, corrections comprises."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--month", required=True, metavar="AAAA-MM")
        parser.add_argument("--store", metavar="POINT_DE_VENTE", help="d’un seul point de vente (par défaut : de tous)")

    def handle(self, *_arguments: str, month: str, store: str | None, **_options: Any) -> None:
        first, last = _days(month)
        rows = sales_by_vat_rate(stores=stores_asked(store), first_day=first, last_day=last)
        # As a French spreadsheet opens it: semicolons, and decimal commas.
        table = csv.writer(self.stdout, delimiter=";", lineterminator="\n")
        table.writerow([_("mois"), _("point de vente"), _("taux de TVA"), _("montant TTC"), _("TVA"), _("montant HT")])
        table.writerows(_cells(month, row) for row in rows)


def _days(month: str) -> tuple[date, date]:
    found = MONTH.fullmatch(month)
    if found is None:
        raise CommandError(_("--month s’écrit comme 2026-11."))
    year, number = map(int, found.groups())
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


def _cells(month: str, row: SalesAtRate) -> list[object]:
    return [month, harmless(row.store.name), *map(_figure, (row.percent, row.amount, row.vat, row.before_vat))]


def _figure(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")
