"""Why a card was refused, in words that say what to do; by the provider's code for it."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

OTHER_CARD = gettext_noop("Votre banque a refusé cette carte. Essayez une autre carte, ou appelez votre banque.")

SENTENCES: Mapping[str, str] = {
    "card_declined": OTHER_CARD,
    "generic_decline": OTHER_CARD,
    "do_not_honor": OTHER_CARD,
    "insufficient_funds": gettext_noop("La provision de cette carte ne suffit pas. Essayez une autre carte."),
    "card_velocity_exceeded": gettext_noop("Le plafond de cette carte est atteint. Essayez une autre carte."),
    "withdrawal_count_limit_exceeded": gettext_noop("Le plafond de cette carte est atteint. Essayez une autre carte."),
    "expired_card": gettext_noop("Cette carte a expiré. Essayez une autre carte."),
    "incorrect_cvc": gettext_noop("Le cryptogramme de la carte est faux. Vérifiez les trois chiffres à son dos."),
    "invalid_cvc": gettext_noop("Le cryptogramme de la carte est faux. Vérifiez les trois chiffres à son dos."),
    "incorrect_number": gettext_noop("Le numéro de la carte est faux. Vérifiez-le."),
    "invalid_number": gettext_noop("Le numéro de la carte est faux. Vérifiez-le."),
    "invalid_expiry_month": gettext_noop("La date d’expiration de la carte est fausse. Vérifiez-la."),
    "invalid_expiry_year": gettext_noop("La date d’expiration de la carte est fausse. Vérifiez-la."),
    "payment_intent_authentication_failure": gettext_noop(
        "Votre banque n’a pas pu vérifier que c’est vous. Recommencez, ou essayez une autre carte."
    ),
    "authentication_required": gettext_noop(
        "Votre banque veut vérifier que c’est vous. Recommencez, et confirmez le paiement comme elle le demande."
    ),
    "processing_error": gettext_noop("La banque n’a pas répondu. Recommencez dans un instant."),
    "try_again_later": gettext_noop("La banque n’a pas répondu. Recommencez dans un instant."),
}
UNKNOWN = gettext_noop("Le paiement n’a pas abouti. Essayez une autre carte, ou payez à la livraison.")


def refusal_words(*, code: str) -> str:
    """The sentence for a refusal: of a stolen card, say, no more than that it was refused."""
    return _(SENTENCES.get(code, UNKNOWN))
