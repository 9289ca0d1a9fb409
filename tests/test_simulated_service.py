"""A small Friday through the real services: its promises are kept, and would not be by a house that reserves nothing."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings as site
from pytest_django import Settings

from pizzeria.operations.simulation.drawing import drawn
from pizzeria.operations.simulation.evening import EveningError, play
from pizzeria.operations.simulation.outcome import Outcome, outcome_of
from pizzeria.operations.simulation.plan import EveningPlan
from pizzeria.operations.simulation.report import is_broken, report
from pizzeria.ordering import placing
from pizzeria.ordering.baking import Quarter, quarters_between
from pizzeria.ordering.models import Order, PromiseChange, Source
from pizzeria.ordering.ovens import Reserved
from pizzeria.ordering.planning import Wish
from pizzeria.ordering.promise import fill, plan
from pizzeria.stores.models import DeliveryZone, Store
from pizzeria.stores.selectors import informed

pytestmark = [pytest.mark.machine, pytest.mark.django_db]

SMALL = EveningPlan(orders=120, shops=2, begins=time(18), ends=time(19, 30))


@pytest.fixture(autouse=True)
def online(settings: Settings) -> None:
    """Paid on the page is offered; nobody is asked."""
    settings.STRIPE_SECRET_KEY = settings.STRIPE_PUBLISHABLE_KEY = settings.STRIPE_WEBHOOK_SECRET = "sk_test_none"


def played(evening: EveningPlan) -> Outcome:
    return outcome_of(play(plan=evening, tell=lambda _at, _orders: None))


def test_an_evening_with_a_broken_oven_keeps_its_promises_and_everything_adds_up() -> None:
    outcome = played(SMALL)
    assert outcome.evening.broken == []
    assert outcome.holds
    assert outcome.first.kept >= 95
    assert outcome.orders > 100
    assert outcome.cancelled > 0
    assert len(outcome.kept) == outcome.orders - outcome.cancelled
    assert set(Order.objects.values_list("source", flat=True)) >= {Source.WEB, Source.PHONE}
    assert Order.objects.exclude(wanted_at=None).exists()
    assert PromiseChange.objects.filter(reason=PromiseChange.Reason.OVEN).exists()
    assert [is_broken(loads) for loads in outcome.loads.values()].count(True) == 1
    picture = ET.fromstring(drawn(outcome))
    assert len(picture.findall(".//{*}circle")) == len(outcome.kept)
    assert "×" in "\n".join(report(outcome))
    # It is played once: its figures are those of one evening.
    with pytest.raises(EveningError):
        played(SMALL)


def test_a_house_that_reserves_nothing_does_not_keep_its_promises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "reserve", promised_as_if_the_ovens_were_empty)
    outcome = played(SMALL)
    assert outcome.first.kept < 80
    assert not outcome.holds


def promised_as_if_the_ovens_were_empty(
    *,
    store: Store,
    oven_minutes: int,
    zone: DeliveryZone | None,
    at: datetime,
    wanted_at: datetime | None,
    expected: object,
) -> Reserved:
    del expected
    wish = Wish(store=informed(store=store), oven_minutes=oven_minutes, zone=zone, at=at, wanted_at=wanted_at)

    def look(first: datetime, end: datetime, _stop: datetime) -> Sequence[Quarter]:
        return fill(wish.store, quarters_between(first, end), [])

    return Reserved(plan(wish, look), {})


def test_the_command_says_what_it_models_and_refuses_what_cannot_be_played() -> None:
    told = manage("--help")
    assert "noise.py" in told.stdout
    assert "--no-breakdown" in told.stdout
    refused = manage("--shops", "9")
    assert refused.returncode == 1
    assert "de 1 à 8 points de vente" in refused.stderr


def manage(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command: list[str | Path] = [sys.executable, Path(site.BASE_DIR) / "manage.py", "simulate_service", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)
