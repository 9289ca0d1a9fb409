"""Making the file: typst, with its own fonts, on what it is told."""

import json
import threading
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

import typst

from pizzeria.ordering.papers.letters import printable

HERE = Path(__file__).resolve().parent
KEPT = 128
"""Papers that a process keeps, of some 30 kB each: who reads one again, or prints what somebody has just read, waits for nothing."""

_press = threading.Lock()


def press(*, paper: str, document: Mapping[str, object], at: int) -> bytes:
    """The PDF of what `document` says; `at`, in seconds since 1970, is the date that stands in the file.

    One at a time in a process: however many ask, it keeps one processor busy, and a paper that several ask for is made once.
    """
    told = json.dumps(_printable(document), ensure_ascii=False, sort_keys=True)
    with _press:
        return _pressed(paper, told, at)


@lru_cache(maxsize=KEPT)
def _pressed(paper: str, told: str, at: int) -> bytes:
    # Data, never markup: what somebody typed reaches the template as a string, and a string is not evaluated.
    # PDF/UA-1 is tagged, for screen readers; typst refuses what would break it.
    made = _compiler(paper).compile(format="pdf", sys_inputs={"told": told}, pdf_standards=["ua-1"], timestamp=at)
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made


@cache
def _compiler(paper: str) -> typst.Compiler:
    # No font of the machine's: every server makes the same bytes.
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
    return typst.Compiler(input=HERE / f"{paper}.typ", root=HERE, font_paths=fonts)


def _printable(value: object) -> object:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {name: _printable(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(each) for each in value]
    raise TypeError(f"{type(value)} is not told on paper")
