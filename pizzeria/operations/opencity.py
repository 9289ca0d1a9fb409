"""Opening a city: its thin application beside the others, its lines in the settings, its row.

Everything is prepared and checked first, then written; what was written is taken back if the rest fails.
"""

import ast
import os
import re
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from string import Template

from django.db import transaction
from django.utils.translation import gettext as _

from pizzeria.stores.models import City

CODE = re.compile(r"city_[0-9]{3}")
NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ '’-])*")
"""Letters, spaces, hyphens and apostrophes: a name is written into Python, HTML and CSS."""
NAME_LENGTH = 80
JOBS = (("0 6 * * *", "cyclic_update"), ("0 6 1 * *", "cyclic_backup"))
"""What every city's cron.py does, and when."""
MODELS = Path(__file__).parent / "new_city"
SETTINGS = Path("OC_PIZZA", "settings.py")


class CannotOpenError(Exception):
    """The city was not opened and nothing was changed; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What opening a city will write: files by their path inside its folder, and the new settings."""

    code: str
    name: str
    files: dict[str, str]
    settings: str


def open_city(*, code: str, name: str, project: Path) -> City:
    """Open a city in the project. Raises CannotOpenError, having changed nothing."""
    plan = _plan(code, " ".join(name.split()), project)
    folder, settings = project / code, project / SETTINGS
    with ExitStack() as undo:
        with transaction.atomic():
            city = City.objects.create(code=plan.code, name=plan.name)
            try:
                folder.mkdir()
                undo.callback(shutil.rmtree, folder)
                _write_files(folder, plan.files)
                before = settings.read_text()
                _replace(settings, plan.settings)
                undo.callback(_replace, settings, before)
            except OSError as error:
                raise CannotOpenError(_("Écriture impossible : %(error)s.") % {"error": error}) from error
        undo.pop_all()
    return city


def _plan(code: str, name: str, project: Path) -> Plan:
    if not CODE.fullmatch(code):
        raise CannotOpenError(_("Le code d’une ville s’écrit city_ et trois chiffres, par exemple city_004."))
    if not NAME.fullmatch(name) or len(name) > NAME_LENGTH:
        raise CannotOpenError(_("Le nom d’une ville n’a que des lettres, espaces, tirets et apostrophes."))
    if (project / code).exists():
        raise CannotOpenError(_("%(folder)s existe déjà.") % {"folder": project / code})
    if City.objects.filter(code=code).exists() or City.objects.filter(name__iexact=name).exists():
        raise CannotOpenError(_("La base connaît déjà cette ville : %(city)s.") % {"city": f"{code} {name}"})
    settings = project / SETTINGS
    for needed in (project, settings.parent, settings):
        if not os.access(needed, os.W_OK):
            raise CannotOpenError(_("%(path)s ne peut pas être modifié.") % {"path": needed})
    return Plan(code=code, name=name, files=_files(code, name), settings=registered(settings.read_text(), code=code))


def _files(code: str, name: str) -> dict[str, str]:
    words = {"code": code, "name": name, "class_name": f"{code.title().replace('_', '')}Config"}

    def filled(model: str) -> str:
        return Template((MODELS / f"{model}-tpl").read_text()).substitute(words)

    return {
        "__init__.py": "",
        "apps.py": filled("apps.py"),
        "cron.py": filled("cron.py"),
        f"templates/{code}/_banner.html": filled("_banner.html"),
        f"static/{code}/banner.svg": filled("banner.svg"),
        f"static/{code}/city.css": filled("city.css"),
    }


def registered(source: str, *, code: str) -> str:
    """The settings' text with the city in INSTALLED_APPS, after the other cities, and in CRONJOBS.

    Raises CannotOpenError for settings that name the city already, or whose lists are not written
    one entry a line.
    """
    if code in source:
        raise CannotOpenError(_("settings.py parle déjà de %(code)s.") % {"code": code})
    apps, jobs = (_entries(source, name) for name in ("INSTALLED_APPS", "CRONJOBS"))
    cities = [entry for entry in apps if isinstance(entry, ast.Constant) and CODE.fullmatch(str(entry.value))]
    lines = source.splitlines(keepends=True)
    # From the bottom up: what is inserted below does not move what is above.
    lines_of_jobs = [f'("{schedule}", "{code}.cron.{job}")' for schedule, job in JOBS]
    new = [(cities[-1] if cities else None, [f'"{code}"']), (jobs[-1], lines_of_jobs)]
    for entry, texts in sorted(new, key=lambda pair: -(pair[0].end_lineno or 0) if pair[0] else 0):
        after = (entry.end_lineno if entry else apps[0].lineno - 1) or 0
        indent = " " * (entry or apps[0]).col_offset
        lines[after:after] = [f"{indent}{text},\n" for text in texts]
    result = "".join(lines)
    _check(result, code)
    return result


def _entries(source: str, name: str) -> list[ast.expr]:
    """The entries of a list in the settings, which has one at least and writes each on lines of its own."""
    for statement in _tree(source).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.List):
            targets = [target.id for target in statement.targets if isinstance(target, ast.Name)]
            entries = statement.value.elts
            if name in targets and entries and statement.lineno < entries[0].lineno:
                return entries
    raise CannotOpenError(_("%(name)s n’est pas une liste d’une entrée par ligne dans settings.py.") % {"name": name})


def _tree(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise CannotOpenError(_("settings.py ne se lit pas : %(error)s.") % {"error": error}) from error


def _check(source: str, code: str) -> None:
    """Read the new settings again: each list must now hold the city, wherever its commas stood."""
    apps = [ast.unparse(entry) for entry in _entries(source, "INSTALLED_APPS")]
    jobs = [ast.unparse(entry) for entry in _entries(source, "CRONJOBS")]
    wanted = {repr((schedule, f"{code}.cron.{job}")) for schedule, job in JOBS}
    if repr(code) not in apps or not wanted <= set(jobs):
        raise CannotOpenError(_("settings.py ne se laisse pas compléter : ajoutez une virgule après chaque entrée."))


def _write_files(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _replace(file: Path, text: str) -> None:
    """Whole or not at all: a server that reads its settings now reads the old ones or the new ones."""
    new = file.with_name(f".{file.name}.new")
    try:
        new.write_text(text)
        shutil.copymode(file, new)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
