"""Revoke the bearer tokens of a device."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pizzeria.accounts.models import User
from pizzeria.accounts.tokens import revoke


class Command(BaseCommand):
    help = "Refuses, from now on, the bearer tokens that were issued to a person under a label."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("identifier", help="what the person types to sign in")
        parser.add_argument("--label", required=True, help="the label given when it was issued")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            user = User.objects.get_by_natural_key(options["identifier"])
        except User.DoesNotExist as error:
            raise CommandError(f"Nobody signs in as {options['identifier']!r}.") from error
        revoked = revoke(user=user, label=options["label"].strip())
        if not revoked:
            raise CommandError(f"{options['identifier']!r} has no token labelled {options['label']!r}.")
        self.stdout.write(f"revoked: {revoked}")
