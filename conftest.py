"""What every test has: the cast, plain static files and fast passwords."""

import pytest
from django.utils import translation
from hypothesis import HealthCheck, settings
from pytest_django import Settings

pytest_plugins = [
    "tests.cast",
    "tests.flushing",
    "tests.fronted",
    "tests.garbage",
    "tests.migrated",
    "tests.money",
    "tests.openid_double",
    "tests.stripe_double",
]

# How long an example takes, or is thought of, says how busy the machine is; and what a run finds is not what an earlier one has left.
settings.register_profile(
    "any machine", deadline=None, database=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def _plain_settings(settings: Settings) -> None:
    # No collectstatic before a unit test, and no 50 ms a password: both are proved by the journeys.
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    # One test changes what another has just shown.
    settings.MENU_STATE_SECONDS = 0
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Whoever runs a shop signs in by password alone; what asks for the second factor turns this on itself.
    settings.SECOND_FACTOR = "optional"
    # Nobody has collected the static files: looked for one by one, their folder may be missing.
    settings.WHITENOISE_AUTOREFRESH = True
    # A page asked for in English leaves English behind in its thread.
    translation.activate(settings.LANGUAGE_CODE)
