"""What the site's processes write into the journal: lines of JSON that lead from a request to its order, and to nobody."""

import http.client
import json
import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.accounts.tokens import issue
from pizzeria.api.tests.conftest import FOR_ORDERS
from pizzeria.ordering.models import Order
from pizzeria.ordering.services import cancel
from tests.cast import House, People
from tests.reported.conftest import no_orders_of_gaspard
from tests.reported.processes import LIVE, PAGES, Browser, environment, manage, running
from tests.reported.test_errors import CONTACT, PERSONAL, REQUEST, order_of_gaspard
from tests.running import CHECKOUT
from tests.server.commands import until

pytestmark = [pytest.mark.machine, pytest.mark.django_db(transaction=True)]

JSON = {"LOG_FORMAT": "json"}
AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0[12]:00")
ALWAYS = {"at", "level", "logger", "message", "request_id"}


def lines_of(text: str) -> list[dict[str, Any]]:
    """Every line is an object, with what each has."""
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        assert line.keys() >= ALWAYS
        assert AT.fullmatch(line["at"])
    return lines


def about(order: str, lines: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    found = [line for line in lines if line.get("order") == order and "event" in line]
    return [(line["event"], line.get("from_status", ""), line.get("to_status", ""), line["role"]) for line in found]


def bearer(user: User) -> str:
    return f"Bearer {issue(user=user, label='test', life=timedelta(days=1), scopes=FOR_ORDERS)}"


def test_an_orders_life_is_a_line_a_step_and_nothing_in_any_line_says_whose_it_is(
    house: House, people: People, static_root: str
) -> None:
    secrets: list[str] = []
    with running(*PAGES, **JSON, STATIC_ROOT=static_root) as site:
        browser = Browser(site, REQUEST)
        browser.post("/panier/ajouter/", {"store": "bastille", "variant": house.variant("margherita").pk})
        filled = CONTACT | {"fulfilment": "delivery", "payment_method": "cash"}
        shown = browser.post("/commander/", browser.hidden(browser.get("/commander/")) | filled | {"recalculate": "1"})
        sent = browser.post("/commander/", browser.hidden(shown) | filled)
        token = sent.headers["Location"].split("/")[2]
        assert browser.get(f"/commande/{token}/").status == 200
        assert browser.get(f"/commande/{token}/nowhere/").status == 404
        order = Order.objects.get(token=token)
        pizzaiolo, driver = bearer(people.pizzaiolo), bearer(people.driver)
        for to, mover in (("taken", pizzaiolo), ("preparing", pizzaiolo), ("ready", pizzaiolo), ("delivering", driver)):
            moved = site.ask_json(f"/api/v1/staff/orders/{order.number}/advance", {"to": to}, authorization=mover)
            assert moved.status == 200, moved.text
        cancelled = json.loads(site.ask_json("/api/v1/orders", order_of_gaspard(house), idempotency_key="k" * 8).text)
        assert site.ask_json(f"/api/v1/orders/{cancelled['token']}/cancel", {}).status == 200
        found = browser.post(
            "/suivre/", browser.hidden(browser.get("/suivre/")) | {"number": order.number, "proof": CONTACT["email"]}
        )
        assert found.status == 302
        secrets += [token, cancelled["token"], pizzaiolo[7:], driver[7:], *browser.cookies.values()]
        told = site.output.read_text()
    lines = lines_of(told)
    assert about(order.number, lines) == [
        ("placed", "", "to_prepare", "customer"),
        ("moved", "to_prepare", "taken", "pizzaiolo"),
        ("moved", "taken", "preparing", "pizzaiolo"),
        ("moved", "preparing", "ready", "pizzaiolo"),
        ("moved", "ready", "delivering", "driver"),
    ]
    assert about(cancelled["number"], lines) == [
        ("placed", "", "to_prepare", "customer"),
        ("moved", "to_prepare", "cancelled", "customer"),
    ]
    [placed] = [line for line in lines if line.get("event") == "placed" and line["order"] == order.number]
    assert placed["request_id"] == REQUEST
    assert placed["store"] == "bastille"
    assert {line.get("user_id") for line in lines if line.get("event") == "moved"} == {
        None,
        people.pizzaiolo.pk,
        people.driver.pk,
    }
    for kept_to_itself in (*PERSONAL, *(secret for secret in secrets if len(secret) > len('""'))):
        assert kept_to_itself not in told


def test_every_answer_has_a_line_without_its_address_and_nginx_says_the_same_request(house: House) -> None:
    with running(*PAGES, **JSON) as site:
        site.ask("/api/v1/stores?near=a-secret", x_request_id=REQUEST)
        site.ask("/api/v1/stores", x_request_id="not\ta-request-id")
        lines = lines_of(site.output.read_text())
    answers = [line for line in lines if line["logger"] == "gunicorn.access" and line["request_id"] == REQUEST]
    [answer] = answers
    assert (answer["method"], answer["status"], answer["message"]) == ("GET", 200, "GET 200")
    assert answer["bytes"] > 2
    assert 0 < answer["seconds"] < 10
    assert "stores" not in json.dumps(answer)
    # How gunicorn began is a line as well.
    assert any(line["logger"] == "gunicorn.error" and "Listening" in line["message"] for line in lines)


def test_a_refused_order_is_a_line_with_its_code_and_no_number(house: House) -> None:
    with running(*PAGES, **JSON) as site:
        wrong = order_of_gaspard(house, expected_total="1.00")
        assert site.ask_json("/api/v1/orders", wrong, idempotency_key="k" * 8).status == 409
        lines = lines_of(site.output.read_text())
    [refused] = [line for line in lines if line.get("event") == "refused"]
    assert (refused["code"], refused["store"]) == ("total_changed", "bastille")
    assert "order" not in refused


def test_an_error_is_one_line_with_its_traceback_and_without_the_row_that_the_database_prints(house: House) -> None:
    with running(*PAGES, **JSON) as site, no_orders_of_gaspard():
        body = order_of_gaspard(house)
        assert site.ask_json("/api/v1/orders", body, idempotency_key="k" * 8, x_request_id=REQUEST).status == 500
        told = site.output.read_text()
    [error] = [line for line in lines_of(told) if "error" in line]
    assert error["request_id"] == REQUEST
    assert error["level"] == "ERROR"
    assert error["message"] == "POST /api/v1/orders failed"
    assert "broken_by_a_test" in error["error"]
    assert error["error"].startswith("Traceback")
    for personal in PERSONAL:
        assert personal not in told


def test_the_live_events_tell_how_many_pages_an_orders_news_was_handed_to(house: House) -> None:
    with running(*LIVE, **JSON) as site:
        watching = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
        watching.request("GET", f"/live/?topic=menu:{house.bastille.pk}")
        stream = watching.getresponse()
        while b"hello" not in stream.read1():
            pass
        order = house.order()
        until(lambda: order.number in site.output.read_text(), "the order was not handed out", timeout=20)
        other = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
        other.request("GET", f"/live/?topic=order:{order.token}")
        told = other.getresponse()
        while b"hello" not in told.read1():
            pass
        cancel(order=order, role="customer", acting_user=None, reason="")
        while b"cancelled" not in told.read1():
            pass
        until(lambda: '"cancelled"' in site.output.read_text(), "the cancellation was not told", timeout=20)
        for each in (watching, other):
            each.close()
        output = site.output.read_text()
    handed = [line for line in lines_of(output) if line.get("event") == "handed_out"]
    assert [(line["order"], line["to_status"], line["watchers"]) for line in handed] == [
        (order.number, "to_prepare", 0),
        (order.number, "cancelled", 1),
    ]
    # The hub outlives the request that has started it.
    assert {line["request_id"] for line in handed} == {""}
    assert order.token not in output


def test_the_worker_tells_of_an_order_whose_promise_ran_out_and_says_what_it_says_in_lines(house: House) -> None:
    late, later = house.order(), house.order()
    minute = timezone.now().replace(second=0, microsecond=0)
    Order.objects.filter(pk=late.pk).update(promised_at=minute - timedelta(seconds=30))
    Order.objects.filter(pk=later.pk).update(promised_at=minute + timedelta(hours=1))
    defer = f"from pizzeria.ordering.tasks import tell_late_orders as j; j.defer(timestamp={int(minute.timestamp())})"
    assert manage("shell", "-v", "0", "-c", defer).returncode == 0
    done = manage("procrastinate", "worker", "--one-shot", **JSON)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    told = [line for line in lines_of(done.stderr) if line.get("event") == "late"]
    assert {line["order"] for line in told} == {late.number}
    assert told[0]["from_status"] == "to_prepare"
    # A job without a cause has an id of its own, so that its lines stand together.
    assert re.fullmatch(r"[0-9a-f]{32}", told[0]["request_id"])


def test_a_job_that_a_request_defers_is_told_under_the_requests_id(house: House) -> None:
    order = house.order()
    defer = f"""
from pizzeria.trail import begin, cause, concerns
from tests.reported.following import deferred_by_a_request
begin({REQUEST!r})
concerns(order={order.number!r})
deferred_by_a_request.defer(**cause())
"""
    told = {"DJANGO_SETTINGS_MODULE": "tests.reported.following_settings"}
    assert manage("shell", "-v", "0", "-c", defer, **told).returncode == 0
    done = manage("procrastinate", "worker", "--one-shot", **JSON, **told)
    [line] = [line for line in lines_of(done.stderr) if line["logger"] == "pizzeria.following"]
    assert (line["request_id"], line["order"]) == (REQUEST, order.number)


def test_what_a_command_says_is_a_line_where_the_journal_reads_it(house: House) -> None:
    done = manage("cronjobs", "--run", "no_such_job", **JSON)
    assert done.returncode == 1
    [line] = lines_of(done.stderr)
    assert (line["level"], line["logger"]) == ("ERROR", "command")
    assert "no_such_job" in line["message"]
    shown = manage("cronjobs", **JSON)
    assert shown.stdout == ""
    assert any("city_001.cron.cyclic_update" in line["message"] for line in lines_of(shown.stderr))


@pytest.mark.django_db(transaction=False)
def test_a_terminal_reads_plain_words_and_so_does_whoever_takes_a_commands_output(db: None) -> None:
    assert manage("cronjobs", "--run", "no_such_job").stderr.startswith("CommandError: ")
    # systemd's name for a stream is inherited by what writes elsewhere.
    assert manage("cronjobs", "--run", "no_such_job", JOURNAL_STREAM="9:123").stderr.startswith("CommandError: ")


@pytest.mark.django_db(transaction=False)
def test_the_stream_that_systemd_has_opened_is_the_journals(db: None) -> None:
    reader, writer = os.pipe()
    here = os.fstat(writer)
    told = environment(JOURNAL_STREAM=f"{here.st_dev}:{here.st_ino}")
    command = [sys.executable, "manage.py", "cronjobs", "--run", "no_such_job"]
    subprocess.run(command, cwd=CHECKOUT, env=told, stderr=writer, check=False, timeout=60)
    os.close(writer)
    with os.fdopen(reader) as said:
        [line] = lines_of(said.read())
    assert line["logger"] == "command"
    assert datetime.fromisoformat(line["at"]) <= timezone.now()
