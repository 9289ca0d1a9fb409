"""The whole document, attacked: signed in as each role and with each scope, with a token that is none, and without one.

No 500, no answer, header or media type that the document does not declare, nothing accepted that it forbids. Seeded:
two runs send the same. More of it: `API_FUZZ=20` times as many requests.
"""

import os
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.core.transport import Response

from pizzeria.accounts.models import Role, Scope, StaffRole, User
from pizzeria.accounts.tokens import issue
from pizzeria.api.tests.conftest import basket
from pizzeria.ordering.models import Fulfilment, Order
from tests.api_fuzz.hostile import MODES, Case, Hint, attack, check, document, name_of, operations
from tests.cast import House, People

pytestmark = [pytest.mark.machine, pytest.mark.django_db(transaction=True)]

TIMES = int(os.environ.get("API_FUZZ", "1"))
STAFF = {"list_staff_orders", "read_staff_order", "advance_order", "read_stock", "read_makeable"}
OF_DEVICES = [Scope.READ_ORDERS.value, Scope.MOVE_ORDERS.value, Scope.READ_STOCK.value]


def change_of(house: House, token: str) -> dict[str, Any]:
    """The order of `basket` with a word more, as whoever has just read it asks for it; anything for a token of no order."""
    version = Order.objects.filter(token=token).values_list("version", flat=True).first()
    kept = {name: basket(house)[name] for name in ("lines", "fulfilment", "contact", "expected_total")}
    return kept | {"version": version or 1, "comment": f"Sonner {version} fois"}


@pytest.fixture
def hint(house: House) -> Hint:
    orders = [house.order() for _order in range(3)] + [house.order(fulfilment=Fulfilment.COLLECTION)]

    def newest(field: str) -> str:
        return str(Order.objects.order_by("-pk").values_list(field, flat=True)[0])

    return Hint(
        path={
            "slug": lambda: "bastille",
            "number": lambda: newest("number"),
            "token": lambda: newest("token"),
        },
        bodies={
            "place_order": lambda: basket(house),
            "quote_basket": lambda: {
                "lines": [{"variant": house.variant("reine").pk}], "fulfilment": "collection",
            },
            "list_slots": lambda: {
                "lines": [{"variant": house.variant("reine").pk}], "fulfilment": "collection",
            },
            "change_order": lambda: change_of(house, newest("token")),
            "advance_order": lambda: {"to": orders and "taken"},
        },
    )  # fmt: skip


def bearer(user: User, *scopes: str) -> dict[str, str]:
    token = issue(user=user, label="hostile", life=timedelta(days=1), scopes=scopes or OF_DEVICES)
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("mode", MODES)
def test_without_a_token_no_operation_says_what_the_document_does_not(house: House, hint: Hint, mode: str) -> None:
    seen = {}
    for operation in operations():
        seen[name_of(operation)] = attack(operation, mode=MODES[mode], headers={}, hint=hint, times=30 * TIMES)
    assert {name for name, statuses in seen.items() if 401 in statuses} == STAFF
    if mode == "what it allows":
        # Not only refusals: what a client could know was accepted.
        assert {name for name, statuses in seen.items() if statuses & {200, 201}} == set(seen) - STAFF


@pytest.mark.parametrize(
    "name", ["alice", "pizzaiolo", "driver", "cashier", "manager", "direction", "operator", "outsider"]
)
def test_with_the_token_of_each_role(house: House, people: People, hint: Hint, name: str) -> None:
    headers = bearer(getattr(people, name))
    for operation in operations():
        if name_of(operation) in STAFF:
            wrong = attack(operation, mode=MODES["what it forbids"], headers=headers, hint=hint, times=8 * TIMES)
            seen = attack(operation, mode=MODES["what it allows"], headers=headers, hint=hint, times=8 * TIMES)
            assert 401 not in seen
            assert not wrong & {200, 409}
            if name in {"alice", "operator"}:
                assert not seen & {200, 409}


@pytest.mark.parametrize("scope", Scope.values)
def test_with_each_scope_alone(house: House, people: People, hint: Hint, scope: str) -> None:
    StaffRole.objects.create(user=people.direction, role=Role.PIZZAIOLO, store=house.bastille)
    headers = bearer(people.direction, scope)
    opened = set()
    for operation in operations():
        if name_of(operation) in STAFF:
            seen = attack(operation, mode=MODES["what it allows"], headers=headers, hint=hint, times=8 * TIMES)
            opened |= {name_of(operation)} if seen & {200, 409} else set()
    assert (
        opened
        == {
            "orders:read": {"list_staff_orders", "read_staff_order"},
            "orders:move": {"advance_order"},
            "supervision:read": set(),
            "stock:read": {"read_stock", "read_makeable"},
        }[scope]
    )


def test_with_what_is_no_token(house: House, hint: Hint) -> None:
    for wrong in ("Bearer ocp_" + "a" * 43, "Bearer", "Basic eDp5", "bearer \u00e9".encode().decode("latin-1")):
        for operation in operations():
            if name_of(operation) in STAFF:
                seen = attack(
                    operation, mode=MODES["what it allows"], headers={"Authorization": wrong}, hint=hint, times=3
                )
                # A path that is none is unknown to everybody.
                assert 401 in seen <= {401, 404}


def test_from_an_order_to_where_its_answer_leads(house: House, hint: Hint) -> None:
    """The document's links: what placing answers is read, changed and cancelled, in any order."""
    followed: set[tuple[str, int]] = set()

    class Client(document().as_state_machine()):  # type: ignore[misc]
        def before_call(self, case: Case) -> None:
            if name_of(case.operation) == "place_order":
                case.body = basket(house)
                case.headers["Idempotency-Key"] = f"hostile-{len(followed)}-{Order.objects.count()}"
            if name_of(case.operation) == "change_order":
                case.body = change_of(house, case.path_parameters["token"])

        def validate_response(self, response: Response, case: Case, **_options: object) -> None:
            followed.add((name_of(case.operation), response.status_code))
            check(case, response)

    run_state_machine_as_test(
        Client,
        settings=settings(
            max_examples=15 * TIMES, stateful_step_count=6, derandomize=True, deadline=None, database=None,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    reached = {("place_order", 201), ("read_order", 200), ("change_order", 200), ("cancel_order", 200)}
    assert reached <= followed, sorted(followed)
