"""What every test has: the cast, plain static files and fast passwords."""

from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import override_settings
from django.utils import translation
from django.utils.safestring import SafeString

pytest_plugins = [
    # First: others import it, which pytest has to rewrite before.
    "tests.migrated",
    "tests.cast",
    "tests.flushing",
    "tests.fronted",
    "tests.garbage",
    "tests.money",
    "tests.openid_double",
    "tests.stripe_double",
]

# How long an example takes, or is thought of, says how busy the machine is; and what a run finds is not what an earlier one has left.
hypothesis.settings.register_profile(
    "any machine",
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("any machine")


@pytest.fixture(autouse=True, scope="session")
def _plain_settings() -> Iterator[None]:
    """Once for all tests: each setting of a test's own is a layer more through which everything reads the others."""
    # No collectstatic before a unit test, and no 50 ms a password: both are proved by the journeys.
    plain_files = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(
        STORAGES=settings.STORAGES | plain_files,
        # One test changes what another has just shown.
        MENU_STATE_SECONDS=0,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        # Whoever runs a shop signs in by password alone; what asks for the second factor turns this on itself.
        SECOND_FACTOR="optional",
        # Nobody has collected the static files: looked for one by one, their folder may be missing.
        WHITENOISE_AUTOREFRESH=True,
    ):
        yield


@pytest.fixture(autouse=True, scope="session")
def _one_context_a_page(django_test_environment: None) -> Iterator[None]:  # noqa: ARG001 - after it, and undone before
    """`response.context` is the page's own: Django would copy it again for each template that the page includes or extends."""
    noted = Template._render  # noqa: SLF001 - what Django itself takes the place of in tests

    def render(self: Template, context: Context) -> SafeString:
        return noted(self, context) if context.template is self else self.nodelist.render(context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", render)
        yield


@pytest.fixture(autouse=True)
def _french(_plain_settings: None) -> None:
    # A page asked for in English leaves English behind in its thread.
    translation.activate(settings.LANGUAGE_CODE)
