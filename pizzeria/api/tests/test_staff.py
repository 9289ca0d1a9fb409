"""The staff's part of the API: what each member of the cast may read and move, and what tokens are worth."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pizzeria.accounts.models import ApiToken, AuditEntry, Role, StaffRole, User
from pizzeria.accounts.tokens import authenticate, issue, revoke
from pizzeria.api.tests.conftest import FOR_ORDERS, Api, token_of
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.ordering.services import advance
from pizzeria.payments.models import Payment, PaymentStatus
from tests.cast import PASSWORD, House, People

pytestmark = pytest.mark.story

Status = Order.Status


def at_status(house: House, people: People, status: str, *, fulfilment: str = Fulfilment.DELIVERY) -> Order:
    """An order at Bastille that its own people have moved so far."""
    order = house.order(fulfilment=fulfilment)
    for step, mover in (
        (Status.TAKEN, people.pizzaiolo),
        (Status.PREPARING, people.pizzaiolo),
        (Status.READY, people.pizzaiolo),
        (Status.DELIVERING, people.driver),
        (Status.DELIVERED, people.driver),
    ):
        if order.status == status:
            return order
        advance(order=order, to_status=step, acting_user=mover)
    return order


def test_each_role_reads_the_orders_that_its_pages_show(house: House, people: People, api: Api) -> None:
    fresh = house.order().number
    ready = at_status(house, people, Status.READY).number
    counter = at_status(house, people, Status.READY, fulfilment=Fulfilment.COLLECTION).number
    done = at_status(house, people, Status.DELIVERED).number
    in_lyon = house.order(store=house.croix_rousse, fulfilment=Fulfilment.COLLECTION).number

    def seen_by(user: User) -> set[str]:
        answer = api.get("/staff/orders", token=token_of(user))
        assert answer.status == 200
        return {order["number"] for order in answer.body["orders"]}

    assert seen_by(people.pizzaiolo) == {fresh, ready, counter}
    assert seen_by(people.driver) == {ready}
    assert seen_by(people.cashier) == {fresh, ready, counter, done}
    assert seen_by(people.manager) == {fresh, ready, counter, done}
    assert seen_by(people.direction) == {fresh, ready, counter, done, in_lyon}
    assert seen_by(people.outsider) == {in_lyon}


def test_whoever_has_nothing_to_do_with_orders_is_refused(house: House, people: People, api: Api) -> None:
    number = house.order().number
    for user in (people.alice, people.operator):
        token = token_of(user)
        assert (answer := api.get("/staff/orders", token=token)).code == "forbidden"
        assert answer.status == 403
        assert api.post(f"/staff/orders/{number}/advance", {"to": "taken"}, token=token).code == "forbidden"
    assert Order.objects.get().status == Status.TO_PREPARE


def test_another_stores_order_is_as_unknown_as_one_that_never_was(house: House, people: People, api: Api) -> None:
    number = house.order().number
    token = token_of(people.outsider)
    for path in (f"/staff/orders/{number}/advance", "/staff/orders/P-22222/advance"):
        answer = api.post(path, {"to": "taken"}, token=token)
        assert (answer.status, answer.code) == (404, "order_not_found")
    assert Order.objects.get().status == Status.TO_PREPARE


MAY_MOVE = {
    (Status.TO_PREPARE, "taken"): {"pizzaiolo"},
    (Status.TAKEN, "preparing"): {"pizzaiolo"},
    (Status.PREPARING, "ready"): {"pizzaiolo"},
    (Status.READY, "delivering"): {"driver"},
    (Status.DELIVERING, "delivered"): {"driver"},
}


@pytest.mark.parametrize("name", ["pizzaiolo", "driver", "cashier", "manager", "direction"])
def test_each_role_makes_the_moves_that_are_its_own_and_no_other(
    house: House, people: People, api: Api, name: str
) -> None:
    token = token_of(getattr(people, name))
    for (source, target), movers in MAY_MOVE.items():
        order = at_status(house, people, source)
        answer = api.post(f"/staff/orders/{order.number}/advance", {"to": target}, token=token)
        if name in movers:
            assert (answer.status, answer.body["status"]) == (200, target)
        else:
            assert (answer.status, answer.code) == (409, "transition_refused")
            assert answer.body["order_status"] == source


def test_next_names_the_moves_of_the_bearer(house: House, people: People, api: Api) -> None:
    house.order()

    def offered(user: User) -> list[str]:
        return list(api.get("/staff/orders", token=token_of(user)).body["orders"][0]["next"])

    assert offered(people.pizzaiolo) == ["taken"]
    assert offered(people.manager) == []


def test_a_colleague_on_the_road_is_neither_offered_the_handing_over_nor_allowed_it(
    house: House, people: People, api: Api
) -> None:
    order = at_status(house, people, Status.DELIVERING)
    lea = User.objects.create_user("lea", PASSWORD, first_name="Léa", last_name="Roux")
    StaffRole.objects.create(user=lea, role=Role.DRIVER, store=house.bastille)
    tokens = [token_of(people.driver), token_of(lea)]
    listed = [api.get("/staff/orders", token=token).body["orders"][0]["next"] for token in tokens]
    assert listed == [["delivered"], []]
    answer = api.post(f"/staff/orders/{order.number}/advance", {"to": "delivered"}, token=tokens[1])
    assert (answer.status, answer.code) == (409, "transition_refused")
    assert "C’est Karim Dupont qui livre" in answer.body["detail"]
    assert order.payments.get().status == PaymentStatus.UNPAID


def test_handing_over_records_the_money(house: House, people: People, api: Api) -> None:
    order = at_status(house, people, Status.READY, fulfilment=Fulfilment.COLLECTION)
    answer = api.post(f"/staff/orders/{order.number}/advance", {"to": "delivered"}, token=token_of(people.cashier))
    assert answer.body["payment_status"] == "paid"
    assert answer.body["delivered_at"]
    assert [event["role"] for event in answer.body["events"]][-1] == "cashier"
    payment = Payment.objects.get(order=order)
    assert (payment.status, payment.received_by) == (PaymentStatus.PAID, people.cashier)


def test_titres_above_one_persons_ceiling_are_not_handed_over_in_one_call(
    house: House, people: People, api: Api
) -> None:
    order = at_status(house, people, Status.READY, fulfilment=Fulfilment.COLLECTION)
    order.payments.update(method="voucher", amount=Decimal("25.01"))
    answer = api.post(f"/staff/orders/{order.number}/advance", {"to": "delivered"}, token=token_of(people.cashier))
    assert (answer.status, answer.code) == (409, "several_means_needed")
    assert Order.objects.get(pk=order.pk).status == Status.READY


def test_a_move_that_is_no_step_forward_is_refused(house: House, people: People, api: Api) -> None:
    number = house.order().number
    token = token_of(people.manager)
    for wrong in ("cancelled", "awaiting_payment", "to_prepare", "eaten", "", None, 4):
        answer = api.post(f"/staff/orders/{number}/advance", {"to": wrong}, token=token)
        assert (answer.status, answer.code) == (422, "invalid_request")
        assert "to" in answer.body["fields"]


def test_orders_are_filtered_by_store_and_status(house: House, people: People, api: Api) -> None:
    taken = at_status(house, people, Status.TAKEN).number
    house.order()
    house.order(store=house.croix_rousse, fulfilment=Fulfilment.COLLECTION)
    token = token_of(people.direction)
    found = api.get("/staff/orders?store=bastille&status=taken", token=token).body["orders"]
    assert [order["number"] for order in found] == [taken]
    assert len(api.get("/staff/orders?store=croix-rousse", token=token).body["orders"]) == 1


def test_a_store_of_others_cannot_be_asked_for(house: House, people: People, api: Api) -> None:
    token = token_of(people.manager)
    for slug in ("croix-rousse", "nulle-part", "%00"):
        answer = api.get(f"/staff/orders?store={slug}", token=token)
        assert (answer.status, answer.code) == (404, "store_not_found")


def test_pages_follow_one_another_without_a_gap_or_a_double(house: House, people: People, api: Api) -> None:
    numbers = [house.order().number for _ in range(5)]
    # Three placed in the same instant: the cursor must not lose one of them.
    Order.objects.filter(number__in=numbers[1:4]).update(placed_at=timezone.now() - timedelta(minutes=5))
    token = token_of(people.manager)
    read: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = f"&cursor={cursor}" if cursor else ""
        body = api.get(f"/staff/orders?limit=2{query}", token=token).body
        read += [order["number"] for order in body["orders"]]
        cursor = body["cursor"]
    assert sorted(read) == sorted(numbers)
    assert set(read[2:]) == set(numbers[1:4])


def test_a_forged_cursor_or_limit_is_refused(house: House, people: People, api: Api) -> None:
    token = token_of(people.manager)
    for query in ("cursor=x", "cursor=%00", "cursor=MjAyNg==", f"cursor={'a' * 200}", "limit=0", "limit=101", "limit=x",
                  "status=eaten", "cursor=OTk5OS0xMi0zMSAx", "cursor=é"):  # fmt: skip
        answer = api.get(f"/staff/orders?{query}", token=token)
        assert (answer.status, answer.code) == (422, "invalid_request")
        assert query.split("=")[0] in answer.body["fields"]


def test_a_list_costs_as_many_queries_for_ten_orders_as_for_two(house: House, people: People, api: Api) -> None:
    token = token_of(people.direction)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            api.get("/staff/orders", token=token)
        return len(seen)

    extra = house.line("margherita", extras=[house.ingredients["chevre"].pk])
    for _ in range(2):
        house.order(lines=[extra, house.line("reine")])
    queries()  # the first use of the minute is written down
    few = queries()
    for _ in range(8):
        house.order(lines=[extra, house.line("reine")])
    assert queries() == few


def test_without_a_valid_token_nothing_is_said(house: House, people: People, api: Api) -> None:
    number = house.order().number
    for token in ("", "ocp_wrong", "é", "ocp_" + "a" * 500):
        for answer in (
            api.get("/staff/orders", token=token),
            api.post(f"/staff/orders/{number}/advance", {"to": "taken"}, token=token),
        ):
            assert (answer.status, answer.code) == (401, "unauthenticated")
            assert answer.response["WWW-Authenticate"] == "Bearer"


def test_another_scheme_than_bearer_is_no_token(house: House, people: People, api: Api) -> None:
    token = token_of(people.manager)
    answer = api.get("/staff/orders", authorization=f"Basic {token}")
    assert answer.code == "unauthenticated"


def test_a_token_ends_with_its_day_its_account_or_its_revocation(house: House, people: People) -> None:
    token = issue(user=people.manager, label="borne", life=timedelta(days=1), scopes=FOR_ORDERS)
    assert authenticate(token=token) == ApiToken.objects.get(user=people.manager)

    ApiToken.objects.update(expires_at=timezone.now())
    assert authenticate(token=token) is None
    ApiToken.objects.update(expires_at=timezone.now() + timedelta(days=1))

    User.objects.filter(pk=people.manager.pk).update(is_active=False)
    assert authenticate(token=token) is None
    User.objects.filter(pk=people.manager.pk).update(is_active=True)

    assert revoke(user=people.manager, label="borne") == 1
    assert authenticate(token=token) is None


def test_a_token_is_not_kept_in_clear(house: House, people: People) -> None:
    token = token_of(people.manager)
    kept = ApiToken.objects.get()
    assert token not in {kept.digest, kept.label}
    assert len(kept.digest) == 64


def test_the_operator_issues_and_revokes_a_token_by_command(house: House, people: People, api: Api) -> None:
    out = StringIO()
    call_command("issuetoken", "renata", "--label", "tablette", "--days", "7", stdout=out)
    token = out.getvalue().strip()
    assert api.get("/staff/orders", token=token).status == 200
    left = ApiToken.objects.get().expires_at - timezone.now()
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)
    call_command("revoketoken", "renata", "--label", "tablette", stdout=out)
    assert api.get("/staff/orders", token=token).status == 401


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody", "--label", "x"], "Nobody"),
        (["alice@example.org", "--label", "x"], "no role"),
        (["renata", "--label", " "], "--label"),
        (["renata", "--label", "x" * 61], "--label"),
        (["renata", "--label", "x", "--days", "0"], "--days"),
    ],
)
def test_a_token_is_only_for_staff_and_for_a_while(
    house: House, people: People, arguments: list[str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("issuetoken", *arguments)
    assert not ApiToken.objects.exists()


def test_revoking_what_was_never_issued_says_so(house: House, people: People) -> None:
    for arguments in (["nobody", "--label", "x"], ["renata", "--label", "x"]):
        with pytest.raises(CommandError):
            call_command("revoketoken", *arguments)


def test_a_token_does_what_its_scopes_name_and_nothing_else(house: House, people: People, api: Api) -> None:
    number = house.order().number
    reads = issue(user=people.pizzaiolo, label="écran", life=timedelta(days=1), scopes=["orders:read"])
    moves = issue(user=people.pizzaiolo, label="bouton", life=timedelta(days=1), scopes=["orders:move"])
    assert api.get("/staff/orders", token=reads).status == 200
    assert api.get(f"/staff/orders/{number}", token=reads).body["number"] == number
    for refused, scope in (
        (api.post(f"/staff/orders/{number}/advance", {"to": "taken"}, token=reads), "orders:move"),
        (api.get("/staff/orders", token=moves), "orders:read"),
        (api.get(f"/staff/orders/{number}", token=moves), "orders:read"),
    ):
        assert (refused.status, refused.code, refused.body["scope"]) == (403, "insufficient_scope", scope)
        assert refused.response["WWW-Authenticate"] == f'Bearer error="insufficient_scope", scope="{scope}"'
    assert Order.objects.get().status == Status.TO_PREPARE
    assert api.post(f"/staff/orders/{number}/advance", {"to": "taken"}, token=moves).status == 200


def test_a_token_of_a_store_opens_nothing_in_another(house: House, people: People, api: Api) -> None:
    here, there = house.order(), house.order(store=house.croix_rousse, fulfilment=Fulfilment.COLLECTION)
    bound = issue(user=people.direction, label="siège", life=timedelta(days=1), scopes=FOR_ORDERS, store=house.bastille)
    found = api.get("/staff/orders", token=bound).body["orders"]
    assert [order["number"] for order in found] == [here.number]
    assert api.get("/staff/orders?store=croix-rousse", token=bound).code == "store_not_found"
    assert api.get(f"/staff/orders/{there.number}", token=bound).code == "order_not_found"
    elsewhere = issue(
        user=people.pizzaiolo, label="prêté", life=timedelta(days=1), scopes=FOR_ORDERS, store=house.croix_rousse
    )
    assert api.get("/staff/orders", token=elsewhere).code == "forbidden"


def test_one_order_is_read_by_its_number_by_whom_the_pages_show_it(house: House, people: People, api: Api) -> None:
    number = house.order().number
    assert api.get(f"/staff/orders/{number}", token=token_of(people.cashier)).body["next"] == []
    for user, path in ((people.driver, number), (people.outsider, number), (people.cashier, "P-22222")):
        answer = api.get(f"/staff/orders/{path}", token=token_of(user))
        assert (answer.status, answer.code) == (404, "order_not_found")


def test_the_last_use_is_written_at_most_once_a_minute(house: House, people: People, api: Api) -> None:
    token = token_of(people.manager)
    assert ApiToken.objects.get().used_at is None
    api.get("/staff/orders", token=token)
    first = ApiToken.objects.get().used_at
    api.get("/staff/orders", token=token)
    assert first is not None
    assert ApiToken.objects.get().used_at == first
    ApiToken.objects.update(used_at=first - timedelta(minutes=1))
    api.get("/staff/orders", token=token)
    used = ApiToken.objects.get().used_at
    assert used is not None
    assert used > first


def test_issuing_and_revoking_are_in_the_audit_log_without_the_token(house: House, people: People) -> None:
    token = issue(
        user=people.cashier, label="caisse", life=timedelta(days=9), scopes=FOR_ORDERS, issued_by=people.manager
    )
    revoke(user=people.cashier, label="caisse")
    issued, revoked = AuditEntry.objects.order_by("pk")
    assert (issued.action, issued.actor, issued.details["bearer"]) == (
        "token.issued", people.manager, people.cashier.pk,
    )  # fmt: skip
    assert (revoked.action, revoked.subject) == ("token.revoked", issued.subject)
    assert token not in str(issued.details)


def test_the_document_says_which_scope_each_operation_needs(api: Api, db: None) -> None:
    paths = api.get("/openapi.json").body["paths"]
    needed = {
        operation["operationId"]: operation.get("security", [])
        for methods in paths.values()
        for operation in methods.values()
    }
    assert {name: security for name, security in needed.items() if security} == {
        "list_staff_orders": [{"StaffToken": ["orders:read"]}],
        "read_staff_order": [{"StaffToken": ["orders:read"]}],
        "advance_order": [{"StaffToken": ["orders:move"]}],
        "read_stock": [{"StaffToken": ["stock:read"]}],
        "read_makeable": [{"StaffToken": ["stock:read"]}],
    }
