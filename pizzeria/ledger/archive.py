"""The archive of a year: a zip that anyone verifies with Python alone, for as long as the law wants it kept."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pizzeria.ledger import chain
from pizzeria.ledger.chain import BEGINNING, FORMAT, Document, canonical
from pizzeria.ledger.models import Closing, Entry, Period
from pizzeria.ledger.values import moment
from pizzeria.ledger.verification import documents
from pizzeria.stores.models import Store

EXPLAINED = Path(__file__).parent / "archive.txt"


def write_archive(*, year: int, to: Path, at: datetime) -> str:
    """Write the entries and closings of all stores in a year; the SHA-256 of its manifest, to be noted elsewhere.

    It is there whole or not at all. Raises FileExistsError when there is a file already, and the other OSErrors.
    """
    with _whole_or_not(to) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as opened:
        archive = _Archive(opened)
        stores = [_write_store(archive, store, year) for store in Store.objects.order_by("pk")]
        archive.write("LISEZMOI.txt", [EXPLAINED.read_text(encoding="utf-8")])
        archive.write("verify.py", [Path(chain.__file__).read_text(encoding="utf-8")])
        manifest = {"format": FORMAT, "year": year, "made_at": moment(at), "stores": stores, "files": archive.sums}
        return archive.write("manifest.json", [json.dumps(manifest, ensure_ascii=False, indent=2)])


def is_closed(*, year: int) -> bool:
    """Whether every store that wrote anything in a year has closed it."""
    closed = Closing.objects.filter(period=Period.YEAR, starts_on__year=year).values("store")
    return not Entry.objects.filter(day__year=year).exclude(store__in=closed).exists()


class _Archive:
    """A zip that is being written, and the SHA-256 of what is in it."""

    def __init__(self, opened: zipfile.ZipFile) -> None:
        self._zip = opened
        self.sums: dict[str, str] = {}

    def write(self, name: str, texts: Iterable[str]) -> str:
        sha = hashlib.sha256()
        with self._zip.open(name, "w", force_zip64=True) as file:
            for text in texts:
                written = text.encode()
                file.write(written)
                sha.update(written)
        self.sums[name] = sha.hexdigest()
        return self.sums[name]


def _write_store(archive: _Archive, store: Store, year: int) -> Document:
    # The closings first: what they cover is there when the entries are read, whatever is added meanwhile.
    closings = _Part(model=Closing, store=store, day="ends_on", year=year)
    told = {"closings": closings.write(archive, f"{store.slug}/closings.jsonl")}
    entries = _Part(model=Entry, store=store, day="day", year=year)
    told["entries"] = entries.write(archive, f"{store.slug}/entries.jsonl")
    return told | {
        "store": store.pk,
        "slug": store.slug,
        "name": store.name,
        "address": f"{store.street}, {store.postal_code} {store.town}",
        "legal": store.legal_line,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A year's part of a store's entries or closings, which has its date in `day`."""

    model: type[Entry | Closing]
    store: Store
    day: str
    year: int

    def write(self, archive: _Archive, name: str) -> Document:
        """Write it, and say what it follows and what it ends with."""
        before, last = self._last_before(self.year), self._last_before(self.year + 1)
        read = documents(model=self.model, store=self.store, after=before["number"], until=last["number"])
        archive.write(name, (f"{canonical(document)}\n" for document in read))
        return {
            "file": name,
            "after_number": before["number"],
            "after_hash": before["hash"],
            "last_number": last["number"],
            "last_hash": last["hash"],
        }

    def _last_before(self, year: int) -> dict[str, Any]:
        earlier = self.model.objects.filter(store=self.store, **{f"{self.day}__lt": date(year, 1, 1)})
        last = earlier.order_by("-number").first()
        return {"number": last.number, "hash": last.hash} if last else {"number": 0, "hash": BEGINNING}


@contextmanager
def _whole_or_not(to: Path) -> Iterator[Path]:
    """A file beside the one that is to be, which takes its name once it is written; on a memory stick too."""
    partial = to.with_name(f".{to.name}.partial")
    _require_free(to)
    try:
        yield partial
        _require_free(to)
        partial.replace(to)
    finally:
        partial.unlink(missing_ok=True)


def _require_free(to: Path) -> None:
    if to.exists():
        raise FileExistsError(to)
