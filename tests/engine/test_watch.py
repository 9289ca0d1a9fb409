"""The watch's judgement, and its questions, without a server: what it asks is answered here by real sockets."""

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from SUPERVISION_ENGINE.watch import database, http, outbox, probes, processes, state, units
from SUPERVISION_ENGINE.watch.alerting import AGAIN, Alerts, News
from SUPERVISION_ENGINE.watch.deaths import Deaths
from SUPERVISION_ENGINE.watch.probes import Health, Site
from tests.engine.shell import CHECKOUT, bash
from tests.running import free_port

SITE = Site(host="www.ocpizza.fr", is_https=True, database="oc_pizza")
WATCHDOG = CHECKOUT / "SUPERVISION_ENGINE" / "watchdog.sh"


# --- Judgement.


def test_pauses_grow_and_the_sixth_death_in_two_minutes_is_one_too_many() -> None:
    deaths, pauses = Deaths(), []
    for second in range(6):
        assert not deaths.are_too_many
        deaths.count(1000.0 + second)
        pauses.append(deaths.pause)
    assert pauses == [0, 1, 2, 4, 8, 16]
    assert deaths.are_too_many


def test_deaths_that_are_far_apart_are_no_crash_loop() -> None:
    deaths = Deaths()
    for time_of_it in range(0, 600, 30):
        deaths.count(float(time_of_it))
        assert not deaths.are_too_many


class Clock:
    """An alert's life, second by second, as its watch lives it."""

    def __init__(self) -> None:
        self.alerts, self.now = Alerts(), 1000.0
        self.healthy_since: float | None = None
        self.told: list[News] = []

    def incident(self, subject: str = "gunicorn s’est arrêté", *, is_final: bool = False) -> None:
        self.healthy_since = None
        self.alerts.incident(now=self.now, at="now", subject=subject, text=subject, is_final=is_final)

    def passes(self, seconds: int, *, well: bool, is_stopped: bool = False) -> list[tuple[bool, str]]:
        """What is told in this time."""
        self.healthy_since = (self.healthy_since or self.now) if well else None
        told: list[News] = []
        for _second in range(seconds):
            self.now += 1
            healthy_for = self.now - self.healthy_since if self.healthy_since is not None else None
            told += self.alerts.news(now=self.now, healthy_for=healthy_for, is_stopped=is_stopped)
            # As after a restart of the watch.
            self.alerts = Alerts(json.loads(json.dumps(self.alerts.memory())))
        self.told += told
        return [(news.began, news.subject) for news in told]


def test_what_is_back_at_once_is_told_once_when_it_begins_and_once_when_it_ends() -> None:
    clock = Clock()
    clock.incident()
    assert clock.passes(2, well=False) == []
    assert clock.passes(30, well=True) == [(True, "gunicorn s’est arrêté"), (False, "gunicorn s’est arrêté")]
    assert clock.passes(3600, well=True) == []


def test_what_does_not_come_back_is_told_within_seconds_and_never_again_until_it_does() -> None:
    clock = Clock()
    clock.incident()
    assert clock.passes(12, well=False) == [(True, "gunicorn s’est arrêté")]
    assert clock.passes(3600, well=False) == []
    assert clock.passes(20, well=True) == [(False, "gunicorn s’est arrêté")]


def test_a_crash_loop_is_one_alert_that_says_it_was_given_up() -> None:
    clock = Clock()
    for _death in range(5):
        clock.incident()
        assert clock.passes(3, well=False) == []
    clock.incident("gunicorn est abandonné", is_final=True)
    assert clock.passes(7200, well=False) == [(True, "gunicorn est abandonné")]
    assert "6" in clock.told[0].text


def test_a_slow_crash_loop_that_was_told_already_is_told_again_when_it_is_given_up() -> None:
    clock = Clock()
    clock.incident()
    assert clock.passes(15, well=False) == [(True, "gunicorn s’est arrêté")]
    clock.incident("gunicorn est abandonné", is_final=True)
    assert clock.passes(60, well=False) == [(True, "gunicorn est abandonné")]


def test_a_service_that_flaps_does_not_write_again_and_the_end_tells_how_often() -> None:
    clock = Clock()
    clock.incident()
    assert len(clock.passes(60, well=True)) == 2
    for _time in range(4):
        clock.incident()
        assert clock.passes(2, well=False) == []
        assert clock.passes(60, well=True) == []
    assert clock.passes(int(AGAIN), well=True) == [(False, "gunicorn s’est arrêté")]
    assert "4 incidents" in clock.told[-1].text


def test_a_second_outage_that_lasts_is_told_even_soon_after_the_first() -> None:
    clock = Clock()
    clock.incident()
    clock.passes(60, well=True)
    clock.incident()
    assert clock.passes(120, well=False) == [(True, "gunicorn s’est arrêté")]


def test_what_an_operator_stops_is_no_alert_any_more() -> None:
    clock = Clock()
    clock.incident()
    clock.passes(15, well=False)
    assert clock.passes(2, well=False, is_stopped=True) == [(False, "gunicorn s’est arrêté")]
    assert "exploitant" in clock.told[-1].text


# --- What it shows and remembers.


def test_the_state_is_whole_readable_by_all_and_since_changes_with_the_state_alone(tmp_path: Path) -> None:
    board = state.Board("gunicorn", "gunicorn.service", root=tmp_path)
    file = tmp_path / "gunicorn.json"

    def say(now: float, said: str, detail: str = "") -> bool:
        return board.say(now=now, state=said, detail=detail, restarts=2, alert=None)

    assert say(100, "running")
    first = json.loads(file.read_text())
    assert {
        "service": "gunicorn",
        "unit": "gunicorn.service",
        "state": "running",
        "restarts": 2,
    }.items() <= first.items()
    assert file.stat().st_mode & 0o777 == 0o644
    file.unlink()
    assert not say(101, "running")
    assert not file.exists(), "nothing new: nothing is written"
    assert not say(131, "running")
    assert json.loads(file.read_text())["since"] == first["since"]
    assert not say(132, "running", "autre chose")
    assert say(133, "failing")
    assert list(tmp_path.iterdir()) == [file]


def test_another_watch_goes_on_where_the_one_before_ended(tmp_path: Path) -> None:
    def begin(now: float, said: str) -> bool:
        board = state.Board("nginx", "nginx.service", root=tmp_path)
        return board.say(now=now, state=said, detail="", restarts=0, alert=None)

    assert begin(100, "stopped")
    before = state.peek("nginx", root=tmp_path)["since"]
    (tmp_path / "nginx.json").write_text(
        json.dumps(state.peek("nginx", root=tmp_path) | {"since": "2026-11-01T00:00:00+01:00"})
    )
    assert not begin(200, "stopped")
    assert state.peek("nginx", root=tmp_path)["since"] == "2026-11-01T00:00:00+01:00"
    assert begin(300, "running")
    assert state.peek("nginx", root=tmp_path)["since"] >= before
    assert state.peek("nobody", root=tmp_path) == {}


def test_what_the_watch_remembers_is_its_own_and_survives_it(tmp_path: Path) -> None:
    content: dict[str, Any] = {"deaths": [1.5], "outbox": []}
    state.Memory("live", root=tmp_path).keep(content)
    assert state.Memory("live", root=tmp_path).recall() == content
    assert (tmp_path / "memory" / "live.json").stat().st_mode & 0o777 == 0o600
    (tmp_path / "memory" / "live.json").write_text("{")
    assert state.Memory("live", root=tmp_path).recall() == {}
    assert abs(state.seconds(state.moment()) - time.time()) < 2


def test_a_unit_is_understood_from_what_systemctl_prints() -> None:
    shown = "Restart=always\nMainPID=12\nNRestarts=3\nResult=signal\nLoadState=loaded\nActiveState=activating\nSubState=auto-restart\n"
    facts = units.facts_of(shown)
    assert (facts.active, facts.sub, facts.result) == ("activating", "auto-restart", "signal")
    assert (facts.main_pid, facts.restarts, facts.is_restarted_by_systemd, facts.is_loaded) == (12, 3, True, True)
    assert not units.facts_of("LoadState=not-found\nActiveState=inactive\nRestart=no").is_loaded


def test_a_systemctl_that_fails_or_hangs_is_told_and_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "systemctl"
    monkeypatch.setattr(units, "SYSTEMCTL", str(script))
    for text, said, patience in (("echo no such unit >&2; exit 5", "no such unit", 20), ("sleep 60", "-9", 0.3)):
        script.write_text(f"#!/bin/sh\n{text}\n")
        script.chmod(0o755)
        with pytest.raises(units.SystemdSilentError, match=said):
            units._systemctl("show", "x", patience=patience)


def test_a_process_that_computes_is_told_from_one_that_is_stopped() -> None:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        before = processes.cpu_seconds(busy.pid)
        deadline = time.monotonic() + 20
        while processes.cpu_seconds(busy.pid) - before < 0.2 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert processes.cpu_seconds(busy.pid) - before >= 0.2
        # Its parent answers for it.
        assert processes.cpu_seconds(os.getpid()) >= processes.cpu_seconds(busy.pid) - before
        busy.kill()
    assert processes.cpu_seconds(busy.pid) == 0
    assert processes.held(busy.pid) is None


# --- Questions.


@contextmanager
def answering(path: Path, answer: bytes | None) -> Iterator[list[bytes]]:
    """Something at a Unix socket that answers every question so; None never answers."""
    asked: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        listening.settimeout(10)

        def serve() -> None:
            try:
                connection, _address = listening.accept()
            except OSError:
                return
            with connection:
                asked.append(connection.recv(65_536))
                if answer is not None:
                    connection.sendall(answer)
                else:
                    connection.settimeout(10)
                    connection.recv(1)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield asked
        thread.join(10)


def http_answer(status: int, body: str) -> bytes:
    return f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\n\r\n{body}".encode()


NOT_READY = json.dumps({"ready": False, "release": "x", "problems": {"database": "OperationalError"}, "backups": {}})


@pytest.mark.parametrize(
    ("answer", "health"),
    [
        (http_answer(200, "{}"), Health("running")),
        (http_answer(503, NOT_READY), Health("degraded", "pas prêt : database (OperationalError)")),
        (http_answer(500, "<html>"), Health("degraded", "/readyz répond 500")),
        (b"garbage", Health("failing", "ne répond pas (la réponse n’est pas du HTTP)")),
        (b"", Health("failing", "ne répond pas (la réponse n’est pas du HTTP)")),
    ],
)
def test_any_answer_of_gunicorn_is_a_sign_of_life(tmp_path: Path, answer: bytes, health: Health) -> None:
    with answering(tmp_path / "s", answer) as asked:
        assert probes.ask_gunicorn(SITE, path=str(tmp_path / "s")) == health
    assert asked[0].startswith(b"GET /readyz HTTP/1.0\r\nHost: www.ocpizza.fr\r\n")


def test_silence_and_absence_are_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "PATIENCE", 0.2)
    with answering(tmp_path / "s", None):
        assert probes.ask_gunicorn(SITE, path=str(tmp_path / "s")) == Health("failing", "ne répond pas")
    assert probes.ask_live(SITE, path=str(tmp_path / "nobody")).verdict == "failing"


def test_live_events_say_in_a_word_why_they_are_not_ready(tmp_path: Path) -> None:
    with answering(tmp_path / "s", http_answer(503, "database")):
        assert probes.ask_live(SITE, path=str(tmp_path / "s")) == Health("degraded", "pas prêt : database")


def test_nginx_is_asked_over_tls_by_the_sites_name() -> None:
    # Nobody speaks TLS there, nobody is there at all: both are failures, not errors of the watch.
    with socket.create_server(("127.0.0.1", 0)) as plain:
        port = plain.getsockname()[1]
        threading.Thread(target=lambda: plain.accept()[0].close(), daemon=True).start()  # noqa: PLW0108 - in the thread
        assert probes.ask_nginx(SITE, port=port).verdict == "failing"
    assert probes.ask_nginx(SITE, port=port).verdict == "failing"


@pytest.fixture
def postgresql() -> str:
    """The socket of this run's own PostgreSQL."""
    return f"{unquote(urlsplit(os.environ['DATABASE_URL']).netloc.rpartition('@')[2])}/.s.PGSQL.5432"


def test_postgresql_is_asked_in_its_own_words(postgresql: str) -> None:
    def ask(sql: str, name: str = "postgres") -> str:
        return database.ask(sql, database=name, socket_path=postgresql, patience=5)

    assert ask("SELECT 1") == "1"
    assert ask("SELECT 'pizza à emporter', 2") == "pizza à emporter"
    assert ask("SELECT NULL") == ""
    assert ask("SELECT 1 WHERE false") == ""
    with pytest.raises(database.DatabaseRefusesError) as refused:
        ask("SELECT * FROM no_such_table")
    assert refused.value.code == "42P01"
    with pytest.raises(database.DatabaseRefusesError) as refused:
        ask("SELECT 1", "no_such_database")
    assert refused.value.code == "3D000"


@pytest.fixture
def worker_database(postgresql: str) -> Iterator[Callable[[str], str]]:
    """A database with the heartbeat of a worker that lives, and whoever runs SQL in it."""

    def administrator(sql: str) -> str:
        return database.ask(sql, database="postgres", socket_path=postgresql, patience=20)

    def run(sql: str) -> str:
        return database.ask(sql, database=WORKERS_SITE.database, socket_path=postgresql, patience=5)

    administrator(f"CREATE DATABASE {WORKERS_SITE.database}")
    run("CREATE TABLE procrastinate_workers AS SELECT now() AS last_heartbeat")
    yield run
    administrator(f"DROP DATABASE {WORKERS_SITE.database} WITH (FORCE)")


WORKERS_SITE = SITE._replace(database="watched_worker")
STUCK = Health("degraded", "ses tâches n’avancent pas : aucune mesure depuis 7 min")


def test_a_worker_that_lives_and_is_stuck_in_its_jobs_is_not_ready(
    postgresql: str, worker_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def health(*, up: float = 3600) -> Health:
        return probes.ask_worker(WORKERS_SITE, path=postgresql, up=lambda _unit: up)

    monkeypatch.setattr(pwd, "getpwnam", lambda _name: pwd.getpwuid(os.geteuid()))
    # A release without the table, then a site without a minute.
    assert health() == Health("running")
    worker_database("CREATE TABLE supervision_sample (at timestamptz)")
    assert health() == Health("running")
    worker_database("INSERT INTO supervision_sample VALUES (now() - interval '430 s')")
    assert health() == STUCK
    # One that has just been started has had no minute yet.
    assert health(up=200) == Health("running")
    worker_database("INSERT INTO supervision_sample VALUES (now() - interval '200 s')")
    assert health() == Health("running")
    worker_database("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '50 s'")
    assert health().verdict == "failing"


def test_how_long_a_unit_has_been_running_is_asked_of_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    systemctl = tmp_path / "systemctl"
    monkeypatch.setattr(units, "SYSTEMCTL", str(systemctl))
    assert probes.seconds_up(probes.WORKER) == 0
    since = int((time.monotonic() - 400) * 1_000_000)
    # Of one that is not running systemd says 0.
    systemctl.write_text(f'#!/bin/sh\n[ "$5" = {probes.WORKER} ] && echo {since} || echo 0\n')
    systemctl.chmod(0o755)
    assert 400 <= probes.seconds_up(probes.WORKER) < 410
    assert probes.seconds_up("other.service") == 0


def test_a_database_that_hangs_or_is_gone_is_silent(tmp_path: Path) -> None:
    for answer in (None, b"E"):
        (tmp_path / "s").unlink(missing_ok=True)
        with answering(tmp_path / "s", answer), pytest.raises(database.DatabaseSilentError):
            database.ask("SELECT 1", database="postgres", socket_path=str(tmp_path / "s"), patience=0.3)
    with pytest.raises(database.DatabaseSilentError):
        database.ask("SELECT 1", database="postgres", socket_path=str(tmp_path / "nobody"), patience=0.3)


def test_the_environment_says_whom_to_ask() -> None:
    said = {"ALLOWED_HOSTS": "a.fr,b.fr", "HTTPS": "0", "DATABASE_URL": "postgres:///db_oc_pizza"}
    assert Site.of(said) == Site(host="a.fr", is_https=False, database="db_oc_pizza")
    assert http.get("/x", host="a.fr").endswith(b"\r\n\r\n")


# --- Telling.


class Letters(MessageHandler):
    def __init__(self) -> None:
        super().__init__()
        self.subjects: list[str] = []

    def handle_message(self, message: Any) -> None:
        self.subjects.append(message["Subject"])


class Hook(BaseHTTPRequestHandler):
    """A webhook that refuses the first message."""

    bodies: ClassVar[list[dict[str, Any]]] = []
    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(body["key"])
        if len(self.asked) > 1:
            self.bodies.append(body)
        self.send_response(200 if len(self.asked) > 1 else 500)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release in its place, as far as the sender needs it."""
    folder = tmp_path / "OC_PIZZA_releases" / "20261129-060000-aaaaaaaaaaaa"
    for part in ("SUPERVISION_ENGINE/watch", "OC_PIZZA"):
        shutil.copytree(CHECKOUT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "tests"))
    (tmp_path / "OC_PIZZA_shared").mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_a_message_is_tried_again_until_it_has_arrived_by_each_way_and_never_twice(
    tmp_path: Path, release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters, said = Letters(), list[str]()
    port = free_port()
    web = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    mail = Controller(letters, hostname="127.0.0.1", port=port)
    mail.start()
    (tmp_path / "OC_PIZZA_shared" / "environment").write_text(
        f"EMAIL_HOST=127.0.0.1\nEMAIL_PORT={port}\nALERT_EMAILS=edgar@ocpizza.fr\n"
        f"ALERT_WEBHOOK=http://127.0.0.1:{web.server_port}/\n"
    )
    monkeypatch.setattr(outbox, "FIRST_PAUSE", 0.1)
    box = outbox.Outbox(said.append)
    box.add({"key": "service:nginx", "subject": "nginx", "text": "x", "began": True, "host": "h", "at": state.moment()})
    deadline = time.monotonic() + 30
    while box.is_busy and time.monotonic() < deadline:
        box.go_on(time.monotonic())
        time.sleep(0.02)
    mail.stop()
    web.shutdown()
    web.server_close()
    assert letters.subjects == ["[OC Pizza] ALERTE : nginx"]
    assert [body["key"] for body in Hook.bodies] == ["service:nginx"]
    assert [line.split(" : ")[0].split(" (")[0] for line in said] == ["message pas encore envoyé", "message envoyé"]


class Choosy(BaseHTTPRequestHandler):
    """A webhook that takes every message but one."""

    taken: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        subject = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["subject"]
        if subject != "refused":
            self.taken.append(subject)
        self.send_response(400 if subject == "refused" else 204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


def test_a_message_that_is_always_refused_keeps_no_other_from_being_sent_and_is_given_up_in_the_end(
    tmp_path: Path, release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"FIRST_PAUSE": 0.05, "TURN": 2, "TRIES": 4}.items():
        monkeypatch.setattr(outbox, name, value)
    web = HTTPServer(("127.0.0.1", 0), Choosy)
    threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    (tmp_path / "OC_PIZZA_shared" / "environment").write_text(f"ALERT_WEBHOOK=http://127.0.0.1:{web.server_port}/\n")
    said = list[str]()
    box = outbox.Outbox(said.append)
    for subject in ("refused", "good"):
        told = {"key": "k", "subject": subject, "text": "x", "began": True, "host": "h", "at": state.moment()}
        box.add(told)
    deadline = time.monotonic() + 30
    while box.is_busy and time.monotonic() < deadline:
        box.go_on(time.monotonic())
        time.sleep(0.02)
    web.shutdown()
    web.server_close()
    assert Choosy.taken == ["good"]
    assert [line.split(" (")[0] for line in said] == [
        "message pas encore envoyé",
        "message pas encore envoyé",
        "message envoyé : good",
        "message pas encore envoyé",
        "message abandonné après 4 essais",
    ]


# --- The operator's command.


def test_watchdog_says_how_it_is_used_and_refuses_what_it_does_not_know() -> None:
    assert "status" in bash(f"{WATCHDOG} --help").stdout
    for words, said in (("", "Une commande"), ("sttus", "« sttus »"), ("status mysql", "« mysql »"), ("a b c", "Une")):
        refused = bash(f"{WATCHDOG} {words}")
        assert refused.returncode == 64
        assert said in refused.stderr
