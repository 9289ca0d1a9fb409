"""What the worker does every minute: each part of it, whatever became of the others."""

import pytest

from pizzeria.live.models import LiveEvent
from pizzeria.supervision import tasks
from pizzeria.supervision.models import Sample

pytestmark = pytest.mark.django_db


class BrokenError(Exception):
    """What a part may fail with."""


def breaks(**_options: object) -> None:
    raise BrokenError


def published() -> int:
    return LiveEvent.objects.filter(topic="group:supervision", kind="sample").count()


def test_a_minute_is_measured_looked_at_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    # When it looks, the minute has been written down: its disk is what a rule reads.
    monkeypatch.setattr(tasks, "check_alerts", lambda **_options: looked.append(Sample.objects.count() + published()))
    tasks.every_minute(timestamp=0)
    assert looked == [1]
    assert published() == 1


def test_what_cannot_be_measured_keeps_nobody_from_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[bool] = []
    monkeypatch.setattr(tasks, "take_sample", breaks)
    monkeypatch.setattr(tasks, "check_alerts", lambda **_options: looked.append(True))
    with pytest.raises(BrokenError):
        tasks.every_minute(timestamp=0)
    assert looked
    assert published() == 1


def test_a_look_that_fails_takes_no_measure_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "check_alerts", breaks)
    with pytest.raises(BrokenError):
        tasks.every_minute(timestamp=0)
    assert Sample.objects.count() == 1
    assert published() == 1
