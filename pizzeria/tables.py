"""Tables that people take away as files and open in a spreadsheet."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from typing import IO

import xlsxwriter
from django.utils import timezone
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of something to compute, or to fetch. The wide forms too: Excel reads them so."""
MARK = "\ufeff"
"""Tells a spreadsheet that the letters are UTF-8."""
ROWS_A_CHUNK = 500


class Kind(StrEnum):
    """What a column holds. A moment is told in Paris, and money in euros."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    head: str
    kind: Kind = Kind.TEXT


Cell = str | int | float | Decimal | date | datetime | None

FORMATS: dict[Kind, str] = {Kind.MONEY: '#,##0.00\\ "€"', Kind.DAY: "dd/mm/yyyy", Kind.MOMENT: "dd/mm/yyyy hh:mm"}
WIDTHS: dict[Kind, int] = {Kind.TEXT: 24, Kind.NUMBER: 11, Kind.MONEY: 12, Kind.DAY: 12, Kind.MOMENT: 17}
"""Of a column, in letters."""


def csv_of(*, head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """A table with `;` between its cells, as a French spreadsheet reads them. What somebody typed stays text in it."""
    return MARK + _csv([[harmless(cell) for cell in head], *([harmless(cell) for cell in row] for row in rows)])


def csv_lines(*, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The same table piece by piece, with figures and days as a French spreadsheet takes them: `11,50`, `29/11/2026`."""
    yield MARK + _csv([[harmless(column.head) for column in columns]])
    for some in _chunks(rows):
        yield _csv([[_told(cell) for cell in row] for row in some])


def xlsx_file(*, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], sheet: str) -> IO[bytes]:
    """The table as an Excel workbook, in a file without a name that is gone when it is closed.

    Row by row: memory holds one. Figures, money and days are what they are, a text is never a formula or a link.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    as_they_are = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, as_they_are) as book:
        page = book.add_worksheet(sheet)
        formats = {kind: book.add_format({"num_format": FORMATS[kind]}) for kind in FORMATS}
        head = book.add_format({"bold": True, "bottom": 1})
        page.freeze_panes(1, 0)
        for number, column in enumerate(columns):
            page.set_column(number, number, max(WIDTHS[column.kind], len(column.head) + 2))
            page.write_string(0, number, column.head, head)
        for down, row in enumerate(rows, start=1):
            for across, (cell, column) in enumerate(zip(row, columns, strict=True)):
                _write(page, down, across, cell, formats.get(column.kind))
    file.seek(0)
    return file


def _write(page: Worksheet, down: int, across: int, cell: Cell, form: Format | None) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, str):
        page.write_string(down, across, cell)
    elif isinstance(cell, datetime):
        page.write_datetime(down, across, timezone.localtime(cell).replace(tzinfo=None), form)
    elif isinstance(cell, date):
        page.write_datetime(down, across, datetime(cell.year, cell.month, cell.day), form)  # noqa: DTZ001 - a day
    else:
        page.write_number(down, across, float(cell), form)


def _chunks(rows: Iterable[Sequence[Cell]]) -> Iterator[list[Sequence[Cell]]]:
    waiting = iter(rows)
    while some := list(islice(waiting, ROWS_A_CHUNK)):
        yield some


def _csv(rows: Iterable[Sequence[object]]) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return written.getvalue()


def _told(cell: Cell) -> object:
    if isinstance(cell, datetime):
        return f"{timezone.localtime(cell):%d/%m/%Y %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, Decimal | float):
        return str(cell).replace(".", ",")
    return harmless(cell)


def harmless(cell: object) -> object:
    """The cell; behind an apostrophe, as people type it themselves, where a spreadsheet would compute it. Numbers are."""
    if not isinstance(cell, str):
        return cell
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(FORMULA) or cell.startswith(FORMULA) else cell
