"""controller.ini in the manual's form (6.1.3): two headings, and `file = dotted.address` below them."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from pathlib import Path

from django.utils.translation import gettext as _

from pizzeria.operations.components.refusal import Problem

LINE = re.compile(r"([^=]*[^=\s])\s*=\s*([^=\s]+)")
FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.[A-Za-z0-9]+")


class Weight(Enum):
    """The manual's two kinds; the values are its headings."""

    LIGHT = "light_components"
    HEAVY = "heavy_components"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line that says which file goes where; no heading above it makes its weight unknown."""

    line: int
    weight: Weight | None
    file: str
    address: str

    @property
    def extension(self) -> str:
        return Path(self.file).suffix[1:].lower()


def read_controller(file: Path) -> tuple[list[Entry], list[Problem]]:
    """The entries of the file, and what is wrong with its lines."""
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        return [], [Problem(0, _("Le fichier n’est pas en UTF-8."))]
    except OSError as error:
        return [], [Problem(0, _("Lecture impossible : %(error)s.") % {"error": error.strerror})]
    return parse(text)


def parse(text: str) -> tuple[list[Entry], list[Problem]]:
    entries: list[Entry] = []
    problems: list[Problem] = []
    weight: Weight | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        written = line.strip()
        if written.startswith("#"):
            title = written.lstrip("#").strip()
            weight = _heading(title) or weight
            problems += _misspelt(number, title)
        elif found := LINE.fullmatch(written):
            entries.append(Entry(line=number, weight=weight, file=found[1], address=found[2]))
        elif written:
            problems.append(Problem(number, _("Une ligne s’écrit « fichier = adresse », sans rien d’autre.")))
    return entries, [*problems, *_wrong_entries(entries)]


def _heading(title: str) -> Weight | None:
    return next((weight for weight in Weight if weight.value == title), None)


def _misspelt(line: int, title: str) -> Iterator[Problem]:
    """A heading with a slip in it would be a comment, and what stands below it would change its meaning."""
    close = get_close_matches(title.lower().replace(" ", "_"), [weight.value for weight in Weight], n=1, cutoff=0.85)
    if close and not _heading(title):
        yield Problem(line, _("Ce titre s’écrit « # %(title)s ».") % {"title": close[0]})


def _wrong_entries(entries: list[Entry]) -> Iterator[Problem]:
    times = Counter(entry.file for entry in entries)
    for entry in entries:
        if entry.weight is None:
            yield Problem(entry.line, _("Cette ligne n’est sous aucun titre (# light_components, # heavy_components)."))
        if not FILE_NAME.fullmatch(entry.file):
            message = _(
                "« %(file)s » : un nom n’a que lettres sans accent, chiffres, « _ », « - », « . » et une extension."
            )
            yield Problem(entry.line, message % {"file": entry.file})
        if times[entry.file] > 1:
            yield Problem(entry.line, _("%(file)s est cité plusieurs fois.") % {"file": entry.file})
