"""Issue a bearer token of the API to a member of the staff."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pizzeria.accounts.models import User
from pizzeria.accounts.tokens import issue

LONGEST_DAYS = 3650
LONGEST_LABEL = 60


class Command(BaseCommand):
    help = "Issues a bearer token of the API to a member of the staff and prints it, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("identifier", help="what the person types to sign in")
        parser.add_argument("--label", required=True, help="which device or programme will use it")
        parser.add_argument("--days", type=int, default=90, help="days until it expires (default: 90)")

    def handle(self, *_args: Any, **options: Any) -> None:
        label, days = options["label"].strip(), options["days"]
        if not 1 <= len(label) <= LONGEST_LABEL:
            raise CommandError(f"--label has 1 to {LONGEST_LABEL} characters.")
        if not 1 <= days <= LONGEST_DAYS:
            raise CommandError(f"--days goes from 1 to {LONGEST_DAYS}.")
        token = issue(user=_staff(options["identifier"]), label=label, life=timedelta(days=days))
        self.stdout.write(token)


def _staff(identifier: str) -> User:
    try:
        user = User.objects.get_by_natural_key(identifier)
    except User.DoesNotExist as error:
        raise CommandError(f"Nobody signs in as {identifier!r}.") from error
    if not user.is_active:
        raise CommandError(f"The account of {identifier!r} is not active.")
    if not user.roles.exists():
        raise CommandError(f"{identifier!r} holds no role: tokens are for staff.")
    return user
