"""The cyclic update: what it does, that it says so, and that doing it again changes nothing."""

from collections.abc import Mapping
from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone

from pizzeria.ledger.tests.conftest import by_hand, sell
from pizzeria.operations import schedule
from pizzeria.operations.schedule import StepsFailedError, refresh_city
from pizzeria.ordering.cart import add_line
from pizzeria.ordering.models import Cart, Order
from pizzeria.stock.models import Makeable
from tests.cast import House

pytestmark = pytest.mark.story


def said(*arguments: str) -> list[str]:
    told = StringIO()
    call_command("update_ocpizza", *arguments, stdout=told)
    return told.getvalue().splitlines()


def everything() -> Mapping[str, list[dict[str, object]]]:
    """Every row of every table."""
    return {
        model._meta.label: sorted(model._base_manager.values(), key=repr)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
    }


@pytest.fixture
def neglected(house: House) -> House:
    """A house that nobody has looked after: yesterday's order is open, a cart and a session have expired."""
    yesterday = timezone.now() - timedelta(days=1, hours=6)
    order = house.order()
    Order.objects.filter(pk=order.pk).update(placed_at=yesterday, promised_at=yesterday)
    cart = add_line(cart=None, store=house.bastille, request=house.line())
    Cart.objects.filter(pk=cart.pk).update(updated_at=timezone.now() - timedelta(days=8))
    session = SessionStore()
    session.create()
    Session.objects.update(expire_date=timezone.now() - timedelta(minutes=1))
    Makeable.objects.filter(store=house.croix_rousse).delete()
    return house


def test_each_city_is_brought_up_to_date_and_every_line_says_what_was_done(neglected: House) -> None:
    lines = said()
    assert "Paris, commandes de la veille : 1 × Annulée" in lines
    assert "Lyon, commandes de la veille : aucune n’était restée ouverte" in lines
    assert "Lyon, pizzas réalisables : recalculées pour 1 point de vente" in lines
    assert "paniers : 1 expiré, supprimé" in lines
    assert "sessions : 1 expiré, supprimé" in lines
    assert not Cart.objects.exists()
    assert not Session.objects.exists()
    assert Order.objects.get().status == "cancelled"
    assert Makeable.objects.filter(store=neglected.croix_rousse).exists()


def test_every_morning_closes_the_days_that_are_over_and_reads_the_journal_again(house: House) -> None:
    yesterday = timezone.localtime() - timedelta(days=1)
    with transaction.atomic():
        sell(house.bastille, "P-22222", at=yesterday)
    lines = said("city_001")
    assert any(line.startswith("Paris, journal clos : 1 × journée") for line in lines)
    assert any(line.startswith("Paris, journal relu : entier depuis le 1 janvier") for line in lines)
    assert "Paris, journal clos : rien à clore" in said("city_001")


def test_a_journal_that_was_changed_fails_its_step_alone_with_the_number(house: House) -> None:
    with transaction.atomic():
        sell(house.bastille, "P-22222", at=timezone.now())
    by_hand("UPDATE ledger_entry SET acting_user = 12 WHERE number = 1")
    told = StringIO()
    with pytest.raises(CommandError, match=r"échoué : Paris, journal relu\.$"):
        call_command("update_ocpizza", "city_001", stdout=told)
    assert "bastille, écriture 1 : " in told.getvalue()


def test_a_second_update_changes_nothing(neglected: House) -> None:
    said()
    before = everything()
    said()
    refresh_city(code="city_001")
    assert everything() == before


@pytest.mark.parametrize("asked", [("city_002",), ("--city", "city_002")])
def test_one_city_can_be_updated_alone(neglected: House, asked: tuple[str, ...]) -> None:
    assert not [line for line in said(*asked) if line.startswith("Paris")]
    assert Order.objects.get().status == "to_prepare"


def test_a_city_that_is_not_there_is_told_those_that_are(house: House) -> None:
    with pytest.raises(CommandError, match=r"Ville inconnue : city002\. Villes connues : city_001, city_002\."):
        said("city_001", "--city", "city002")


def test_a_step_that_fails_stops_no_other_step_and_no_other_city_and_is_named_at_the_end(
    neglected: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_asked: object) -> None:
        raise ValueError("pas de\nfour")

    monkeypatch.setattr(schedule, "refresh_makeable", fail)
    told = StringIO()
    with pytest.raises(CommandError, match="échoué : Paris, pizzas réalisables, Lyon, pizzas réalisables"):
        call_command("update_ocpizza", stdout=told)
    assert "Paris, pizzas réalisables : échec, ValueError: pas de four\n" in told.getvalue()
    assert [record.exc_info is not None for record in caplog.records] == [True, True]
    assert Order.objects.get().status == "cancelled"
    assert not Session.objects.exists()
    with pytest.raises(StepsFailedError, match=r"^Paris, pizzas réalisables$"):
        refresh_city(code="city_001")


def test_on_a_terminal_a_bar_shows_how_far_it_is(house: House) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    call_command("update_ocpizza", stdout=terminal)
    shown = terminal.getvalue()
    steps = shown.count(" : ")
    assert f"[{'.' * 24}] 0/{steps}" in shown
    assert f"[{'.' * 24}] {steps}/{steps}" not in shown
    assert shown.endswith("\n")
    assert "\r" not in "".join(said())
