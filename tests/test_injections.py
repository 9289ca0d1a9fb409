"""What somebody types is text: in every field of every form, shown on every page, in every mail, table, answer and log.

Each of the cast walks through the pages, and types what is HTML, a template, SQL, a formula, a header, a path, or no
text at all, where each form asks for something. A form that nobody finds fails the test: say at `NOT_FOUND` why it has
no words in it, or try it in `test_injections_apart`.
"""

import json
import logging
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any

import pytest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from pytest_django import Settings

from OC_PIZZA.doors import DOORS, Who
from pizzeria.accounts.models import Attempt, StaffRole, User
from pizzeria.api.tests.conftest import Api, basket, token_of
from pizzeria.backoffice.tests.conftest import order_in
from pizzeria.catalogue.models import Product
from pizzeria.catalogue.prices import plan_reduction
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.payments.rounds import open_round
from pizzeria.webhooks import services as webhooks
from tests.cast import House, People
from tests.hostile import FORMULAS, HTML, PAYLOADS, require_logs, require_mails, require_text, texts_of
from tests.test_injections_apart import LOOKED_AT_APART
from tests.walking import WRITES, Field, Form, Walker

pytestmark = [pytest.mark.machine, pytest.mark.django_db]

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
    "shop:delete_me": "a tick, and nothing to write; this walk's client would be gone",
} | dict.fromkeys(
    [
        "shop:pay_at_door", "shop:pay_give_up", "shop:order_change_begin", "shop:order_change_abandon", "google_login", "facebook_login", "socialaccount_connections",
        "usersessions_list", "mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_remove_webauthn",
        "backoffice:bring_back", "backoffice:no_pin", "backoffice:hand_back",
        "backoffice:call_off_refund", "backoffice:retry_refund", "backoffice:receive_stock", "backoffice:screen_leave",
        "backoffice:calm", "backoffice:move_promises", "backoffice:oven_mended", "shop:cart_move",
    ],
    A_BUTTON,
)  # fmt: skip
"""What takes a form that no page of this walk shows and that has no words in it, and why."""
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
            require_text(address, response)
    require_mails()
    require_logs(caplog.records)
    # Shown it is: nothing was merely dropped.
    manager = walkers[ROLES.index("manager") + 2]
    written = [page for page in manager.looked.values() if page.get("Content-Type", "").startswith("text/")]
    shown = "".join(page.content.decode() for page in written if not page.streaming)
    assert "&lt;img src=x onerror=alert(7)&gt;" in shown
    assert "{% widthratio" in shown
    wanted = {name for name, door in DOORS.items() if "POST" in door.methods and door.who not in OPENED_OTHERWISE}
    known = _views(tried) | set(NOT_FOUND) | set(LOOKED_AT_APART)
    missing = {name for name in wanted if not name.startswith("api:")} - known
    assert known <= set(DOORS), "what is said of an address that is no more"
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
        first_of_rows = _first_of_rows(forms[0].fields)
        for each in forms[0].fields:
            is_written = each.kind in WRITES and each.kind != "password" and each in first_of_rows
            for payload in [*texts_of(each.most), next(formulas)] if is_written else [HTML]:
                form = next(instances)
                values = {field.name: field.value or _good(field.name, field.kind) for field in form.fields}
                values[each.name] = payload
                Attempt.objects.all().delete()
                require_text(form.action, walker.send(form, values))
    return set(same)


def _first_of_rows(fields: Iterable[Field]) -> Collection[Field]:
    """The fields but for the further rows of a table: those of an ingredient, a size or a day differ by a number in their names."""
    rows: dict[str, Field] = {}
    for field in fields:
        rows.setdefault(re.sub(r"\d+", "", field.name), field)
    return rows.values()


def _views(tried: Iterable[Any]) -> set[str]:
    return {view for _method, view, _fields in tried}


def _good(name: str, kind: str) -> str:
    if kind == "date":
        return (timezone.localdate() + timedelta(days=2)).isoformat()
    plain = name.rpartition("-")[2]
    return GOOD.get(plain, "1" if kind in {"number", "decimal"} else "")


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
        require_text(address, response)
