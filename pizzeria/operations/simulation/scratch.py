"""A database that is made for one evening and dropped after it: the site's own is not read, and not written to."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from psycopg import sql

from pizzeria.operations.backups.beside import beside, drop, live_name, migrate, require_allowed, server

KIND = "simulation"
NOBODYS = {
    "STRIPE_SECRET_KEY": "sk_test_simulated",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_simulated",
    "STRIPE_WEBHOOK_SECRET": "whsec_simulated",
    # Nothing is asked of it; nothing could be.
    "STRIPE_API": "http://127.0.0.1:9",
}
"""Keys of no account, so that paying on the page is offered: clients then pay as the provider would tell it."""


@contextmanager
def scratch() -> Iterator[str]:
    """The name of a migrated, empty database beside the site's. Raises BackupError where none can be made."""
    live = live_name()
    name = beside(live, KIND)
    with server() as opened:
        require_allowed(opened, live)
        opened.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            # What is thrown away need not reach the disk first.
            opened.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name)))
            migrate(name)
            yield name
        finally:
            drop(opened, name)


def run_in(name: str, arguments: Sequence[str]) -> int:
    """Run `manage.py` in a process of its own whose only database is this one; its exit code."""
    url, question, options = os.environ["DATABASE_URL"].partition("?")
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, Path(settings.BASE_DIR) / "manage.py", *arguments],
        check=False,
        env=os.environ | NOBODYS | {"DATABASE_URL": f"{url.rpartition('/')[0]}/{name}{question}{options}"},
    )
    return done.returncode
