"""How the site's processes log: one JSON object a line where systemd's journal reads it, plain words on a terminal.

`logs.sh` (SUPERVISION_ENGINE) puts the lines of an order together again. A line's keys:

- `at`: ISO 8601 with the offset of the house's time, to the millisecond; `level`, `logger`, `message`;
- `request_id`: nginx's, the same in its log, of the request or of the request that a job was deferred by;
- `order`: an order's number, `store`: a slug; `user_id`: of staff, never of a client;
- `event` and what belongs to it (`from_status`, `to_status`, `role`, `code`, `watchers`): what happened to an order;
- `method`, `status`, `bytes`, `seconds`: of an answer; `error`: an exception with its traceback.

Nothing else that a record carries gets into a line: libraries add arguments and whole requests to theirs.
"""

import logging
import os
import sys
from datetime import datetime
from io import TextIOBase
from typing import Any, cast
from zoneinfo import ZoneInfo

from pythonjsonlogger.json import JsonEncoder, JsonFormatter

from OC_PIZZA.discretion import discreet
from pizzeria.trail import present

TIME_ZONE = ZoneInfo("Europe/Paris")
OF_AN_EVENT = ("event", "from_status", "to_status", "role", "code", "watchers", "user_id")
OF_AN_ANSWER = ("method", "status", "bytes", "seconds")
ENCODER = JsonEncoder(ensure_ascii=False)
SPOKEN = "command"
"""The logger of what a command says where nobody sits at a terminal."""


class JsonLine(JsonFormatter):
    """A record as one line of JSON, with what the present request or job is about."""

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        trail, told = present(), record.__dict__
        log_data["at"] = datetime.fromtimestamp(record.created, TIME_ZONE).isoformat(timespec="milliseconds")
        log_data["level"], log_data["logger"] = record.levelname, record.name
        log_data["message"] = self.words(record)
        log_data["request_id"] = trail.request_id
        for name in ("order", "store"):
            if value := told.get(name) or getattr(trail, name):
                log_data[name] = value
        log_data |= {name: told[name] for name in OF_AN_EVENT if told.get(name) not in (None, "")}
        if error := message_dict.get("exc_info"):
            log_data["error"] = discreet(error)

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        # One encoder for all: every answer of the site has a line.
        return ENCODER.encode(log_data)

    def words(self, record: logging.LogRecord) -> str:
        # What happens to an order is told by us, in words that hold nothing to hide: looking took longer than the line.
        return record.message if "event" in record.__dict__ else discreet(record.message)


class AnswerLine(JsonLine):
    """An answer of gunicorn's: neither the address asked for, which may be an order's secret, nor who asked."""

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        super().add_fields(log_data, record, message_dict)
        atoms = _atoms(record)
        told = (atoms["m"], int(atoms["s"]), atoms["B"] or 0, float(atoms["L"]))
        log_data |= dict(zip(OF_AN_ANSWER, told, strict=True))
        log_data["request_id"] = atoms["{x-request-id}i"]

    def words(self, record: logging.LogRecord) -> str:
        return "{m} {s}".format_map(_atoms(record))


def _atoms(record: logging.LogRecord) -> dict[str, Any]:
    """What gunicorn hands its access log of an answer."""
    return cast("dict[str, Any]", record.args)


class SpokenLines(TextIOBase):
    """A stream for what a command prints: every line becomes one of the log, at this level."""

    def __init__(self, level: int) -> None:
        self._level, self._begun = level, ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._say(line)
        return len(text)

    def flush(self) -> None:
        begun, self._begun = self._begun, ""
        self._say(begun)

    def _say(self, line: str) -> None:
        if not line.strip():
            return
        if logging.getLogger().handlers:
            logging.getLogger(SPOKEN).log(self._level, "%s", line)
        elif sys.__stderr__:
            # The log is not set up yet, and may be what has failed.
            sys.__stderr__.write(f"{line}\n")


def is_read_by_the_journal() -> bool:
    """Whether the lines go to systemd's journal; LOG_FORMAT (json or plain) says it otherwise, for a container say.

    systemd names the stream that it has opened (JOURNAL_STREAM): a command whose output an engine or an operator takes
    inherits the name, but writes elsewhere.
    """
    if wanted := os.environ.get("LOG_FORMAT", ""):
        return wanted == "json"
    device, _colon, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    try:
        here = os.fstat(2)
    except OSError:
        return False
    return (device, inode) == (str(here.st_dev), str(here.st_ino))


def speak_in_lines() -> None:
    """What this command prints becomes lines of the log, where the journal reads them."""
    if is_read_by_the_journal():
        sys.stdout, sys.stderr = SpokenLines(logging.INFO), SpokenLines(logging.ERROR)


def configuration(*, level: str) -> dict[str, Any]:
    """The LOGGING of settings.py. `level` is what the operator asks for, everywhere; empty for what is right here."""
    is_json = is_read_by_the_journal()
    # Python's own warnings are lines too, there.
    logging.captureWarnings(is_json)
    formatter: dict[str, Any] = {"format": "{levelname} {name} {message}", "style": "{"}
    # What happens to each order is worth a line in a journal that is searched, and in no terminal.
    ours = {"pizzeria": {"level": level or "INFO"}, SPOKEN: {"level": "INFO"}} if is_json else {}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "OC_PIZZA.logs.JsonLine"} if is_json else formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": sys.__stderr__, "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level or "WARNING"},
        "loggers": ours,
    }
