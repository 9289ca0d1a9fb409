"""What begins an alert, what keeps it open, what ends it."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from pytest_django import Settings

from pizzeria.operations.models import JobRun
from pizzeria.operations.runs import JobFailedError, run_job
from pizzeria.operations.tests import jobs as test_jobs
from pizzeria.operations.tests.jobs import IS_REFUSED
from pizzeria.ordering.models import Order
from pizzeria.ordering.services import advance
from pizzeria.proved_restore import Proof, write_proof
from pizzeria.stores.hours import PARIS
from pizzeria.stores.models import OpeningHours
from pizzeria.supervision.alerts import jobs as job_rules
from pizzeria.supervision.alerts.backups import backup_old, drill_failed
from pizzeria.supervision.alerts.certificate import certificate
from pizzeria.supervision.alerts.disk import disk
from pizzeria.supervision.alerts.jobs import job_failed, job_missed
from pizzeria.supervision.alerts.orders import orders_untouched
from pizzeria.supervision.alerts.problems import CannotTell, Find, Problem
from pizzeria.supervision.alerts.traffic import error_rate
from pizzeria.supervision.alerts.watched import watched
from tests.cast import House, People

from .conftest import LOCAL, MINUTE, Watch, minutes, sample

pytestmark = pytest.mark.django_db

Outcome = JobRun.Outcome


def found(rule: Find, at: datetime, *, opened: Sequence[str] = ()) -> list[Problem]:
    return list(rule(at=at, open_keys=frozenset(opened)))


def keys(rule: Find, at: datetime, *, opened: Sequence[str] = ()) -> list[str]:
    return [problem.key for problem in found(rule, at, opened=opened)]


# --- Requests that fail.


def test_one_request_in_twenty_that_fails_begins_an_alert(at: datetime) -> None:
    minutes(5, until=at, requests=20, errors=1)
    assert [problem.subject for problem in found(error_rate, at)] == ["5 % des requêtes échouent"]
    assert "5 requêtes sur 100" in found(error_rate, at)[0].detail


def test_a_little_less_begins_none_but_keeps_one_open(at: datetime) -> None:
    minutes(4, until=at, requests=20, errors=1)
    sample(at - 4 * MINUTE, requests=21, errors=0)
    assert keys(error_rate, at) == []
    assert keys(error_rate, at, opened=["error-rate"]) == ["error-rate"]


def test_below_half_of_the_share_it_is_over(at: datetime) -> None:
    minutes(5, until=at, requests=100, errors=2)
    assert keys(error_rate, at, opened=["error-rate"]) == []


def test_a_few_unlucky_requests_are_no_alert(at: datetime) -> None:
    sample(at, requests=19, errors=19)
    assert keys(error_rate, at) == []
    sample(at - MINUTE, requests=1, errors=0)
    assert keys(error_rate, at) == ["error-rate"]


def test_what_was_wrong_before_the_last_five_minutes_is_not_counted(at: datetime) -> None:
    minutes(5, until=at, requests=20)
    minutes(5, until=at - 5 * MINUTE, requests=20, errors=20)
    assert keys(error_rate, at) == []


def test_a_site_that_nobody_asks_any_more_is_not_said_to_be_well(at: datetime) -> None:
    minutes(5, until=at)
    assert found(error_rate, at, opened=["error-rate"]) == [Problem(key="error-rate")]
    assert found(error_rate, at) == []


@pytest.mark.parametrize("rule", [error_rate, disk])
def test_without_a_fresh_sample_nobody_can_tell(rule: Find, at: datetime) -> None:
    sample(at - 10 * MINUTE, requests=100, errors=100, disk=99)
    with pytest.raises(CannotTell):
        found(rule, at)


# --- The disk.


@pytest.mark.parametrize(
    ("percent", "begins", "goes_on"), [(85.0, False, True), (85.1, True, True), (80.0, False, True), (79.9, False, False)]
)  # fmt: skip
def test_a_disk_alert_begins_above_85_and_ends_below_80(
    at: datetime, percent: float, *, begins: bool, goes_on: bool
) -> None:
    sample(at - MINUTE, disk=99)
    sample(at, disk=percent)
    assert bool(found(disk, at)) == begins
    assert bool(found(disk, at, opened=["disk"])) == goes_on


# --- The certificate.


@contextmanager
def nginx_with(folder: Path, *, days: int) -> Iterator[tuple[str, int]]:
    """A server that speaks TLS with a certificate of its own, for so many days."""
    pair = folder / "certificate.pem"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days {days} -subj /CN=www.ocpizza.fr -keyout {pair} -out {pair}.crt"
    subprocess.run(command.split(), check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{pair}.crt", pair)
    # Whoever hangs up with tickets unread would reset the connection: the thread would end by an error.
    context.num_tickets = 0
    listener = socket.create_server((LOCAL, 0))

    def serve() -> None:
        client, _address = listener.accept()
        with client, suppress(OSError), context.wrap_socket(client, server_side=True) as served:
            served.recv(1)

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()
    thread.join()
    listener.close()


@pytest.fixture
def _https(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["www.ocpizza.fr"]


@pytest.mark.usefixtures("_https")
@pytest.mark.parametrize(("days", "begins"), [(13, True), (16, False)])
def test_a_certificate_that_ends_within_a_fortnight_begins_an_alert(
    settings: Settings, tmp_path: Path, at: datetime, days: int, *, begins: bool
) -> None:
    with nginx_with(tmp_path, days=days) as settings.ALERT_TLS_ADDRESS:
        problems = found(certificate, at)
    assert bool(problems) == begins
    for problem in problems:
        # It may be made just after midnight.
        ends = [timezone.localtime(moment + timedelta(days=days)) for moment in (at, timezone.now())]
        assert problem.subject.startswith(
            tuple(f"Le certificat de www.ocpizza.fr expire dans {days} jours, le {end:%d/%m/%Y}" for end in ends)
        )


@pytest.mark.usefixtures("_https")
def test_one_that_has_ended_is_said_to_have_ended(settings: Settings, tmp_path: Path, at: datetime) -> None:
    with nginx_with(tmp_path, days=1) as settings.ALERT_TLS_ADDRESS:
        problems = found(certificate, at + timedelta(days=2))
    assert "a expiré le" in problems[0].subject


@pytest.mark.usefixtures("_https")
def test_a_web_server_that_does_not_answer_is_not_this_rules_business(settings: Settings, at: datetime) -> None:
    with socket.create_server((LOCAL, 0)) as closed:
        settings.ALERT_TLS_ADDRESS = closed.getsockname()
    with pytest.raises(CannotTell):
        found(certificate, at)


def test_a_site_without_https_has_no_certificate_to_watch(settings: Settings, at: datetime) -> None:
    settings.SECURE_SSL_REDIRECT = False
    settings.ALERT_TLS_ADDRESS = (LOCAL, 1)
    assert found(certificate, at) == []


# --- Backups.


def backup(settings: Settings, moment: datetime, *, failure: str | None = None) -> None:
    """A backup of this moment; one that was tried has a proof."""
    folder = Path(settings.BACKUP_ROOT) / f"{moment.astimezone(UTC):%Y%m%d-%H%M%S}-000"
    folder.mkdir(parents=True)
    if failure is not None:
        write_proof(folder, Proof(at=moment, release="test", seconds=1, failure=failure))


@pytest.fixture
def _on_a_server(settings: Settings) -> None:
    settings.ON_SERVER = True


def deployed_days_ago(days: int, at: datetime) -> None:
    MigrationRecorder.Migration.objects.update(applied=at - timedelta(days=days))


@pytest.mark.usefixtures("_on_a_server")
def test_a_server_without_any_backup_has_an_alert_from_its_second_day_on(at: datetime) -> None:
    deployed_days_ago(0, at)
    assert found(backup_old, at) == []
    deployed_days_ago(2, at)
    assert [problem.subject for problem in found(backup_old, at)] == ["Il n’y a aucune sauvegarde"]


@pytest.mark.usefixtures("_on_a_server")
@pytest.mark.parametrize(("days", "subjects"), [(31, []), (33, ["La dernière sauvegarde a 33 jours"])])
def test_a_backup_is_old_after_32_days(settings: Settings, at: datetime, days: int, subjects: list[str]) -> None:
    backup(settings, at - timedelta(days=90))
    backup(settings, at - timedelta(days=days))
    assert [problem.subject for problem in found(backup_old, at, opened=["backup-old"])] == subjects


def test_a_developers_checkout_needs_no_backup(at: datetime) -> None:
    deployed_days_ago(90, at)
    assert found(backup_old, at) == []


def test_the_last_backup_that_was_tried_and_does_not_restore_begins_an_alert(settings: Settings, at: datetime) -> None:
    backup(settings, at - timedelta(days=3), failure="")
    assert found(drill_failed, at) == []
    backup(settings, at - timedelta(days=2), failure="plus de place")
    backup(settings, at - timedelta(days=1))
    [problem] = found(drill_failed, at)
    assert "ne se restaure pas" in problem.subject
    assert "plus de place" in problem.detail


def test_one_that_restores_ends_it(settings: Settings, at: datetime) -> None:
    backup(settings, at - timedelta(days=2), failure="plus de place")
    backup(settings, at - timedelta(days=1), failure="")
    assert found(drill_failed, at, opened=["drill-failed"]) == []


# --- Scheduled jobs.


@pytest.fixture
def _a_job(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CRONJOBS = [("0 6 * * *", test_jobs.WORKS)]
    in_service_since(monkeypatch, datetime(2026, 1, 1, tzinfo=PARIS))


def in_service_since(monkeypatch: pytest.MonkeyPatch, moment: datetime | None) -> None:
    """When the link of the release in service was pointed, which only a server has."""
    monkeypatch.setattr(job_rules, "in_service_since", lambda: moment)


def ran(outcome: str, started: datetime) -> None:
    ended = None if outcome in {Outcome.RUNNING, Outcome.ABANDONED} else started
    JobRun.objects.create(
        path=test_jobs.WORKS,
        started_at=started,
        ended_at=ended,
        outcome=outcome,
        host="s",
        release="r",
        message="farine",
    )


FAILED, MISSED = f"job-failed:{test_jobs.WORKS}", f"job-missed:{test_jobs.WORKS}"
SIX = datetime(2026, 3, 10, 6, tzinfo=PARIS)


@pytest.mark.usefixtures("_a_job")
@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.ABANDONED])
def test_a_job_that_failed_or_was_killed_begins_an_alert_and_one_that_succeeds_ends_it(outcome: str) -> None:
    assert keys(job_failed, SIX) == []
    ran(outcome, SIX)
    assert keys(job_failed, SIX) == [FAILED]
    ran(Outcome.SKIPPED, SIX)
    assert keys(job_failed, SIX, opened=[FAILED]) == [FAILED]
    ran(Outcome.DONE, SIX)
    assert keys(job_failed, SIX, opened=[FAILED]) == []


@pytest.mark.usefixtures("_a_job")
def test_what_a_failed_job_said_is_told() -> None:
    ran(Outcome.FAILED, SIX)
    assert "le 10/03/2026 à 06:00 sur s, elle a dit : farine" in found(job_failed, SIX)[0].detail


def test_the_alert_of_a_job_that_the_database_refused_names_no_client(settings: Settings) -> None:
    settings.CRONJOBS = [("0 6 * * *", IS_REFUSED)]
    with pytest.raises(JobFailedError):
        run_job(path=IS_REFUSED)
    [problem] = found(job_failed, timezone.now())
    assert "refused_amount_check" in problem.detail
    assert not [word for word in ("Gaspard", "1234", "3e gauche") if word in problem.detail]


@pytest.mark.usefixtures("_a_job", "_on_a_server")
@pytest.mark.parametrize(("minutes_late", "expected"), [(14, []), (15, [MISSED])])
def test_a_job_that_was_due_a_quarter_of_an_hour_ago_and_did_not_run_is_missed(
    minutes_late: int, expected: list[str]
) -> None:
    ran(Outcome.DONE, SIX - timedelta(days=1))
    assert keys(job_missed, SIX + minutes_late * MINUTE) == expected


@pytest.mark.usefixtures("_a_job", "_on_a_server")
@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.FAILED, Outcome.SKIPPED])
def test_one_that_was_tried_is_not_missed_whatever_became_of_it(outcome: str) -> None:
    ran(outcome, SIX + timedelta(seconds=1))
    assert keys(job_missed, SIX + timedelta(hours=12), opened=[MISSED]) == []


@pytest.mark.usefixtures("_a_job", "_on_a_server")
def test_what_was_due_before_the_release_came_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    in_service_since(monkeypatch, SIX + MINUTE)
    assert keys(job_missed, SIX + timedelta(hours=12)) == []
    assert keys(job_missed, SIX + timedelta(days=1, hours=1)) == [MISSED]


@pytest.mark.usefixtures("_a_job", "_on_a_server")
def test_a_server_that_does_not_say_since_when_it_serves_cannot_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    in_service_since(monkeypatch, None)
    with pytest.raises(CannotTell):
        found(job_missed, SIX + timedelta(hours=12))


@pytest.mark.usefixtures("_a_job")
def test_a_checkout_without_timers_misses_no_job() -> None:
    assert keys(job_missed, SIX + timedelta(hours=12)) == []


# --- Orders that nobody takes.


def test_an_order_that_nobody_takes_for_ten_minutes_begins_an_alert_of_its_store(house: House, people: People) -> None:
    first, second = house.order(), house.order()
    later = second.placed_at + 10 * MINUTE
    assert found(orders_untouched, later - timedelta(minutes=1)) == []
    [problem] = found(orders_untouched, later)
    assert problem.key == "orders-untouched:bastille"
    assert problem.subject == f"2 commandes attendent à OC Pizza Bastille : {first.number}, {second.number}"
    assert house.bastille.phone in problem.detail
    advance(order=first, to_status=Order.Status.TAKEN, acting_user=people.pizzaiolo)
    assert [each.subject for each in found(orders_untouched, later)] == [
        f"Une commande attend à OC Pizza Bastille : {second.number}"
    ]
    advance(order=second, to_status=Order.Status.TAKEN, acting_user=people.pizzaiolo)
    assert found(orders_untouched, later, opened=[problem.key]) == []


def test_many_waiting_orders_are_counted_and_the_oldest_named(house: House) -> None:
    orders = [house.order() for _ in range(7)]
    [problem] = found(orders_untouched, orders[-1].placed_at + 10 * MINUTE)
    assert problem.subject.startswith("7 commandes")
    assert f"{orders[4].number} et 2 de plus" in problem.subject
    assert orders[5].number not in problem.subject


def test_each_store_has_its_own_alert(house: House) -> None:
    house.order()
    last = house.order(store=house.croix_rousse, fulfilment="collection")
    assert set(keys(orders_untouched, last.placed_at + 10 * MINUTE)) == {
        "orders-untouched:bastille",
        "orders-untouched:croix-rousse",
    }


def test_a_store_that_is_closed_or_has_just_opened_is_left_alone(house: House) -> None:
    order = house.order()
    hours = OpeningHours.objects.filter(store=house.bastille)
    evening = timezone.localtime(order.placed_at + timedelta(days=1)).replace(hour=18, minute=0, second=0)
    hours.update(opens=time(18), closes=time(23))
    for moment, expected in (
        (evening - MINUTE, False),
        (evening + 5 * MINUTE, False),
        (evening + 10 * MINUTE, True),
        (evening.replace(hour=23), False),
    ):
        assert bool(found(orders_untouched, moment)) == expected, moment


# --- What the watch tells.


def test_an_alert_of_the_watch_is_written_down_too(watch: Watch, at: datetime) -> None:
    alert = {"key": "service:gunicorn", "subject": "gunicorn ne répond pas", "text": "…", "started_at": at.isoformat()}
    watch.says_that_all_run(at=at)
    assert found(watched, at) == []
    watch.says("gunicorn", "failing", at=at, alert=alert)
    assert [(each.key, each.subject) for each in found(watched, at)] == [("service:gunicorn", "gunicorn ne répond pas")]


def test_where_nobody_watches_there_is_nothing_to_write_down(at: datetime) -> None:
    assert found(watched, at) == []
