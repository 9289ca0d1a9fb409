"""`./manage.py update_ocpizza`: the cyclic update (6.2), now, of every city or of those that are named."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.utils.translation import gettext as _

from pizzeria.operations.schedule import StepsFailedError, run_steps, steps_of
from pizzeria.stores.models import City

BAR = 24
CLEAR = "\r\x1b[K"


class Command(BaseCommand):
    help = "Met à jour les données de chaque ville, ou de celles qui sont nommées, et dit ce qui a été fait."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cities", nargs="*", metavar="ville", help="par exemple city_001")
        parser.add_argument("--city", action="append", default=[], metavar="VILLE", help="la même chose")

    def handle(self, *_arguments: str, cities: list[str], city: list[str], **_options: Any) -> None:
        known = {city.code: city for city in City.objects.all()}
        asked = [*cities, *city]
        unknown = [code for code in asked if code not in known]
        if unknown:
            words = {"unknown": ", ".join(unknown), "known": ", ".join(known)}
            raise CommandError(_("Ville inconnue : %(unknown)s. Villes connues : %(known)s.") % words)
        steps = steps_of(cities=[known[code] for code in asked or known])
        progress = Progress(self.stdout, total=len(steps))
        try:
            run_steps(steps, tell=progress.tell)
        except StepsFailedError as error:
            raise CommandError(_("Étapes qui ont échoué : %(steps)s.") % {"steps": error}) from error


class Progress:
    """The lines as they come and, on a terminal, a bar below them until all is done."""

    def __init__(self, out: OutputWrapper, *, total: int) -> None:
        self._out, self._total, self._done = out, total, 0
        self._draw()

    def tell(self, line: str) -> None:
        self._done += 1
        self._out.write(f"{CLEAR if self._out.isatty() else ''}{line}")
        self._draw()

    def _draw(self) -> None:
        if not self._out.isatty() or self._done == self._total:
            return
        full = BAR * self._done // self._total
        self._out.write(f"[{'#' * full}{'.' * (BAR - full)}] {self._done}/{self._total}", ending="")
        self._out.flush()
