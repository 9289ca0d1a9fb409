"""Who orders and where to (A1), checked in one place for the pages and the API."""

from dataclasses import dataclass
from functools import cache
from typing import cast

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import CharField
from django.utils.translation import gettext as _

from pizzeria.accounts.details import POSTAL_CODE, problem_of_phone
from pizzeria.ordering.errors import InvalidContact
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.words import lines, one_line, says_something


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The words of the person who orders; `cleaned` trims them and says what is wrong."""

    first_name: str
    last_name: str
    phone: str = ""
    email: str = ""
    street: str = ""
    complement: str = ""
    postal_code: str = ""
    town: str = ""
    comment: str = ""

    def columns(self) -> dict[str, str]:
        """Each word by its name, which an order's columns have too."""
        return {name: getattr(self, name) for name in self.__slots__}

    def cleaned(self, *, fulfilment: str) -> "Contact":
        """The same contact, trimmed, without characters that nobody sees, the comment's lines kept.

        Raises InvalidContact with one sentence a field.
        """
        fields = {name: one_line(value) for name, value in self.columns().items()}
        fields["comment"] = lines(self.comment)
        wrong = _wrong_fields(fields, fulfilment)
        if wrong:
            raise InvalidContact(_("Vérifiez les informations indiquées."), fields=wrong)
        if fulfilment != Fulfilment.DELIVERY:
            fields |= {"street": "", "complement": "", "postal_code": "", "town": ""}
        return Contact(**fields)


def _wrong_fields(fields: dict[str, str], fulfilment: str) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for name in ("first_name", "last_name"):
        if not says_something(fields[name]):
            wrong[name] = _("Ce champ est obligatoire.")
    if not fields["phone"] and not fields["email"]:
        wrong["phone"] = _("Indiquez un téléphone ou une adresse électronique, pour vous joindre.")
    if problem := problem_of_phone(fields["phone"]):
        wrong["phone"] = problem
    if fields["email"] and not _is_email(fields["email"]):
        wrong["email"] = _("Cette adresse électronique n’est pas valide.")
    if fulfilment == Fulfilment.DELIVERY:
        wrong |= _wrong_address(fields)
    return wrong | _too_long(fields)


def _wrong_address(fields: dict[str, str]) -> dict[str, str]:
    wrong = {
        name: _("L’adresse de livraison est incomplète.")
        for name in ("street", "town")
        if not says_something(fields[name])
    }
    if not POSTAL_CODE.match(fields["postal_code"]):
        wrong["postal_code"] = _("Un code postal a cinq chiffres.")
    return wrong


def _too_long(fields: dict[str, str]) -> dict[str, str]:
    return {
        name: _("%(most)s caractères au plus.") % {"most": _longest(name)}
        for name, value in fields.items()
        if len(value) > _longest(name)
    }


@cache
def _longest(name: str) -> int:
    return cast("CharField[str, str]", Order._meta.get_field(name)).max_length or 0  # noqa: SLF001


def _is_email(value: str) -> bool:
    try:
        validate_email(value)
    except ValidationError:
        return False
    return True
