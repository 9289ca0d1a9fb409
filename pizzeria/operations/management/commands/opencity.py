"""`./manage.py opencity city_004 --name Bordeaux`: a new city's application, settings and row."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from pizzeria.operations.opencity import CannotOpenError, open_city


class Command(BaseCommand):
    help = "Ouvre une ville : son application, ses lignes dans settings.py, sa ligne dans la base."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="par exemple city_004")
        parser.add_argument("--name", required=True, help="par exemple Bordeaux")

    def handle(self, *_arguments: str, code: str, name: str, **_options: Any) -> None:
        try:
            city = open_city(code=code, name=name, project=settings.BASE_DIR)
        except CannotOpenError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("%(name)s est ouverte : %(code)s.") % {"name": city.name, "code": city.code})
        self.stdout.write(_("Redémarrez le site. Ses points de vente s’ajoutent dans la base : ils sont des données."))
