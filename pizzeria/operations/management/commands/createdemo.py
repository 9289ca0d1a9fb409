"""`./manage.py createdemo`: the demo group, loaded once."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.operations.demo import demo_logins
from pizzeria.operations.demo.group import HouseTakenError
from pizzeria.operations.demo.load import load_demo

MOST_DAYS = 365
BAR = 30


class Command(BaseCommand):
    help = "Charge le groupe de démonstration : villes, points de vente, carte, personnel, clients, commandes passées."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=30, help="jours de commandes passées (30)")
        parser.add_argument("--seed", default="oc-pizza", help="même graine, mêmes commandes")

    def handle(self, *_arguments: str, days: int, seed: str, verbosity: int, **_options: Any) -> None:
        if not 0 <= days <= MOST_DAYS:
            raise CommandError(_("--days va de 0 à %(most)s.") % {"most": MOST_DAYS})
        started = time.monotonic()
        try:
            loaded = load_demo(days=days, seed=seed, now=timezone.now(), tell=self._tell)
        except HouseTakenError as error:
            raise CommandError(
                _("La base contient déjà un autre groupe : la démonstration n’est pas chargée.")
            ) from error
        if not verbosity:
            return
        if not loaded:
            self.stdout.write(_("Le groupe de démonstration est déjà chargé : rien n’a changé."))
            return
        seconds = f"{time.monotonic() - started:.1f}"
        self.stdout.write(_("Groupe de démonstration chargé en %(seconds)s s.") % {"seconds": seconds})
        for role, identifier, password in demo_logins():
            self.stdout.write(f"  {role:<12} {identifier:<26} {password}")

    def _tell(self, done: int, total: int) -> None:
        """Draw the progress bar, on a terminal only."""
        if not self.stdout.isatty():
            return
        filled = BAR * done // max(1, total)
        bar = "█" * filled + "░" * (BAR - filled)
        self.stdout.write(f"\r  Commandes passées {bar} {done}/{total}", ending="" if done < total else "\n")
        self.stdout.flush()
