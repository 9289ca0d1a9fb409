"""The proposed stock order: read by those who count the stock, taken over by the manager alone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.stock.models import Movement, Proposal, StockItem
from pizzeria.stock.proposals import propose_order
from tests.cast import House, People

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
PAGE = "/equipe/bastille/stock/commande/"


@pytest.fixture
def proposed(house: House) -> StockItem:
    """Tomorrow needs 1,100 g of ham and 1,000 g are there; it is delivered by 500 g."""
    item = StockItem.objects.get(store=house.bastille, ingredient=house.ingredients["jambon"])
    now = timezone.localtime()
    Movement.objects.create(item=item, change=1000 - item.available, reason="lower")
    Movement.objects.create(item=item, change=-1100, reason="order", created_at=now - timedelta(days=6))
    StockItem.objects.filter(pk=item.pk).update(available=1000)
    propose_order(store=house.bastille, at=now)
    return item


def received() -> str:
    return f"{PAGE}{(timezone.localdate() + timedelta(days=1)).isoformat()}/recue/"


def test_the_list_says_how_much_of_what_and_why(proposed: StockItem, people: People, signed_in: SignedIn) -> None:
    words = signed_in(people.manager).get(PAGE).content.decode()
    assert "jambon blanc" in words
    assert "1 × 500 g" in words
    assert "En moyenne 1100 g le " in words.replace("\u202f", "").replace("\u00a0", "")
    assert "il y avait 1000 g" in words.replace("\u202f", "").replace("\u00a0", "")


def test_one_tap_takes_it_over_and_the_next_says_that_it_is_done(
    proposed: StockItem, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.manager)
    assert (
        "Le contenu du stock a été modifié : 1 ingrédient ajouté."
        in browser.post(received(), follow=True).content.decode()
    )
    proposed.refresh_from_db()
    assert proposed.available == 1500
    again = browser.post(received(), follow=True).content.decode()
    assert "C’est déjà fait" in again
    assert "ajouter au stock" not in again
    proposed.refresh_from_db()
    assert proposed.available == 1500


@pytest.mark.parametrize(("who", "status"), [("pizzaiolo", 200), ("direction", 200), ("cashier", 403), ("driver", 403)])
def test_others_read_it_or_not_and_do_not_change_the_stock(
    proposed: StockItem, people: People, signed_in: SignedIn, who: str, status: int
) -> None:
    browser = signed_in(getattr(people, who))
    page = browser.get(PAGE)
    assert page.status_code == status
    assert "ajouter au stock" not in page.content.decode()
    assert browser.post(received()).status_code == 403
    assert Proposal.objects.get().received_at is None


def test_nothing_to_order_and_no_such_day_are_said(house: House, people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.manager)
    assert "Rien à commander" in browser.get(PAGE).content.decode()
    assert browser.post(f"{PAGE}2026-13-45/recue/").status_code == 404
