"""Planning a price: what the form takes, what it refuses, and who may use it."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.catalogue.models import PlannedPrice, Product
from pizzeria.catalogue.prices import apply_planned_prices
from tests.cast import House, People

SignedIn = Callable[[User], Client]
PAGE = "/equipe/bastille/prix/"


def in_days(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


def reduction(**changed: object) -> dict[str, object]:
    asked = {
        "product": Product.objects.get(slug="reine").pk,
        "percent": 20,
        "starts_on": in_days(6).isoformat(),
        "ends_on": in_days(12).isoformat(),
    } | changed
    return {"plan": "reduction"} | {f"reduction-{name}": value for name, value in asked.items()}


def test_a_manager_plans_a_reduction_and_it_comes_and_goes_by_itself(
    house: House, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.manager)
    page = browser.post(PAGE, reduction(), follow=True).content.decode()
    assert "2 prix sont prévus." in page
    assert "9,60\u00a0€" in page
    assert "au lieu de 12,00\u00a0€" in page
    assert set(PlannedPrice.objects.values_list("planned_by", flat=True)) == {people.manager.pk}
    apply_planned_prices(on=in_days(6))
    assert house.variant("reine").price == Decimal("9.60")
    assert "en vigueur" in browser.get(PAGE).content.decode()
    apply_planned_prices(on=in_days(13))
    assert "Aucun prix n’est prévu." in browser.get(PAGE).content.decode()


def test_a_new_price_is_planned_for_one_size(house: House, people: People, signed_in: SignedIn) -> None:
    asked = {
        "plan": "price",
        "price-variant": house.variant("reine").pk,
        "price-price": "12.90",
        "price-starts_on": in_days(1).isoformat(),
    }
    assert "à partir du" in signed_in(people.direction).post(PAGE, asked, follow=True).content.decode()
    assert PlannedPrice.objects.get().price == Decimal("12.90")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"percent": 95}, "90"),
        ({"product": ""}, "obligatoire"),
        ({"starts_on": "demain"}, "valide"),
        ({"starts_on": "2020-01-01"}, "demain au plus tôt"),
        ({"ends_on": "2020-01-01"}, "avant le premier"),
    ],
)
def test_a_mistake_is_told_and_what_was_typed_stays(
    house: House, people: People, signed_in: SignedIn, changed: dict[str, object], why: str
) -> None:
    page = signed_in(people.manager).post(PAGE, reduction(**changed))
    assert page.status_code == 422
    assert why in page.content.decode()
    assert not PlannedPrice.objects.exists()
    # The other form was not asked anything.
    assert page.content.decode().count('class="field field--error"') <= 1


def test_a_planned_price_is_taken_back_with_one_tap(house: House, people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.manager)
    browser.post(PAGE, reduction())
    plan = PlannedPrice.objects.all()[0]
    cancel = f"{PAGE}{plan.pk}/annuler/"
    assert "le prix prévu est annulé" in browser.post(cancel, follow=True).content.decode()
    assert "n’est plus prévu" in browser.post(cancel, follow=True).content.decode()


@pytest.mark.parametrize("who", ["cashier", "pizzaiolo", "driver", "operator", "outsider"])
def test_nobody_else_plans_prices(house: House, people: People, signed_in: SignedIn, who: str) -> None:
    browser = signed_in(getattr(people, who))
    assert browser.get(PAGE).status_code in {403, 404}
    assert browser.post(PAGE, reduction()).status_code in {403, 404}
    assert not PlannedPrice.objects.exists()
