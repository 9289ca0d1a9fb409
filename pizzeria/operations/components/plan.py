"""What an update would do: every component with its place, or everything that stands in its way."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import TypeVar

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from pizzeria.operations.components.addresses import Project, destination
from pizzeria.operations.components.controller import FILE_NAME, Entry, Weight, read_controller
from pizzeria.operations.components.kinds import WEIGHTS, check_heading, checked_content
from pizzeria.operations.components.refusal import Problem, Refused

FOLDER = "components"
LARGEST = 64 * 2**20
"""Bytes of one component: it is held in memory while it is checked."""
OURS = frozenset({"README.md"})
"""Files of the folder that are no components."""

Answer = TypeVar("Answer")


class InvalidUpdate(Exception):
    """Nothing may be applied: the problems, in the order of the lines."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems


class Change(Enum):
    NEW = "new"
    REPLACED = "replaced"
    IDENTICAL = "identical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A checked file and its place in the project."""

    line: int
    weight: Weight
    source: Path
    target: PurePosixPath
    change: Change
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    components: tuple[Component, ...]
    unlisted: tuple[str, ...]
    """Files beside the components that no line names: they stay where they are."""

    @property
    def changes(self) -> tuple[Component, ...]:
        return tuple(component for component in self.components if component.change is not Change.IDENTICAL)

    @property
    def weight(self) -> str:
        """In a word, for the engine."""
        if not self.changes:
            return "none"
        return "light" if self.is_light else "heavy"

    @property
    def is_light(self) -> bool:
        """Whether the site need not be stopped."""
        return all(component.weight is Weight.LIGHT for component in self.changes)


def project_in_service() -> Project:
    """The release that this command belongs to."""
    cities = tuple(app for app in settings.INSTALLED_APPS if re.fullmatch(r"city_[0-9]{3}", app))
    return Project(root=Path(settings.BASE_DIR), cities=cities)


def make_plan(controller: Path, project: Project) -> Plan:
    """Check every line and every component. Raises InvalidUpdate with all that is wrong."""
    folder = controller.parent / FOLDER
    entries, problems = read_controller(controller)
    checked = [_checked(entry, folder, project) for entry in entries]
    for line in checked:
        problems += line.problems
    problems += _shared_addresses(checked)
    if problems:
        raise InvalidUpdate(sorted(set(problems)))
    components = tuple(_component(line, folder, project) for line in checked)
    return Plan(components=components, unlisted=_unlisted(folder, entries))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    entry: Entry
    target: PurePosixPath | None
    data: bytes | None
    problems: list[Problem]


def _checked(entry: Entry, folder: Path, project: Project) -> _Line:
    problems: list[Problem] = []

    def tried(step: Callable[[], Answer]) -> Answer | None:
        """The step's answer; a refusal is kept, so that the line's other mistakes are found too."""
        try:
            return step()
        except Refused as refusal:
            problems.append(Problem(entry.line, str(refusal)))
            return None

    if not FILE_NAME.fullmatch(entry.file):
        # Refused already; it may be a path, and is followed nowhere.
        return _Line(entry=entry, target=None, data=None, problems=[])
    tried(lambda: check_heading(entry))
    # What an address means depends on the heading.
    target = tried(lambda: destination(entry, project)) if entry.weight else None
    data = tried(lambda: _content(entry, folder))
    return _Line(entry=entry, target=target, data=data, problems=problems)


def _component(line: _Line, folder: Path, project: Project) -> Component:
    if line.target is None or line.data is None:
        raise AssertionError(line.entry)  # it has a problem, and with a problem there is no plan
    return Component(
        line=line.entry.line,
        weight=WEIGHTS[line.entry.extension],
        source=folder / line.entry.file,
        target=line.target,
        change=_change(project.root / line.target, line.data),
        size=len(line.data),
        sha256=hashlib.sha256(line.data).hexdigest(),
    )


def _content(entry: Entry, folder: Path) -> bytes:
    return checked_content(entry, read_component(folder / entry.file))


def read_component(file: Path) -> bytes:
    """A plain file of the folder, no link and no device, of a size that a website has. Raises Refused."""
    try:
        if file.is_symlink() or not file.is_file():
            raise Refused(_("%(file)s n’est pas dans le dossier components.") % {"file": file.name})
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as error:
        raise Refused(_("%(file)s : %(error)s.") % {"file": file.name, "error": error.strerror}) from error
    if len(data) > LARGEST:
        words = {"file": file.name, "most": filesizeformat(LARGEST)}
        raise Refused(_("%(file)s est trop grand pour un site : %(most)s au plus.") % words)
    return data


def _change(target: Path, data: bytes) -> Change:
    if not target.exists():
        return Change.NEW
    return Change.IDENTICAL if target.read_bytes() == data else Change.REPLACED


def _shared_addresses(checked: list[_Line]) -> Iterator[Problem]:
    places: dict[PurePosixPath, list[int]] = defaultdict(list)
    for line in checked:
        if line.target:
            places[line.target].append(line.entry.line)
    for target, lines in places.items():
        for number in lines if len(lines) > 1 else ():
            yield Problem(number, _("Plusieurs fichiers vont à la même adresse : %(target)s.") % {"target": target})


def _unlisted(folder: Path, entries: list[Entry]) -> tuple[str, ...]:
    named = {entry.file for entry in entries} | OURS
    present = folder.iterdir() if folder.is_dir() else ()
    return tuple(sorted(file.name for file in present if file.name not in named and not file.name.startswith(".")))
