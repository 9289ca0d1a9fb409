"""What people type, made fit to be stored, shown on a screen and printed on a ticket."""

import unicodedata

JOINERS = frozenset("\u200c\u200d")
"""Invisible, but they make Persian words and family emoji what they are."""


def one_line(text: str) -> str:
    """The text on one line, single-spaced, composed (NFC), without characters that nobody sees.

    NUL and lone surrogates cannot be stored by PostgreSQL; the marks that turn the direction of
    writing would scramble a kitchen's screen.
    """
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
