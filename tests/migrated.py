"""The migrated database of the tests: dumped by the first run, restored by those that come after, in a second instead of ten.

Kept in `.data/` under the sum of all that migrations are made of: a change of one of them, of what they import or of a
requirement makes another. It is a template alone: Django migrates every test's database all the same, and finds nothing to do.
Only for the cluster that `tests.environment` has made.
"""

import hashlib
import importlib.util
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from local.postgres import Cluster

CHECKOUT = Path(__file__).resolve().parent.parent
KEPT = CHECKOUT / ".data" / "tests"
TEMPLATE = "migrated"
IMPORTED = re.compile(r"^(?:from|import) (pizzeria[\w.]*)", re.MULTILINE)
LOCK = "SELECT pg_advisory_lock(hashtext('tests.migrated'))"
OPENED_BY = "TEST_BINARIES"
"""Where the programs of the run's own cluster are: not set for a server of somebody else's."""


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Let this process's database be made out of what a run before has dumped."""
    if OPENED_BY in os.environ and _dump().exists():
        _restore()
        connection.settings_dict["TEST"]["TEMPLATE"] = TEMPLATE


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Keep what has just been migrated for the next run."""
    if OPENED_BY in os.environ and not _dump().exists():
        _keep()


def lay_out(cluster: Cluster, database: str) -> None:
    """Make a database of a cluster that is somebody else's out of that dump; nothing where no run has left one."""
    if OPENED_BY not in os.environ or not _dump().exists():
        return
    cluster.start()
    try:
        cluster.ensure_database(database)
        _restore_into(cluster.url(database))
    finally:
        cluster.stop()


def _keep() -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    dump = _dump()
    # Whole or not at all, and of one process alone: two may have migrated.
    unfinished = dump.with_suffix(f".{os.getpid()}")
    try:
        _program("pg_dump", "--no-owner", "-f", str(unfinished), _url(str(connection.settings_dict["NAME"])))
        unfinished.rename(dump)
    finally:
        unfinished.unlink(missing_ok=True)
    for old in KEPT.glob(f"{TEMPLATE}-*.sql"):
        if old != dump:
            old.unlink(missing_ok=True)


def _restore() -> None:
    """Make the template of this run's cluster, unless another process has."""
    with psycopg.connect(_url("postgres"), autocommit=True) as server:
        server.execute(LOCK)
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone():
            return
        server.execute(f"CREATE DATABASE {TEMPLATE}_unfinished")
        _restore_into(_url(f"{TEMPLATE}_unfinished"))
        server.execute(f"ALTER DATABASE {TEMPLATE}_unfinished RENAME TO {TEMPLATE}")


def _restore_into(url: str) -> None:
    _program("psql", "-qX", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-f", str(_dump()), url)


def _program(name: str, *arguments: str) -> None:
    subprocess.run([Path(os.environ[OPENED_BY]) / name, *arguments], check=True)


def _url(database: str) -> str:
    return os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{database}"


def _dump() -> Path:
    return KEPT / f"{TEMPLATE}-{_sum_of_migrations()}.sql"


def _sum_of_migrations() -> str:
    found = hashlib.sha256(" ".join(settings.INSTALLED_APPS).encode())
    for path in sorted({*_files(), CHECKOUT / "requirements" / "dev.txt"}):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _files() -> Iterator[Path]:
    """The migrations of every app, and what ours import of ours."""
    for app in apps.get_app_configs():
        for path in (Path(app.path) / "migrations").glob("*.py"):
            yield path
            if path.is_relative_to(CHECKOUT / "pizzeria"):
                for name in IMPORTED.findall(path.read_text()):
                    yield from _files_of(name)


def _files_of(module: str) -> Iterator[Path]:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(module)
    path = Path(spec.origin)
    yield from path.parent.glob("*.py") if path.name == "__init__.py" else [path]
