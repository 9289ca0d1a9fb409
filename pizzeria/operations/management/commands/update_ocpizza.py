"""`./manage.py update_ocpizza`: the cyclic update (6.2), now, of every city or of those that are named."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from pizzeria.operations.schedule import refresh_city
from pizzeria.stores.models import City


class Command(BaseCommand):
    help = "Rafraîchit les données de chaque ville, ou de celles qui sont nommées."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cities", nargs="*", metavar="ville", help="par exemple city_001")

    def handle(self, *_arguments: str, cities: list[str], **_options: Any) -> None:
        known = {city.code: city for city in City.objects.all()}
        unknown = [code for code in cities if code not in known]
        if unknown:
            words = {"unknown": ", ".join(unknown), "known": ", ".join(known)}
            raise CommandError(_("Ville inconnue : %(unknown)s. Villes connues : %(known)s.") % words)
        for code in cities or known:
            refresh_city(code=code)
            self.stdout.write(_("%(city)s : à jour.") % {"city": known[code].name})
