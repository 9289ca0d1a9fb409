"""The words of the catalogue in the reader's language."""

from django.utils.translation import get_language


def localized(thing: object, field: str) -> str:
    """A field in the reader's language; French where the catalogue has no English word."""
    french = str(getattr(thing, field))
    if not (get_language() or "fr").startswith("en"):
        return french
    return str(getattr(thing, f"{field}_en", "") or french)
