"""Where a dotted address leads inside the project, and which places an update never touches.

The first label, OC_PIZZA, is the project. The second is one of its rooms: a city, `pizzeria`, or the
Django package OC_PIZZA; `OC_PIZZA.settings.py` is what Python calls OC_PIZZA.settings, a file of that package.
"""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from pizzeria.operations.components.controller import Entry, Weight
from pizzeria.operations.components.refusal import Refused

PROJECT = "OC_PIZZA"
ROOMS = ("pizzeria", PROJECT)
CITY = re.compile(r"city_\w*", re.ASCII)
LABEL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")

PROTECTED = frozenset(
    {
        *("DEPLOY_ENGINE", "UPDATE_ENGINE", "SUPERVISION_ENGINE"),  # what runs the update
        *("oc_pizza_venv", "venv", "RELEASE", "static"),  # made with each release
        *("environment", "media", "backups", "maintenance"),  # what outlives releases
    }
)
PLACES = {"html": "templates", "css": "static", "js": "static"}
"""Where the site looks for a kind; light components are static files, all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The release that an update starts from, and the cities that it has."""

    root: Path
    cities: tuple[str, ...]


def destination(entry: Entry, project: Project) -> PurePosixPath:
    """Where the entry's file goes, from the project's root. Raises Refused."""
    labels = _labels(entry.address)
    if entry.weight is Weight.LIGHT:
        path = PurePosixPath(*_folder(entry, labels), entry.file)
    else:
        path = _file(entry, labels, project)
    _check_room(path.parts[0], project)
    _check_place(entry, path, project)
    _check_on_disk(project.root, path)
    return path


def _labels(address: str) -> list[str]:
    """The labels after OC_PIZZA, two at least."""
    if re.search(r"[/\\~]|\.\.|^\.", address):
        raise Refused(_("%(address)s sort du projet.") % {"address": address})
    first, *labels = address.split(".")
    for label in (first, *labels):
        if not LABEL.fullmatch(label):
            raise Refused(_("« %(label)s » n’est pas un nom de dossier ou de fichier.") % {"label": label})
    if first != PROJECT or len(labels) < 2:  # noqa: PLR2004 - a room and a name, or a name and its extension
        raise Refused(_("Une adresse commence par OC_PIZZA, suivi de ses dossiers : OC_PIZZA.city_001.static.png"))
    if labels[0] in PROTECTED:
        raise Refused(_("%(room)s n’est pas modifié par une mise à jour catégorique.") % {"room": labels[0]})
    return labels


def _folder(entry: Entry, labels: list[str]) -> list[str]:
    if ".".join(labels).endswith(f".{entry.file}"):
        raise Refused(_("L’adresse d’un composant léger est un dossier : le fichier y garde son nom."))
    return labels


def _file(entry: Entry, labels: list[str], project: Project) -> PurePosixPath:
    *folders, stem, extension = labels
    if extension.lower() != entry.extension:
        raise Refused(
            _("L’adresse d’un composant lourd finit par le nom et l’extension du fichier : .%(extension)s attendu.")
            % {"extension": entry.extension}
        )
    name = f"{stem}.{extension}"
    # Nothing of the root itself: `OC_PIZZA.manage.py` must not become a file that nobody reads.
    if not folders and not (project.root / PROJECT / name).is_file():
        raise Refused(_("%(name)s n’est pas un fichier du dossier OC_PIZZA.") % {"name": name})
    return PurePosixPath(*(folders or [PROJECT]), name)


def _check_room(room: str, project: Project) -> None:
    if room in project.cities or room in ROOMS:
        return
    known = {"room": room, "known": ", ".join((*project.cities, *ROOMS))}
    if CITY.fullmatch(room):
        raise Refused(_("%(room)s n’est pas une ville du site (%(known)s).") % known)
    raise Refused(_("%(room)s ne reçoit pas de composants (%(known)s).") % known)


def _check_place(entry: Entry, path: PurePosixPath, project: Project) -> None:
    if "migrations" in path.parts:
        raise Refused(_("Une migration ne se pose pas à la main : elle vient avec une version du projet."))
    place = "static" if entry.weight is Weight.LIGHT else PLACES.get(entry.extension)
    # Where Django looks: city_001/static/…, pizzeria/shop/static/…; the package OC_PIZZA is no application.
    depth = {"pizzeria": 2, PROJECT: len(path.parts)}.get(path.parts[0], 1)
    if place and (place not in path.parts[depth:-1][:1] or not project.root.joinpath(*path.parts[:depth]).is_dir()):
        raise Refused(
            _("Un fichier .%(extension)s va dans le dossier « %(place)s » d’une application.")
            % {"extension": entry.extension, "place": place}
        )


def _check_on_disk(root: Path, path: PurePosixPath) -> None:
    """No link leads out of the project, and what is replaced is a file."""
    target = root / path
    if not target.resolve().is_relative_to(root.resolve()):
        raise Refused(_("%(path)s sort du projet.") % {"path": path})
    if target.is_symlink() or (target.exists() and not target.is_file()):
        raise Refused(_("%(path)s existe et n’est pas un fichier.") % {"path": path})
