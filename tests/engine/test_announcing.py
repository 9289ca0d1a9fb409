"""The engines announce the scheduled jobs to Sentry where the operator has named one, and start nothing otherwise."""

from pathlib import Path

import pytest

from tests.engine.shell import LIBRARY, bash

pytestmark = pytest.mark.machine

ANNOUNCE = """
CURRENT=/nowhere SHARED=/nowhere ENVIRONMENT={environment}
source {library}/units.sh
manage() {{ echo "manage.py $*"; }}
cron_units_announce
"""


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('SENTRY_DSN="https://key@sentry.example.org/1"', "manage.py cronjobs --announce\n"),
        ("SENTRY_DSN=https://key@sentry.example.org/1", "manage.py cronjobs --announce\n"),
        ('SENTRY_DSN=""', ""),
        ("#SENTRY_DSN=https://key@sentry.example.org/1", ""),
        ('HTTPS="1"', ""),
    ],
)
def test_the_jobs_are_announced_where_there_is_somebody_to_tell(tmp_path: Path, line: str, told: str) -> None:
    environment = tmp_path / "environment"
    environment.write_text(f"{line}\n")
    done = bash(ANNOUNCE.format(environment=environment, library=LIBRARY))
    assert (done.returncode, done.stdout) == (0, told), done.stderr
