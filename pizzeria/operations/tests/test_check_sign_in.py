"""`./manage.py check` says what keeps people from signing in with Google and Facebook."""

from pytest_django import Settings

from pizzeria.operations.checks import check_sign_in, check_sign_in_addresses


def test_half_a_pair_of_keys_is_told_of_and_not_shown(settings: Settings) -> None:
    settings.GOOGLE_CLIENT_ID, settings.GOOGLE_CLIENT_SECRET = "1234.apps.example", ""
    settings.FACEBOOK_CLIENT_ID, settings.FACEBOOK_CLIENT_SECRET = "", "of-facebook"
    told = [problem.msg for problem in check_sign_in()]
    assert told == [
        "Google ne se propose pas à la connexion : il manque GOOGLE_CLIENT_SECRET.",
        "Facebook ne se propose pas à la connexion : il manque FACEBOOK_CLIENT_ID.",
    ]


def test_both_keys_or_none_are_right(settings: Settings) -> None:
    settings.GOOGLE_CLIENT_ID, settings.GOOGLE_CLIENT_SECRET = "1234.apps.example", "of-google"
    assert check_sign_in() == []


def test_a_double_is_refused_on_a_server(settings: Settings) -> None:
    assert check_sign_in_addresses() == []
    settings.FACEBOOK_API = "http://127.0.0.1:8123"
    assert [problem.id for problem in check_sign_in_addresses()] == ["operations.E003"]
