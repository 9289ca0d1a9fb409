"""Vérifie une archive du journal d’OC Pizza, avec Python 3.11 et rien d’autre.

    python3 verify.py                 (dans le dossier de l’archive)
    python3 verify.py archive.zip

What the site itself checks its journal by is this very file: an archive carries it under the name `verify.py`. It knows
the standard library only, and entries as the documents that are hashed, not as rows.

A document's hash is the SHA-256, in hexadecimal, of its canonical form without the member `hash`: JSON in UTF-8, members
sorted by name, no space, nothing escaped that need not be (RFC 8785; there are no numbers but whole ones). Its member
`previous` is the hash of the document before it, or 64 zeros.
"""

import hashlib
import json
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from pathlib import Path
from typing import Any

Document = dict[str, Any]
Folder = Path | zipfile.Path

FORMAT = 1
BEGINNING = "0" * 64
"""What the first of a chain follows."""

ENTRY, CLOSING = "écriture", "clôture"
PERIODS = ("day", "month", "year")
"""In the order in which those that end on the same day are closed."""
PERIOD_NAMES = {"day": "de la journée", "month": "du mois", "year": "de l’année"}
ZERO = Decimal("0.00")
MONEY = ("payment", "refund")

SENTENCES = {
    "missing": "{what} {numbers} : absente.",
    "repeated": "{what} {numbers} : elle vient deux fois, ou pas à sa place.",
    "altered": "{what} {numbers} : son contenu n’est plus celui que son empreinte scelle.",
    "unlinked": "{what} {numbers} : elle ne suit plus la précédente ; l’une des deux a été réécrite.",
    "last": "{what} {numbers} : la dernière n’est pas celle que la tête du journal connaît.",
    "beyond": "{what} {numbers} : au-delà de la dernière que la tête du journal connaît.",
    "earlier": "{what} {numbers} : sa journée est antérieure à celle de l’écriture précédente.",
    "unreadable": "{what} {numbers} : illisible.",
    "totals": "{what} {numbers} ({detail}) : ses totaux ne sont pas ceux des écritures.",
    "perpetual": "{what} {numbers} ({detail}) : le total perpétuel ne continue pas celui d’avant.",
    "bounds": "{what} {numbers} ({detail}) : elle ne couvre pas les écritures de sa période.",
    "unannounced": "{what} {numbers} ({detail}) : aucune écriture ne l’annonce.",
    "unknown": "{what} {numbers} : elle annonce une clôture qui n’existe pas.",
}


def canonical(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(document: Mapping[str, Any]) -> str:
    sealed = {name: value for name, value in document.items() if name != "hash"}
    return hashlib.sha256(canonical(sealed).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Where a journal breaks: an entry or a closing, its number (the last of several in `until`), and how."""

    what: str
    number: int
    problem: str
    until: int = 0
    detail: str = ""

    def __str__(self) -> str:
        numbers = f"{self.number} à {self.until}" if self.until > self.number else str(self.number)
        return SENTENCES[self.problem].format(what=self.what, numbers=numbers, detail=self.detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a chain follows, and what it is said to end with."""

    number: int = 0
    hash: str = BEGINNING
    last_number: int
    last_hash: str


class Totals:
    """The sums of entries, in euros: turnover by VAT rate, money by means of payment."""

    def __init__(self) -> None:
        self.sales = self.corrections = ZERO
        self.vat: dict[str, tuple[Decimal, Decimal]] = {}
        self.means: dict[str, tuple[Decimal, Decimal]] = {}

    def add(self, entry: Mapping[str, Any]) -> None:
        """Count one entry; only `kind`, `amount`, `means` and `vat` are looked at."""
        amount = Decimal(entry["amount"])
        if entry["kind"] == "sale":
            self.sales += amount
        elif entry["kind"] == "correction":
            self.corrections += amount
        elif entry["kind"] in MONEY:
            received, refunded = self.means.get(entry["means"], (ZERO, ZERO))
            got = (received + amount, refunded) if entry["kind"] == "payment" else (received, refunded + amount)
            self.means[entry["means"]] = got
        for part in entry["vat"]:
            taxed, vat = self.vat.get(part["rate"], (ZERO, ZERO))
            self.vat[part["rate"]] = (taxed + Decimal(part["amount"]), vat + Decimal(part["vat"]))

    def document(self) -> Document:
        """As a closing writes them: the lowest rate first, means by name; a refund is negative."""
        return {
            "sales": str(self.sales),
            "corrections": str(self.corrections),
            "vat": [
                {"rate": rate, "amount": str(amount), "vat": str(vat)}
                for rate, (amount, vat) in sorted(self.vat.items(), key=lambda item: Decimal(item[0]))
            ],
            "means": [
                {"means": means, "received": str(received), "refunded": str(refunded)}
                for means, (received, refunded) in sorted(self.means.items())
            ],
        }


def perpetual(before: Mapping[str, str] | None, totals: Totals) -> dict[str, str]:
    """The sums since the first entry: those until then and those of a day. Refunds are kept apart: nothing hides in a net sum."""
    of_day = {
        "sales": totals.sales,
        "corrections": totals.corrections,
        "received": sum((received for received, _refunded in totals.means.values()), ZERO),
        "refunded": sum((refunded for _received, refunded in totals.means.values()), ZERO),
    }
    return {name: str(amount + Decimal(before[name] if before else ZERO)) for name, amount in of_day.items()}


class Chain:
    """Documents followed one by one, each of which seals the one before."""

    def __init__(self, what: str, bounds: Bounds) -> None:
        self.what = what
        self.bounds = bounds
        self.number = bounds.number
        self.hash = bounds.hash

    def follow(self, document: Document) -> Iterator[Finding]:
        number = document["number"]
        if number > self.number + 1:
            yield Finding(what=self.what, number=self.number + 1, until=number - 1, problem="missing")
        elif number <= self.number:
            yield Finding(what=self.what, number=number, problem="repeated")
        elif document["previous"] != self.hash:
            yield Finding(what=self.what, number=number, problem="unlinked")
        if digest(document) != document["hash"]:
            yield Finding(what=self.what, number=number, problem="altered")
        self.number, self.hash = number, document["hash"]

    def end(self) -> Iterator[Finding]:
        last = self.bounds.last_number
        if self.number < last:
            yield Finding(what=self.what, number=self.number + 1, until=last, problem="missing")
        elif self.number > last:
            yield Finding(what=self.what, number=last + 1, until=self.number, problem="beyond")
        elif self.hash != self.bounds.last_hash:
            yield Finding(what=self.what, number=self.number, problem="last")


class Period:
    """The sums of the day, month or year that is being read, and the numbers that it covers."""

    def __init__(self, starts_on: str = "") -> None:
        self.starts_on = starts_on
        self.totals = Totals()
        self.first: int | None = None
        self.last: int | None = None

    def add(self, entry: Document) -> None:
        self.totals.add(entry)
        self.first = self.first or entry["number"]
        self.last = entry["number"]


def start_of(period: str, day: str) -> str:
    """The first day of the period in which a day (2026-11-29) is."""
    return {"day": day, "month": f"{day[:8]}01", "year": f"{day[:5]}01-01"}[period]


class Books:
    """A journal and its closings, read together: entries in order, each closing where its period ends."""

    def __init__(self, *, bounds: Bounds, closings: Sequence[Document]) -> None:
        self.chain = Chain(ENTRY, bounds)
        self.waiting = sorted(closings, key=lambda closing: (closing["ends_on"], PERIODS.index(closing["period"])))
        self.waiting.reverse()
        self.periods = {period: Period() for period in PERIODS}
        self.day = ""
        # What came before the first entry that we have is not ours to say.
        self.perpetual: dict[str, str] | None = perpetual(None, Totals()) if bounds.number == 0 else None
        self.announced: dict[str, int] = {}

    def read(self, entry: Document) -> Iterator[Finding]:
        yield from self.close(before=entry["day"])
        yield from self.chain.follow(entry)
        if entry["day"] < self.day:
            yield Finding(what=ENTRY, number=entry["number"], problem="earlier")
        self.day = max(self.day, entry["day"])
        if entry["closing"]:
            self.announced[entry["closing"]] = entry["number"]
        try:
            self._add(entry)
        except (ArithmeticError, LookupError, TypeError, ValueError):
            yield Finding(what=ENTRY, number=entry["number"], problem="unreadable")

    def close(self, *, before: str = "") -> Iterator[Finding]:
        """Check the closings of what ended before a day; all that wait, at the end."""
        while self.waiting and (not before or self.waiting[-1]["ends_on"] < before):
            yield from self._check(self.waiting.pop())

    def _add(self, entry: Document) -> None:
        for name in PERIODS:
            starts_on = start_of(name, entry["day"])
            if self.periods[name].starts_on != starts_on:
                self.periods[name] = Period(starts_on)
            self.periods[name].add(entry)

    def _check(self, closing: Document) -> Iterator[Finding]:
        here = self.periods[closing["period"]]
        if here.starts_on != closing["starts_on"]:
            # A period in which nothing was written.
            here = Period()
        detail = f"{PERIOD_NAMES[closing['period']]} du {closing['starts_on']}"
        for problem in self._problems(closing, here):
            yield Finding(what=CLOSING, number=closing["number"], problem=problem, detail=detail)

    def _problems(self, closing: Document, here: Period) -> Iterator[str]:
        if closing["totals"] != here.totals.document():
            yield "totals"
        covers = (closing["first_number"], closing["last_number"], closing["last_hash"])
        if covers != (here.first, here.last, self.chain.hash):
            yield "bounds"
        days = here.totals if closing["period"] == "day" else Totals()
        if self.perpetual is not None and closing["perpetual"] != perpetual(self.perpetual, days):
            yield "perpetual"
        # As it was written: one wrong sum is told once, not with every closing after it.
        self.perpetual = closing["perpetual"]


def check(
    entries: Iterable[Document], closings: Sequence[Document], *, bounds: Bounds, closing_bounds: Bounds, whole: bool
) -> Iterator[Finding]:
    """Where a journal breaks, in order; nothing where it is whole.

    `closings` are in the order of their numbers. A journal is `whole` when it begins with its first entry: then every
    closing is announced by an entry and every such entry has its closing. A year's archive holds one without the other.
    """
    links = Chain(CLOSING, closing_bounds)
    for closing in closings:
        yield from links.follow(closing)
    yield from links.end()
    books = Books(bounds=bounds, closings=closings)
    for entry in entries:
        yield from books.read(entry)
    yield from books.close()
    yield from books.chain.end()
    if whole:
        yield from _unannounced(closings, books.announced)


def _unannounced(closings: Sequence[Document], announced: Mapping[str, int]) -> Iterator[Finding]:
    for closing in closings:
        if closing["hash"] not in announced:
            detail = f"{PERIOD_NAMES[closing['period']]} du {closing['starts_on']}"
            yield Finding(what=CLOSING, number=closing["number"], problem="unannounced", detail=detail)
    for sealed in announced.keys() - {closing["hash"] for closing in closings}:
        yield Finding(what=ENTRY, number=announced[sealed], problem="unknown")


# From here on: an archive.


class ArchiveError(Exception):
    """An archive that cannot be read; the message says where."""


def read_documents(folder: Folder, name: str) -> Iterator[Document]:
    """The documents of a file, one a line. Raises ArchiveError for a line that is not one in its canonical form."""
    with (folder / name).open("r", encoding="utf-8", newline="\n") as lines:
        for place, line in enumerate(lines, 1):
            document = json.loads(line)
            if f"{canonical(document)}\n" != line:
                raise ArchiveError(f"{name}, ligne {place} : elle n’est pas écrite sous sa forme canonique.")
            yield document


def check_archive(folder: Folder) -> Iterator[str]:
    """A sentence for everything that is not as it was when the archive was made."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for name, expected in manifest["files"].items():
        if _sum(folder / name) != expected:
            yield f"{name} : ce fichier n’est plus celui du manifeste."
    for store in manifest["stores"]:
        closings = list(read_documents(folder, store["closings"]["file"]))
        entries = read_documents(folder, store["entries"]["file"])
        bounds = [_bounds(store[part]) for part in ("entries", "closings")]
        for found in check(entries, closings, bounds=bounds[0], closing_bounds=bounds[1], whole=False):
            yield f"{store['slug']}, {found}"


def _bounds(part: Mapping[str, Any]) -> Bounds:
    return Bounds(
        number=part["after_number"],
        hash=part["after_hash"],
        last_number=part["last_number"],
        last_hash=part["last_hash"],
    )


def _sum(file: Folder) -> str:
    sha = hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(1 << 20):
            sha.update(block)
    return sha.hexdigest()


def main(arguments: Sequence[str]) -> int:
    where = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    broken = 0
    try:
        folder: Folder = zipfile.Path(where) if where.is_file() else where
        seal = _sum(folder / "manifest.json")
        for sentence in check_archive(folder):
            broken += 1
            _say(sentence)
    except ArchiveError as error:
        broken += 1
        _say(str(error))
    except (OSError, LookupError, TypeError, ValueError, DecimalException, zipfile.BadZipFile, zlib.error) as error:
        _say(f"L’archive est illisible : {type(error).__name__}: {error}")
        return 1
    if broken:
        _say(f"L’archive est rompue : {broken} anomalie(s).")
        return 1
    _say("L’archive est entière : chaque écriture suit la précédente, chaque clôture a les totaux de ses écritures.")
    _say(f"Empreinte du manifeste, à comparer avec celle qui fut notée : {seal}")
    return 0


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
