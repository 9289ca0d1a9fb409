"""`./manage.py loadgroup`: what the group sells and where, loaded once into an empty database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.operations.demo.group import HouseTakenError, load_group


class Command(BaseCommand):
    help = "Charge le groupe sans personne ni commande : villes, points de vente, carte, recettes, stock d’ouverture."

    def handle(self, *_arguments: str, **_options: Any) -> None:
        try:
            loaded = load_group(opened_at=timezone.now())
        except HouseTakenError as error:
            raise CommandError(_("La base contient déjà un autre groupe : rien n’est chargé.")) from error
        self.stdout.write(_("Le groupe est chargé.") if loaded else _("Le groupe est déjà chargé : rien n’a changé."))
