"""The oven tonight: what is reserved, a rush in one tap, an oven that breaks down and is mended."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.live.models import LiveEvent
from pizzeria.live.services import promise_topic
from pizzeria.ordering.models import Order, OvenReservation, OvenSlot, PromiseChange
from pizzeria.shop.tests.conftest import queries_of, words
from pizzeria.stores.models import Rush, Store
from tests.cast import House, People

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
OVEN = "/equipe/bastille/service/four/"
RUSH, CALM, MOVE = f"{OVEN}affluence/", f"{OVEN}affluence/fin/", f"{OVEN}promesses/"
LOST, MENDED = f"{OVEN}panne/", f"{OVEN}repare/"


def test_the_pizzaiolo_sees_what_is_reserved_of_the_evening(house: House, people: People, signed_in: SignedIn) -> None:
    luca = signed_in(people.pizzaiolo)
    house.order(lines=[house.line(quantity=3)])
    page = luca.get(OVEN)
    bars = page.context["chart"].bars
    assert sum(bar.quarter.reserved for bar in bars) == 3 * house.variant("margherita").size.oven_minutes  # type: ignore[union-attr]
    assert "Service normal" in words(page)
    assert "Une pizza commandée maintenant : à emporter vers" in words(page)


def test_chloe_adds_ten_minutes_in_one_tap_and_stops_in_another(
    house: House, people: People, signed_in: SignedIn
) -> None:
    chloe = signed_in(people.cashier)
    answer = chloe.post(RUSH, {"rush": "10-30"}, follow=True)
    assert "10 minutes de plus sur chaque nouvelle commande" in words(answer)
    assert "Coup de feu : + 10 min jusqu’à" in words(answer)
    rush = Rush.objects.get()
    assert (rush.minutes, rush.set_by, rush.ends_at - rush.starts_at > timedelta(minutes=29)) == (
        10,
        people.cashier,
        True,
    )
    # Every open menu is told at once.
    assert LiveEvent.objects.filter(topic=promise_topic(house.bastille.pk), kind="promise").count() == 1
    assert "C’est fini" in words(chloe.post(CALM, follow=True))
    assert "C’était déjà fini." in words(chloe.post(CALM, follow=True))
    assert Rush.objects.get().ends_at <= timezone.now()


def test_a_rush_that_no_button_names_is_refused_with_a_sentence(people: People, signed_in: SignedIn) -> None:
    chloe = signed_in(people.cashier)
    for asked in ("", "0-0", "10-999", "pause-", "500-30", "<b>-<b>"):
        assert "notice--warning" in chloe.post(RUSH, {"rush": asked}, follow=True).content.decode(), asked
    assert not Rush.objects.exists()


def test_orders_that_a_rush_moves_are_shown_before_anybody_is_told(
    house: House, people: People, signed_in: SignedIn
) -> None:
    chloe, moved, kept = signed_in(people.cashier), house.order(), house.order()
    before = moved.promised_at
    chloe.post(RUSH, {"rush": "20-60"})
    assert "Décaler 2 commandes en cours" in words(chloe.get(OVEN))
    page = words(chloe.get(MOVE))
    assert moved.number in page
    assert kept.number in page
    assert not PromiseChange.objects.exists()
    assert "1 commande est décalée, son client le sait." in words(
        chloe.post(MOVE, {"order": [moved.number]}, follow=True)
    )
    moved.refresh_from_db()
    assert moved.promised_at == before + timedelta(minutes=20)
    # A second tap finds nothing of it left to move.
    chloe.post(MOVE, {"order": [moved.number]})
    assert PromiseChange.objects.get().order == moved


def test_an_order_that_does_not_fit_any_more_is_shown_and_then_moved(
    house: House, people: People, signed_in: SignedIn
) -> None:
    luca = signed_in(people.pizzaiolo)
    Store.objects.filter(pk=house.bastille.pk).update(oven_minutes=120)
    orders = [house.order(lines=[house.line(quantity=3)]) for _ in range(3)]
    shown = luca.get(LOST, {"places": "1", "until": "120"})
    assert "ne tien" in words(shown)
    assert orders[-1].number in words(shown)
    assert not PromiseChange.objects.exists()
    done = luca.post(LOST, {"places": "1", "until": "120"}, follow=True)
    assert "C’est noté" in words(done)
    assert "Un four en panne : 1 place de moins jusqu’à" in words(done)
    assert PromiseChange.objects.filter(reason=PromiseChange.Reason.OVEN).exists()
    assert "Tout le four chauffe de nouveau." in words(luca.post(MENDED, follow=True))
    assert "Un four en panne : 1" not in words(luca.get(OVEN))
    assert "C’était déjà fait" in words(luca.post(MENDED, follow=True))


def test_a_client_whose_order_has_no_place_left_is_named_to_be_called(
    house: House, people: People, signed_in: SignedIn
) -> None:
    luca, order = signed_in(people.pizzaiolo), house.order()
    assert "à appeler" not in words(luca.get(OVEN))
    OvenReservation.objects.filter(order=order).delete()
    OvenSlot.objects.update(reserved=0)
    page = words(luca.get(OVEN))
    assert "1 client à appeler" in page
    assert order.number in page
    assert order.phone in page


def test_a_breakdown_of_nothing_is_refused(people: People, signed_in: SignedIn) -> None:
    luca = signed_in(people.pizzaiolo)
    assert luca.get(LOST, {"places": "0", "until": "60"}).status_code == 422
    assert luca.post(LOST, {"places": "2", "until": "jamais"}).status_code == 422
    assert not OvenSlot.objects.exists()


def test_nobody_else_sets_a_rush(people: People, signed_in: SignedIn) -> None:
    for who in (people.driver, people.direction):
        assert signed_in(who).get(OVEN).status_code == 403
        assert signed_in(who).post(RUSH, {"rush": "10-30"}).status_code == 403
    assert signed_in(people.outsider).post(RUSH, {"rush": "10-30"}).status_code == 404
    assert not Rush.objects.exists()


def test_the_page_asks_no_more_for_a_full_evening(house: House, people: People, signed_in: SignedIn) -> None:
    luca = signed_in(people.pizzaiolo)
    luca.post(RUSH, {"rush": "10-60"})
    luca.get(OVEN)
    few = {page: queries_of(lambda page=page: luca.get(page)) for page in (OVEN, MOVE)}  # type: ignore[misc]
    for _ in range(4):
        house.order(lines=[house.line(quantity=4)])
    Order.objects.update(placed_at=timezone.now() - timedelta(minutes=30))
    assert {page: queries_of(lambda page=page: luca.get(page)) for page in (OVEN, MOVE)} == few  # type: ignore[misc]
    assert max(few.values()) <= 14, few
