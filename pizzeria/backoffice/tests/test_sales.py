"""The page of the sales: for who runs a store, and for who runs them all."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone, translation

from pizzeria.accounts.models import User
from pizzeria.backoffice.charts import bar_chart, nice_ceiling
from pizzeria.ordering.models import Order
from pizzeria.ordering.sales import recompute_sales
from tests.cast import House, People

SignedIn = Callable[[User], Client]
SALES = "/equipe/bastille/ventes/"


@pytest.fixture
def sold(house: House) -> House:
    """Two orders the day before yesterday in Paris, one in Lyon, all computed."""
    then = timezone.now() - timedelta(days=2)
    house.order(lines=[house.line("reine", quantity=3)])
    house.order()
    house.order(store=house.croix_rousse, fulfilment="collection")
    Order.objects.update(placed_at=then)
    for store in (house.bastille, house.croix_rousse):
        recompute_sales(store=store, at=timezone.now())
    return house


def test_a_manager_sees_the_turnover_of_thirty_days_and_what_sells_best(
    sold: House, people: People, signed_in: SignedIn
) -> None:
    page = signed_in(people.manager).get(SALES)
    words = page.content.decode()
    assert page.status_code == 200
    assert words.count('class="chart__bar"') == 30
    assert "50,00\u00a0€" in words
    assert re.search(r"Reine.*Margherita", words, re.DOTALL)
    assert "en ligne" in words
    assert len(page.context["report"].days) == 30
    assert page.context["report"].days[-1].day == timezone.localdate() - timedelta(days=1)


def test_the_picture_is_the_same_in_french_and_in_english(sold: House, people: People, signed_in: SignedIn) -> None:
    """A decimal comma would make a drawing that no browser understands."""
    browser = signed_in(people.manager)
    drawn = []
    for language in ("fr", "en"):
        words = browser.get(SALES, headers={"accept-language": language}).content.decode()
        drawn.append(re.findall(r"<rect class=\"chart__bar\"[^>]*>|<path[^>]*>|viewBox=\"[^\"]*\"", words))
    translation.activate("fr")
    assert drawn[0] == drawn[1]
    assert not re.search(r"[0-9],[0-9]", "".join(drawn[0]))


def test_direction_sees_the_whole_group_and_a_manager_her_own_stores(
    sold: House, people: People, signed_in: SignedIn
) -> None:
    group = signed_in(people.direction).get("/equipe/ventes/")
    assert (group.context["report"].orders, group.context["stores"]) == (3, 2)
    assert "/equipe/ventes/" in signed_in(people.direction).get("/equipe/groupe/").content.decode()
    own = signed_in(people.manager).get("/equipe/ventes/")
    assert (own.context["report"].orders, own.context["stores"]) == (2, 1)


@pytest.mark.parametrize("who", ["pizzaiolo", "driver", "cashier", "outsider", "alice"])
def test_nobody_else_sees_them(sold: House, people: People, signed_in: SignedIn, who: str) -> None:
    browser = signed_in(getattr(people, who))
    assert browser.get(SALES).status_code in {403, 404}
    assert browser.get("/equipe/ventes/").status_code == 403
    assert Client().get("/equipe/ventes/").status_code == 302


def test_a_store_that_has_sold_nothing_says_so(house: House, people: People, signed_in: SignedIn) -> None:
    assert "Pas encore de ventes" in signed_in(people.manager).get(SALES).content.decode()


def test_the_page_asks_as_little_of_the_database_for_a_month_as_for_a_day(
    sold: House, people: People, signed_in: SignedIn, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    browser = signed_in(people.manager)
    with django_assert_max_num_queries(9):  # type: ignore[attr-defined]
        browser.get(SALES)


def test_the_highest_bar_fits_below_a_round_number() -> None:
    chart = bar_chart([Decimal(0), Decimal(620), Decimal(1240)])
    assert chart.top == 2000
    assert [(bar.x, bar.height, bar.y) for bar in chart.bars] == [(1, 0, 1000), (11, 310, 690), (21, 620, 380)]
    assert bar_chart([Decimal(0)]).bars[0].height == 0


@pytest.mark.parametrize(
    ("value", "top"), [("0", 10), ("10", 10), ("11", 20), ("99.99", 100), ("101", 200), ("2400", 2500), ("7000", 10000)]
)
def test_a_scale_ends_with_a_round_number(value: str, top: int) -> None:
    assert nice_ceiling(Decimal(value)) == top
