"""A line of the log: what of a record gets into it."""

import json
import logging
import sys
from typing import Any

import pytest

from OC_PIZZA.logs import JsonLine, SpokenLines
from OC_PIZZA.sentry import process_of
from pizzeria.trail import begin, concerns, present


def line_of(message: str, *arguments: object, error: BaseException | None = None, **extra: object) -> dict[str, Any]:
    exc_info = (type(error), error, None) if error else None
    record = logging.getLogger("a").makeRecord("a", logging.ERROR, "f", 1, message, arguments, exc_info, extra=extra)
    told: dict[str, Any] = json.loads(JsonLine().format(record))
    return told


def test_a_line_says_what_the_request_is_about_unless_it_says_it_itself() -> None:
    begin("a" * 32)
    concerns(order="P-4F7K2", store="bastille", city="city_001")
    assert (line_of("x")["order"], line_of("x")["store"], line_of("x")["request_id"]) == (
        "P-4F7K2",
        "bastille",
        "a" * 32,
    )
    assert line_of("x", order="P-22222")["order"] == "P-22222"


def test_what_libraries_hang_on_their_records_stays_out() -> None:
    begin()
    told = line_of("x", job={"task_kwargs": {"phone": "0639981234"}}, request=object(), data="secret")
    assert told.keys() == {"at", "level", "logger", "message", "request_id"}


def test_an_exception_is_one_field_of_one_line() -> None:
    told = line_of("failed", error=ValueError("plus de farine\npour gaspard@example.org"))
    assert told["error"] == "ValueError: plus de farine\npour *@*"
    assert "\n" not in JsonLine().format(logging.makeLogRecord({"msg": "two\nlines"}))


@pytest.mark.parametrize("told", ["", "short", "A" * 32, "0" * 33, "0" * 31 + "\n"])
def test_an_id_that_nginx_does_not_give_is_not_believed(told: str) -> None:
    assert begin(told).request_id != told
    assert len(present().request_id) == 32


def test_a_lines_end_is_what_ends_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    stream = SpokenLines(logging.INFO)
    stream.write("une pizza")
    assert caplog.messages == []
    stream.write(" au four\n\nune autre\nune tro")
    assert caplog.messages == ["une pizza au four", "une autre"]
    stream.flush()
    assert caplog.messages[-1] == "une tro"


def test_what_is_said_before_there_is_a_log_is_said_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(sys, "__stderr__", sys.stderr)
    SpokenLines(logging.ERROR).write("SECRET_KEY manque\n")
    assert capsys.readouterr().err == "SECRET_KEY manque\n"


@pytest.mark.parametrize(
    ("command", "process"),
    [
        ("gunicorn --config c OC_PIZZA.wsgi:application", "web"),
        ("gunicorn OC_PIZZA.onebox:application --worker-class asgi", "web"),
        ("gunicorn --worker-class asgi OC_PIZZA.asgi:application", "live"),
        ("manage.py procrastinate worker --concurrency 2", "worker"),
        ("manage.py runjob city_001.cron.cyclic_update", "command"),
    ],
)
def test_a_process_knows_which_it_is(command: str, process: str) -> None:
    assert process_of(command.split()) == process
