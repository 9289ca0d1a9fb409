"""What systemd lets the site do, and how long the site waits for what it needs."""

import time
from collections.abc import Iterator

import pytest

from tests.server.commands import until
from tests.server.deploying import HOME, Site, deployed_server
from tests.server.machine import Rack, Server

SUITES = ("trixie",)
"""See `conftest`: the older systemd reads the same units when the site is started, stopped and killed, in `test_start_and_stop`."""

SHARED = f"{HOME}/OC_PIZZA_shared"
WRITTEN = {"gunicorn": {"media"}, "oc-pizza-live": set(), "oc-pizza-worker": {"media"}}
JOB = """
from pizzeria.live.tasks import prune_events
# Its own hour may be the same minute: the site's process has then put it into the queue already.
print(prune_events.configure(queueing_lock="of-a-test").defer(timestamp=0))
"""
STATUS = """
from procrastinate.contrib.django.models import ProcrastinateJob
print(ProcrastinateJob.objects.get(pk={job}).status)
"""


@pytest.fixture
def server(rack: Rack, suite: str) -> Iterator[Server]:
    with deployed_server(rack, suite) as deployed:
        yield deployed


def told(server: Server, python: str) -> str:
    """What this Python prints on the site, as the operator types it."""
    return server.run(f"cd {HOME}/OC_PIZZA && ./manage.py shell --no-imports", stdin=python).stdout.strip()


def test_the_sites_processes_see_nobodys_home_and_write_their_own_folders_alone(server: Server) -> None:
    server.run("mkdir -p /home/somebody && touch /root/secret")
    for unit, own in WRITTEN.items():
        # Their view of the disk, tried as root: what is refused is refused to everybody.
        seen = f"/proc/$(systemctl show -p MainPID --value {unit})/root"
        assert server.run(f"ls {seen}/home").stdout == "ubuntu_user\n"
        assert server.run(f"ls -A {seen}/root").stdout == ""
        for folder in ("media", "backups"):
            tried = server.run(f"touch {seen}{SHARED}/{folder}/tried", check=False)
            assert (tried.returncode == 0) == (folder in own), (unit, folder)
        for place in (f"{HOME}/OC_PIZZA/tried", f"{SHARED}/tried", "/var/tried", "/etc/tried"):
            tried = server.run(f"touch {seen}{place}", check=False)
            assert "Read-only file system" in tried.stderr, (unit, place)


def test_a_site_that_starts_before_its_database_waits_for_it_and_does_its_jobs(server: Server) -> None:
    site = Site(server)
    server.run("systemctl stop gunicorn && systemctl stop postgresql && systemctl start gunicorn")
    # Longer than the jobs' pool waits before their process gives up.
    time.sleep(35)
    assert site.ask("/readyz").status == 503
    assert site.ask("/healthz").status == 200
    server.run("systemctl start postgresql")
    until(site.is_ready, "the site does not find its database", timeout=60)
    job = told(server, JOB)
    until(lambda: told(server, STATUS.format(job=job)) == "succeeded", "the job is not done", timeout=60, every=0.5)
    assert site.place(site.order_body()).status == 201
