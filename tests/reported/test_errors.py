"""What Sentry is told of an error, and what it is not told of whoever met it."""

import http.client
import json
import time
from contextlib import suppress

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from pizzeria.api.tests.conftest import basket
from pizzeria.live.models import LiveEvent
from tests.cast import House
from tests.reported.conftest import no_orders_of_gaspard, renamed
from tests.reported.processes import LIVE, PAGES, Browser, manage, running
from tests.reported.receiver import UNANSWERED_SECONDS, Receiver, receiving

pytestmark = [pytest.mark.machine, pytest.mark.django_db(transaction=True)]

REQUEST = "0123456789abcdef0123456789abcdef"
CONTACT = {
    "first_name": "Gaspard",
    "last_name": "Visiteur-Unique",
    "phone": "06 39 98 12 34",
    "email": "gaspard@visiteur.example",
    "street": "3 rue de la Roquette",
    "postal_code": "75011",
    "town": "Paris-sur-Test",
    "comment": "Sonner chez Unetelle",
}
PERSONAL = (
    "Visiteur-Unique",
    "06 39 98 12 34",
    "0639981234",
    "gaspard@",
    "Roquette",
    "sur-Test",
    "Unetelle",
    "Gaspard",
)


def order_of_gaspard(house: House, **changed: object) -> dict[str, object]:
    contact = {name: value for name, value in CONTACT.items() if name != "comment"}
    return basket(house, contact=contact, comment=CONTACT["comment"]) | changed


def assert_nothing_personal(receiver: Receiver, *secrets: str) -> None:
    told = b"".join(receiver.raw).decode()
    assert told
    for kept_to_itself in (*PERSONAL, *secrets):
        assert kept_to_itself not in told, told[max(0, told.index(kept_to_itself) - 300) :][:600]


def test_a_checkout_that_fails_is_reported_once_with_what_finds_it_and_nothing_of_the_client(
    house: House, receiver: Receiver, static_root: str
) -> None:
    with running(*PAGES, SENTRY_DSN=receiver.dsn, STATIC_ROOT=static_root) as site, no_orders_of_gaspard():
        browser = Browser(site, REQUEST)
        chosen = {"store": "bastille", "variant": house.variant("margherita").pk}
        assert browser.post("/panier/ajouter/", chosen).status in (200, 302)
        filled = CONTACT | {"fulfilment": "delivery", "payment_method": "cash"}
        shown = browser.post("/commander/", browser.hidden(browser.get("/commander/")) | filled | {"recalculate": "1"})
        assert browser.post("/commander/", browser.hidden(shown) | filled).status == 500
        [event] = receiver.wait_for("event")
        cookies = [value for value in browser.cookies.values() if len(value) > len("fr")]
    assert len(cookies) > 1
    # gunicorn has ended: what it had to send is sent.
    assert [event["event_id"] for event in receiver.of("event")] == [event["event_id"]]
    assert (event["release"], event["environment"]) == ("a-release", "production")
    about = {"process": "web", "city": "city_001", "store": "bastille", "request_id": REQUEST}
    assert event["tags"].items() >= about.items()
    assert event["transaction"] == "/commander/"
    assert event["request"] == {"method": "POST", "url": f"http://127.0.0.1:{site.port}/commander/"}
    error = event["exception"]["values"][-1]
    assert (error["type"], error["value"].splitlines()[-1]) == ("IntegrityError", "DETAIL:  *")
    assert "broken_by_a_test" in error["value"]
    assert any(frame["function"] == "check_out" for frame in error["stacktrace"]["frames"])
    assert not any("vars" in frame for frame in error["stacktrace"]["frames"])
    assert_nothing_personal(receiver, *cookies)


def test_an_order_by_the_api_that_fails_is_reported_once_and_refusals_are_not(
    house: House, receiver: Receiver, static_root: str
) -> None:
    told = {"SENTRY_DSN": receiver.dsn, "SENTRY_ENVIRONMENT": "essai", "STATIC_ROOT": static_root}
    with running(*PAGES, **told) as site:
        refused = site.ask_json(
            "/api/v1/orders", order_of_gaspard(house, expected_total="1.00"), idempotency_key="k" * 8
        )
        assert (refused.status, json.loads(refused.text)["code"]) == (409, "total_changed")
        assert site.ask("/nowhere/").status == 404
        assert site.ask("/api/v1/orders/nothing-of-this-name").status == 404
        placed = site.ask_json("/api/v1/orders", order_of_gaspard(house), idempotency_key="l" * 8)
        token = json.loads(placed.text)["token"]
        with no_orders_of_gaspard():
            failed = site.ask_json(f"/api/v1/orders/{token}/cancel", {}, x_request_id=REQUEST)
            assert failed.status == 500
            again = site.ask_json("/api/v1/orders", order_of_gaspard(house), idempotency_key="m" * 8)
            assert again.status == 500
        receiver.wait_for("event", 2)
    cancelling, placing = receiver.of("event")
    assert {event["environment"] for event in (cancelling, placing)} == {"essai"}
    assert cancelling["tags"]["order"] == json.loads(placed.text)["number"]
    assert cancelling["request"]["url"].endswith("/api/v1/orders/*/cancel")
    assert placing["tags"].items() >= {"city": "city_001", "process": "web"}.items()
    assert_nothing_personal(receiver, token)


def test_traces_are_taken_where_they_are_asked_for_and_hold_nothing_of_the_client(
    house: House, receiver: Receiver
) -> None:
    with running(*PAGES, SENTRY_DSN=receiver.dsn, SENTRY_TRACES_SAMPLE_RATE="1") as site:
        placed = site.ask_json("/api/v1/orders?from=a-secret-query", order_of_gaspard(house), idempotency_key="k" * 8)
        token = json.loads(placed.text)["token"]
        assert site.ask(f"/api/v1/orders/{token}").status == 200
        traces = {trace["transaction"]: trace for trace in receiver.wait_for("transaction", 3)}
    ordering = traces["/api/v1/orders"]
    assert ordering["tags"]["city"] == "city_001"
    assert any("INSERT INTO" in span["description"] for span in ordering["spans"])
    assert_nothing_personal(receiver, token, "a-secret-query")


def test_without_a_dsn_nothing_is_sent_and_the_library_is_not_even_loaded(house: House, receiver: Receiver) -> None:
    with running(*PAGES, SENTRY_DSN="") as site, no_orders_of_gaspard():
        assert site.ask_json("/api/v1/orders", order_of_gaspard(house), idempotency_key="k" * 8).status == 500
    loaded = manage("shell", "-v", "0", "-c", "import sys; print('sentry_sdk' in sys.modules)", SENTRY_DSN="")
    assert loaded.stdout == "False\n", loaded.stderr
    assert receiver.raw == []


def test_a_sentry_that_never_answers_delays_no_page(house: House) -> None:
    with receiving(answers=False) as silent, running(*PAGES, SENTRY_DSN=silent.dsn) as site, no_orders_of_gaspard():
        for number in range(20):
            began = time.monotonic()
            key = f"{number:08}"
            assert site.ask_json("/api/v1/orders", order_of_gaspard(house), idempotency_key=key).status == 500
            assert time.monotonic() - began < UNANSWERED_SECONDS * 2 / 3


def test_an_error_of_the_live_events_is_reported_by_their_process(house: House, receiver: Receiver) -> None:
    with running(*LIVE, SENTRY_DSN=receiver.dsn) as site:
        secret = "order:a-Secret-token-of-An-order-1234567"
        _break_a_stream(site.port, topic=secret)
        [event] = receiver.wait_for("event")
    assert event["tags"]["process"] == "live"
    assert_nothing_personal(receiver, secret)


def test_a_job_of_the_worker_that_fails_is_reported_by_it(house: House, receiver: Receiver) -> None:
    defer = "from pizzeria.ordering.tasks import expire_keys; print(expire_keys.defer(timestamp=0))"
    assert manage("shell", "-v", "0", "-c", defer).returncode == 0
    with renamed("ordering_idempotencykey"):
        done = manage("procrastinate", "worker", "--one-shot", SENTRY_DSN=receiver.dsn)
    assert done.returncode == 0, done.stderr
    # One; soon after 4:40 a worker that starts finds the night's own as well, which fails in the same way.
    failed = ProcrastinateJob.objects.filter(task_name="pizzeria.ordering.tasks.expire_keys", status="failed").count()
    events = receiver.wait_for("event", failed)
    assert len(events) == failed >= 1
    for event in events:
        assert event["tags"]["process"] == "worker"
        assert event["exception"]["values"][-1]["type"] == "ProgrammingError"
        assert "extra" not in event


def _break_a_stream(port: int, *, topic: str) -> None:
    """Watch, and be sent what no service writes: an event that cannot be encoded."""
    watching = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    watching.request("GET", f"/live/?topic=menu:1&topic={topic}")
    stream = watching.getresponse()
    while b"hello" not in stream.read1():
        pass
    LiveEvent.objects.create(topic="menu:1", kind="makeable", payload=["no object"])
    with suppress(http.client.IncompleteRead):
        stream.read()
    watching.close()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"SENTRY_DSN": "not-an-address"}, "SENTRY_DSN is https://"),
        (
            {"SENTRY_DSN": "http://key@127.0.0.1:9/1", "SENTRY_TRACES_SAMPLE_RATE": "50"},
            "a share from 0 to 1, not '50'",
        ),
    ],
)
@pytest.mark.django_db(transaction=False)
def test_a_setting_that_cannot_be_meant_is_said_at_once(db: None, wrong: dict[str, str], said: str) -> None:
    assert said in manage("check", **wrong).stderr
