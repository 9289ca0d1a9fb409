"""How the site is, as who answers for it sees it: live, on a phone at night, without JavaScript, in English."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg
import pytest
from playwright.sync_api import Page, expect

from local.postgres import cluster_at
from tests.journeys.conftest import DESKTOP, PHONE, People
from tests.journeys.steps import assert_accessible, assert_still, sign_in
from tests.running import Site

pytestmark = pytest.mark.browser

PATH = "/supervision/"
WIDER = "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
NEW_MINUTE = 75_000
"""Milliseconds within which the worker has measured another one."""

A_DAY = """
INSERT INTO supervision_sample
    (at, cpu, memory, disk, received, sent, requests, errors, p50, p95, orders, refused, connections)
SELECT minute, 20 + 10 * random(), 40, 60, 0, 0, 50, 1, 0.02, 0.2, 2, 0, 3
FROM generate_series(%(now)s - interval '24 hours', %(now)s - interval '10 minutes', '1 minute') AS minute
"""
JOB = "city_001.cron.cyclic_backup"
SUBJECT = "La tâche city_001.cyclic_backup a échoué"
A_FAILURE = """
INSERT INTO operations_jobrun (path, started_at, ended_at, outcome, host, release, message)
VALUES (%(job)s, %(at)s, %(at)s, 'failed', 'pizzeria', 'demo', 'OSError: No space left on device')
"""
ITS_ALERT = """
INSERT INTO supervision_alert (key, subject, text, started_at)
VALUES ('job-failed:' || %(job)s, %(subject)s, 'OSError: No space left on device', %(at)s)
ON CONFLICT DO NOTHING
"""
NOTHING_WRONG = """
DELETE FROM operations_jobrun WHERE path = %(job)s;
DELETE FROM supervision_alert WHERE key = 'job-failed:' || %(job)s
"""


@pytest.fixture
def database(site: Site) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """The site's own, with a day behind it and nothing wrong."""
    with psycopg.connect(cluster_at(site.data / "postgres").url("oc_pizza"), autocommit=True) as ours:
        now = _now(ours)
        _forget(ours)
        ours.execute("DELETE FROM supervision_sample WHERE at < %(now)s - interval '5 minutes'", {"now": now})
        ours.execute(A_DAY, {"now": now})
        yield ours
        _forget(ours)


def _now(database: "psycopg.Connection[tuple[object, ...]]") -> datetime:
    row = database.execute("SELECT date_trunc('minute', now())").fetchone()
    assert row
    assert isinstance(row[0], datetime)
    return row[0]


def _alert(database: "psycopg.Connection[tuple[object, ...]]") -> None:
    """A job has failed: the worker, which looks every minute, finds it as well, and keeps the alert."""
    told = {"job": JOB, "subject": SUBJECT, "at": _now(database) - timedelta(minutes=3)}
    database.execute(A_FAILURE, told)
    database.execute(ITS_ALERT, told)


def _forget(database: "psycopg.Connection[tuple[object, ...]]") -> None:
    for statement in NOTHING_WRONG.split(";"):
        database.execute(statement, {"job": JOB})


def _open(page: Page) -> None:
    page.goto(PATH)
    expect(page.get_by_role("heading", level=1)).to_have_text("Supervision")


def test_the_operator_goes_there_from_the_first_page(
    people: People, database: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    edgar = people.someone(DESKTOP)
    sign_in(edgar, "edgar.exploitation")
    edgar.get_by_role("link", name="Supervision").click()
    expect(edgar.locator("#verdict")).to_be_visible()
    expect(edgar.locator("#process-postgresql")).to_contain_text("en marche")
    expect(edgar.locator("#process-worker")).to_contain_text("donne signe de vie")
    expect(edgar.get_by_role("img", name="Processeur")).to_be_visible()
    figures = edgar.get_by_role("row", name=re.compile("Processeur"))
    edgar.get_by_text("Les mêmes, en chiffres").click()
    if not figures.is_visible():
        # A minute that was measured just then has drawn the part anew, closed.
        edgar.get_by_text("Les mêmes, en chiffres").click()
    expect(figures).to_be_visible()


def test_a_minute_that_was_measured_is_drawn_without_anybody_asking(
    people: People, database: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    edgar = people.someone(DESKTOP)
    sign_in(edgar, "edgar.exploitation")
    _open(edgar)
    expect(edgar.locator("html")).to_have_attribute("data-live-state", "live")
    shown = edgar.locator("#live-version").get_attribute("value") or ""
    expect(edgar.locator("#live-version")).not_to_have_value(shown, timeout=NEW_MINUTE)
    expect(edgar.locator("#verdict")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_it_is_accessible_still_and_no_wider_than_the_screen(
    people: People, database: "psycopg.Connection[tuple[object, ...]]", device: dict[str, object], scheme: str
) -> None:
    _alert(database)
    diane = people.someone(device, color_scheme=scheme)
    sign_in(diane, "diane.direction")
    _open(diane)
    expect(diane.get_by_role("heading", name=SUBJECT)).to_be_visible()
    assert_still(diane)
    diane.get_by_text("Les mêmes, en chiffres").click()
    assert_accessible(diane)
    assert diane.evaluate(WIDER) <= 0


def test_without_javascript_it_says_the_same_and_looks_again_by_itself(
    people: People, database: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    _alert(database)
    edgar = people.someone(PHONE, java_script_enabled=False)
    sign_in(edgar, "edgar.exploitation")
    _open(edgar)
    expect(edgar.get_by_text("sudo ./manage.py cronjobs --run city_001.cron.cyclic_backup")).to_be_visible()
    expect(edgar.get_by_role("img", name="Commandes par minute")).to_be_visible()
    assert edgar.locator('noscript meta[http-equiv="refresh"], meta[http-equiv="refresh"]').count() == 1


def test_in_english_everything_but_what_was_sent_is_english(
    people: People, database: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    _alert(database)
    edgar = people.someone(DESKTOP)
    sign_in(edgar, "edgar.exploitation")
    edgar.goto("/langue/en/")
    edgar.goto(PATH)
    expect(edgar.get_by_role("heading", name="What needs attention")).to_be_visible()
    expect(edgar.get_by_text("A scheduled job failed")).to_be_visible()
    expect(edgar.locator('h3[lang="fr"]').first).to_be_visible()
    assert_accessible(edgar)
