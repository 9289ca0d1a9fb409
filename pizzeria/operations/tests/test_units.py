"""The units of DEPLOY_ENGINE: as systemd has them, and with as few rights as the site needs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

CONF_FILES = Path(settings.BASE_DIR) / "DEPLOY_ENGINE" / "conf_files"
SERVICES = ("gunicorn", "oc-pizza-live", "oc-pizza-worker", "oc-pizza-cron")
WRITES = "BindPaths="
MOST_EXPOSED = 2.0
COUNTS = [
    "Environment=PROMETHEUS_MULTIPROC_DIR=/run/oc-pizza-metrics",
    "RuntimeDirectory=oc-pizza-metrics",
    "RuntimeDirectoryMode=0750",
    "RuntimeDirectoryPreserve=yes",
]
VALUES = {
    # As on a server, with what every machine has in the place of what the engine makes.
    "HOME": "/home/ubuntu_user",
    "SERVICE_USER": "daemon",
    "WEB_WORKERS": "3",
    "WEB_THREADS": "2",
    "LIVE_WORKERS": "1",
    "JOB": "city_001.cron.cyclic_update",
    "UNIT": "oc-pizza-cron-city_001-cyclic_update",
}

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")


def rendered(name: str) -> str:
    return re.sub(r"@([A-Z_]+)@", lambda key: VALUES[key[1]], (CONF_FILES / name).read_text())


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_rights_but_for_the_folders_that_it_writes(service: str) -> None:
    def rights(name: str) -> list[str]:
        hardening = (CONF_FILES / f"{name}.service").read_text().partition("NoNewPrivileges=")[2].partition("[")[0]
        lines = [line for line in hardening.splitlines() if line and not line.startswith((WRITES, "#"))]
        if name == "oc-pizza-worker":
            # It reads how the machine is.
            lines[lines.index("ProcSubset=all")] = "ProcSubset=pid"
        return lines

    assert rights(service) == rights("gunicorn")


def test_what_the_services_count_is_in_one_folder_that_outlives_them() -> None:
    for service in SERVICES:
        unit = (CONF_FILES / f"{service}.service").read_text()
        kept = re.findall(r"^(?:RuntimeDirectory\w*|Environment)=.*$", unit, re.MULTILINE)
        assert kept == ([] if service == "oc-pizza-cron" else COUNTS), service


def test_the_site_writes_media_and_its_jobs_backups_and_nothing_else() -> None:
    written = {
        service: re.findall(
            r"^(?:BindPaths|ReadWritePaths)=(.*)$", (CONF_FILES / f"{service}.service").read_text(), re.MULTILINE
        )
        for service in SERVICES
    }
    media, backups = "@HOME@/OC_PIZZA_shared/media", "@HOME@/OC_PIZZA_shared/backups"
    assert written == {
        "gunicorn": [media],
        "oc-pizza-live": [],
        "oc-pizza-worker": [media],
        "oc-pizza-cron": [media, backups],
    }


@needs_systemd
@pytest.mark.parametrize("service", SERVICES)
def test_systemd_finds_little_exposed(service: str, tmp_path: Path) -> None:
    unit = tmp_path / f"{service}.service"
    unit.write_text(rendered(unit.name))
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", f"--threshold={MOST_EXPOSED * 10:.0f}", unit],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@needs_systemd
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    names = ["gunicorn.socket", "oc-pizza-live.socket", *(f"{service}.service" for service in SERVICES)]
    for name in names:
        # The programs are the server's own.
        (tmp_path / name).write_text(
            rendered(name).replace("/home/ubuntu_user/OC_PIZZA/oc_pizza_venv/bin/", "/bin/sh ")
        )
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *(tmp_path / name for name in names)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
