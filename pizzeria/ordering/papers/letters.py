"""Somebody's words as the papers' fonts can print them: those that typst brings, so that every machine prints the same.

They write Latin, Greek, Cyrillic, Hebrew and Arabic. What they cannot (an emoji, Chinese) is a box: a document for
everybody's reader (PDF/UA) may not have a letter without a shape, and typst would refuse the whole of it.
"""

import re

COVERED = (
    (0x0020, 0x007E), (0x00A0, 0x00AC), (0x00AE, 0x02AF), (0x0384, 0x038A), (0x038E, 0x03A1), (0x03A3, 0x03FF), (0x0400, 0x0482), (0x048A, 0x04FF),
    (0x05D0, 0x05EA), (0x0621, 0x063A), (0x0641, 0x064A), (0x0660, 0x066D), (0x1E00, 0x1EFF), (0x2010, 0x2027),
    (0x202F, 0x2040), (0x2044, 0x2052), (0x20A0, 0x20BF), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x25A0, 0x25FF),
)  # fmt: skip
"""The first and last letters of what is printed. A test prints every one of them."""
BOX = "□"
BREAK = "\u200b"
"""Where a line may be broken."""
LONGEST = 18
"""Letters of a word that stand together: what is longer may be broken after so many, lest it run off the ticket."""

_missing = re.compile("[^" + "".join(f"{chr(first)}-{re.escape(chr(last))}" for first, last in COVERED) + "]+")
_long = re.compile(rf"\S{{{LONGEST}}}(?=\S)")


def printable(words: str) -> str:
    """The words with a box for each run of letters that no font has, and breaks in words that are too long for a line."""
    return _long.sub(rf"\g<0>{BREAK}", _missing.sub(BOX, words))
