"""The components in their places, in a copy of the project that the engine has made; what was put there is noted.

The copy is the engine's and nobody else's: whatever fails here, it is thrown away.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from pizzeria.operations.components.addresses import Project
from pizzeria.operations.components.plan import Change, Component, read_component
from pizzeria.operations.components.refusal import Refused
from pizzeria.operations.components.stripping import bare

APPLIED = PurePosixPath("UPDATE_ENGINE", "applied.json")
RELEASES = "OC_PIZZA_releases"
MODE = 0o644


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Applied:
    """A component that was put somewhere by an update of this server."""

    target: str
    file: str
    sha256: str
    weight: str

    @property
    def path(self) -> PurePosixPath:
        return PurePosixPath(self.target)


def applied_of(components: Iterable[Component]) -> list[Applied]:
    return [
        Applied(
            target=str(component.target),
            file=component.source.name,
            sha256=component.sha256,
            weight=component.weight.name.lower(),
        )
        for component in components
    ]


def place(components: Iterable[Component], folder: Path, project: Project) -> list[Path]:
    """Write the components into a copy of the project's release; where. Raises Refused."""
    components = list(components)
    _check_copy(folder, project)
    for component in components:
        _check_place(component, folder, project)
    known = read_applied(folder)
    try:
        written = [_write(folder / component.target, _unchanged(component)) for component in components]
        _note(folder / APPLIED, [*known, *applied_of(components)])
    except OSError as error:
        words = {"folder": folder, "error": error.strerror}
        raise Refused(_("Rien ne peut être écrit dans %(folder)s : %(error)s.") % words) from error
    return written


def read_applied(root: Path) -> list[Applied]:
    """What updates have put into this release and those before it. Raises Refused for a note that is not one."""
    file = root / APPLIED
    try:
        return [Applied(**entry) for entry in json.loads(file.read_text())]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise Refused(_("%(file)s ne se lit pas : %(error)s.") % {"file": file, "error": error}) from error


def _check_copy(folder: Path, project: Project) -> None:
    place = folder.resolve()
    root = project.root.resolve()
    if RELEASES in place.parts or place.is_relative_to(root) or root.is_relative_to(place):
        raise Refused(
            _("%(folder)s est la version en service, ou en fait partie : rien n’y est écrit.") % {"folder": folder}
        )
    if not (folder / "OC_PIZZA" / "settings.py").is_file():
        raise Refused(_("%(folder)s n’est pas une copie de la version en service.") % {"folder": folder})


def _check_place(component: Component, folder: Path, project: Project) -> None:
    """What the component replaces there is what it was compared with here."""
    there, here = folder / component.target, project.root / component.target
    if not there.resolve().is_relative_to(folder.resolve()) or there.is_symlink():
        raise Refused(_("%(path)s sort du projet.") % {"path": component.target})
    expected = [component.sha256, *([] if component.change is Change.NEW else [_sum(here)])]
    if there.exists() and _sum(there) not in expected:
        words = {"folder": folder, "path": component.target}
        raise Refused(_("%(folder)s n’est pas une copie de la version en service : %(path)s y est autre.") % words)


def _unchanged(component: Component) -> bytes:
    data = bare(component.source.suffix.removeprefix(".").lower(), read_component(component.source))
    if hashlib.sha256(data).hexdigest() != component.sha256:
        raise Refused(_("%(file)s a changé depuis sa vérification : recommencez.") % {"file": component.source.name})
    return data


def _note(file: Path, entries: list[Applied]) -> None:
    """By target, the latest: without a date, so that the same components make the same release."""
    latest = {entry.target: entry for entry in entries}
    lines = [asdict(latest[target]) for target in sorted(latest)]
    _write(file, (json.dumps(lines, indent=1, ensure_ascii=False) + "\n").encode())


def _write(file: Path, data: bytes) -> Path:
    """Whole or not there: under another name first, and on the disk before it gets its own."""
    file.parent.mkdir(parents=True, exist_ok=True)
    mode = file.stat().st_mode & 0o777 if file.exists() else MODE
    handle, unfinished = tempfile.mkstemp(dir=file.parent, prefix=".unfinished-")
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(data)
            opened.flush()
            os.fchmod(opened.fileno(), mode)
            os.fsync(opened.fileno())
        Path(unfinished).rename(file)
    except OSError:
        Path(unfinished).unlink(missing_ok=True)
        raise
    _sync(file.parent)
    return file


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _sum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
