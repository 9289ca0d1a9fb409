"""`./manage.py createresponsable`: the first account of the back office, of a group that has nobody yet."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.accounts.services import create_manager
from pizzeria.stores.models import Store
from pizzeria.words import one_line

LONGEST_NAME = 80


class Command(BaseCommand):
    help = "Crée le compte d’un responsable et affiche, une seule fois, son identifiant et son premier mot de passe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="« Prénom Nom »")
        parser.add_argument("--email", required=True)
        parser.add_argument("--store", help="d’un seul point de vente (par défaut : de tous)")

    def handle(self, *_arguments: str, name: str, email: str, store: str | None, **_options: Any) -> None:
        first_name, last_name = _names(name)
        email = _email(email)
        known = User.objects.filter(email__iexact=email, roles__isnull=False).first()
        if known:
            # Beside what is read by machines: a script that keeps the password keeps nothing of this.
            message = _("Ce responsable a déjà un compte, %(identifier)s : rien n’a changé.")
            self.stderr.write(message % {"identifier": known.identifier})
            return
        user, password = create_manager(first_name=first_name, last_name=last_name, email=email, stores=_stores(store))
        self.stdout.write(f"identifiant: {user.identifier}\nmot de passe: {password}")


def _names(name: str) -> tuple[str, str]:
    first_name, _space, last_name = one_line(name).partition(" ")
    if not last_name or len(first_name) > LONGEST_NAME or len(last_name) > LONGEST_NAME:
        raise CommandError(_("--name s’écrit « Prénom Nom », de %(most)s lettres au plus.") % {"most": LONGEST_NAME})
    return first_name, last_name


def _email(email: str) -> str:
    try:
        validate_email(email.strip())
    except ValidationError as error:
        raise CommandError(_("--email n’est pas une adresse électronique.")) from error
    return email.strip()


def _stores(slug: str | None) -> list[Store]:
    stores = list(Store.objects.all() if slug is None else Store.objects.filter(slug=slug))
    if slug is not None and not stores:
        raise CommandError(_("Aucun point de vente ne s’appelle %(slug)s.") % {"slug": slug})
    return stores
