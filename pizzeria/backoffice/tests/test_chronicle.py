"""An order's whole history on one line of time (UC 6.1): who, when, and what was replaced by what."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from pizzeria.accounts.audit import record
from pizzeria.accounts.models import User
from pizzeria.backoffice.chronicles import chronicle_of
from pizzeria.notifications.models import Notice
from pizzeria.ordering.gestures import gesture
from pizzeria.ordering.models import Order, OrderChange, PromiseChange, RecapDelivery
from pizzeria.ordering.services import cancel_as_staff
from pizzeria.stores.hours import PARIS
from tests.cast import House, People

from .conftest import HTMX, order_in

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]


def _page(signed_in: SignedIn, people: People, order: Order) -> str:
    return signed_in(people.manager).get(f"/equipe/bastille/commandes/{order.number}/").content.decode()


def test_everything_that_happened_stands_on_one_line_of_time(house: House, people: People, signed_in: SignedIn) -> None:
    order = order_in(house, people, Order.Status.DELIVERED)
    at = order.placed_at
    OrderChange.objects.create(
        order=order,
        at=at,
        acting_user=people.cashier,
        role="cashier",
        before={"fulfilment": "delivery", "contact": {"street": "3 rue <b>"}, "total": "11.50"},
        after={"fulfilment": "collection", "contact": {"street": "5 rue"}, "total": "32.50", "version": 2},
        difference=Decimal("21.00"),
    )
    PromiseChange.objects.create(
        order=order, at=at, before=at, after=at + timedelta(minutes=12), reason="oven", acting_user=people.pizzaiolo
    )
    # Seven steps and changes of its row: the second edition all the same, as its client's page counts them.
    RecapDelivery.objects.create(order=order, medium="pdf", order_version=7, at=at)
    gesture(order=order, amount=Decimal("1.50"), words="Froide", acting_user=people.manager)
    record(actor=people.manager, action="backoffice:receipt", subject=f"order:{order.number}", store=house.bastille)
    words = _page(signed_in, people, order)
    for told in (
        "Commande modifiée",
        "Mode : à livrer → à emporter",
        "Coordonnées : 3 rue &lt;b&gt; → 5 rue",
        "Différence : +21,00\u00a0€",
        "Chloé Dupont, caissier",
        "un four est en panne",
        "au lieu de",
        "Récapitulatif remis en PDF",
        "édition 2",
        "11,50\u00a0€ reçus · espèces",
        "1,50\u00a0€ à rendre · espèces",
        "« Froide »",
        "Stock pris : 3 ingrédients",
        "mozzarella : -100 g",
        f"a demandé le reçu de la commande {order.number}",
    ):
        assert told in words, told
    times = [happening.at for happening in chronicle_of(order=Order.objects.get(pk=order.pk))]
    assert times == sorted(times)


def test_a_promise_of_another_day_names_the_day(house: House) -> None:
    order = house.order()
    there = datetime(2031, 3, 14, 20, 10, tzinfo=PARIS)
    PromiseChange.objects.create(order=order, at=order.placed_at, before=order.promised_at, after=there, reason="oven")
    [told] = [happening for happening in chronicle_of(order=order) if happening.kind == "promise"]
    assert "vendredi 14 mars à 20:10 au lieu de" in told.title


def test_a_notice_that_fails_shows_on_the_open_page_with_why(house: House, people: People, signed_in: SignedIn) -> None:
    order, browser = house.order(), signed_in(people.manager)
    address = f"/equipe/bastille/commandes/{order.number}/"
    notice = Notice.objects.create(order=order, kind="received", source_id=1, channel="mail", status="sending")
    shown = browser.get(address).context["version"]
    assert browser.get(f"{address}?v={shown}", headers=HTMX).status_code == 204
    Notice.objects.filter(pk=notice.pk).update(status="failed", answered="sender_refused")
    told = browser.get(f"{address}?v={shown}", headers=HTMX)
    assert told.status_code == 200
    [failed] = [happening for happening in told.context["chronicle"] if happening.kind == "notice"]
    assert failed.words == ("abandonné", "le serveur refuse l’expéditeur du site")


def test_what_a_cancellation_gave_back_stands_there_too(house: House, people: People, signed_in: SignedIn) -> None:
    order = house.order()
    cancel_as_staff(order=order, acting_user=people.manager, reason="Doublon")
    words = _page(signed_in, people, order)
    assert "Stock rendu : 3 ingrédients" in words
    assert "mozzarella : +100 g" in words


def test_a_move_is_told_once_and_one_that_was_refused_is_told_as_such(house: House, people: People) -> None:
    order = order_in(house, people, Order.Status.TAKEN)
    for status in (200, 403):
        record(
            actor=people.driver,
            action="backoffice:advance",
            subject=f"order:{order.number}",
            store=house.bastille,
            details={"status": status},
        )
    told = [happening for happening in chronicle_of(order=order) if happening.kind == "audit"]
    assert [(happening.words, happening.who) for happening in told] == [
        (("refusé : pas de son rôle",), "Karim Dupont, livreur")
    ]


def test_the_page_asks_no_more_for_a_long_history(
    house: House, people: People, signed_in: SignedIn, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    order = order_in(house, people, Order.Status.DELIVERED)
    for minutes in range(5):
        moved = order.promised_at + timedelta(minutes=minutes + 1)
        PromiseChange.objects.create(
            order=order, at=moved, before=order.promised_at, after=moved, reason="kitchen", acting_user=people.driver
        )
    browser = signed_in(people.manager)
    with django_assert_max_num_queries(22):  # type: ignore[attr-defined]
        browser.get(f"/equipe/bastille/commandes/{order.number}/")
