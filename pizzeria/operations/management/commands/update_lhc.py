"""`./manage.py update_lhc --check`: what controller.ini asks for (6.1), or all that is wrong with it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from pizzeria.operations.components.controller import Weight
from pizzeria.operations.components.plan import Change, Component, InvalidUpdate, Plan, make_plan, project_in_service
from pizzeria.operations.components.refusal import Problem

CONTROLLER = Path("UPDATE_ENGINE", "controller.ini")

Row = tuple[str, str, str, str, str, str]


class Command(BaseCommand):
    help = "Vérifie controller.ini et ses composants : ce qui irait où, sans rien changer."
    requires_system_checks = []  # noqa: RUF012 - it looks at files, and the site may be what needs mending

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", required=True, help="montrer ce qui serait fait")
        parser.add_argument(
            "--controller",
            type=Path,
            default=Path(settings.BASE_DIR) / CONTROLLER,
            metavar="FICHIER",
            help="un autre controller.ini, ses composants à côté dans le dossier components",
        )

    def handle(self, *_arguments: str, controller: Path, **_options: Any) -> None:
        try:
            plan = make_plan(controller, project_in_service())
        except InvalidUpdate as invalid:
            raise CommandError("\n".join(_sentence(controller, problem) for problem in invalid.problems)) from invalid
        if plan.components:
            self._show([_row(component) for component in plan.components])
        if plan.unlisted:
            self.stdout.write(_("Non cités, laissés de côté : %(files)s.") % {"files": ", ".join(plan.unlisted)})
        self.stdout.write(_conclusion(plan))

    def _show(self, rows: list[Row]) -> None:
        title = (_("fichier"), _("destination"), _("changement"), _("genre"), _("taille"), "sha256")
        widths = [max(map(len, column)) for column in zip(title, *rows, strict=True)]
        for row in (title, *rows):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())


def _row(component: Component) -> Row:
    changes = {Change.NEW: _("nouveau"), Change.REPLACED: _("remplacé"), Change.IDENTICAL: _("identique")}
    weights = {Weight.LIGHT: _("léger"), Weight.HEAVY: _("lourd")}
    return (
        component.source.name,
        str(component.target),
        changes[component.change],
        weights[component.weight],
        filesizeformat(component.size),
        component.sha256[:12],
    )


def _sentence(controller: Path, problem: Problem) -> str:
    if not problem.line:
        return f"{controller} : {problem.message}"
    words = {"file": controller.name, "line": problem.line, "message": problem.message}
    return _("%(file)s, ligne %(line)s : %(message)s") % words


def _conclusion(plan: Plan) -> str:
    if not plan.changes:
        return _("Rien à mettre à jour.")
    if plan.is_light:
        return _("Mise à jour légère : le site ne serait pas arrêté.")
    return _("Mise à jour lourde : le site serait arrêté le temps de la poser.")
