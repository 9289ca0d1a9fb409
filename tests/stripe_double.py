"""Stripe on loopback: localstripe, a program of its own, behind a small front that adds what it lacks.

What localstripe keeps (intents, charges, refunds, customers) stays there. The front adds: idempotency keys that are
replayed, customer sessions, how a refund goes on, what a page of a list may be asked by, the real test cards, what may
still be changed or cancelled, and events for everything. Events wait in the `outbox` until a test delivers them: as
they come, twice, turned round, late or never, signed anew each time. `fault` makes it answer badly on demand.

A test plays Stripe's own page by `pay` and `authenticate`; a browser does so by POST `/_page/confirm` and
`/_page/authenticate` (JSON: `client_secret`, `number`, `ok`), from any origin.
"""

import hashlib
import hmac
import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests.running import free_port

Json = dict[str, Any]

FINE = "4242424242424242"
ASKS_3DS = "4000002500003155"
ASKS_3DS_THEN_REFUSED = "4000008400001629"
REFUSED = "4000000000000002"
NO_FUNDS = "4000000000009995"
EXPIRED = "4000000000000069"
WRONG_CVC = "4000000000000127"

REFUSALS: dict[str, Json] = {
    REFUSED: {"code": "card_declined", "decline_code": "generic_decline"},
    NO_FUNDS: {"code": "card_declined", "decline_code": "insufficient_funds"},
    EXPIRED: {"code": "expired_card", "decline_code": "expired_card"},
    WRONG_CVC: {"code": "incorrect_cvc", "decline_code": "incorrect_cvc"},
    ASKS_3DS_THEN_REFUSED: {"code": "card_declined", "decline_code": "generic_decline"},
}
REFUSED_AT_LOCALSTRIPE = "4000000000000341"
"""The one that it refuses at the charge; the others it would refuse only where a card is kept."""

KEYS = {
    "STRIPE_SECRET_KEY": "sk_test_of_the_double_0123456789",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_of_the_double_0123456789",
    "STRIPE_WEBHOOK_SECRET": "whsec_of_the_double_0123456789",
}

PROGRAM = """
import sys
from aiohttp import web
from localstripe.resources import store
from localstripe.server import app
store.dump_to_disk = lambda: None  # a file in /tmp that two runs would share
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
"""
START_SECONDS = 30
CAN_CHANGE = ("requires_payment_method", "requires_confirmation", "requires_action")


class CutError(Exception):
    """The connection is to end without an answer."""


@dataclass
class Asked:
    """A request as it came in."""

    method: str
    path: str
    form: Json
    key: str
    version: str


@dataclass
class Fault:
    """What goes wrong, with requests whose `METHOD /path` begins so, how many times (None: until `heal`)."""

    asked: str
    kind: str
    times: int | None


@dataclass
class StripeDouble:
    """As a test sees it.

    `kind` of a fault: "500", "hang" and "cut" (nothing done), "cut after" and "hang after" (done, but nobody is told).
    """

    inner: str
    keys: dict[str, str] = field(default_factory=dict)
    url: str = ""
    webhook_url: str = ""
    """Where the events go, of a site in another process; by Django's test client when empty."""
    tells_at_once: bool = False
    requests: list[Asked] = field(default_factory=list)
    outbox: list[Json] = field(default_factory=list)
    refunds_become: str = "succeeded"
    before_answering: Callable[[Asked], None] | None = None
    """Called when something was done and its answer is about to leave."""

    def __post_init__(self) -> None:
        self._faults: list[Fault] = []
        self._healed = threading.Event()
        self._answers: dict[str, tuple[Json, int, Json]] = {}
        self._key_locks: dict[str, threading.Lock] = {}
        self._over: dict[str, Json] = {}
        self._till = threading.RLock()

    # -- what a test does -----------------------------------------------------------------------------------------

    def forget(self) -> None:
        """As new."""
        self.heal()
        self._ask("DELETE", "/_config/data")
        self.requests.clear()
        self.outbox.clear()
        self.webhook_url, self.tells_at_once = "", False
        self.refunds_become, self.before_answering = "succeeded", None
        self.__post_init__()

    def fault(self, asked: str, kind: str, *, times: int | None = 1) -> None:
        self._healed.clear()
        self._faults.append(Fault(asked, kind, times))

    def heal(self) -> None:
        """No fault any more; what hangs is let go."""
        self._faults.clear()
        self._healed.set()

    def forget_keys(self) -> None:
        """As Stripe does after a day: the same key is a new one."""
        self._answers.clear()

    def pay(self, reference: str, card: str = FINE) -> Json:
        """What Stripe's page does with a card: the intent as it stands then. A refusal is in `last_payment_error`."""
        with self._till:
            intent = self._intent(reference)
            if intent["status"] not in CAN_CHANGE:
                return intent
            self._over.pop(reference, None)
            kept = REFUSED_AT_LOCALSTRIPE if card in REFUSALS and card != ASKS_3DS_THEN_REFUSED else card
            means = {"number": kept, "exp_month": 12, "exp_year": 2039, "cvc": "123"}
            _status, method = self._ask("POST", "/v1/payment_methods", {"type": "card", "card": means})
            self._ask(
                "POST", f"/v1/payment_intents/{reference}", {"payment_method": method["id"], "latest_charge": None}
            )
            self._ask("POST", f"/v1/payment_intents/{reference}/confirm", {})
            return self._went_on(reference, card)

    def authenticate(self, reference: str, *, ok: bool) -> Json:
        """The bank's question (3-D Secure), answered."""
        with self._till:
            intent = self._intent(reference)
            answer = {"client_secret": intent["client_secret"], "success": ok}
            self._ask("POST", f"/v1/payment_intents/{reference}/_authenticate", answer)
            return self._went_on(reference, ASKS_3DS_THEN_REFUSED)

    def begin_processing(self, reference: str) -> None:
        """The bank takes its time over it."""
        self._over[reference] = {"status": "processing"}
        self.tell("payment_intent.processing", self._intent(reference))

    def end_processing(self, reference: str, card: str = FINE) -> Json:
        self._over.pop(reference)
        return self.pay(reference, card)

    def refund_goes_on(self, reference: str, status: str) -> None:
        """A refund that was pending is "succeeded" now, or one that was thought done has "failed"."""
        self._over[reference] = {"status": status, "failure_reason": "lost_or_stolen_card"} | (
            {} if status == "failed" else {"failure_reason": None}
        )
        _status, refund = self.answer("GET", f"/v1/refunds/{reference}", {})
        self.tell("refund.failed" if status == "failed" else "refund.updated", refund)

    def backdate(self, path: str, created: int) -> None:
        """Move an object (`charges/ch_…`, `refunds/re_…`) to another time, in seconds since 1970."""
        self._ask("POST", f"/v1/{path}", {"created": created})

    def tell(self, kind: str, thing: Json) -> Json:
        """Put an event into the outbox."""
        event = {
            "id": f"evt_{token_hex(10)}",
            "object": "event",
            "type": kind,
            "api_version": self.requests[-1].version if self.requests else None,
            "created": int(time.time()),
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "data": {"object": deepcopy(thing)},
        }
        self.outbox.append(event)
        if self.tells_at_once:
            threading.Thread(target=self.deliver, daemon=True).start()
        return event

    def deliver(self, *, times: int = 1, turned_round: bool = False) -> list[int]:
        """Send everything that waits in the outbox; what was answered. What was not taken waits again."""
        waiting, self.outbox[:] = self.outbox[:], []
        answered = []
        for event in reversed(waiting) if turned_round else waiting:
            statuses = [self.send(*self.signed(event)) for _time in range(times)]
            answered += statuses
            if not any(status < 300 for status in statuses):
                self.outbox.append(event)
        return answered

    def signed(self, event: Json, *, at: float | None = None, secret: str = "") -> tuple[bytes, str]:
        """An event's bytes, and their signature of now."""
        body, moment = json.dumps(event, indent=2).encode(), int(at or time.time())
        key = (secret or self.keys["STRIPE_WEBHOOK_SECRET"]).encode()
        mac = hmac.new(key, b"%d.%s" % (moment, body), hashlib.sha256).hexdigest()
        return body, f"t={moment},v1={mac}"

    def send(self, body: bytes, signature: str) -> int:
        """Bring an event to the site; what it answered."""
        if not self.webhook_url:
            answer = Client(raise_request_exception=False).post(
                "/stripe/webhook", body, content_type="application/json", headers={"Stripe-Signature": signature}
            )
            return int(answer.status_code)
        headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
        request = urllib.request.Request(self.webhook_url, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code
        except OSError:
            return 599

    def received(self) -> Decimal:
        """All money that cards have paid, in euros."""
        return _euros(sum(charge["amount"] for charge in self._all("charges") if charge["status"] == "succeeded"))

    def given_back(self) -> Decimal:
        return _euros(sum(refund["amount"] for refund in self._all("refunds") if refund["status"] != "failed"))

    def charges(self, reference: str) -> list[Json]:
        """The charges of an intent that went through."""
        found = [charge for charge in self._all("charges") if charge["payment_intent"] == reference]
        return [charge for charge in found if charge["status"] == "succeeded"]

    def intents(self) -> list[Json]:
        return self._all("payment_intents")

    # -- what the site asks ---------------------------------------------------------------------------------------

    def answer_as_asked(self, asked: Asked, query: Json) -> tuple[int, Json]:
        """With faults, and with idempotency keys: the same key is done once. Raises CutError."""
        self.requests.append(asked)
        fault = self._next_fault(asked)
        if fault == "500":
            return self._failed(asked)
        if fault == "hang":
            self._healed.wait(60)
            raise CutError
        if fault == "cut":
            raise CutError
        status, body = self._once(asked) if asked.method == "POST" else self.answer(asked.method, asked.path, query)
        if self.before_answering:
            self.before_answering(asked)
        if fault == "hang after":
            self._healed.wait(60)
        if fault in ("cut after", "hang after"):
            raise CutError
        return status, body

    def _next_fault(self, asked: Asked) -> str:
        for fault in self._faults:
            if f"{asked.method} {asked.path}".startswith(fault.asked) and fault.times != 0:
                fault.times = None if fault.times is None else fault.times - 1
                return fault.kind
        return ""

    def _failed(self, asked: Asked) -> tuple[int, Json]:
        """An error of its own, which Stripe keeps as its answer to the key."""
        body = {"error": {"type": "api_error", "message": "Something went wrong on Stripe's end."}}
        if asked.method == "POST" and asked.key:
            self._answers.setdefault(asked.key, ({"path": asked.path, "form": asked.form}, 500, body))
        return 500, body

    def _once(self, asked: Asked) -> tuple[int, Json]:
        if not asked.key:
            return self.answer("POST", asked.path, asked.form)
        with self._key_locks.setdefault(asked.key, threading.Lock()):
            wanted = {"path": asked.path, "form": asked.form}
            if asked.key in self._answers:
                first, status, body = self._answers[asked.key]
                if first != wanted:
                    return 400, {"error": {"type": "idempotency_error", "message": "Keys for idempotent requests…"}}
                return status, body
            status, body = self.answer("POST", asked.path, asked.form)
            self._answers[asked.key] = (wanted, status, body)
            return status, body

    def answer(self, method: str, path: str, form: Json) -> tuple[int, Json]:
        """Without faults and keys."""
        match [method, *path.strip("/").split("/")[1:]]:
            case ["POST", "payment_intents"]:
                answer = self._new(form)
            case ["POST", "payment_intents", reference]:
                answer = self._change(reference, form)
            case ["POST", "payment_intents", reference, "cancel"]:
                answer = self._cancel(reference)
            case ["POST", "refunds"]:
                answer = self._refund(form)
            case ["POST", "customer_sessions"] if not self._knows(form["customer"]):
                answer = _no_such_customer(form["customer"])
            case ["POST", "customer_sessions"]:
                session = {"object": "customer_session", "customer": form["customer"], "livemode": False}
                answer = 200, session | {"client_secret": f"cuss_secret_{token_hex(12)}"}
            case ["GET", "charges" | "refunds" | "payment_intents" as kind]:
                answer = 200, self._page(kind, form)
            case _:
                status, body = self._ask(method, path, form or None)
                answer = status, self._shown(body)
        return answer

    def _new(self, form: Json) -> tuple[int, Json]:
        if "payment_method_types" in form:
            # As of the version that we name.
            return _refused("payment_method_types_no_longer_supported", "Use allowed_payment_method_types.")
        if "customer" in form and not self._knows(form["customer"]):
            return _no_such_customer(form["customer"])
        known = ("amount", "currency", "customer", "metadata")
        status, body = self._ask("POST", "/v1/payment_intents", _whole(form, known))
        return status, self._shown(body)

    def _knows(self, customer: str) -> bool:
        return self._ask("GET", f"/v1/customers/{customer}")[0] == 200

    def _change(self, reference: str, form: Json) -> tuple[int, Json]:
        with self._till:
            if self._intent(reference)["status"] not in CAN_CHANGE:
                return _refused("payment_intent_unexpected_state", "This PaymentIntent can not be updated.")
            known = _whole(form, ("amount", "metadata", "customer"))
            status, body = self._ask("POST", f"/v1/payment_intents/{reference}", known)
            return status, self._shown(body)

    def _cancel(self, reference: str) -> tuple[int, Json]:
        with self._till:
            if self._intent(reference)["status"] not in CAN_CHANGE:
                return _refused("payment_intent_unexpected_state", "This PaymentIntent can not be canceled.")
            status, body = self._ask("POST", f"/v1/payment_intents/{reference}/cancel", {})
            self.tell("payment_intent.canceled", self._shown(body))
            return status, self._shown(body)

    def _refund(self, form: Json) -> tuple[int, Json]:
        with self._till:
            paid = self.charges(form["payment_intent"])
            if not paid:
                return _refused("payment_intent_unexpected_state", "This PaymentIntent has no charge.")
            charge = paid[0]
            amount = int(form["amount"])
            before = [refund for refund in self._all("refunds") if refund["charge"] == charge["id"]]
            if sum(refund["amount"] for refund in before if refund["status"] != "failed") + amount > charge["amount"]:
                return _refused("charge_already_refunded", "Refund amount is greater than unrefunded amount on charge.")
            wanted = {"payment_intent": form["payment_intent"], "amount": amount, "metadata": form.get("metadata", {})}
            status, body = self._ask("POST", "/v1/refunds", wanted)
            self._over[body["id"]] = {"status": self.refunds_become, "failure_reason": None}
            refund = self._shown(body)
            self.tell("refund.created", refund)
            if self.refunds_become == "succeeded":
                self.tell("charge.refunded", self._all("charges", charge["id"])[0])
                self.tell("refund.updated", refund)
            return status, refund

    def _went_on(self, reference: str, card: str) -> Json:
        """How an intent stands after a confirmation, and the event of it."""
        intent = self._intent(reference)
        if intent["status"] == "requires_payment_method":
            error = intent.get("last_payment_error") or {}
            if error.get("code") == "card_declined":
                error = error | REFUSALS.get(card, {})
            self._over[reference] = {"last_payment_error": error | {"type": "card_error"}}
            intent = self._intent(reference)
        kinds = {
            "succeeded": "payment_intent.succeeded",
            "requires_payment_method": "payment_intent.payment_failed",
            "requires_action": "payment_intent.requires_action",
        }
        self.tell(kinds[intent["status"]], intent)
        return intent

    def _intent(self, reference: str) -> Json:
        return self._shown(self._ask("GET", f"/v1/payment_intents/{reference}")[1])

    def _shown(self, body: Json) -> Json:
        """As Stripe shows it today."""
        shown = body | self._over.get(body.get("id", ""), {})
        if body.get("object") == "payment_intent":
            charge = shown.get("latest_charge")
            shown.pop("charges", None)
            shown["latest_charge"] = charge["id"] if isinstance(charge, dict) else charge
            shown["amount_received"] = shown["amount"] if shown["status"] == "succeeded" else 0
        return shown

    def _all(self, kind: str, only: str = "") -> list[Json]:
        _status, page = self._ask("GET", f"/v1/{kind}?limit=100000")
        found = [self._shown(thing) for thing in page["data"] if only in ("", thing["id"])]
        if kind == "charges":
            for charge in found:
                charge.pop("refunds", None)
                if charge["payment_intent"]:
                    charge["metadata"] = self._intent(charge["payment_intent"])["metadata"]
        return sorted(found, key=lambda thing: -thing["created"])

    def _page(self, kind: str, query: Json) -> Json:
        """A page of a list, newest first, of a time (`created[gte]`) or of an intent."""
        found = self._all(kind)
        if "payment_intent" in query:
            found = [thing for thing in found if thing["payment_intent"] == query["payment_intent"]]
        tests: dict[str, Callable[[int, int], bool]] = {
            "gte": lambda at, limit: at >= limit,
            "gt": lambda at, limit: at > limit,
            "lt": lambda at, limit: at < limit,
            "lte": lambda at, limit: at <= limit,
        }
        for name, limit in query.get("created", {}).items():
            found = [thing for thing in found if tests[name](thing["created"], int(limit))]
        if "starting_after" in query:
            names = [thing["id"] for thing in found]
            found = found[names.index(query["starting_after"]) + 1 :]
        limit = int(query.get("limit", 10))
        return {"object": "list", "url": f"/v1/{kind}", "has_more": len(found) > limit, "data": found[:limit]}

    def _ask(self, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        """Ask localstripe itself."""
        request = urllib.request.Request(
            self.inner + path,
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": "Bearer sk_test_of_the_double", "Content-Type": "application/json"},
        )
        try:
            with DIRECT.open(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read() or b"{}")


DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _refused(code: str, message: str) -> tuple[int, Json]:
    return 400, {"error": {"type": "invalid_request_error", "code": code, "message": message}}


def _no_such_customer(customer: str) -> tuple[int, Json]:
    status, body = _refused("resource_missing", f"No such customer: '{customer}'")
    return status, {"error": body["error"] | {"param": "customer"}}


def _whole(form: Json, known: Sequence[str]) -> Json:
    """What localstripe knows of a form, its amount a number."""
    found: Json = {name: form[name] for name in known if name in form}
    return found | ({"amount": int(found["amount"])} if "amount" in found else {})


def _euros(cents: int) -> Decimal:
    return Decimal(cents) / 100


def _tree(text: str) -> Json:
    """A form's fields: `metadata[order]=P-1` is {"metadata": {"order": "P-1"}}, `a[0]=x` is {"a": ["x"]}."""
    tree: Json = {}
    for name, value in urllib.parse.parse_qsl(text, keep_blank_values=True):
        first, *rest = name.replace("]", "").split("[")
        place = tree
        for step, following in zip([first, *rest], rest, strict=False):
            place = place.setdefault(step, {})
            first = following
        place[first] = value
    return {name: _listed(value) for name, value in tree.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(name.isdigit() or name == "" for name in value):
        return [_listed(item) for item in value.values()]
    return {name: _listed(item) for name, item in value.items()}


def _handler(double: StripeDouble) -> type[BaseHTTPRequestHandler]:
    class Front(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            path, _, query = self.path.partition("?")
            if path.startswith("/_page/"):
                self._send(200, self._page(path, json.loads(body or "{}")))
                return
            key, version = self.headers.get("Idempotency-Key", ""), self.headers.get("Stripe-Version", "")
            asked = Asked(self.command, path, _tree(body), key, version)
            try:
                self._send(*double.answer_as_asked(asked, _tree(query)))
            except CutError:
                self.close_connection = True

        def _page(self, path: str, told: Json) -> Json:
            reference = str(told["client_secret"]).split("_secret_", maxsplit=1)[0]
            if path == "/_page/authenticate":
                return double.authenticate(reference, ok=bool(told["ok"]))
            return double.pay(reference, str(told["number"]))

        def _send(self, status: int, body: Json) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Request-Id", f"req_{token_hex(6)}")
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Access-Control-Allow-Headers", "Content-Type")
            self.end_headers()
            self.wfile.write(data)

        def do_OPTIONS(self) -> None:
            self._send(200, {})

        do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - the names are the library's

        def log_message(self, *arguments: object) -> None:
            pass

        def log_error(self, *arguments: object) -> None:
            pass

    return Front


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Somebody who was killed does not wait for the answer."""


@pytest.fixture(scope="session")
def stripe_programs() -> Iterator[StripeDouble]:
    """Started once a run, where a test asks for it."""
    port = free_port()
    program = subprocess.Popen([sys.executable, "-c", PROGRAM, str(port)])
    double = StripeDouble(inner=f"http://127.0.0.1:{port}")
    server = _Quiet(("127.0.0.1", 0), _handler(double))
    double.url = f"http://127.0.0.1:{server.server_port}"
    double.keys = KEYS | {"STRIPE_API": double.url}
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    serving.start()
    try:
        _wait_for(double, program)
        yield double
    finally:
        double.heal()
        server.shutdown()
        server.server_close()
        program.terminate()
        program.wait(10)


def _wait_for(double: StripeDouble, program: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and program.poll() is None:
        try:
            double.forget()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("localstripe did not start")


@pytest.fixture
def stripe(
    stripe_programs: StripeDouble, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StripeDouble]:
    """The double as new, and this process's settings with its keys; `keys` is the environment of another process.

    The library tries again as often as it does elsewhere, with shorter pauses in between; it waits longer for an answer, which
    comes late on a busy machine.
    """
    stripe_programs.forget()
    monkeypatch.setattr("pizzeria.payments.providers.stripe.ANSWER_SECONDS", 30.0)
    monkeypatch.setattr("stripe.HTTPClient.INITIAL_DELAY", 0.01)
    monkeypatch.setattr("stripe.HTTPClient.MAX_DELAY", 0.02)
    for name, value in stripe_programs.keys.items():
        setattr(settings, name, value)
    yield stripe_programs
    stripe_programs.heal()
