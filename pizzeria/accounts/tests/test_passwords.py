"""What a new password may not be."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tests.cast import PASSWORD


@pytest.mark.parametrize("password", ["Pizza2026!!", "ocpizza-bastille", "OC.Pizza.Responsable", "margherita-12"])
def test_the_houses_own_words_make_no_password(password: str) -> None:
    with pytest.raises(ValidationError, match="mots de la maison"):
        validate_password(password)


@pytest.mark.parametrize("password", ["123456789a", "qwertyuiop", "azertyuiop", "football123"])
def test_what_is_in_every_list_of_broken_passwords_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize(
    "password", [PASSWORD, "pizza au feu de bois le mardi", "é" * 5 + "ñandú 雨", "correct horse battery " * 6]
)
def test_any_other_is_taken_whatever_it_is_made_of(password: str) -> None:
    validate_password(password)
