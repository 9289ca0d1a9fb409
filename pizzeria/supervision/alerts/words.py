"""For each kind of alert: its name, and what to type. The page shows them in the reader's language, mails in French.

docs/exploitation/7-urgences.md says more of each, under its kind.
"""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from pizzeria.supervision.alerts.problems import kind_of

Words = str | Promise

SUBJECT = "{}"
"""Stands in a command for what the key is about: the job of `job-failed:city_001.cron.cyclic_update`."""

PROJECT = "/root/OC_PIZZA"
"""The operator's own project in the manual. A release has no deploy.conf, without which neither engine runs."""
IN_SERVICE = "OC_PIZZA"
"""Beside the releases, a link to the one that serves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    name: Words
    urgency: int
    """The most urgent first: what stops the sale, then what will, then what would hurt if something else went wrong."""
    what: Words
    """What to do, in a sentence or two."""
    commands: tuple[str, ...] = ()
    """What to type on the server, in `folder()`."""

    def commands_for(self, key: str) -> list[str]:
        return [command.replace(SUBJECT, key.partition(":")[2]) for command in self.commands]


ADVICE = {
    "service": Advice(
        name=gettext_lazy("Un processus ne va pas"),
        urgency=0,
        what=gettext_lazy(
            "La surveillance le relance d’elle-même. Si elle a abandonné, lisez ce qu’il dit, puis relancez-le."
        ),
        commands=(
            "sudo SUPERVISION_ENGINE/watchdog.sh status all",
            "sudo SUPERVISION_ENGINE/watchdog.sh tail {}",
            "sudo SUPERVISION_ENGINE/watchdog.sh restart {}",
        ),
    ),
    "orders-untouched": Advice(
        name=gettext_lazy("Des commandes attendent"),
        urgency=1,
        what=gettext_lazy(
            "Appelez le point de vente : sa tablette est peut-être éteinte ou hors ligne. S’il ne peut pas cuisiner, son "
            "responsable annule ces commandes et prévient les clients."
        ),
    ),
    "error-rate": Advice(
        name=gettext_lazy("Trop d’erreurs"),
        urgency=2,
        what=gettext_lazy(
            "Lisez les dernières erreurs. Si elles ont commencé avec une mise à jour, revenez à la version d’avant, depuis "
            "le dossier du projet, où se trouve deploy.conf (/root/OC_PIZZA dans le manuel)."
        ),
        commands=(
            "sudo SUPERVISION_ENGINE/logs.sh errors --since '15 minutes ago'",
            f"sudo {PROJECT}/UPDATE_ENGINE/update-engine.sh --rollback",
        ),
    ),
    "disk": Advice(
        name=gettext_lazy("Disque presque plein"),
        urgency=3,
        what=gettext_lazy(
            "Regardez ce qui prend la place. Les journaux peuvent être réduits sans risque ; ne supprimez rien dans "
            "/var/lib/postgresql."
        ),
        commands=(
            "sudo du --one-file-system --human-readable --max-depth=3 / | sort --human-numeric-sort | tail -n 20",
            "sudo journalctl --vacuum-size=200M",
            "sudo ./manage.py backups",
        ),
    ),
    "certificate": Advice(
        name=gettext_lazy("Certificat bientôt expiré"),
        urgency=4,
        what=gettext_lazy(
            "Renouvelez-le. Si c’est déjà fait, Nginx sert encore l’ancien : faites-lui relire ses fichiers. Un certificat "
            "fait par ce serveur est refait par le déploiement, depuis le dossier du projet, où se trouve deploy.conf "
            "(/root/OC_PIZZA dans le manuel)."
        ),
        commands=(
            "sudo certbot renew --cert-name oc_pizza",
            "sudo systemctl reload nginx",
            f"sudo {PROJECT}/DEPLOY_ENGINE/deploy-engine.sh",
        ),
    ),
    "drill-failed": Advice(
        name=gettext_lazy("Une sauvegarde ne se restaure pas"),
        urgency=5,
        what=gettext_lazy(
            "Faites-en une autre : elle est restaurée à l’essai aussitôt. Si elle échoue aussi, la base elle-même est à "
            "examiner."
        ),
        commands=("sudo ./manage.py backup_ocpizza", "sudo ./manage.py checkdata"),
    ),
    "backup-old": Advice(
        name=gettext_lazy("Pas de sauvegarde récente"),
        urgency=6,
        what=gettext_lazy("Faites-en une maintenant, puis cherchez pourquoi celle du mois n’a pas eu lieu."),
        commands=("sudo ./manage.py backup_ocpizza", "sudo ./manage.py cronjobs"),
    ),
    "job-failed": Advice(
        name=gettext_lazy("Une tâche planifiée a échoué"),
        urgency=7,
        what=gettext_lazy(
            "Lisez ce qu’elle a dit, puis relancez-la : elle peut être refaite sans rien faire deux fois."
        ),
        commands=("sudo ./manage.py cronjobs", "sudo ./manage.py cronjobs --run {}"),
    ),
    "job-missed": Advice(
        name=gettext_lazy("Une tâche planifiée n’a pas eu lieu"),
        urgency=8,
        what=gettext_lazy("Exécutez-la maintenant, puis remettez sa minuterie en place."),
        commands=("sudo ./manage.py cronjobs --run {}", "sudo ./manage.py cronjobs --install"),
    ),
}


def advice_on(key: str) -> Advice:
    """Of a kind that this release does not know, a newer one's, there is only its name to tell."""
    kind = kind_of(key)
    return ADVICE.get(kind) or Advice(name=kind, urgency=len(ADVICE), what="")


def folder() -> Path:
    """Where the commands are typed: the release in service, or a developer's checkout."""
    return settings.BASE_DIR.parent.parent / IN_SERVICE if settings.ON_SERVER else settings.BASE_DIR


def in_full(key: str, detail: str) -> str:
    """What is sent and kept of an alert: what it is, what to do, what to type."""
    advice = advice_on(key)
    commands = "\n".join(f"  {command}" for command in advice.commands_for(key))
    if commands:
        commands = f"À taper sur le serveur, dans {folder()} :\n{commands}"
    more = f"Plus de détails : docs/exploitation/7-urgences.md, section {kind_of(key)}"
    return "\n\n".join(part for part in (detail, str(advice.what), commands, more) if part)
