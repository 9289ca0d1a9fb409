"""The words of the catalogue in the reader's language."""

import unicodedata

from django.utils.translation import get_language


def in_house(thing: object, field: str) -> str:
    """A field in the house's language, whoever reads: the catalogue is French, its English beside it."""
    return str(getattr(thing, field))


def localized(thing: object, field: str) -> str:
    """A field in the reader's language; French where the catalogue has no English word."""
    french = in_house(thing, field)
    if not (get_language() or "fr").startswith("en"):
        return french
    return str(getattr(thing, f"{field}_en", "") or french)


def in_alphabet(words: str) -> str:
    """By which words are put in order as people read them: `éclats` stands between `ea` and `ed`."""
    plain = unicodedata.normalize("NFKD", words.replace("œ", "oe").replace("Œ", "Oe"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()
