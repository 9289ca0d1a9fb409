"""Chapter 6.2 of the manual: the schedule is edited, installed, kept, and each run is known."""

from collections.abc import Iterator

import pytest

from tests.server.commands import until
from tests.server.deploying import HOME, NOT_MISSED, deploy, deployed_server
from tests.server.machine import Rack, Result, Server

SUITES = ("bookworm",)
"""See `conftest`: the distribution has no part in what is tried here."""

CODE = f"{HOME}/OC_PIZZA"
UNIT = "oc-pizza-cron-{}"
ONE, TWO, THREE = (UNIT.format(f"city_{city}-cyclic_update") for city in ("001", "002", "003"))
BACKUPS = [UNIT.format(f"city_{city}-cyclic_backup") for city in ("001", "002", "003")]
SLOW, FAILS = UNIT.format("city_001-slow"), UNIT.format("city_001-fails")
STAMP = "/var/lib/systemd/timers/stamp-{}.timer"
JOBS = """

def slow() -> None:
    import time

    time.sleep(60)


def fails() -> None:
    raise ValueError("plus de farine")
"""
EDIT = """
import pathlib, re
file = pathlib.Path("{code}/OC_PIZZA/settings.py")
text = file.read_text()
file.write_text(re.sub(r"^CRONJOBS = \\[.*?^\\]", {cronjobs!r}, text, flags=re.MULTILINE | re.DOTALL))
"""


@pytest.fixture
def server(rack: Rack) -> Iterator[Server]:
    with deployed_server(rack, "bookworm") as deployed:
        # Its timers are the subject here: as on any server, and with no hour that they have missed.
        deployed.run(f"touch {STAMP.format(UNIT.format('*'))} && rm {NOT_MISSED} && systemctl daemon-reload")
        yield deployed


def manage(server: Server, command: str, *, check: bool = True) -> Result:
    return server.run(f"cd {CODE} && ./manage.py {command}", check=check)


def schedule(server: Server, *entries: tuple[str, str]) -> None:
    """Edit CRONJOBS in the settings of the release in service, as 6.2.3 has it, with two jobs more to choose from."""
    server.run(f"grep -q 'def slow' {CODE}/city_001/cron.py || cat >>{CODE}/city_001/cron.py", stdin=JOBS)
    lines = "".join(f"    {entry!r},\n" for entry in entries)
    server.run("python3 -", stdin=EDIT.format(code=CODE, cronjobs=f"CRONJOBS = [\n{lines}]"))


def daily(hour: int, job: str) -> tuple[str, str]:
    return f"0 {hour} * * *", job


def shown(server: Server, unit: str, what: str) -> str:
    return server.run(f"systemctl show -p {what} --value {unit}").stdout.strip()


def due(server: Server, unit: str) -> str:
    moment = shown(server, f"{unit}.timer", "NextElapseUSecRealtime")
    return server.run(f"TZ=Europe/Paris date -d '{moment}' +%H:%M").stdout.strip()


def row(server: Server, job: str) -> str:
    return next(line for line in manage(server, "cronjobs").stdout.splitlines() if job in line)


def everything_else(server: Server) -> str:
    """What `--install` has no business with: the processes that run, and the units that are not timers'."""
    units = "gunicorn.service oc-pizza-live.service oc-pizza-worker.service nginx.service"
    pids = server.run(f"systemctl show -p MainPID --value {units}").stdout
    files = "find /etc -type f -not -name 'oc-pizza-cron-*' -not -path '/etc/mtab' -printf '%p %T@\\n'"
    return pids + server.run(f"{files} | sort").stdout + server.run("crontab -l 2>&1; ls /etc/cron.d").stdout


def test_the_timers_follow_the_edited_setting_and_nothing_else_changes(server: Server) -> None:
    assert manage(server, "cronjobs --install").stdout == "Rien à changer : les minuteries sont celles de CRONJOBS.\n"
    before, untouched = everything_else(server), shown(server, f"{TWO}.timer", "ActiveEnterTimestampMonotonic")

    schedule(server, daily(5, "city_001.cron.cyclic_update"), daily(6, "city_002.cron.cyclic_update"),
             daily(3, "city_001.cron.slow"))  # fmt: skip
    assert set(manage(server, "cronjobs --install").stdout.splitlines()) == {
        f"  - {THREE} : retirée",
        *(f"  - {backup} : retirée" for backup in BACKUPS),
        f"  ~ {ONE}.timer : changée",
        f"  + {SLOW} : ajoutée",
        f"  > {SLOW} : en marche",
    }
    assert (due(server, ONE), due(server, TWO), due(server, SLOW)) == ("05:00", "06:00", "03:00")
    assert not server.exists(f"/etc/systemd/system/{THREE}.timer")
    assert not server.exists(f"/etc/systemd/system/{THREE}.service")
    assert server.run(f"systemctl is-active {THREE}.timer", check=False).stdout == "inactive\n"
    assert shown(server, f"{TWO}.timer", "ActiveEnterTimestampMonotonic") == untouched
    assert everything_else(server) == before
    # What a new timer never had, it did not miss.
    assert "jamais" in row(server, "city_001.cron.slow")
    assert manage(server, "cronjobs --install").stdout.startswith("Rien à changer")

    # A mistake is told, and the timers stay as they are.
    schedule(server, ("0 25 * * *", "city_001.cron.cyclic_update"))
    refused = manage(server, "cronjobs --install", check=False)
    assert refused.returncode != 0
    assert "champ heure" in refused.output
    assert due(server, TWO) == "06:00"

    # The manual's order: désactivation, modification, activation.
    server.run("systemctl stop gunicorn")
    schedule(server, daily(4, "city_003.cron.cyclic_update"))
    assert "Le site est arrêté" in manage(server, "cronjobs --install").stdout
    assert server.run(f"systemctl is-active {THREE}.timer", check=False).stdout == "inactive\n"
    server.run("systemctl start gunicorn")
    until(lambda: shown(server, f"{THREE}.timer", "ActiveState") == "active", "the timer did not start with the site")
    assert due(server, THREE) == "04:00"
    assert not server.exists(f"/etc/systemd/system/{ONE}.timer")

    # Only root writes timers.
    asked = server.run(f"cd {CODE} && ./manage.py cronjobs --install", user="ubuntu_user", check=False)
    assert (asked.returncode, asked.stdout) == (1, "")
    assert "sudo ./manage.py cronjobs --install" in asked.stderr


def test_the_next_deploy_brings_the_projects_schedule_back(server: Server) -> None:
    schedule(server, daily(5, "city_001.cron.cyclic_update"))
    manage(server, "cronjobs --install")
    assert due(server, ONE) == "05:00"
    deploy(server)
    assert (due(server, ONE), due(server, THREE)) == ("06:00", "06:00")
    assert manage(server, "cronjobs --install").stdout.startswith("Rien à changer")


def test_a_run_that_was_missed_while_the_server_was_off_happens_once_after_the_boot(server: Server) -> None:
    assert "jamais" in row(server, "city_002.cron")
    server.run(f"systemctl stop gunicorn; touch -d '3 days ago' {STAMP.format(TWO)}")
    server.reboot()
    until(lambda: "terminée" in row(server, "city_002.cron"), "the missed run did not happen", timeout=60, every=0.5)
    assert "jamais" in row(server, "city_001.cron")
    until(lambda: shown(server, f"{TWO}.service", "ActiveState") == "inactive", "the run does not end", timeout=60)
    server.reboot()
    assert shown(server, f"{TWO}.timer", "ActiveState") == "active"
    told = server.run(f"journalctl --unit {TWO} | grep -c 'cyclic_update : terminée en'").stdout
    assert told == "1\n"
    assert due(server, TWO) == "06:00"


def test_a_job_that_runs_is_not_run_again_and_one_that_was_killed_is_seen_as_abandoned(server: Server) -> None:
    schedule(server, daily(3, "city_001.cron.slow"))
    manage(server, "cronjobs --install")
    server.run(f"systemctl start --no-block {SLOW}")
    until(lambda: "en cours" in row(server, "city_001.cron.slow"), "the job did not begin", every=0.5)
    skipped = manage(server, "cronjobs --run city_001.slow")
    assert "city_001.cron.slow : sautée, déjà en cours sur " in skipped.stdout
    assert "en cours" in row(server, "city_001.cron.slow")

    server.run(f"systemctl kill --signal KILL {SLOW}")
    until(lambda: "abandonnée" in row(server, "city_001.cron.slow"), "nobody saw that the job was killed", every=0.5)
    server.run(f"systemctl start --no-block {SLOW}")
    until(lambda: "en cours" in row(server, "city_001.cron.slow"), "the job does not run again", every=0.5)


def test_a_job_that_fails_says_so_to_systemd_the_journal_and_the_table_and_the_next_city_runs(server: Server) -> None:
    schedule(server, daily(6, "city_001.cron.fails"), daily(6, "city_002.cron.cyclic_update"))
    manage(server, "cronjobs --install")
    assert server.run(f"systemctl start {FAILS}", check=False).returncode != 0
    assert shown(server, f"{FAILS}.service", "Result") == "exit-code"
    journal = server.journal(FAILS)
    assert "Traceback" in journal
    assert "city_001.cron.fails a échoué : ValueError: plus de farine" in journal
    assert row(server, "city_001.cron.fails").endswith("échouée : ValueError: plus de farine")
    server.run(f"systemctl start {TWO}")
    assert row(server, "city_002.cron.cyclic_update").endswith("terminée")


def test_a_job_without_its_environment_says_what_it_lacks_in_a_sentence(server: Server) -> None:
    server.run(f"sed -i '/^DATABASE_URL/d' {HOME}/OC_PIZZA_shared/environment")
    assert server.run(f"systemctl start {ONE}", check=False).returncode != 0
    journal = server.journal(ONE)
    assert "il manque DATABASE_URL" in journal
    assert "Traceback" not in journal
