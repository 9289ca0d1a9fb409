"""How each service is asked whether it lives. An answer is an answer, whatever it says; silence is the only failure."""

import json
import os
import pwd
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from SUPERVISION_ENGINE.watch import commands, database, http, units

OK, SERVER_ERROR = 200, 500
PATIENCE = 3.0
"""Seconds in which a service answers."""
GUNICORN = "/run/gunicorn.sock"
LIVE = "/run/oc-pizza-live/live.sock"
CURL = "/usr/bin/curl"
CURL_TIMED_OUT = 28
LOOPBACK = "127.0.0.1"
FILE = "/static/oc_pizza.ico"
"""Answered by nginx alone, and in no log."""
CLUSTERS = Path("/etc/postgresql")
PORT = "5432"
POSTGRESQL = f"/run/postgresql/.s.PGSQL.{PORT}"
STALE_SECONDS = 35
"""The worker writes its heartbeat every 10 s, and counts itself as lost after 30."""
HEARTBEAT = "SELECT extract(epoch FROM now() - max(last_heartbeat))::int FROM procrastinate_workers"

WORKER = "oc-pizza-worker.service"
IDLE_SECONDS = 300
"""A minute's sample is written each minute, by the worker's own jobs: five minutes without one, and they are stuck."""
SAMPLE = "SELECT extract(epoch FROM now() - max(at))::int FROM supervision_sample"
NO_SUCH_TABLE = "42P01"


class Health(NamedTuple):
    """What a probe has found; `verdict` is a state of the contract: running, degraded, starting, unknown, failing."""

    verdict: str
    detail: str = ""


class Site(NamedTuple):
    """What the probes need to know of the site, from its environment file."""

    host: str
    is_https: bool
    database: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Site":
        return cls(
            host=environment.get("ALLOWED_HOSTS", "").partition(",")[0] or "localhost",
            is_https=environment.get("HTTPS", "1") != "0",
            database=environment.get("DATABASE_URL", "").rpartition("/")[2].partition("?")[0],
        )


def ask_gunicorn(site: Site, *, path: str = GUNICORN) -> Health:
    return _ask_socket(path, "/readyz", site, _reasons)


def ask_live(site: Site, *, path: str = LIVE) -> Health:
    return _ask_socket(path, "/live/heartbeat", site, _first_words)


def _ask_socket(path: str, address: str, site: Site, why: Callable[[http.Answer], str]) -> Health:
    """Any answer is a sign of life; `why` says of one that is not 200 what is wrong."""
    try:
        with http.unix_socket(path, patience=PATIENCE) as connection:
            answer = http.ask(connection, http.get(address, host=site.host))
    except (OSError, http.NoAnswerError) as error:
        return _silent(error)
    return Health("running") if answer.status == OK else Health("degraded", why(answer))


def _reasons(answer: http.Answer) -> str:
    try:
        problems = json.loads(answer.body)["problems"]
        return "pas prêt : " + " ; ".join(f"{part} ({why})" for part, why in problems.items())
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"/readyz répond {answer.status}"


def _first_words(answer: http.Answer) -> str:
    return f"pas prêt : {answer.body.strip()[:80] or answer.status}"


def ask_nginx(site: Site, *, port: int | None = None) -> Health:
    """Asked as a client asks, by the site's name. Its certificate is judged elsewhere: here only whether it answers.

    By curl, as the engines ask: Python's own TLS would weigh more, asleep, than the rest of the watch.
    """
    scheme, place = ("https", port or 443) if site.is_https else ("http", port or 80)
    try:
        done = commands.run(
            CURL, "--disable", "--silent", "--insecure", "--noproxy", "*", "--max-time", str(PATIENCE),
            "--resolve", f"{site.host}:{place}:{LOOPBACK}", "--output", "/dev/null", "--write-out", "%{http_code}",
            f"{scheme}://{site.host}:{place}{FILE}", patience=PATIENCE + 1,
        )  # fmt: skip
    except OSError as error:
        # Whom it cannot ask it must not cure.
        return Health("unknown", f"curl : {error}")
    if done.code or not done.said.isdigit():
        return Health(
            "failing", "ne répond pas" if done.code == CURL_TIMED_OUT else f"ne répond pas (curl : {done.code})"
        )
    if int(done.said) >= SERVER_ERROR:
        return Health("degraded", f"{FILE} répond {done.said}")
    return Health("running")


def ask_postgresql(_site: Site) -> Health:
    try:
        _ask_database("SELECT 1", "postgres")
    except database.DatabaseSilentError as error:
        return _silent(error)
    except database.DatabaseRefusesError as error:
        return Health("starting" if error.code in database.STARTING else "degraded", str(error))
    return Health("running")


def seconds_up(unit: str) -> float:
    """For how long a unit has been running; 0 where it does not, or systemd does not say."""
    try:
        done = commands.run(
            units.SYSTEMCTL, "show", "--property=ActiveEnterTimestampMonotonic", "--value", "--", unit, patience=PATIENCE
        )  # fmt: skip
    except OSError:
        return 0.0
    entered = int(done.said) / 1_000_000 if done.said.strip().isdigit() else 0.0
    return time.monotonic() - entered if entered else 0.0


def ask_worker(site: Site, *, path: str = POSTGRESQL, up: Callable[[str], float] = seconds_up) -> Health:
    """By the row that the worker itself refreshes, and by what its jobs write each minute: they may hang while it lives.

    A database that does not answer is not the worker's fault.
    """
    try:
        age = _ask_database(HEARTBEAT, site.database, path)
        idle = _seconds_without_sample(site, path) if age and int(age) <= STALE_SECONDS else 0
    except (database.DatabaseSilentError, database.DatabaseRefusesError):
        return Health("unknown", "la base de données ne répond pas")
    if not age:
        return Health("failing", "n’a jamais donné signe de vie")
    if int(age) > STALE_SECONDS:
        return Health("failing", f"sans signe de vie depuis {age} s")
    if idle > IDLE_SECONDS and up(WORKER) > IDLE_SECONDS:
        return Health("degraded", f"ses tâches n’avancent pas : aucune mesure depuis {idle // 60} min")
    return Health("running")


def _seconds_without_sample(site: Site, path: str) -> int:
    """0 for a site that has none yet, or whose release knows none."""
    try:
        return int(_ask_database(SAMPLE, site.database, path) or 0)
    except database.DatabaseRefusesError as error:
        if error.code == NO_SUCH_TABLE:
            return 0
        raise


def _ask_database(sql: str, name: str, path: str = POSTGRESQL) -> str:
    # Nobody but root may become somebody else.
    administrator = None if os.geteuid() else pwd.getpwnam(database.ADMINISTRATOR).pw_uid
    return database.ask(sql, database=name, socket_path=path, patience=PATIENCE, uid=administrator)


def _silent(error: Exception) -> Health:
    return Health("failing", "ne répond pas" if isinstance(error, TimeoutError) else f"ne répond pas ({error})")


def postgresql_unit() -> str:
    """The unit of the cluster at PostgreSQL's own port, where the site's database is; `postgresql.service` if there is none."""
    for settings in sorted(CLUSTERS.glob("*/*/postgresql.conf")):
        if _port(settings) == PORT:
            return f"postgresql@{settings.parent.parent.name}-{settings.parent.name}.service"
    return "postgresql.service"


def _port(settings: Path) -> str:
    ports = [
        line.partition("=")[2].split("#")[0].strip()
        for line in settings.read_text().splitlines()
        if line.startswith("port")
    ]
    return ports[-1] if ports else PORT
