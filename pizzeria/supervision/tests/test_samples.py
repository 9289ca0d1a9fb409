"""A row a minute: the host's as the kernel counts it, the site's as its processes have counted it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from django.utils import timezone
from pytest_django import Settings

from pizzeria.live.models import LiveEvent
from pizzeria.supervision import host, samples
from pizzeria.supervision.models import Sample
from pizzeria.supervision.samples import last_sample, quantile, samples_since, take_sample
from pizzeria.supervision.tasks import every_minute
from pizzeria.supervision.tests.processes import count, counting
from tests.cast import House

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def minute(number: int, *, seconds: int = 0) -> datetime:
    return NOON + timedelta(minutes=number, seconds=seconds)


@pytest.fixture(autouse=True)
def _a_worker_that_has_just_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "_minutes", samples._Minutes())
    monkeypatch.setattr(samples, "FIRST_SECONDS", 0.01)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    return tmp_path


def test_a_minute_is_written_down_with_how_the_host_is() -> None:
    sample = take_sample(at=minute(0, seconds=2))
    sample.refresh_from_db()
    assert sample.at == minute(0)
    assert 0 <= sample.cpu <= 100
    assert abs(sample.memory - psutil.virtual_memory().percent) < 10
    assert 0 < sample.disk <= 100
    assert min(sample.received, sample.sent) >= 0


def test_a_minute_is_written_down_once() -> None:
    first, again = take_sample(at=minute(0)), take_sample(at=minute(0, seconds=59))
    assert first == again
    assert Sample.objects.count() == 1


def test_another_worker_that_was_quicker_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    def quicker() -> float:
        Sample.objects.get_or_create(at=minute(0), defaults=_empty() | {"cpu": 42.0})
        return 1.0

    monkeypatch.setattr(host, "memory_used", quicker)
    assert take_sample(at=minute(0)).cpu == 42.0
    assert Sample.objects.count() == 1


def test_a_minute_has_what_was_asked_of_the_site_in_it(folder: Path) -> None:
    count(folder, answers=5)
    # What the worker finds when it starts was asked before.
    assert take_sample(at=minute(0)).requests == 0
    count(folder, answers=3, seconds=0.02)
    with counting(folder, answers=1, seconds=4):
        sample = take_sample(at=minute(1))
    assert (sample.requests, sample.errors, sample.refused, sample.connections) == (4, 0, 0, 2)
    assert sample.p50
    assert sample.p95
    assert 0.01 <= sample.p50 <= 0.025
    assert 2.5 <= sample.p95 <= 5
    quiet = take_sample(at=minute(2))
    assert (quiet.requests, quiet.p50, quiet.p95, quiet.connections) == (0, None, None, 0)


def test_a_folder_that_was_emptied_is_counted_from_zero(folder: Path) -> None:
    take_sample(at=minute(0))
    count(folder, answers=5)
    assert take_sample(at=minute(1)).requests == 5
    for file in folder.glob("*.db"):
        file.unlink()
    count(folder, answers=2)
    assert take_sample(at=minute(2)).requests == 2


def test_without_the_folder_the_host_is_still_told_and_nothing_comes_twice(folder: Path, tmp_path: Path) -> None:
    count(folder, answers=5)
    take_sample(at=minute(0))
    away = folder.rename(tmp_path.with_name("away"))
    sample = take_sample(at=minute(1))
    assert (sample.requests, sample.p50) == (0, None)
    assert sample.memory > 0
    away.rename(folder)
    assert take_sample(at=minute(2)).requests == 0


def test_a_worker_that_slept_does_not_call_an_hour_a_minute(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take_sample(at=minute(0))
    count(folder, answers=5)
    monkeypatch.setattr(samples, "LONGEST_SECONDS", 0.0)
    assert take_sample(at=minute(60)).requests == 0


def test_what_watches_the_site_is_not_its_traffic() -> None:
    labels = {"method": "GET", "status": "5xx"}
    probed = {("oc_pizza_http_requests_total", frozenset((labels | {"view": "readyz"}).items())): 4.0}
    asked = {("oc_pizza_http_requests_total", frozenset((labels | {"view": "shop:menu"}).items())): 3.0}
    traffic = samples._traffic({}, probed | asked)
    assert (traffic.requests, traffic.errors) == (3, 3)


def test_orders_are_those_of_the_minute(house: House) -> None:
    house.order()
    order = house.order()
    end = order.placed_at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    type(order).objects.update(placed_at=end - timedelta(seconds=1))
    type(order).objects.filter(pk=order.pk).update(placed_at=end)
    assert take_sample(at=end).orders == 1
    assert take_sample(at=end + timedelta(minutes=1)).orders == 1


def test_samples_are_kept_for_eight_days() -> None:
    for age in (timedelta(days=8, minutes=1), timedelta(days=8), timedelta(days=1)):
        Sample.objects.create(at=NOON - age, **_empty())
    take_sample(at=NOON)
    assert [NOON - sample.at for sample in Sample.objects.all()] == [
        timedelta(days=8),
        timedelta(days=1),
        timedelta(0),
    ]


def test_the_page_reads_them_from_a_moment_on() -> None:
    assert last_sample() is None
    for number in (2, 0, 1):
        take_sample(at=minute(number))
    assert [sample.at for sample in samples_since(moment=minute(0))] == [minute(1), minute(2)]
    newest = last_sample()
    assert newest
    assert newest.at == minute(2)


def test_whoever_watches_is_told_of_each_minute() -> None:
    every_minute(timestamp=0)
    event, sample = LiveEvent.objects.get(), Sample.objects.get()
    assert (event.topic, event.kind, event.payload) == ("group:supervision", "sample", {"at": sample.at.isoformat()})
    assert timezone.now() - sample.at < timedelta(minutes=2)


# --- the host


def reading(at: float, **counts: float) -> host.Reading:
    return host.Reading(**{"busy": 0.0, "idle": 0.0, "received": 0, "sent": 0} | counts, at=at)  # type: ignore[arg-type]


def test_a_rate_is_what_happened_between_two_readings() -> None:
    before, now = (
        reading(10, busy=5, idle=10, received=1000, sent=50),
        reading(20, busy=8, idle=19, received=3000, sent=50),
    )
    rates = host.rates(before=before, now=now)
    assert (rates.cpu, rates.received, rates.sent) == (25.0, 200.0, 0.0)


def test_counts_that_fell_are_no_negative_rate() -> None:
    rates = host.rates(before=reading(10, busy=5, idle=5, received=1000), now=reading(20, busy=4, idle=12, received=10))
    assert (rates.cpu, rates.received) == (0.0, 0.0)
    rates = host.rates(before=reading(10), now=reading(10))
    assert (rates.cpu, rates.received) == (0.0, 0.0)


def test_work_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    before = host.read()
    end = before.at + 0.5
    while (now := host.read()).at < end:
        pass
    cores = psutil.cpu_count() or 1
    # This test alone keeps one of them busy.
    assert host.rates(before=before, now=now).cpu > 60 / cores


def test_the_fullest_disk_is_the_one_that_is_told(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "not" / "made" / "yet"
    # A file system of the kernel's own, of which nothing is free.
    settings.BACKUP_ROOT = Path("/proc")
    everywhere = [psutil.disk_usage(str(place)).percent for place in ("/", tmp_path, "/proc")]
    assert host.disk_used() == pytest.approx(max(everywhere), abs=0.5)


def test_the_disks_of_the_database_and_of_the_journals_count_where_there_are_any(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = settings.BACKUP_ROOT = tmp_path
    (tmp_path / "log").mkdir()
    monkeypatch.setattr(host, "OF_THE_MACHINE", (tmp_path / "log", tmp_path / "no-archive"))
    used = {"/": 20.0, str(tmp_path): 30.0, str(tmp_path / "log"): 91.0}
    monkeypatch.setattr(psutil, "disk_usage", lambda place: SimpleNamespace(percent=used[place]))
    assert host.disk_used() == 91


# --- quantiles


@pytest.mark.parametrize(
    ("buckets", "share", "expected"),
    [
        ({}, 0.5, None),
        ({1.0: 0, float("inf"): 0}, 0.5, None),
        ({1.0: 10, 2.0: 10, float("inf"): 10}, 0.5, 0.5),
        ({1.0: 5, 2.0: 10, float("inf"): 10}, 0.95, 1.9),
        ({1.0: 0, 2.0: 4, float("inf"): 4}, 0.5, 1.5),
        ({1.0: 1, 2.0: 2, float("inf"): 100}, 0.95, 2.0),
    ],
)
def test_a_quantile_is_where_prometheus_sees_it(
    buckets: dict[float, float], share: float, expected: float | None
) -> None:
    assert quantile(buckets, share=share) == (expected if expected is None else pytest.approx(expected))


def _empty() -> dict[str, float]:
    names = ("cpu", "memory", "disk", "received", "sent", "requests", "errors", "orders", "refused", "connections")
    return dict.fromkeys(names, 0)
