"""What a telephone number, a postal code and a birthday look like."""

import re
from datetime import date

from django.utils.translation import gettext as _

PHONE = re.compile(r"\A\+?[0-9]{9,15}\Z")
POSTAL_CODE = re.compile(r"\A[0-9]{5}\Z")
OLDEST = date(1900, 1, 1)


def problem_of_phone(phone: str) -> str:
    """What is wrong with a number, in a sentence; empty for a good one, and for none."""
    if not phone or PHONE.match(re.sub(r"[\s.\-()]", "", phone)):
        return ""
    return _("Ce numéro n’est pas complet. Exemple : 06 39 98 12 34.")
