"""What is wrong with a request's fields, in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

BODY = "body"


def explain(errors: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """One sentence for each refused field, by its path: `{"lines.0.quantity": "Au plus 50."}`."""
    return {_path(error["loc"]): _sentence(error["type"], error.get("ctx") or {}) for error in errors}


def _path(location: Iterable[object]) -> str:
    """Where the field stands. In the body, the name of our own function's argument means nothing to a client."""
    source, *parts = [str(part) for part in location]
    named = parts[1:] if source == BODY else parts
    return ".".join(named) or source


def _sentence(kind: str, context: Mapping[str, Any]) -> str:
    sentences = {
        "missing": _("Ce champ est obligatoire."),
        "extra_forbidden": _("Ce champ n’est pas accepté."),
        "string_type": _("Du texte est attendu."),
        "string_pattern_mismatch": _("La forme de ce texte n’est pas acceptée : voyez la documentation."),
        "string_too_long": _("%(max_length)s caractères au plus."),
        "string_too_short": _("%(min_length)s caractères au moins."),
        "too_long": _("%(max_length)s éléments au plus."),
        "int_type": _("Un nombre entier est attendu."),
        "int_parsing": _("Un nombre entier est attendu."),
        "int_from_float": _("Un nombre entier est attendu."),
        "greater_than_equal": _("Au moins %(ge)s."),
        "less_than_equal": _("Au plus %(le)s."),
        "literal_error": _("Valeurs acceptées : %(expected)s."),
        "enum": _("Valeurs acceptées : %(expected)s."),
        "list_type": _("Une liste est attendue."),
        "tuple_type": _("Une liste est attendue."),
        "model_type": _("Un objet est attendu."),
        "model_attributes_type": _("Un objet est attendu."),
    }
    sentence = sentences.get(kind, _("Cette valeur n’est pas acceptée."))
    if "expected" in context:
        # Pydantic joins the last of them by an English word.
        context = {**context, "expected": context["expected"].replace(" or ", ", ")}
    return sentence % context if "%(" in sentence else sentence
