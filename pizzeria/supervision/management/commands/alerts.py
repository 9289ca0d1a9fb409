"""`./manage.py alerts`: what needs attention now; `--test` proves that somebody would be told."""

import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pizzeria.supervision.alerts.selectors import OpenAlert, open_alerts
from pizzeria.supervision.alerts.telling import environment, ways
from pizzeria.supervision.processes import processes
from SUPERVISION_ENGINE.watch.sending import Message, send

RESTART = "sudo systemctl restart oc-pizza-worker"


class Command(BaseCommand):
    help = "Montre les alertes en cours et ce qu’il faut taper pour chacune."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--test", action="store_true", help="envoyer un message d’essai à ALERT_EMAILS et à ALERT_WEBHOOK"
        )

    def handle(self, *_arguments: str, test: bool, **_options: Any) -> None:
        if test:
            self._try()
            return
        alerts = open_alerts(watched=processes(at=timezone.now()).alerts)
        for alert in alerts:
            self._show(alert)
        if not alerts:
            self.stdout.write(_("Aucune alerte en cours."))

    def _show(self, alert: OpenAlert) -> None:
        since = date_format(timezone.localtime(alert.started_at), "j F Y H:i")
        self.stdout.write(f"{alert.subject}  ({alert.key})")
        self.stdout.write("  " + _("depuis le %(since)s") % {"since": since})
        self.stdout.write(f"  {alert.what}")
        if alert.commands:
            self.stdout.write("  " + _("À taper sur le serveur, dans %(folder)s :") % {"folder": alert.folder})
        for command in alert.commands:
            self.stdout.write(f"    {command}")

    def _try(self) -> None:
        if not ways():
            words = _(
                "Personne n’est prévenu : écrivez ALERT_EMAILS ou ALERT_WEBHOOK dans %(file)s, puis relancez : %(command)s"
            )
            raise CommandError(words % {"file": "OC_PIZZA_shared/environment", "command": RESTART})
        message = Message(
            key="test",
            subject="essai",
            text="Ce message prouve que les alertes vous parviennent. Il n’y a rien à faire.",
            began=True,
            host=socket.gethostname(),
            at=timezone.localtime().isoformat(timespec="seconds"),
        )
        failures = send(message, environment=environment())
        if failures:
            raise CommandError(_("Le message d’essai n’est pas parti : %(why)s") % {"why": " ; ".join(failures)})
        if settings.ALERT_EMAILS:
            self.stdout.write(_("Courriel envoyé à %(addresses)s.") % {"addresses": settings.ALERT_EMAILS})
        if settings.ALERT_WEBHOOK:
            self.stdout.write(_("Webhook appelé."))
        # This process has just read them; the one that sends the alerts did so when it was started.
        words = _("Si ces adresses viennent de changer, les alertes ne les suivront qu’après : %(command)s")
        self.stdout.write(words % {"command": RESTART})
