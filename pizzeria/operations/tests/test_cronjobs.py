"""CRONJOBS: shown, checked, run one by one, and put into systemd's hands."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as site
from django.core.management import call_command
from django.core.management.base import CommandError, SystemCheckError
from django.db import connection
from pytest_django import Settings

from pizzeria.operations.cronjobs import read_jobs
from pizzeria.ordering.models import Cart
from pizzeria.stock.models import Makeable
from tests.cast import House

DAILY = ("0 6 * * *", "city_001.cron.cyclic_update")


def said(*command: str) -> str:
    told = StringIO()
    call_command(*command, stdout=told)
    return told.getvalue()


def test_every_city_is_refreshed_at_six_and_saved_on_the_first_as_the_manual_has_it() -> None:
    jobs = {("0 6 * * *",): "cyclic_update", ("0 6 1 * *",): "cyclic_backup"}
    assert {job.path: job.schedules for job in read_jobs()} == {
        f"{city}.cron.{job}": schedule
        for schedule, job in jobs.items()
        for city in ("city_001", "city_002", "city_003")
    }
    said("check")


@pytest.mark.django_db
def test_the_table_says_what_is_done_when_in_words() -> None:
    title, first, *_rest = said("cronjobs").splitlines()
    assert title.split("  ")[0] == "périodicité"
    assert first.startswith("0 6 * * *  ")
    assert "city_001.cron.cyclic_update  chaque jour à 06:00  " in first
    assert re.search(r" 06:00 +jamais$", first)


def test_a_job_has_one_timer_with_all_its_schedules(settings: Settings, tmp_path: Path) -> None:
    settings.CRONJOBS = [DAILY, ("0 6 13 * 5", "city_002.cron.cyclic_update"), ("30 12 * * *", DAILY[1])]
    names = said("cronjobs", "--systemd", str(tmp_path)).split()
    assert names == ["oc-pizza-cron-city_001-cyclic_update.timer", "oc-pizza-cron-city_002-cyclic_update.timer"]
    services = [name.replace(".timer", ".service") for name in names]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names + services)
    first, second = ((tmp_path / name).read_text() for name in names)
    assert first.count("OnCalendar=") == 2
    assert "OnCalendar=*-*-* 12:30:00 Europe/Paris\n" in first
    service = (tmp_path / services[0]).read_text()
    assert "manage.py runjob city_001.cron.cyclic_update\n" in service
    assert "SyslogIdentifier=oc-pizza-cron-city_001-cyclic_update\n" in service
    assert set(re.findall(r"@[A-Z_]+@", service)) == {"@HOME@", "@SERVICE_USER@"}
    for line in ("Persistent=true\n", "PartOf=gunicorn.service\n", "WantedBy=gunicorn.service\n"):
        assert line in first
    assert "OnCalendar=*-*-13 06:00:00 Europe/Paris\nOnCalendar=Fri *-*-* 06:00:00 Europe/Paris\n" in second


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed on this machine")
def test_systemd_accepts_the_timers(tmp_path: Path) -> None:
    names = said("cronjobs", "--systemd", str(tmp_path)).split()
    for name in names:
        # Looked at in test_units.py, where it is filled in.
        (tmp_path / name).with_suffix(".service").write_text("[Service]\nType=oneshot\nExecStart=/bin/true\n")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", *(tmp_path / name for name in names)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        said("cronjobs", "--systemd", str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (("0 25 * * *", "city_001.cron.cyclic_update"), "champ heure"),
        (("0 6 * *", "city_001.cron.cyclic_update"), "cinq champs"),
        (("0 6 * * *", "city001.cron.cyclic_update"), "Vouliez-vous écrire city_001.cron.cyclic_update"),
        (("0 6 * * *", "city_001.cron.cyclic_updates"), "n’existe pas"),
        (("0 6 * * *", "city_001.cron.CITY"), "n’est pas une fonction"),
        (("0 6 * * *", "cyclic_update"), "s’écrit"),
        (("0 6 * * *", "city_001.cron.cyclic_update; rm"), "s’écrit"),
        (("0 6 * * *",), "s’écrit"),
        ("0 6 * * * city_001.cron.cyclic_update", "s’écrit"),
    ],
)
def test_a_mistake_is_found_by_check_and_writes_no_timer(
    settings: Settings, tmp_path: Path, entry: object, why: str
) -> None:
    settings.CRONJOBS = [DAILY, entry]
    with pytest.raises(SystemCheckError, match=why):
        said("check")
    with pytest.raises(CommandError, match=why):
        said("cronjobs", "--systemd", str(tmp_path))
    assert not list(tmp_path.iterdir())


def test_two_jobs_of_one_timers_name_are_told_apart(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("city_099/__init__.py", "city_099/cron.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("def job(): pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    settings.CRONJOBS = [("0 6 * * *", "city_099.job"), ("0 7 * * *", "city_099.cron.job")]
    with pytest.raises(SystemCheckError, match="la même minuterie"):
        said("check")


def test_a_job_runs_now_and_says_how_long_it_took(house: House) -> None:
    Makeable.objects.filter(store=house.bastille).delete()
    assert "city_001.cron.cyclic_update : terminée en" in said("runjob", "city_001.cron.cyclic_update")
    assert Makeable.objects.filter(store=house.bastille).exists()
    assert not Cart.objects.exists()


def test_the_manuals_misspelling_is_told_the_right_name() -> None:
    with pytest.raises(CommandError, match=r"Vouliez-vous écrire city_002\.cron\.cyclic_update"):
        said("runjob", "city002.cron.cyclic_update")
    with pytest.raises(CommandError, match=r"n’est pas dans CRONJOBS\.$"):
        said("runjob", "os.abort")


@pytest.mark.machine
@pytest.mark.django_db(transaction=True)
def test_a_job_that_fails_says_why_in_full_and_in_its_exit_code() -> None:
    # The city's row is missing from the tests' database.
    address = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{connection.settings_dict['NAME']}"
    done = command("runjob", "city_001.cron.cyclic_update", env=os.environ | {"DATABASE_URL": address})
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" in done.stderr
    assert "refresh_city" in done.stderr
    assert "city_001.cron.cyclic_update a échoué : " in done.stderr.splitlines()[-1]


@pytest.mark.machine
def test_a_job_without_its_database_says_so_in_a_sentence() -> None:
    nowhere = {"SECRET_KEY": "none", "DATABASE_URL": "postgres:///none?host=/nowhere"}
    for asked in (("runjob", "city_001.cron.cyclic_update"), ("cronjobs",)):
        done = command(*asked, env=nowhere)
        assert (done.returncode, done.stdout) == (1, "")
        assert "La base de données ne répond pas" in done.stderr
        assert "Traceback" not in done.stderr


def command(*asked: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *asked], cwd=site.BASE_DIR, env=env, capture_output=True, text=True, check=False
    )
