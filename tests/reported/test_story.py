"""`logs.sh`: an order's story from the logs of all the processes, and what it says to who types it wrongly."""

import gzip
import json
import os
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import translation

from pizzeria.ordering.models import NUMBER_ALPHABET, NUMBER_LENGTH, Order
from SUPERVISION_ENGINE.watch import story, story_sources
from SUPERVISION_ENGINE.watch.story_words import ROLES, STATUSES
from tests.reported.journal import Journal
from tests.running import CHECKOUT

HTTP_CONF = CHECKOUT / "DEPLOY_ENGINE" / "conf_files" / "nginx" / "http.conf"
NOON = datetime(2026, 11, 29, 11, 0, tzinfo=UTC)
PLACING, TAKING, LOOKING = "a" * 32, "b" * 32, "c" * 32
NUMBER = "P-4F7K2"
STORY = """\
2026-11-29 12:00:00.000  nginx   POST /api/v1/orders : 201 en 45 ms
2026-11-29 12:00:00.030  web     commande passée à bastille par le client : « À réaliser »
2026-11-29 12:00:00.034  live    « À réaliser » annoncée à 2 pages
2026-11-29 12:00:00.040  web     POST : 201, 812 octets en 38 ms
2026-11-29 12:01:00.000  nginx   POST /api/v1/staff/orders/P-4F7K2/advance : 500 en 1,2 s
2026-11-29 12:01:00.500  web     ERROR the database did not answer : OperationalError: server closed the connection
2026-11-29 12:02:00.000  web     de « À réaliser » à « Prise en charge » par un pizzaiolo (compte 12)
2026-11-29 12:02:00.001  live    « Prise en charge » : personne ne regardait
2026-11-29 12:40:00.100  worker  WARNING en retard : l’heure promise est passée, encore « En préparation »
"""


def line(after: float, /, **told: object) -> str:
    at = (NOON + timedelta(seconds=after)).isoformat(timespec="milliseconds")
    return json.dumps({"at": at, "level": "INFO", "logger": "pizzeria.x", "message": "m", "request_id": ""} | told)


def nginx_line(began: float, seconds: float, request_id: str, asked: str, status: int) -> str:
    """A line as the server's nginx writes it: by the very format of its configuration."""
    log_format = re.search(r"log_format oc_pizza (.*?);", HTTP_CONF.read_text(), re.DOTALL)
    assert log_format
    ended = NOON + timedelta(seconds=began + seconds)
    told = {
        "remote_addr": "203.0.113.9",
        "time_iso8601": ended.isoformat(timespec="seconds"),
        "request_method": asked.split(maxsplit=1)[0],
        "logged_path": asked.split()[1],
        "server_protocol": "HTTP/2.0",
        "status": str(status),
        "body_bytes_sent": "812",
        "msec": f"{ended.timestamp():.3f}",
        "request_time": f"{seconds:.3f}",
        "upstream_response_time": f"{seconds:.3f}",
        "upstream_cache_status": "-",
        "ssl_protocol": "TLSv1.3",
        "trace": request_id,
        "http_user_agent": "a browser",
    }
    form = "".join(re.findall(r"'([^']*)'", log_format[1]))
    return re.sub(r"\$(\w+)", lambda name: told[name[1]], form) + "\n"


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A server's logs after an order of noon; nginx's of then are rotated and packed by now."""
    journal, nginx = Journal(tmp_path), tmp_path / "nginx"
    nginx.mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(story_sources, "ACCESS_LOG", nginx / "oc_pizza_access.log")
    answer = {"logger": "gunicorn.access", "method": "POST", "status": 201, "bytes": 812, "seconds": 0.038}
    error = "Traceback (most recent call last):\n  File x\nOperationalError: server closed the connection\nDETAIL:  *"
    journal.keep(
        "gunicorn.service",
        line(
            0.03,
            event="placed",
            order=NUMBER,
            store="bastille",
            to_status="to_prepare",
            role="customer",
            request_id=PLACING,
        ),
        line(0.04, request_id=PLACING, **answer),
        line(60.5, level="ERROR", message="the database did not answer", error=error, request_id=TAKING, order=NUMBER),
        line(
            120, event="moved", order=NUMBER, from_status="to_prepare", to_status="taken", role="pizzaiolo", user_id=12
        ),
        # Somebody else's, in the same second.
        line(
            0.03,
            event="placed",
            order="P-AAAAA",
            store="bastille",
            to_status="to_prepare",
            role="customer",
            request_id=LOOKING,
        ),
    )
    journal.keep(
        "oc-pizza-live.service",
        line(0.034, event="handed_out", order=NUMBER, to_status="to_prepare", watchers=2),
        line(120.001, event="handed_out", order=NUMBER, to_status="taken", watchers=0),
    )
    late = {"level": "WARNING", "event": "late", "from_status": "preparing", "request_id": "d" * 32}
    journal.keep("oc-pizza-worker.service", line(2400.1, order=NUMBER, **late), line(2400.2, order="P-BBBBB", **late))
    journal.keep("ssh.service", f"what others say of {NUMBER} is not asked for", at=NOON)
    (nginx / "oc_pizza_access.log").write_text(
        nginx_line(60, 1.2, TAKING, f"POST /api/v1/staff/orders/{NUMBER}/advance", 500)
    )
    with gzip.open(nginx / "oc_pizza_access.log.2.gz", "wt") as packed:
        packed.write(nginx_line(0, 0.045, PLACING, "POST /api/v1/orders", 201))
        packed.write(nginx_line(0, 0.045, LOOKING, "GET /carte/bastille/", 200))
    return tmp_path


@pytest.mark.parametrize("typed", [NUMBER, "p-4f7k2", "4F7K2", "P4f7k2", " P 4F7K2 "])
def test_an_orders_story_is_told_in_the_order_of_time_however_its_number_is_typed(
    capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    assert story.main(["order", typed]) == 0
    assert capsys.readouterr().out == STORY


def test_a_request_is_told_by_the_id_that_nginx_gave_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert story.main(["request", PLACING.upper()]) == 0
    processes = [told.split()[2] for told in capsys.readouterr().out.splitlines()]
    assert processes == ["nginx", "web", "web"]


def test_the_errors_are_those_of_the_processes_and_of_nginx(capsys: pytest.CaptureFixture[str], logs: Path) -> None:
    journal = Journal(logs)
    journal.keep("init.scope", "gunicorn.service: Failed", at=NOON, PRIORITY="4", UNIT="gunicorn.service")
    assert story.main(["errors", "--since", "2026-11-29 11:00"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [told_line.split()[2] for told_line in told] == ["systemd", "nginx", "web"]
    assert told[0].endswith("ERROR gunicorn.service: Failed")


def test_no_error_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert story.main(["errors", "--since", "2026-11-29 13:00"]) == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "Aucune erreur depuis « 2026-11-29 13:00 ».\n")


def test_what_is_told_can_be_bounded_in_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert story.main(["order", NUMBER, "--since", "2026-11-29 12:01:30"]) == 0
    assert capsys.readouterr().out.splitlines() == STORY.splitlines()[6:]


def test_a_story_can_be_had_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert story.main(["order", NUMBER, "--json"]) == 0
    lines = [json.loads(told) for told in capsys.readouterr().out.splitlines()]
    assert [told["process"] for told in lines] == [told.split()[2] for told in STORY.splitlines()]
    assert lines[1]["at"] == "2026-11-29T12:00:00.030+01:00"
    assert (lines[1]["event"], lines[1]["order"], lines[0]["status"]) == ("placed", NUMBER, 201)


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (["order", "P-ZZZZZ"], 1, "Rien sur P-ZZZZZ."),
        (["order", NUMBER, "--since", "2026-11-30"], 1, f"Rien sur {NUMBER} depuis « 2026-11-30 »."),
        (["order"], 2, "logs.sh order P-4F7K2"),
        (["order", "P-O0I1L"], 2, "n’est pas un numéro de commande"),
        (["order", NUMBER, "--since", "naguère"], 2, "« naguère » n’est pas un moment"),
        (["request", "a page"], 2, "32 chiffres et lettres"),
        (["errors", "today"], 2, "logs.sh errors --since 2h"),
    ],
)
def test_what_is_not_found_or_typed_wrongly_is_said(
    capsys: pytest.CaptureFixture[str], typed: list[str], code: int, said: str
) -> None:
    assert story.main(typed) == code
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""


def test_a_word_that_is_none_is_answered_with_how_to_type_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        story.main(["commande", NUMBER])
    assert ended.value.code == 2
    assert "order|request|errors" in capsys.readouterr().err


def test_a_journal_that_cannot_be_read_is_said_and_is_no_empty_story(
    logs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (logs / "journalctl").write_text("#!/bin/sh\necho 'No journal files were opened' >&2; exit 1\n")
    assert story.main(["order", NUMBER]) == 3
    assert "No journal files were opened" in capsys.readouterr().err
    (logs / "nginx" / "oc_pizza_access.log").unlink()
    assert story.main(["order", NUMBER]) == 3
    assert "n’est pas déployé" in capsys.readouterr().err


def test_the_words_of_an_orders_statuses_are_the_sites() -> None:
    with translation.override("fr"):
        assert {status.value: str(status.label) for status in Order.Status} == STATUSES
    assert (story.LETTERS, story.LENGTH) == (NUMBER_ALPHABET, NUMBER_LENGTH)
    assert ROLES.keys() >= {"customer", "system", "pizzaiolo", "driver", "cashier", "manager"}


def test_it_runs_on_the_systems_own_python_from_anywhere() -> None:
    told = subprocess.run(
        [str(CHECKOUT / "SUPERVISION_ENGINE" / "logs.sh"), "--help"],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert "logs.sh order P-4F7K2" in told.stdout
