"""The supervision's page and its facts for machines: who opens them, and what they say."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateWorker
from pytest_django import Settings

from pizzeria.accounts.models import ApiToken, Role, StaffRole, User
from pizzeria.accounts.tokens import issue
from pizzeria.operations.models import JobRun
from pizzeria.operations.tests import jobs as test_jobs
from pizzeria.proved_restore import Proof, write_proof
from pizzeria.supervision.alerts.services import check_alerts
from pizzeria.supervision.models import Alert, Sample
from tests.cast import House, People

from .conftest import MINUTE, Watch, calls_of, minutes, sample

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
PAGE, STATE = "/supervision/", "/supervision/state"
HTMX = {"HX-Request": "true"}
WHO = ("pizzaiolo", "driver", "cashier", "manager", "direction", "operator", "outsider", "alice")
OPENS = {"direction", "operator"}
DAY = 24 * 60


def text(browser: Client, path: str = PAGE) -> str:
    answer = browser.get(path, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def edgar(people: People, signed_in: SignedIn) -> Client:
    return signed_in(people.operator)


# --- Who.


@pytest.mark.parametrize("who", WHO)
def test_it_opens_to_the_operator_and_the_direction_alone(people: People, signed_in: SignedIn, who: str) -> None:
    browser = signed_in(getattr(people, who))
    expected = 200 if who in OPENS else 403
    for path in (PAGE, STATE):
        assert browser.get(path).status_code == expected, path
        assert browser.get(path, headers=HTMX).status_code == expected, path


def test_whoever_may_not_is_told_so_on_a_page_of_the_house(people: People, signed_in: SignedIn) -> None:
    page = signed_in(people.manager).get(PAGE).content.decode()
    assert "Cette page n’est pas pour votre rôle" in page
    assert "responsable" in page


def test_a_guest_is_led_to_the_sign_in_page(client: Client, house: House) -> None:
    assert client.get(PAGE).headers["Location"] == f"/equipe/connexion/?next={PAGE}"


def test_an_operator_who_has_left_is_refused(people: People, signed_in: SignedIn) -> None:
    token = issue(user=people.operator, label="sonde", life=timedelta(days=1), scopes=["supervision:read"])
    User.objects.filter(pk=people.operator.pk).update(is_active=False)
    assert Client(headers={"Authorization": f"Bearer {token}"}).get(STATE).status_code == 401
    assert signed_in(people.operator).get(PAGE).status_code in {302, 403}


def test_a_group_without_stores_has_a_status_too(db: None, signed_in: SignedIn) -> None:
    first = User.objects.create_user("premier", "x")
    StaffRole.objects.create(user=first, role=Role.DIRECTION)
    browser = signed_in(first)
    assert browser.get(PAGE).status_code == 200
    assert f'href="{PAGE}"' in text(browser, "/equipe/")


def test_whoever_may_is_led_there_from_the_back_office(people: People, signed_in: SignedIn) -> None:
    link = f'href="{PAGE}"'
    for user, path in (
        (people.operator, "/equipe/"),
        (people.direction, "/equipe/"),
    ):
        assert link in text(signed_in(user), path), path
    for user, path in ((people.manager, "/equipe/bastille/commandes/"), (people.cashier, "/equipe/bastille/comptoir/")):
        assert link not in text(signed_in(user), path)


def test_a_machine_opens_the_facts_with_a_token(people: People) -> None:
    def answer(header: str) -> int:
        return Client(headers={"Authorization": header}).get(STATE).status_code

    good = issue(user=people.operator, label="sonde", life=timedelta(days=1), scopes=["supervision:read"])
    assert answer(f"Bearer {good}") == 200
    assert answer(f"bearer {good}") == 200
    assert (
        answer(f"Bearer {issue(user=people.manager, label='x', life=timedelta(days=1), scopes=['supervision:read'])}")
        == 403
    )
    for_orders = issue(user=people.operator, label="x", life=timedelta(days=1), scopes=["orders:read"])
    assert answer(f"Bearer {for_orders}") == 403
    ApiToken.objects.filter(label="x").update(expires_at=timezone.now())
    assert answer(f"Bearer {for_orders}") == 401
    for wrong in ("Bearer", "Bearer ocp_nothing", "Basic ZWRnYXI6eA==", good):
        assert answer(wrong) == 401, wrong
    refused = Client().get(STATE)
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_wrong_token_is_not_made_good_by_a_session(edgar: Client) -> None:
    assert edgar.get(STATE, headers={"Authorization": "Bearer ocp_nothing"}).status_code == 401


# --- What needs attention.


def worker_alive(at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [at])


def test_a_site_that_is_well_says_so(edgar: Client, watch: Watch, at: datetime) -> None:
    watch.says_that_all_run(at=at)
    page = text(edgar)
    assert "Tout va bien" in page
    assert "La surveillance n’est pas installée" not in page
    assert page.count("en marche") == 5
    assert edgar.get(STATE).json()["status"] == "ok"


def test_the_most_urgent_alert_comes_first_with_what_to_type(edgar: Client, watch: Watch, at: datetime) -> None:
    watch.says_that_all_run(at=at)
    text_of = "Les détails.\n\nCe qu’il faut faire."
    for key, subject in (
        ("backup-old", "Pas de sauvegarde"),
        ("job-failed:a.cron.b", "La tâche"),
        ("disk", "Disque plein"),
    ):
        Alert.objects.create(key=key, subject=subject, text=text_of, started_at=at - 12 * MINUTE)
    page = text(edgar)
    assert "3 alertes en cours" in page
    assert page.index("Disque plein") < page.index("Pas de sauvegarde") < page.index("La tâche")
    assert "12 min" in page
    assert "sudo ./manage.py cronjobs --run a.cron.b" in page
    assert "aucun message envoyé" in page
    assert edgar.get(STATE).json()["status"] == "attention"


def test_an_alert_of_a_kind_that_only_another_release_knows_is_shown_without_advice(
    edgar: Client, at: datetime
) -> None:
    Alert.objects.create(key="comet:1", subject="Une comète", text="Elle passe.", started_at=at)
    page = text(edgar)
    assert "Une comète" in page
    assert "<b>comet</b>" in page
    assert "<p></p>" not in page


def test_an_alert_of_the_watch_is_there_at_once_and_only_once(edgar: Client, watch: Watch, at: datetime) -> None:
    alert = {
        "key": "service:gunicorn", "subject": "gunicorn abandonné", "text": "Trop de redémarrages.",
        "started_at": (at - 2 * MINUTE).isoformat(),
    }  # fmt: skip
    watch.says_that_all_run(at=at)
    watch.says("gunicorn", "given_up", at=at, alert=alert, restarts=5, detail="cinq arrêts en une minute")
    for _told_by_the_worker_too in range(2):
        page = text(edgar)
        assert page.count("gunicorn abandonné") == 1
        assert "sudo SUPERVISION_ENGINE/watchdog.sh restart gunicorn" in page
        assert "Le site est en panne" in page
        assert "relancé 5 fois" in page
        assert "cinq arrêts en une minute" in page
        assert "la surveillance en prévient elle-même" in page
        check_alerts(at=at)
    assert edgar.get(STATE).json()["status"] == "down"


@pytest.mark.parametrize(
    ("service", "state", "verdict"),
    [
        ("worker", "given_up", "attention"),
        ("live", "failing", "attention"),
        ("nginx", "failing", "down"),
        ("gunicorn", "degraded", "attention"),
        ("nginx", "stopped", "attention"),
        ("worker", "starting", "ok"),
    ],
)
def test_what_stops_the_sale_is_told_apart_from_what_does_not(
    edgar: Client, watch: Watch, at: datetime, *, service: str, state: str, verdict: str
) -> None:
    watch.says_that_all_run(at=at)
    watch.says(service, state, at=at)
    assert edgar.get(STATE).json()["status"] == verdict


# --- The processes.


def test_a_watch_that_is_silent_is_not_believed(edgar: Client, watch: Watch, at: datetime) -> None:
    watch.says_that_all_run(at=at - 4 * MINUTE)
    facts = edgar.get(STATE).json()
    assert {process["state"] for process in facts["processes"].values()} == {"unknown"}
    assert facts["status"] == "attention"
    assert "la surveillance ne répond plus" in text(edgar)


@pytest.mark.parametrize(
    "written", ["", "{", "[]", '"running"', '{"state": "running"}', "\x00", '{"state": "dancing"}']
)
def test_a_file_that_says_nothing_sensible_costs_that_line_alone(
    edgar: Client, watch: Watch, at: datetime, written: str
) -> None:
    watch.says_that_all_run(at=at)
    (watch.root / "live.json").write_text(written)
    states = {name: process["state"] for name, process in edgar.get(STATE).json()["processes"].items()}
    assert states == dict.fromkeys(("gunicorn", "nginx", "postgresql", "worker"), "running") | {"live": "unknown"}


def test_a_service_of_which_the_watch_says_nothing_is_unknown(edgar: Client, watch: Watch, at: datetime) -> None:
    watch.says("gunicorn", at=at)
    assert edgar.get(STATE).json()["processes"]["nginx"]["state"] == "unknown"


def test_without_the_watch_the_site_says_what_it_knows_and_what_to_type(edgar: Client, at: datetime) -> None:
    worker_alive(at)
    facts = edgar.get(STATE).json()
    states = {name: process["state"] for name, process in facts["processes"].items()}
    assert states == {
        "gunicorn": "running", "nginx": "not_watched", "postgresql": "running",
        "live": "not_watched", "worker": "running",
    }  # fmt: skip
    assert (facts["watched"], facts["status"]) == (False, "ok")
    page = text(edgar)
    assert "sudo SUPERVISION_ENGINE/install.sh" in page
    assert "non surveillé" in page


def test_without_the_watch_a_silent_worker_is_seen(edgar: Client, at: datetime) -> None:
    assert edgar.get(STATE).json()["processes"]["worker"]["state"] == "failing"
    worker_alive(at - 2 * MINUTE)
    facts = edgar.get(STATE).json()
    assert (facts["processes"]["worker"]["state"], facts["status"]) == ("failing", "attention")
    assert ProcrastinateWorker.objects.count() == 1


# --- The last day.


def test_the_first_minute_is_said_to_be_measured(edgar: Client) -> None:
    assert "La première minute est en train d’être mesurée." in text(edgar)


def test_a_gap_is_a_gap(edgar: Client, at: datetime) -> None:
    start = at.replace(minute=0, second=0) - timedelta(hours=3)
    for minute in (1, 6, 11, 31, 36):
        sample(start + minute * MINUTE, cpu=50)
    graph = edgar.get(PAGE).context["day"].graphs[0]
    assert graph.lines[0].path.count("M") == 2
    assert graph.lines[0].path.count("L") == 3
    assert " 500" in graph.lines[0].path


def test_the_highest_of_five_minutes_is_drawn_and_all_are_counted(edgar: Client, at: datetime) -> None:
    start = at.replace(minute=0, second=0) - timedelta(hours=3)
    for minute, cpu in enumerate((10, 90, 20)):
        sample(start + minute * MINUTE, cpu=cpu)
    [line] = edgar.get(PAGE).context["day"].graphs[0].lines
    assert line.path.endswith(" 100h0")
    assert (line.low, line.middle, line.high, line.now) == (10, 20, 90, None)


def test_the_figures_of_now_are_those_of_the_last_minute(edgar: Client, at: datetime) -> None:
    minutes(10, until=at - MINUTE, requests=100, p50=0.02, p95=0.2)
    sample(at, cpu=37, requests=60, errors=3, p50=0.0045, p95=0.25, orders=2)
    page = text(edgar)
    for words in ("37\u202f%", "4,5\u202fms", "250\u202fms", "Commandes par minute"):
        assert words in page, words
    now = edgar.get(STATE).json()["last_minute"]
    assert (now["cpu"], now["requests"], now["errors"], now["orders"]) == (37, 60, 3, 2)


def test_yesterdays_minutes_are_not_drawn(edgar: Client, at: datetime) -> None:
    minutes(3, until=at - timedelta(hours=25))
    assert edgar.get(PAGE).context["day"].measured == 0


def test_the_hours_are_those_of_paris(edgar: Client, at: datetime) -> None:
    sample(at)
    labels = edgar.get(PAGE).context["day"].labels
    assert len(labels) == 8
    assert {str(label.tzinfo) for label in labels} == {"Europe/Paris"}
    assert all(label.minute == 0 for label in labels)


# --- What was done, and when.


def test_jobs_and_backups_say_when_they_last_were(
    edgar: Client, settings: Settings, at: datetime, tmp_path: Path
) -> None:
    settings.CRONJOBS = [("0 6 * * *", test_jobs.WORKS), ("0 7 * * *", test_jobs.FAILS)]
    JobRun.objects.create(
        path=test_jobs.WORKS, started_at=at, ended_at=at, outcome=JobRun.Outcome.DONE, host="s", release="r"
    )
    backup = Path(settings.BACKUP_ROOT) / "20260301-050000-000"
    backup.mkdir(parents=True)
    write_proof(backup, Proof(at=datetime.fromisoformat("2026-03-01T06:02:00+01:00"), release="r", seconds=4))
    page = text(edgar)
    assert "chaque jour à 06:00" in page
    assert "terminée" in page
    assert "jamais" in page
    assert "1 mars 2026, 06:00" in page
    assert "1 mars 2026, 06:02" in page
    facts = edgar.get(STATE).json()
    assert facts["jobs"][test_jobs.WORKS]["last_outcome"] == "done"
    assert facts["jobs"][test_jobs.FAILS]["last_outcome"] is None


def test_what_cannot_be_read_costs_that_part_alone(edgar: Client, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.CRONJOBS = [("0 6 * *", test_jobs.WORKS)]
    settings.BACKUP_ROOT = tmp_path / "file"
    settings.ON_SERVER, settings.BASE_DIR = True, tmp_path / "nowhere" / "release"
    page = text(edgar)
    assert "CRONJOBS ne peut pas être lu" in page
    assert "rien de lisible ici" in page
    assert edgar.get(STATE).json()["jobs"] is None


def server(tmp_path: Path) -> Path:
    """A server's folders as the engines leave them: one deploy, then one update that is in service."""
    first, second = "20260101-060000-aaaaaaaaaaaa", "20260201-070000-bbbbbbbbbbbb"
    for release in (first, second):
        (tmp_path / "OC_PIZZA_releases" / release).mkdir(parents=True)
        (tmp_path / "OC_PIZZA_releases" / release / "RELEASE").write_text(f"{release}\n")
    (tmp_path / "OC_PIZZA_releases" / "20260301-000000-cccccccccccc").mkdir()
    (tmp_path / "OC_PIZZA").symlink_to(f"OC_PIZZA_releases/{second}")
    updates = tmp_path / "OC_PIZZA_shared" / "updates"
    updates.mkdir(parents=True)
    (updates / second).write_text(f"FROM={first}\nAT=2026-02-01T07:00:00+01:00\nSAFETY=safety/x\n")
    return tmp_path / "OC_PIZZA_releases" / second


def test_on_a_server_the_last_deploy_and_the_last_update_are_told(
    edgar: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.ON_SERVER, settings.BASE_DIR = True, server(tmp_path)
    told = edgar.get(STATE).json()["deployed"]
    assert told["last_deploy_release"] == "20260101-060000-aaaaaaaaaaaa"
    assert told["last_update"]["release"] == "20260201-070000-bbbbbbbbbbbb"
    assert told["in_service_since"]
    page = text(edgar)
    assert "1 février 2026, 07:00" in page
    assert "20260101-060000-aaaaaaaaaaaa" in page


def test_ended_alerts_of_a_month_are_listed(edgar: Client, at: datetime) -> None:
    for days, subject in ((2, "Disque plein à 88 %"), (40, "Disque plein à 99 %")):
        began = at - timedelta(days=days)
        Alert.objects.create(key="disk", subject=subject, text="…", started_at=began, ended_at=began + 5 * MINUTE)
    page = text(edgar)
    assert "Disque plein à 88 %" in page
    assert "99 %" not in page


# --- Live, and its cost.


def a_day(at: datetime) -> None:
    Sample.objects.bulk_create(
        Sample(
            at=at - number * MINUTE, cpu=number % 90, memory=50, disk=60, received=1, sent=1, requests=number % 300,
            errors=0, p50=0.02, p95=0.2, orders=number % 7, refused=0, connections=3,
        )
        for number in range(DAY)
    )  # fmt: skip


def test_the_part_alone_is_fetched_anew_and_nothing_when_nothing_is_new(edgar: Client, at: datetime) -> None:
    sample(at - MINUTE)
    worker_alive(at)
    page = edgar.get(PAGE)
    assert 'data-live="group:supervision"' in page.content.decode()
    version = page.context["version"]
    assert edgar.get(f"{PAGE}?v={version}", headers=HTMX).status_code == 204
    sample(at)
    answer = edgar.get(f"{PAGE}?v={version}", headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()


def test_the_page_asks_the_same_few_questions_whatever_there_is_to_tell(
    edgar: Client, settings: Settings, at: datetime
) -> None:
    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert edgar.get(path).status_code == 200
        return len(queries)

    few = asked(PAGE), asked(STATE)
    a_day(at)
    for number in range(20):
        Alert.objects.create(key=f"job-failed:a.{number}", subject="…", text="…", started_at=at)
        Alert.objects.create(key="disk", subject="…", text="…", started_at=at, ended_at=at)
    assert (asked(PAGE), asked(STATE)) == few
    # The session, the user, the roles; the worker, the alerts, the two of the runs, the last sample, the day, the past.
    assert few[0] <= 10


def test_a_whole_day_costs_a_few_calls_for_each_of_its_minutes(edgar: Client, at: datetime) -> None:
    edgar.get(PAGE)
    nothing = calls_of(lambda: edgar.get(PAGE))
    a_day(at)
    edgar.get(PAGE)
    # On a machine of our time less than a tenth of a second.
    assert calls_of(lambda: edgar.get(PAGE)) - nothing < 100 * DAY


def test_the_facts_are_json_with_moments_that_have_an_offset(edgar: Client, at: datetime) -> None:
    a_day(at)
    facts = json.loads(edgar.get(STATE).content)
    assert datetime.fromisoformat(facts["measured_at"]).tzinfo
    assert facts["release"] == "test"
