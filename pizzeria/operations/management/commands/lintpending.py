"""`./manage.py lintpending`: whether the release in service would still work on the schema that this one brings."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pizzeria.operations.backups.upgrading import pending_migrations, unknown_migrations
from pizzeria.operations.compatibility import Verdict, judge


class Command(BaseCommand):
    help = "Dit quelles migrations à appliquer la version en service ne comprendrait pas."
    requires_system_checks = []  # noqa: RUF012 - it reads migrations, whatever else the release has

    def handle(self, *_arguments: str, **_options: Any) -> None:
        verdicts = [judge(migration) for migration in pending_migrations()]
        unknown = unknown_migrations()
        if not verdicts:
            self.stdout.write(_("Aucune migration à appliquer."))
        for name in unknown:
            self.stdout.write(_("%(name)s : appliquée, mais cette version ne l’a pas") % {"name": name})
        for verdict in verdicts:
            self.stdout.write(f"{verdict.migration} : {_words(verdict)}")
            for problem in verdict.problems:
                self.stdout.write(f"  - {problem}")
        refused = len(unknown) + sum(bool(verdict.problems) for verdict in verdicts)
        if refused:
            words = ngettext(
                "%(number)s migration incompatible avec la version en service.",
                "%(number)s migrations incompatibles avec la version en service.",
                refused,
            )
            raise CommandError(words % {"number": refused})


def _words(verdict: Verdict) -> str:
    if verdict.problems:
        return _("incompatible")
    return _("OK (déclarée compatible par son auteur)") if verdict.declared else "OK"
