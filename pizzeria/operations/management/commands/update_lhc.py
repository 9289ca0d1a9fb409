"""`./manage.py update_lhc`: what controller.ini asks for (6.1), checked, put into a copy of the site, verified."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pizzeria.operations.components.controller import Weight
from pizzeria.operations.components.placing import Applied, applied_of, place, read_applied
from pizzeria.operations.components.plan import Change, Component, InvalidUpdate, Plan, make_plan, project_in_service
from pizzeria.operations.components.refusal import Problem, Refused
from pizzeria.operations.components.served import compare, front_of_this_site

CONTROLLER = Path("UPDATE_ENGINE", "controller.ini")


class Command(BaseCommand):
    help = "Les composants de controller.ini : les vérifier, les poser dans une copie, comparer ce qui est servi."
    requires_system_checks = []  # noqa: RUF012 - it looks at files, and the site may be what needs mending

    def add_arguments(self, parser: ArgumentParser) -> None:
        ways = parser.add_mutually_exclusive_group()
        ways.add_argument("--check", action="store_true", help="montrer ce qui serait fait")
        ways.add_argument("--weight", action="store_true", help="dire en un mot : none, light ou heavy")
        ways.add_argument("--into", type=Path, metavar="DOSSIER", help="poser les composants dans cette copie du site")
        ways.add_argument("--verify", action="store_true", help="comparer ce qui est servi avec ce qui était demandé")
        parser.add_argument(
            "--controller",
            type=Path,
            metavar="FICHIER",
            help="un autre controller.ini, ses composants à côté dans le dossier components",
        )

    def handle(
        self,
        *_arguments: str,
        check: bool,
        weight: bool,
        into: Path | None,
        verify: bool,
        controller: Path | None,
        **_options: Any,
    ) -> None:
        if verify:
            self._verify(controller)
        elif weight:
            self.stdout.write(_plan(controller).weight)
        elif into:
            self._put(_plan(controller), into)
        elif check:
            self._check(_plan(controller))
        else:
            ways = "--check, --weight, --into, --verify"
            update = "sudo UPDATE_ENGINE/update-engine.sh"
            words = {"ways": ways, "update": update}
            raise CommandError(_("Une option est attendue : %(ways)s. Pour mettre le site à jour : %(update)s") % words)

    def _check(self, plan: Plan) -> None:
        self._show_plan(plan)
        self.stdout.write(_conclusion(plan))

    def _put(self, plan: Plan, folder: Path) -> None:
        self._show_plan(plan)
        try:
            written = place(plan.changes, folder, project_in_service())
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        for file in written:
            self.stdout.write(_("Posé : %(file)s") % {"file": file})
        if not written:
            self.stdout.write(_("Rien à mettre à jour."))

    def _verify(self, controller: Path | None) -> None:
        outcomes = compare(_asked(controller), front=front_of_this_site(), root=Path(settings.BASE_DIR))
        rows = [("✗" if outcome.problem else "✓", outcome.what, outcome.how, outcome.problem) for outcome in outcomes]
        self._show(("", _("quoi"), _("comment"), _("différence")), rows)
        different = sum(bool(outcome.problem) for outcome in outcomes)
        if different:
            words = ngettext("%(number)s différence.", "%(number)s différences.", different)
            raise CommandError(words % {"number": different})
        self.stdout.write(_("Ce qui est servi est ce qui a été demandé."))

    def _show_plan(self, plan: Plan) -> None:
        title = (_("fichier"), _("destination"), _("changement"), _("genre"), _("taille"), "sha256")
        if plan.components:
            self._show(title, [_row(component) for component in plan.components])
        if plan.unlisted:
            self.stdout.write(_("Non cités, laissés de côté : %(files)s.") % {"files": ", ".join(plan.unlisted)})

    def _show(self, title: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        widths = [max(map(len, column)) for column in zip(title, *rows, strict=True)]
        for row in (title, *rows):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())


def _plan(controller: Path | None) -> Plan:
    file = controller or Path(settings.BASE_DIR) / CONTROLLER
    try:
        return make_plan(file, project_in_service())
    except InvalidUpdate as invalid:
        raise CommandError("\n".join(_sentence(file, problem) for problem in invalid.problems)) from invalid


def _asked(controller: Path | None) -> list[Applied]:
    """What the operator names; otherwise, and on a server, whose releases have no controller.ini, what was put there."""
    if controller or (Path(settings.BASE_DIR) / CONTROLLER).is_file():
        components = _plan(controller).components
        if components:
            return applied_of(components)
    try:
        return read_applied(Path(settings.BASE_DIR))
    except Refused as refusal:
        raise CommandError(str(refusal)) from refusal


def _row(component: Component) -> tuple[str, ...]:
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
