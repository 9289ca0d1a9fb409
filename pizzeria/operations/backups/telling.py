"""What the commands tell the operator of a backup: what was done, and what was not."""

from collections.abc import Iterator

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from pizzeria.operations.backups.kept import name_of
from pizzeria.operations.backups.routine import Done


def what_was_done(done: Done) -> Iterator[str]:
    if done.made_before:
        yield _("La sauvegarde vient d’être faite, rien à refaire : %(backup)s") % {"backup": name_of(done.folder)}
    if done.proof and not done.proof.failure:
        yield _("Restauration prouvée en %(seconds)s s.") % {"seconds": number_format(done.proof.seconds)}
    if done.copied:
        yield _("Copiée hors du serveur.")
    for removed in done.removed:
        yield _("Supprimée, une plus récente la remplace : %(backup)s") % {"backup": removed}
    if not done.made_before:
        yield _("Sauvegarde faite et relue : %(folder)s") % {"folder": done.folder}


def what_failed(done: Done) -> Iterator[str]:
    if done.proof and done.proof.failure:
        yield _("La sauvegarde est faite, mais elle ne se restaure pas : %(why)s") % {"why": done.proof.failure}
    if done.copy_failure:
        yield done.copy_failure
