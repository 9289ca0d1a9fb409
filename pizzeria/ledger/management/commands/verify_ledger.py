"""`./manage.py verify_ledger`: whether the journals are as they were written, and where they are not."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pizzeria.ledger.asked import stores_asked
from pizzeria.ledger.verification import extent, verify
from pizzeria.stores.models import Store


class Command(BaseCommand):
    help = "Relit le journal et ses clôtures : chaque écriture suit la précédente, ou la commande dit où la chaîne est rompue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--store", metavar="POINT_DE_VENTE", help="d’un seul point de vente (par défaut : de tous)")

    def handle(self, *_arguments: str, store: str | None, **_options: Any) -> None:
        broken = sum(self._verify(found) for found in stores_asked(store))
        if broken:
            raise CommandError(
                ngettext(
                    "Le journal est rompu : %(count)s anomalie.", "Le journal est rompu : %(count)s anomalies.", broken
                )
                % {"count": broken}
            )

    def _verify(self, store: Store) -> int:
        there = extent(store=store)
        broken = 0
        for found in verify(store=store, extent=there, tell=self._tell):
            broken += 1
            # As the archive's own verify.py says it: in French.
            self.stdout.write(f"{store.slug}, {found}")
        if not broken:
            words = {"store": store.slug, "entries": there.entries, "closings": there.closings}
            told = _("%(store)s : %(entries)s écritures et %(closings)s clôtures, la chaîne est entière.")
            self.stdout.write(told % words)
        return broken

    def _tell(self, read: int, total: int) -> None:
        """Draw how far it is, on a terminal only."""
        if self.stdout.isatty():
            self.stdout.write(f"\r  {read} / {total} ", ending="\r")
            self.stdout.flush()
