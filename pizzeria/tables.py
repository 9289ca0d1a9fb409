"""Tables that people take away as files and open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of something to compute, or to fetch. The wide forms too: Excel reads them so."""
MARK = "\ufeff"
"""Tells a spreadsheet that the letters are UTF-8."""


def csv_of(*, head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """A table with `;` between its cells, as a French spreadsheet reads them. What somebody typed stays text in it."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([harmless(cell) for cell in head])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return MARK + written.getvalue()


def harmless(cell: object) -> object:
    """The cell; behind an apostrophe, as people type it themselves, where a spreadsheet would compute it. Numbers are."""
    if not isinstance(cell, str):
        return cell
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(FORMULA) or cell.startswith(FORMULA) else cell
