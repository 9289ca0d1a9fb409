"""Passwords that somebody who wants into a pizzeria would try first."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

HOUSE_WORDS = ("ocpizza", "pizzeria", "pizza", "margherita", "mozzarella", "bastille", "livreur", "responsable")
"""The group, the trade, its best known shop, the roles: words that are guessed here and nowhere else."""
SHORTEST_REST = 8
"""Letters and figures that must be left when the house's words are taken away."""


class HouseWordsValidator:
    """Refuse a password that is little more than the house's own words (`Pizza2026!`, `ocpizza-bastille`)."""

    def validate(self, password: str, user: object = None) -> None:  # noqa: ARG002 - Django's protocol
        said = rest = re.sub(r"[\W_]", "", password.casefold())
        for word in HOUSE_WORDS:
            rest = rest.replace(word, "")
        if rest != said and len(rest) < SHORTEST_REST:
            raise ValidationError(
                _("Ce mot de passe tient surtout à des mots de la maison : on les essaie en premier."),
                code="house_words",
            )

    def get_help_text(self) -> str:
        return _("Ne vous contentez pas de mots de la maison (pizza, OC Pizza, le nom d’une pizzeria).")
