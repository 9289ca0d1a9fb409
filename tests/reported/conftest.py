"""A receiver, and a house whose tables can be broken, so that what fails fails really."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from tests.reported.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as taking:
        yield taking


@pytest.fixture(scope="session")
def static_root() -> Iterator[str]:
    """The static files as a release has collected them: pages name them by their sums."""
    folder = Path(tempfile.mkdtemp(prefix="oc-pizza-static-"))
    storages = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}}
    with override_settings(STATIC_ROOT=folder, STORAGES=storages):
        call_command("collectstatic", verbosity=0, interactive=False)
    yield str(folder)
    shutil.rmtree(folder)


@contextmanager
def broken(table: str, condition: str) -> Iterator[None]:
    """A table that refuses the rows for which the condition does not hold, as no service expects it to."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT broken_by_a_test CHECK ({condition}) NOT VALID")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT broken_by_a_test")


def no_orders_of_gaspard() -> AbstractContextManager[None]:
    """What PostgreSQL says of it then has the whole row in it."""
    return broken("ordering_order", "first_name <> 'Gaspard'")


@contextmanager
def renamed(table: str) -> Iterator[None]:
    """A table that is not where everybody looks for it."""
    _rename(table, f"{table}_elsewhere")
    try:
        yield
    finally:
        _rename(f"{table}_elsewhere", table)


def _rename(before: str, after: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {before} RENAME TO {after}")
