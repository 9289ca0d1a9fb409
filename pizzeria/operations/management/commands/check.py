"""Django's own `check`, which says as well what is not there on purpose, or was forgotten: no issue, but worth knowing."""

from typing import Any

from django.core.management.commands import check
from django.utils.translation import gettext as _

from pizzeria.operations.checks import STRIPE_KEYS, missing_stripe_keys


class Command(check.Command):
    def handle(self, *app_labels: Any, **options: Any) -> None:
        super().handle(*app_labels, **options)
        if missing_stripe_keys() == [*STRIPE_KEYS]:
            words = _("Le paiement en ligne ne se propose pas : il y faut %(keys)s.")
            self.stdout.write(words % {"keys": ", ".join(STRIPE_KEYS)})
