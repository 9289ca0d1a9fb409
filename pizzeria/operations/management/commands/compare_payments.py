"""`./manage.py compare_payments`: what Stripe took and gave back on a day against what is on record here."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pizzeria.money import euros
from pizzeria.operations.comparing import told_of
from pizzeria.ordering.comparing import compare_day
from pizzeria.payments.models import Discrepancy
from pizzeria.payments.providers import ProviderError


class Command(BaseCommand):
    help = "Compare une journée de Stripe avec la nôtre, règle ce qui a été payé sans que nous le sachions, et dit ce qui diffère."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--day", type=date.fromisoformat, metavar="AAAA-MM-JJ", help="par défaut : hier")

    def handle(self, *_arguments: str, day: date | None, **_options: Any) -> None:
        day = day or timezone.localdate() - timedelta(days=1)
        try:
            compared = compare_day(day=day, at=timezone.now())
        except ProviderError as error:
            raise CommandError(_("Stripe ne répond pas : %(error)s") % {"error": error}) from error
        self.stdout.write(told_of(day, compared))
        differences = Discrepancy.objects.filter(day=day, explained_at=None)
        for difference in differences:
            self.stdout.write(f"  {_in_words(difference)}")
        if compared and differences:
            count = len(differences)
            raise CommandError(
                ngettext("%(count)s écart à expliquer.", "%(count)s écarts à expliquer.", count) % {"count": count}
            )


def _in_words(difference: Discrepancy) -> str:
    amounts = [
        words % {"amount": euros(amount)}
        for words, amount in ((_("ici %(amount)s"), difference.ours), (_("chez Stripe %(amount)s"), difference.theirs))
        if amount is not None
    ]
    return ", ".join([f"{difference.reference} : {difference.get_kind_display()}", *amounts])
