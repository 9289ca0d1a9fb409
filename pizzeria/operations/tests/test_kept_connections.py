"""A database connection that is kept between requests: proved without a question, replaced when it was lost."""

import time
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper


@pytest.fixture
def kept(transactional_db: None) -> Iterator[BaseDatabaseWrapper]:
    """A connection of its own, as a process keeps it from one request to the next."""
    other = connection.copy()
    other.settings_dict |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    other.connect()
    with other.cursor() as cursor:
        cursor.execute("SELECT 'the last request'")
    yield other
    other.close()


def test_a_connection_that_still_stands_is_asked_nothing(kept: BaseDatabaseWrapper) -> None:
    pid = _begin_request(kept)
    assert _last_question(pid) == "SELECT 'the last request'"


def test_a_connection_that_the_server_ended_is_opened_anew(kept: BaseDatabaseWrapper) -> None:
    pid = _pid(kept)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert _begin_request(kept) != pid


def test_a_connection_that_was_told_something_is_asked_and_kept(kept: BaseDatabaseWrapper) -> None:
    with kept.cursor() as cursor:
        cursor.execute("LISTEN something")
    pid = _pid(kept)
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY something")
    _wait_until_told(kept)
    assert _begin_request(kept) == pid
    assert _last_question(pid) == "SELECT 1"


def test_a_connection_that_was_left_in_a_failed_transaction_is_opened_anew(kept: BaseDatabaseWrapper) -> None:
    pid = _pid(kept)
    kept.connection.execute("BEGIN")
    with pytest.raises(psycopg.Error):
        kept.connection.execute("SELECT 1 / 0")
    assert _begin_request(kept) != pid


def _begin_request(kept: BaseDatabaseWrapper) -> int:
    """What Django does when a request begins and first needs its database; the process at the connection's other end."""
    kept.close_if_unusable_or_obsolete()
    with kept.cursor():
        return _pid(kept)


def _pid(kept: BaseDatabaseWrapper) -> int:
    pid: int = kept.connection.info.backend_pid
    return pid


def _last_question(pid: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [pid])
        question: str = cursor.fetchone()[0]
    return question


def _wait_until_told(kept: BaseDatabaseWrapper) -> None:
    deadline = time.monotonic() + 5
    while kept.is_silent():  # type: ignore[attr-defined]
        assert time.monotonic() < deadline
        time.sleep(0.01)
