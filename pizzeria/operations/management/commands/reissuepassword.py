"""`./manage.py reissuepassword renata.bellini`: a new first password for a member of the staff who lost theirs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from pizzeria.accounts.audit import record
from pizzeria.accounts.models import User
from pizzeria.accounts.services import reissue_password


class Command(BaseCommand):
    help = "Donne un nouveau mot de passe à un membre du personnel et l’affiche, une seule fois."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("identifier", help="ce que la personne tape pour se connecter")

    @transaction.atomic
    def handle(self, *_arguments: str, identifier: str, **_options: Any) -> None:
        user = User.objects.filter(roles__isnull=False, identifier__iexact=identifier).first()
        if user is None:
            message = _("Aucun membre du personnel ne se connecte avec l’identifiant %(identifier)s.")
            raise CommandError(message % {"identifier": identifier})
        password = reissue_password(user=user)
        record(actor=None, action="staff.password_reissued", subject=f"user:{user.pk}")
        self.stdout.write(f"identifiant: {user.identifier}\nmot de passe: {password}")
