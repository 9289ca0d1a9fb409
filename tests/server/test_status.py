"""What a deployed server says of itself: the facts of the status page, and a mail when a job has failed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.commands import until
from tests.server.deploying import HOME, Site
from tests.server.machine import Rack, Server
from tests.server.watching import SERVICES, Mailbox, watched_server

SUITES = ("trixie",)
"""See `conftest`: the distribution has no part in what is tried here."""

BACKUPS = f"{HOME}/OC_PIZZA_shared/backups"
JOB = "city_001.cron.cyclic_backup"
KEY = f"job-failed:{JOB}"
MINUTE_SECONDS = 90
"""The worker looks once a minute, and sends what it has found."""


@pytest.fixture
def watched(rack: Rack, suite: str) -> Iterator[tuple[Server, Mailbox]]:
    with watched_server(rack, suite, about=KEY) as server_and_mailbox:
        yield server_and_mailbox


def facts(server: Server, token: str) -> dict[str, Any]:
    answer = Site(server).ask("/supervision/state", authorization=f"Bearer {token}")
    assert answer.status == 200, answer
    told: dict[str, Any] = json.loads(answer.body)
    return told


def test_the_operators_device_reads_how_the_site_is_and_a_failed_job_is_told_by_mail(
    watched: tuple[Server, Mailbox],
) -> None:
    server, mailbox = watched
    token = server.run(
        f"cd {HOME}/OC_PIZZA && ./manage.py issuetoken edgar.exploitation --label salle --scope supervision:read"
    ).stdout.strip()
    assert Site(server).ask("/supervision/state").status == 401

    told = facts(server, token)
    assert told["watched"]
    assert {service: process["state"] for service, process in told["processes"].items()} == dict.fromkeys(
        SERVICES, "running"
    )
    release = server.run(f"basename $(readlink -f {HOME}/OC_PIZZA)").stdout.strip()
    assert told["release"] == release
    assert told["deployed"]
    assert KEY not in [alert["key"] for alert in told["alerts"]]

    # Nothing can be written where the backups go: this month's fails.
    server.run(f"chown -R root:root {BACKUPS} && chmod -R go-w {BACKUPS}")
    assert server.run(f"cd {HOME}/OC_PIZZA && ./manage.py runjob {JOB}", check=False).returncode != 0
    until(mailbox.told, "nobody is told of the job that failed", timeout=MINUTE_SECONDS)
    assert [kind for kind, _subject in mailbox.told()] == ["ALERTE"]
    told = facts(server, token)
    assert told["status"] == "attention"
    assert KEY in [alert["key"] for alert in told["alerts"]]
