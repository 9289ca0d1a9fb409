"""The stock for programmes: by a token with its scope, where the bearer's role opens the page."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pizzeria.accounts.models import User
from pizzeria.accounts.tokens import issue
from pizzeria.api.tests.conftest import Api, token_of
from pizzeria.stock.changing import take_off_sale
from pizzeria.stock.models import StockItem
from pizzeria.stock.services import lower_quantity
from tests.cast import GRAMS, House, People

STOCK, MAKEABLE = "/staff/stores/bastille/stock", "/staff/stores/bastille/makeable"


def token(user: User) -> str:
    return issue(user=user, label="test", life=timedelta(days=1), scopes=["stock:read"])


def test_a_programme_reads_quantities_what_is_off_sale_and_what_limits_a_pizza(
    house: House, people: People, api: Api
) -> None:
    ham = StockItem.objects.get(store=house.bastille, ingredient=house.ingredients["jambon"])
    lower_quantity(item_id=ham.pk, quantity=GRAMS - 130, acting_user=None)
    held = token(people.pizzaiolo)
    stock = api.get(STOCK, token=held)
    assert stock.status == 200
    [row] = [row for row in stock.body["lines"] if row["ingredient"] == "jambon"]
    assert (row["available"], row["unit"], row["unit_quantity"], row["state"]) == (130, "g", 500, "fine")
    variant = house.variant("reine").pk

    def reine() -> tuple[int, str]:
        [found] = [row for row in api.get(MAKEABLE, token=held).body["variants"] if row["variant"] == variant]
        return found["count"], found["limited_by"]

    assert reine() == (2, "jambon")
    take_off_sale(store=house.bastille, item_id=ham.pk, acting_user=people.pizzaiolo)
    assert reine() == (0, "jambon")
    menu = api.get("/stores/bastille/menu").body["products"]
    assert {each["makeable"] for each in menu[1]["variants"]} == {0}


@pytest.mark.parametrize(
    ("who", "statuses"),
    [("pizzaiolo", (200, 200)), ("manager", (200, 200)), ("direction", (200, 200)), ("cashier", (403, 200)),
     ("driver", (403, 403)), ("alice", (403, 403)), ("outsider", (404, 404))],
)  # fmt: skip
def test_each_role_reads_what_its_pages_show(
    house: House, people: People, api: Api, who: str, statuses: tuple[int, int]
) -> None:
    held = token(getattr(people, who))
    assert (api.get(STOCK, token=held).status, api.get(MAKEABLE, token=held).status) == statuses


def test_a_token_for_orders_opens_no_stock(house: House, people: People, api: Api) -> None:
    answer = api.get(STOCK, token=token_of(people.manager))
    assert (answer.status, answer.code) == (403, "insufficient_scope")


def test_more_lines_ask_no_more(house: House, people: People, api: Api) -> None:
    held = token(people.manager)
    api.get(MAKEABLE, token=held)

    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert api.get(path, token=held).status == 200
        return len(queries)

    many = [asked(STOCK), asked(MAKEABLE)]
    StockItem.objects.filter(store=house.bastille, movements=None).delete()
    assert [asked(STOCK), asked(MAKEABLE)] == many
    assert max(many) <= 8, many
