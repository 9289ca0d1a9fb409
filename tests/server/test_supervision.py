"""The watch (chapter 7): what dies or hangs is brought back and told, what is stopped stays so, and it costs nothing."""

import re
import time
from collections.abc import Iterator

import pytest

from tests.server.clients import Orders, allow_any_number, clients_ordering
from tests.server.commands import until
from tests.server.deploying import HOME, PROJECT, Site, copy_project, release_in_service
from tests.server.machine import Rack, Server
from tests.server.phases import PHASES
from tests.server.updating import Offer, page, picture, table, update
from tests.server.watching import (
    INSTALL,
    SERVICES,
    WATCH,
    WATCH_LOG,
    WATCHDOG,
    Mailbox,
    main_pids,
    seen,
    states,
    wait_for,
    watched_server,
)

SUITES = ("trixie",)
"""See `conftest`. Under the older Debian the watch is installed, stopped and started by the manual's own commands: `test_documented_commands`."""

ALL_RUN = dict.fromkeys(SERVICES, "running")
CGROUP = f"/sys/fs/cgroup/system.slice/{WATCH}"
COST = f"""
import time
def used():
    return int(dict(line.split() for line in open("{CGROUP}/cpu.stat"))["usage_usec"]) / 1e6
before = used()
time.sleep({{seconds}})
cpu = (used() - before) / {{seconds}}
rss = 0
for pid in open("{CGROUP}/cgroup.procs").read().split():
    rss += next(int(line.split()[1]) for line in open(f"/proc/{{{{pid}}}}/status") if line.startswith("VmRSS"))
print(cpu, rss * 1024 / 1e6)
"""
IDLE_SECONDS = 30


@pytest.fixture
def watched(rack: Rack, suite: str) -> Iterator[tuple[Server, Mailbox]]:
    with watched_server(rack, suite) as both:
        yield both


def assert_no_order_is_lost(site: Site, orders: Orders) -> None:
    """Whatever a client was promised is there, although some were turned away meanwhile."""
    assert len(orders.placed) > 20
    for order in orders.placed:
        assert site.ask(f"/api/v1/orders/{order['token']}").json()["number"] == order["number"]


def is_active(server: Server, unit: str) -> bool:
    return server.run(f"systemctl is-active {unit}", check=False).stdout == "active\n"


def kill_and_wait(server: Server, service: str) -> float:
    """SIGKILL for the main process; seconds until another one serves."""
    unit = seen(server, service)["unit"]
    # The end of gunicorn takes the others along: first they settle.
    until(lambda: main_pids(server)[service] != 0 and is_active(server, unit), f"{service} does not run", timeout=60)
    before = main_pids(server)[service]
    server.run(f"kill -KILL {before}")
    killed = time.monotonic()

    def is_back() -> bool:
        shown = server.run(f"systemctl show -p MainPID -p ActiveState --value {unit}").stdout.split()
        return "active" in shown and not {"0", str(before)} & set(shown)

    until(is_back, f"{service} stays dead", timeout=60)
    return time.monotonic() - killed


def test_whatever_is_killed_is_back_within_seconds_is_told_and_loses_no_order(
    watched: tuple[Server, Mailbox],
) -> None:
    server, mailbox = watched
    allow_any_number(server)
    site = Site(server)
    with clients_ordering(site) as orders:
        for service in SERVICES:
            seconds = kill_and_wait(server, service)
            PHASES.append((f"back after SIGKILL: {service}", seconds))
            assert seconds < 10, service
            wait_for(server, {service: "running"})
    wait_for(server, ALL_RUN)
    assert_no_order_is_lost(site, orders)
    assert site.place(site.order_body()).status == 201
    until(lambda: len(mailbox.mails) >= 2 * len(SERVICES), f"told: {mailbox.told()}", timeout=60)
    for service in SERVICES:
        assert mailbox.told(service) == [(kind, f"{service} s’est arrêté") for kind in ("ALERTE", "FIN")]
        assert seen(server, service)["restarts"] >= 1
        assert seen(server, service)["alert"] is None
    assert any("gunicorn : tué par un signal" in mailbox.text(number) for number in range(len(mailbox.mails)))


def test_a_hang_that_no_process_monitor_sees_is_found_and_cured_and_a_stop_is_respected(
    watched: tuple[Server, Mailbox],
) -> None:
    server, mailbox = watched
    before = main_pids(server)["gunicorn"]
    server.run(f"kill -STOP $(pgrep -P {before})")
    hung = time.monotonic()
    site = Site(server)
    until(site.is_ready, "the site stays hung", timeout=90)
    PHASES.append(("cured after SIGSTOP of gunicorn's workers", time.monotonic() - hung))
    assert time.monotonic() - hung < 30
    assert main_pids(server)["gunicorn"] != before
    until(lambda: len(mailbox.mails) == 2, f"told: {mailbox.told()}", timeout=60)
    assert mailbox.told() == [(kind, "gunicorn ne répond plus") for kind in ("ALERTE", "FIN")]

    # By hand: it stays, it is shown as meant, nobody is alarmed.
    wait_for(server, ALL_RUN)
    server.run("systemctl stop gunicorn")
    wait_for(server, {"gunicorn": "stopped", "live": "stopped", "worker": "stopped"})
    time.sleep(6)
    assert server.run("systemctl is-active gunicorn", check=False).stdout == "inactive\n"
    shown = server.run(f"{WATCHDOG} status gunicorn", check=False)
    assert shown.returncode == 3
    assert re.match(r"gunicorn +arrêté +depuis .* volontairement", shown.stdout)
    assert "avec gunicorn" in server.run(f"{WATCHDOG} status worker", check=False).stdout
    assert server.run(f"{WATCHDOG} start gunicorn").stdout.startswith("gunicorn    en marche")
    wait_for(server, ALL_RUN)
    assert site.place(site.order_body()).status == 201
    # The same by whoever types Supervisor's own words, or the manual's.
    for stop, start in (
        (f"{WATCHDOG} stop live", f"{WATCHDOG} start live"),
        (supervisorctl("stop live"), supervisorctl("start live")),
    ):
        server.run(stop)
        assert server.run("systemctl is-active oc-pizza-live", check=False).stdout == "inactive\n"
        server.run(start)
        wait_for(server, ALL_RUN)
    pid = main_pids(server)["gunicorn"]
    server.run(f"{WATCHDOG} restart gunicorn")
    assert main_pids(server)["gunicorn"] != pid
    assert len(mailbox.mails) == 2


def supervisorctl(words: str) -> str:
    return f"cd {HOME}/OC_PIZZA && oc_pizza_venv/bin/supervisorctl -c SUPERVISION_ENGINE/supervisord.conf {words}"


def test_a_stopped_database_is_a_clean_503_and_a_crash_loop_is_given_up_with_one_alert(
    watched: tuple[Server, Mailbox],
) -> None:
    server, mailbox = watched
    site, before = Site(server), main_pids(server)["gunicorn"]
    server.run("systemctl stop postgresql")
    wait_for(server, {"postgresql": "stopped", "gunicorn": "degraded", "worker": "unknown"})
    answer = site.ask("/readyz")
    assert (answer.status, list(answer.json()["problems"])) == (503, ["database"])
    assert "database" in seen(server, "gunicorn")["detail"]
    assert site.ask("/").status == 503
    assert states(server)["postgresql"] == "stopped"
    server.run("systemctl start postgresql")
    wait_for(server, ALL_RUN, timeout=60)
    assert main_pids(server)["gunicorn"] == before
    assert site.place(site.order_body()).status == 201
    assert mailbox.told() == []

    server.write("/etc/systemd/system/gunicorn.service.d/broken.conf", "[Service]\nExecStart=\nExecStart=/bin/false\n")
    server.run("systemctl daemon-reload && systemctl kill --signal=SIGKILL gunicorn")
    wait_for(server, {"gunicorn": "given_up"}, timeout=60)
    until(mailbox.told, "nobody is told", timeout=20)
    shown = server.run(f"{WATCHDOG} status all", check=False)
    assert shown.returncode == 1
    assert "abandonné" in shown.stdout
    time.sleep(6)
    assert mailbox.told() == [("ALERTE", "gunicorn est abandonné")]
    assert "watchdog.sh start gunicorn" in mailbox.text(0)
    assert server.run("systemctl is-active gunicorn", check=False).stdout in {"inactive\n", "failed\n"}
    # Not even a new watch forgets it.
    server.run(f"systemctl restart {WATCH}")
    wait_for(server, {"gunicorn": "given_up"})

    server.run("rm -r /etc/systemd/system/gunicorn.service.d && systemctl daemon-reload")
    server.run(f"{WATCHDOG} start gunicorn")
    wait_for(server, ALL_RUN)
    until(lambda: len(mailbox.mails) == 2, f"told: {mailbox.told()}", timeout=40)
    assert mailbox.told()[1] == ("FIN", "gunicorn est abandonné")


def test_the_watch_comes_back_by_itself_costs_next_to_nothing_and_touches_nothing(
    watched: tuple[Server, Mailbox],
) -> None:
    server, mailbox = watched
    before = main_pids(server)
    killed = server.run(f"pid=$(systemctl show -p MainPID --value {WATCH}) && kill -KILL $pid && echo $pid").stdout
    supervisor = f"systemctl show -p MainPID --value {WATCH}"
    until(
        lambda: server.run(supervisor).stdout not in {"0\n", killed} and is_active(server, WATCH),
        "the watch stays dead",
    )
    watch = watch_of(server, "nginx")
    server.run(f"kill -KILL {watch}")
    until(lambda: watch_of(server, "nginx") != watch, "the watch of nginx stays dead")
    # Its own orderly end, and its start: the site does not notice either.
    server.run(f"systemctl restart {WATCH}")
    wait_for(server, ALL_RUN)
    assert main_pids(server) == before

    # Its own beginning is not idle.
    for service in SERVICES:
        watch_of(server, service)
    time.sleep(5)
    cpu, memory = map(float, server.run("python3 -", stdin=COST.format(seconds=IDLE_SECONDS)).stdout.split())
    PHASES.append((f"the idle watch: {cpu:.2%} of a core, {memory:.1f} MB", IDLE_SECONDS))
    assert cpu < 0.01
    assert memory < 100

    assert "Rien à changer" in server.run(INSTALL).stdout
    assert server.run(f"{INSTALL} --check").returncode == 0
    # From the release in service too, as the manual stands in it.
    assert "Rien à changer" in server.run(f"cd {HOME}/OC_PIZZA && ./SUPERVISION_ENGINE/install.sh --check").stdout
    refused = server.run(f"{supervisord_by_hand()}", check=False)
    assert refused.returncode != 0
    assert "already" in refused.output
    assert server.run("stat -c %a /run/oc-pizza-supervision.sock").stdout == "700\n"

    server.reboot()
    wait_for(server, ALL_RUN, timeout=60)
    assert [seen(server, service)["restarts"] for service in SERVICES] == [0] * len(SERVICES)

    server.run(f"{INSTALL} --remove")
    assert server.run(f"{WATCHDOG} status", check=False).returncode == 4
    assert server.run(f"{INSTALL} --check", check=False).returncode == 2
    until(Site(server).is_ready, "the site is not ready", timeout=60)
    server.run(f"{supervisord_by_hand()}")
    wait_for(server, ALL_RUN)
    # systemd's takes the place of the one that was started by hand.
    server.run(INSTALL)
    assert server.run(f"{WATCHDOG} status").returncode == 0
    assert mailbox.mails == []


def supervisord_by_hand() -> str:
    """As the manual types it (7.5)."""
    return (
        f"cd {HOME}/OC_PIZZA && source oc_pizza_venv/bin/activate && supervisord -c SUPERVISION_ENGINE/supervisord.conf"
    )


def watch_of(server: Server, service: str) -> str:
    """The process that watches this service, once there is one."""
    found: list[str] = []

    def look() -> bool:
        # Asked for in brackets: otherwise the shell that asks would find itself.
        found[:] = server.run(f"pgrep -f '[S]UPERVISION_ENGINE.watch {service}'", check=False).stdout.split()
        return len(found) == 1

    until(look, f"nobody watches {service}")
    return found[0]


def code_of_watch(server: Server) -> str:
    """The release whose code watches gunicorn; the engine does not wait for the watch that follows it."""
    return server.run(f"basename $(readlink /proc/{watch_of(server, 'gunicorn')}/cwd)", check=False).stdout.strip()


def test_an_update_alarms_nobody_and_the_watch_follows_it(watched: tuple[Server, Mailbox]) -> None:
    server, mailbox = watched
    for offer in (picture(), Offer(heavy=page().heavy | table().heavy, files=page().files | table().files)):
        offer.drop(server)
        update(server)
        wait_for(server, ALL_RUN, timeout=60)
        until(lambda: code_of_watch(server) == release_in_service(server), "the watch stays behind", timeout=90)
        wait_for(server, ALL_RUN, timeout=60)
    assert "alerte" not in server.read(WATCH_LOG)
    assert mailbox.mails == []
    assert [seen(server, service)["restarts"] for service in SERVICES] == [0] * len(SERVICES)


def test_the_watch_is_refused_before_a_deploy(rack: Rack) -> None:
    with rack.server("bookworm") as bare:
        copy_project(bare)
        refused = bare.run(INSTALL, check=False)
        assert refused.returncode == 1
        assert "déployez d’abord" in refused.stderr
        assert bare.run(f"{PROJECT}/SUPERVISION_ENGINE/watchdog.sh status", check=False).returncode == 4
