"""What somebody types is text: in every field of every form, shown on every page, in every mail, table, answer and log.

Each of the cast walks through the pages, and types what is HTML, a template, SQL, a formula, a header, a path, or no
text at all, where each form asks for something. A form that nobody finds fails the test: say at `NOT_FOUND` how else it
is looked at.
"""

import csv
import io
import json
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from pytest_django import Settings

from OC_PIZZA.doors import DOORS, Who
from OC_PIZZA.logs import JsonLine
from pizzeria.accounts.models import Attempt, Mail, StaffRole, User
from pizzeria.accounts.sending import send
from pizzeria.api.tests.conftest import Api, basket, token_of
from pizzeria.backoffice.tests.conftest import order_in
from pizzeria.catalogue.models import Product
from pizzeria.catalogue.prices import plan_reduction
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.payments.rounds import open_round
from pizzeria.webhooks import services as webhooks
from tests.cast import House, People
from tests.walking import WRITES, Form, Walker, read

pytestmark = [pytest.mark.machine, pytest.mark.django_db]

HTML = "<img src=x onerror=alert(7)>"
TEMPLATE = "{% widthratio 1337 1 1337 %}{{ 7|add:7 }}{% debug %}"
EVALUATED = ("1787569", "{&#x27;False&#x27;: False")
PAYLOADS = {
    "html": HTML,
    "attribute": "\" autofocus onfocus=alert(7) x='",
    "script": "</textarea><script>alert(7)</script>",
    "template": TEMPLATE,
    "sql": "'; DROP TABLE ordering_order; --",
    "header": "a\r\nBcc: victime@example.org\r\n\r\nx",
    "path": "../../../../etc/passwd",
    "no text": "\u202e\x00\ud800\ufeff\x1b[31m",
    "address": "javascript:alert(7)",
}
FORMULAS = ('=HYPERLINK("//x";"y")', "+33*7", "-2+3", "@SUM(1)", "\t=1+1")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
GOOD = {
    "first_name": "Gaspard", "last_name": "Visiteur", "phone": "06 39 98 12 34", "email": "gaspard@example.org",
    "street": "3 rue de la Roquette", "postal_code": "75011", "town": "Paris", "reason": "four en panne",
    "words": "une explication", "label": "Tablette", "url": "http://127.0.0.1:9/", "days": "30",
}  # fmt: skip
"""What a form takes for one of its fields while another one is tried."""


A_BUTTON = "a button, with nothing to write"
NOT_FOUND = {
    "shop:pay_begin": "asked by a script, with nothing in it",
    "shop:pay_cards": "asked by a script, with nothing in it",
    "shop:pay_at_door": A_BUTTON,
    "shop:pay_give_up": A_BUTTON,
    "shop:delete_me": "a tick, and nothing to write; this walk's client would be gone",
    "account_set_password": "of who has none: the fields of another password, which no page shows",
    "google_login": A_BUTTON,
    "facebook_login": A_BUTTON,
    "socialaccount_connections": A_BUTTON,
    "socialaccount_signup": "in the middle of a sign-in elsewhere only: the fields of a sign-up",
    "mfa_activate_totp": "a code, which no page shows",
    "mfa_add_webauthn": "sent by a script, with the answer of a key",
    "mfa_reauthenticate": "of who has a second factor: a code, which no page shows",
    "mfa_reauthenticate_webauthn": "a passkey's answer, which no page shows",
    "mfa_deactivate_totp": A_BUTTON,
    "mfa_generate_recovery_codes": A_BUTTON,
    "mfa_edit_webauthn": "of who has a passkey",
    "mfa_remove_webauthn": A_BUTTON,
    "usersessions_list": A_BUTTON,
    "backoffice:first_password": "of who has not changed theirs yet: passwords, which no page shows",
    "backoffice:bring_back": A_BUTTON,
    "backoffice:no_pin": A_BUTTON,
    "backoffice:lost_second_factor": A_BUTTON,
    "backoffice:hand_back": A_BUTTON,
    "backoffice:call_off_refund": A_BUTTON,
    "backoffice:retry_refund": A_BUTTON,
    "backoffice:receive_stock": A_BUTTON,
    "backoffice:settle_refund": "of a refund that Stripe could not make: the form of a gesture's words",
    "backoffice:explain": "of a difference with Stripe: the form of a gesture's words",
    "backoffice:screen_enter": "at a browser that is a screen: a code, which no page shows",
    "backoffice:screen_leave": A_BUTTON,
}
"""What takes a form that no page of this walk shows, and why."""
OPENED_OTHERWISE = {Who.BEARER, Who.STRIPE, Who.MACHINE, Who.LINK, Who.PENDING}
ROLES = ("pizzaiolo", "driver", "cashier", "manager", "direction", "operator")


@pytest.fixture(autouse=True)
def _all_doors_open(settings: Settings) -> None:
    settings.SECOND_FACTOR = "optional"


def test_whatever_is_typed_anywhere_is_shown_as_text_everywhere(
    house: House, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    _a_busy_evening(house, people)
    walkers = [Walker("guest", None), Walker("alice", people.alice)]
    walkers += [Walker(role, getattr(people, role)) for role in ROLES]
    tried: set[object] = set()
    roles = list(StaffRole.objects.all())
    # Some walk twice: the second time there is what the first has made, addresses, prices, refunds, tokens.
    again = [walker for walker in walkers if walker.who in {"alice", "cashier", "manager"}]
    for walker in walkers + again:
        _as_they_were(people, roles)
        walker.walk(*_starts(house, walker))
        tried |= _type_everywhere(walker, besides=tried)
    for walker in walkers:
        _as_they_were(people, roles)
        walker.walk(*_starts(house, walker))
        for address, response in walker.looked.items():
            _require_text(address, response)
    _require_mails()
    _require_logs(caplog.records)
    # Shown it is: nothing was merely dropped.
    manager = walkers[ROLES.index("manager") + 2]
    shown = "".join(page.content.decode() for page in manager.looked.values() if not page.streaming)
    assert "&lt;img src=x onerror=alert(7)&gt;" in shown
    assert "{% widthratio" in shown
    wanted = {name for name, door in DOORS.items() if "POST" in door.methods and door.who not in OPENED_OTHERWISE}
    missing = {name for name in wanted if not name.startswith("api:")} - _views(tried) - set(NOT_FOUND)
    assert not missing, f"no form of these was found: {sorted(missing)}"


def _a_busy_evening(house: House, people: People) -> None:
    """Orders in every status, of guests and of Alice, with enough of each for everything that will be typed."""
    for status in ("to_prepare", "taken", "ready", "delivering", "delivered"):
        for _order in range(3):
            order_in(house, people, status)
    for _order in range(3):
        order_in(house, people, "ready", fulfilment=Fulfilment.COLLECTION)
        order_in(house, people, "delivered", fulfilment=Fulfilment.COLLECTION)
        house.order(customer=people.alice)
    today = timezone.localdate()
    plan_reduction(
        product=Product.objects.get(slug="reine"), percent=20, starts_on=today + timedelta(days=1),
        ends_on=today + timedelta(days=3), today=today, planned_by=people.manager,
    )  # fmt: skip
    open_round(store=house.bastille, driver=people.driver, opening_amount=Decimal(50), acting_user=people.cashier)
    for do in (webhooks.try_out, webhooks.pause):
        told = webhooks.add(store=house.bastille, url="http://127.0.0.1:9/", statuses=[], acting_user=people.manager)
        do(endpoint=told, acting_user=people.manager)


def _as_they_were(people: People, roles: Iterable[StaffRole]) -> None:
    """Who was suspended, locked out or given another role by a form of the last walker is back for the next one."""
    StaffRole.objects.all().delete()
    StaffRole.objects.bulk_create(roles)
    User.objects.filter(pk__in=[user.pk for user in vars(people).values()]).update(
        is_active=True, must_change_password=False
    )
    Attempt.objects.all().delete()


def _starts(house: House, walker: Walker) -> list[str]:
    """Every address that needs no more than a store; the rest is behind links. A guest has the order's own address."""
    found = ["/carte/bastille/"]
    for name in DOORS:
        for arguments in ([], ["bastille"]):
            try:
                found.append(reverse(name, args=arguments))
            except NoReverseMatch:
                continue
    for status in ("to_prepare", "delivered"):
        number = Order.objects.filter(status=status, store=house.bastille).values_list("number", flat=True)[0]
        found += [f"/equipe/bastille/commandes/{number}/", f"/equipe/bastille/commandes/{number}/geste/"]
    if not walker.user:
        found += [f"/commande/{token}/" for token in Order.objects.values_list("token", flat=True)[:12]]
        walker.browser.post("/panier/ajouter/", {"store": "bastille", "variant": house.variant("reine").pk})
    return [address for address in found if not address.startswith(("/api/", "/compte/supprimer"))]


def _type_everywhere(walker: Walker, *, besides: Collection[object]) -> set[object]:
    """Type everything into every field of every form that was found, `besides` those that somebody has tried; which."""
    same: dict[object, list[Form]] = defaultdict(list)
    for form in walker.forms:
        if form.key not in besides:
            same[form.key].append(form)
    formulas = cycle(FORMULAS)
    for forms in same.values():
        instances = cycle(forms)
        for each in forms[0].fields:
            is_written = each.kind in WRITES and each.kind != "password"
            for payload in [*PAYLOADS.values(), next(formulas)] if is_written else [HTML]:
                form = next(instances)
                values = {field.name: field.value or _good(field.name, field.kind) for field in form.fields}
                values[each.name] = payload
                Attempt.objects.all().delete()
                _require_text(form.action, walker.send(form, values))
    return set(same)


def _views(tried: Iterable[Any]) -> set[str]:
    return {view for _method, view, _fields in tried}


def _good(name: str, kind: str) -> str:
    if kind == "date":
        return (timezone.localdate() + timedelta(days=2)).isoformat()
    plain = name.rpartition("-")[2]
    return GOOD.get(plain, "1" if kind in {"number", "decimal"} else "")


def _require_text(address: str, response: Any) -> None:
    """Nothing of it runs, was computed, or got into a header."""
    assert response.status_code < 500, address
    for name, value in response.headers.items():
        assert "victime@" not in value, f"{address} {name}"
        assert "\n" not in value, f"{address} {name}"
    if "Location" in response:
        leads = urlsplit(response["Location"])
        assert leads.scheme in {"", "http"}, address
        assert leads.netloc in {"", "testserver"}, address
    kind = response.get("Content-Type", "")
    if kind.startswith("text/csv"):
        _require_cells(response.content.decode("utf-8-sig"))
    if kind.startswith("text/html"):
        page = response.content.decode()
        assert read(address, response).runs == [], address
        assert not [computed for computed in EVALUATED if computed in page], address


def _require_cells(table: str) -> None:
    for row in csv.reader(io.StringIO(table), delimiter=";"):
        assert not [cell for cell in row if cell.startswith(FORMULA)], row


def _require_mails() -> None:
    for waiting in Mail.objects.all():
        send(mail_id=waiting.pk)
    for sent in mail.outbox:
        message = sent.message()
        assert message["Bcc"] is None
        assert len(message.get_all("Subject", [])) == len(message.get_all("To", [])) == 1
        for body in [str(sent.body), *(str(content) for content, _kind in getattr(sent, "alternatives", []))]:
            assert not [computed for computed in EVALUATED if computed in body]
            assert "<img src=x" not in body or body == sent.body


def _require_logs(records: Iterable[logging.LogRecord]) -> None:
    """A record is a line, and says nothing that a terminal would obey."""
    form = JsonLine()
    for record in records:
        line = form.format(record)
        assert "\n" not in line
        assert "\x1b" not in line
        json.loads(line)


def test_what_a_program_sends_is_text_on_the_pages_and_in_the_answers(house: House, people: People) -> None:
    api, names = Api(), list[tuple[int, str]]()
    for payload in PAYLOADS.values():
        contact = basket(house)["contact"] | {"first_name": payload[:40], "street": payload[:60]}
        body = json.dumps(basket(house, contact=contact, comment=payload)).encode("utf-8", "surrogatepass")
        answer = api.send("/orders", body, idempotency_key=f"injection-{len(names)}")
        names.append((answer.status, payload))
    taken = [payload for status, payload in names if status == 201]
    # Control characters and half characters are refused with a sentence, everything else is kept as it is.
    assert {payload for _status, payload in names} - set(taken) == {PAYLOADS["no text"]}
    listed = api.get("/staff/orders", token=token_of(people.manager))
    assert listed.response["X-Content-Type-Options"] == "nosniff"
    assert HTML in {order["comment"] for order in listed.body["orders"]}
    walker = Walker("manager", people.manager)
    walker.walk("/equipe/bastille/commandes/")
    for address, response in walker.looked.items():
        _require_text(address, response)
