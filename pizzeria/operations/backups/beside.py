"""A database beside the live one takes its name, both names in one transaction: restores and upgrades are made so.

The live database is not written to. Whatever fails before the two renames leaves it as it was.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from psycopg import sql

from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.programs import connect

Database = psycopg.Connection[tuple[Any, ...]]

MAY = """
    SELECT (rolcreatedb OR rolsuper) AND pg_has_role(datdba, 'USAGE'), rolname
    FROM pg_roles, pg_database WHERE rolname = current_user AND datname = %s
"""
# An autovacuum worker is nobody: it has no user, and PostgreSQL ends it for a rename.
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename IS NOT NULL AND pid <> pg_backend_pid()"
PATIENCE = 2
"""Seconds in which the server may notice that a client has gone."""
GRANTS = """
    SELECT pg_get_userbyid(grantee), privilege_type FROM pg_database, aclexplode(datacl)
    WHERE datname = %s AND grantee NOT IN (0, datdba)
"""
PRIVILEGES = {name: sql.SQL(name) for name in ("CONNECT", "CREATE", "TEMPORARY")}
SETTINGS = """
    SELECT setrole <> 0, split_part(line, '=', 1), substr(line, strpos(line, '=') + 1)
    FROM pg_database, pg_db_role_setting, unnest(setconfig) line
    WHERE datname = %s AND setdatabase = pg_database.oid AND setrole IN (0, current_user::regrole)
"""
OF_ALL = sql.SQL("ALTER DATABASE {} SET {} FROM CURRENT")
OF_THE_ROLE = sql.SQL("ALTER ROLE CURRENT_USER IN DATABASE {} SET {} FROM CURRENT")
MOMENT = r"\d{8}_\d{6}"
LONGEST_NAME = 63
"""Bytes; PostgreSQL cuts what is longer and goes on."""
INVARIANTS: dict[str, LiteralString] = {
    gettext_noop("stock"): """
        SELECT count(*) FROM stock_stockitem item WHERE available <>
        (SELECT coalesce(sum(change), 0) FROM stock_movement WHERE item_id = item.id)
    """,
    gettext_noop("argent"): """
        SELECT count(*) FROM ordering_order placed WHERE subtotal <>
        (SELECT coalesce(sum(amount - discount), 0) FROM ordering_orderline WHERE order_id = placed.id)
    """,
    gettext_noop("contraintes"): "SELECT count(*) FROM pg_constraint WHERE NOT convalidated",
}
"""How many rows break a rule that spans tables; the rules of one row are constraints, which PostgreSQL proves."""


def live_name() -> str:
    return str(connection.settings_dict["NAME"])


@contextmanager
def only_server() -> Iterator[Database]:
    """The server's own database, from which those of the site are made, renamed and dropped, by one process at a time.

    The lock is the connection's: it ends with a process that is killed, and it holds for every host.
    """
    with server() as opened:
        ((free,),) = opened.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [live_name()]).fetchall()
        if not free:
            raise BackupError(_("Une restauration ou une mise à niveau de cette base est déjà en cours."))
        yield opened


@contextmanager
def server() -> Iterator[Database]:
    """The server's own database, to ask or to tidy up."""
    try:
        with closing(connect(dbname="postgres")) as opened:
            opened.autocommit = True
            yield opened
    except psycopg.Error as error:
        raise BackupError(_("PostgreSQL a refusé : %(error)s") % {"error": error}) from error


def require_allowed(server: Database, live: str) -> None:
    ((may, role),) = server.execute(MAY, [live]).fetchall()
    if not may:
        give = f"sudo -u postgres psql -c 'ALTER ROLE {role} CREATEDB'"
        raise BackupError(
            _("Le rôle %(role)s ne peut pas créer de base. Donnez-lui ce droit : %(give)s")
            % {"role": role, "give": give}
        )


def require_alone(server: Database, live: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while others := count(server, OTHERS, [live]):
        if time.monotonic() > deadline:
            raise BackupError(
                _("La base a encore %(others)s connexion(s). Arrêtez d’abord le site : sudo systemctl stop gunicorn")
                % {"others": others}
            )
        time.sleep(0.1)


def beside(live: str, kind: str) -> str:
    """The name of a database of now: `<live>_<kind>_<moment>`."""
    name = f"{live}_{kind}_{timezone.now():%Y%m%d_%H%M%S}"
    if len(name.encode()) > LONGEST_NAME:
        raise BackupError(
            _("%(name)s est trop long pour PostgreSQL : donnez à la base un nom plus court.") % {"name": name}
        )
    return name


def names_beside(server: Database, live: str, *kinds: str) -> list[str]:
    """The databases of these kinds that stand beside the live one."""
    rows = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY 1", [f"{live}_"])
    form = re.compile(f"{re.escape(live)}_({'|'.join(kinds)})_{MOMENT}")
    return [name for (name,) in rows if form.fullmatch(name)]


def like_live(server: Database, name: str, *, live: str) -> None:
    """What belongs to a database and is in no dump and in no copy of it: who may connect, and its settings."""
    database = sql.Identifier(name)
    # As DEPLOY_ENGINE makes it: the site's role owns it and nobody else may connect, unless somebody was let in.
    server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    for role, privilege in server.execute(GRANTS, [live]).fetchall():
        grant = sql.SQL("GRANT {} ON DATABASE {} TO {}")
        server.execute(grant.format(PRIVILEGES[privilege], database, sql.Identifier(role)))
    for of_role, setting, value in server.execute(SETTINGS, [live]).fetchall():
        alter = OF_THE_ROLE if of_role else OF_ALL
        try:
            with server.transaction():
                # For this transaction only, so that its own next statements do not obey it.
                server.execute("SELECT set_config(%s, %s, true)", [setting, value])
                server.execute(alter.format(database, sql.Identifier(*setting.split("."))))
        except psycopg.errors.InsufficientPrivilege as error:
            words = {"setting": setting, "reset": f'ALTER DATABASE "{live}" RESET {setting}'}
            raise BackupError(
                _(
                    "Le réglage %(setting)s de la base n’appartient qu’à postgres : mettez-le dans postgresql.conf, "
                    "puis ôtez-le de la base (%(reset)s)."
                )
                % words
            ) from error


def migrate(name: str) -> None:
    """In a process of its own whose only database is this one: no migration can reach the live one."""
    url, question, options = os.environ["DATABASE_URL"].partition("?")
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, Path(settings.BASE_DIR) / "manage.py", "migrate", "--no-input", "--verbosity=0"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"DATABASE_URL": f"{url.rpartition('/')[0]}/{name}{question}{options}"},
    )
    if done.returncode:
        # Its last words first, which say what; then where it happened.
        what = re.split(r"\n\s.*\n", f"\n{done.stderr.strip()}")[-1].strip() or done.returncode
        words = {"what": what, "where": done.stderr.strip()}
        raise BackupError(_("La base n’a pas pu être migrée, rien n’a changé : %(what)s\n%(where)s") % words)


def broken_rules(database: Database) -> Iterator[str]:
    """A sentence for each of the INVARIANTS that does not hold."""
    for rule, query in INVARIANTS.items():
        broken = count(database, query)
        if broken:
            yield _("%(broken)s ligne(s) ne respectent pas la règle « %(rule)s »") % {"rule": _(rule), "broken": broken}


def require_invariants(database: Database) -> None:
    """Raises BackupError for the first rule that does not hold, before anything was changed."""
    for told in broken_rules(database):
        raise BackupError(_("%(told)s : rien n’a changé.") % {"told": told})


def swap(server: Database, *, live: str, new: str, aside: str) -> None:
    """Both names or neither. PostgreSQL refuses when somebody has connected since."""
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with server.transaction():
        server.execute(rename.format(sql.Identifier(live), sql.Identifier(aside)))
        server.execute(rename.format(sql.Identifier(new), sql.Identifier(live)))


def drop(server: Database, name: str) -> None:
    """Whoever is still connected to it, a migration that outlived its parent, is sent away."""
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def count(database: Database, query: LiteralString | sql.Composed, values: Sequence[str] = ()) -> int:
    ((found,),) = database.execute(query, values or None).fetchall()
    return int(found)
