"""Moments come from the database as they stand there."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DataError, connection

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def _read(moment: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [moment])
        (read,) = cursor.fetchone()
    assert isinstance(read, datetime)
    return read


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-29 12:00:00+00", NOON),
        ("2026-11-29 13:00:00+01", NOON),
        ("2026-11-29 12:00:00.1+00", NOON + timedelta(milliseconds=100)),
        ("2026-11-29 12:00:00.000012+00", NOON + timedelta(microseconds=12)),
        ("0001-01-01 00:00:00+00", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31 23:59:59.999999+00", datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_to_the_microsecond_in_greenwich(written: str, moment: datetime) -> None:
    read = _read(written)
    assert read == moment
    assert read.tzinfo is UTC


@pytest.mark.parametrize("written", ["infinity", "-infinity", "10000-01-01 00:00:00+00", "0044-03-15 00:00:00+00 BC"])
def test_a_moment_that_python_does_not_have_is_refused_in_words(written: str) -> None:
    with pytest.raises(DataError, match="timestamp"):
        _read(written)
