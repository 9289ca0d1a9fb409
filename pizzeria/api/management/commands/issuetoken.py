"""Issue a bearer token of the API to a member of the staff."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pizzeria.accounts.models import Scope, User
from pizzeria.accounts.tokens import LABEL_LENGTH, LONGEST_LIFE, issue
from pizzeria.stores.models import Store

FOR_ORDERS = [Scope.READ_ORDERS.value, Scope.MOVE_ORDERS.value]


class Command(BaseCommand):
    help = "Issues a bearer token of the API to a member of the staff and prints it, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("identifier", help="what the person types to sign in")
        parser.add_argument("--label", required=True, help="which device or programme will use it")
        parser.add_argument("--days", type=int, default=90, help="days until it expires (default: 90)")
        parser.add_argument(
            "--scope",
            action="append",
            choices=Scope.values,
            help=f"what the device may do, again for more (default: {' '.join(FOR_ORDERS)}; supervision:read for the state of the site)",
        )
        parser.add_argument(
            "--store", help="the slug of the only point of sale that it opens (default: the person’s all)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        label, days = options["label"].strip(), options["days"]
        if not 1 <= len(label) <= LABEL_LENGTH:
            raise CommandError(f"--label has 1 to {LABEL_LENGTH} characters.")
        if not 1 <= days <= LONGEST_LIFE.days:
            raise CommandError(f"--days goes from 1 to {LONGEST_LIFE.days}.")
        token = issue(
            user=_staff(options["identifier"]),
            label=label,
            life=timedelta(days=days),
            scopes=options["scope"] or FOR_ORDERS,
            store=_store(options["store"]) if options["store"] else None,
        )
        self.stdout.write(token)


def _store(slug: str) -> Store:
    try:
        return Store.objects.get(slug=slug)
    except Store.DoesNotExist as error:
        raise CommandError(f"No point of sale is called {slug!r}.") from error


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
