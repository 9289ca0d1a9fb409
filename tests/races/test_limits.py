"""Many tries at once, each on a connection of its own: exactly as many get through as may. In a pair."""

import threading
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from pizzeria.accounts import limits
from pizzeria.accounts.limits import Limit, attempt
from pizzeria.accounts.models import Attempt
from tests.races.together import kinds, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

TEN = Limit(name="ten", most=10, window=timedelta(minutes=15))
AT_ONCE = 20
ROUNDS = 10


def _tries(of: str) -> dict[str, int]:
    """Two hundred tries, twenty at a time."""
    passed = refused = 0
    for _round in range(ROUNDS):
        found = kinds(together([lambda: attempt(limit=TEN, of=of)] * AT_ONCE))
        passed, refused = passed + found.get("NoneType", 0), refused + found.get("TooManyAttempts", 0)
    return {"passed": passed, "refused": refused}


def test_of_two_hundred_tries_at_once_ten_pass(db: None) -> None:
    assert _tries("luca") == {"passed": 10, "refused": 190}
    assert Attempt.objects.get().count == 200


def test_a_count_that_is_read_and_then_written_lets_more_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    all_have_read = threading.Barrier(AT_ONCE)

    def read_then_write(*, key: str, now: datetime, window: timedelta) -> tuple[int, datetime]:
        known, _is_new = Attempt.objects.get_or_create(key=key, defaults={"count": 0, "until": timezone.now() + window})
        all_have_read.wait(10)
        known.count += 1
        known.save()
        return known.count, known.until

    monkeypatch.setattr(limits, "_count", read_then_write)
    assert _tries("luca")["passed"] > TEN.most
