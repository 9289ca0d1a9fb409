"""What people type, made fit to be stored, shown on a screen and printed on a ticket."""

import re
import unicodedata

JOINERS = frozenset("\u200c\u200d")
"""Invisible, but they make Persian words and family emoji what they are."""


A_NAME = re.compile(r"[^\W\d_][^\W\d_’' -]*(?:[’' -][^\W\d_’' -]+){0,4}")
AN_ADDRESS = re.compile(r"(?:[^\W_]|[ ,’'°/-]|\.(?=[ ,]|\Z)){1,60}")
"""Letters, figures and what stands between them; a full stop only where a word is cut short: `12 bis bd. Voltaire`."""


def reads_as_a_name(text: str) -> bool:
    """Whether it may stand in a mail to an address that whoever orders has typed: a name, and no words of theirs to somebody else."""
    return bool(A_NAME.fullmatch(text))


def reads_as_an_address(text: str) -> bool:
    """The same of a street: nothing in it that a mail program would make a link of."""
    return bool(AN_ADDRESS.fullmatch(text)) and "//" not in text


def one_line(text: str) -> str:
    """The text on one line, single-spaced, composed (NFC), without characters that nobody sees.

    NUL and lone surrogates cannot be stored by PostgreSQL; the marks that turn the direction of
    writing would scramble a kitchen's screen.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return " ".join(_visible(text).split())


def lines(text: str) -> str:
    """As `one_line`, but the breaks between lines that say something are kept."""
    kept = (" ".join(line.split()) for line in _visible(text).splitlines())
    return "\n".join(line for line in kept if line)


def says_something(text: str) -> bool:
    """Whether a cleaned text has at least one letter, figure or sign that is seen."""
    return any(letter.isprintable() and not letter.isspace() for letter in text)


def _visible(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFC", text) if _is_kept(letter))


def _is_kept(letter: str) -> bool:
    if letter.isspace() or letter in JOINERS:
        return True
    return unicodedata.category(letter) not in {"Cc", "Cf", "Cs"}
