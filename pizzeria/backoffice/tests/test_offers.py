"""The offers' pages: what the form takes and refuses, whose offers they are, what two who change one at once are told."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from pizzeria.accounts.models import User
from pizzeria.promotions.models import Offer, Quota
from tests.cast import House, People
from tests.offered import tenth, third_free

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
PAGE = "/equipe/bastille/offres/"


def set_form(house: House, **changed: object) -> dict[str, object]:
    return {
        "name": "2 achetées, 1 offerte",
        "bought": 2,
        "given": 1,
        "same_size": "on",
        "kind_0": "pizza",
        "audience": "everybody",
        "stores": [house.bastille.pk],
        "is_combinable": "on",
    } | changed


def test_a_manager_makes_an_offer_and_sees_what_it_does(house: House, people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.manager)
    page = browser.post(f"{PAGE}ajouter/n-pour-m/", set_form(house, most=10), follow=True).content.decode()
    assert "L’offre « 2 achetées, 1 offerte » est enregistrée." in page
    assert "3 × Margherita — Moyenne" in page
    assert "<s>27,00\u00a0€</s> → <b>18,00\u00a0€</b>" in page
    made = Offer.objects.get()
    assert (made.written_by, list(made.stores.all()), made.quota.most) == (people.manager, [house.bastille], 10)
    house.order(lines=[house.line(quantity=3)])
    listed = browser.get(PAGE).content.decode()
    assert "en cours" in listed
    assert "1 sur 10 en tout" in listed
    assert "9,00\u00a0€" in listed


def test_the_example_follows_what_is_typed_and_nothing_is_stored(
    house: House, people: People, signed_in: SignedIn
) -> None:
    typed = {"name": "Formule", "price": "10,00", "kind_0": "pizza", "kind_1": "drink", "audience": "everybody"}
    browser = signed_in(people.manager)
    page = browser.get(
        f"{PAGE}ajouter/formule/", typed | {"stores": house.bastille.pk}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "1 × Margherita — Moyenne + 1 × Cola 33 cl" in page
    assert "<s>11,50\u00a0€</s> → <b>10,00\u00a0€</b>" in page
    assert not Offer.objects.exists()


@pytest.fixture
def renata(people: People, signed_in: SignedIn) -> Client:
    return signed_in(people.manager)


@pytest.mark.parametrize(
    ("sort", "changed", "told"),
    [
        ("n-pour-m", {"bought": ""}, "Indiquez-le pour cette sorte d’offre."),
        ("n-pour-m", {"bought": 5, "given": 5}, "6 en tout, au plus."),
        ("n-pour-m", {"stores": []}, "obligatoire"),
        ("n-pour-m", {"code": "été"}, "Un code compte de 3 à 30 lettres sans accent"),
        ("n-pour-m", {"code": "midi 10"}, "Une autre offre porte déjà ce code."),
        ("n-pour-m", {"starts_on": "2026-12-02", "ends_on": "2026-12-01"}, "Le dernier jour vient après le premier."),
        ("n-pour-m", {"audience": "absent"}, "Indiquez-le pour ces clients."),
        ("formule", {"price": "9,90"}, "Une formule compte de 2 à 4 parties."),
        ("pourcentage", {"percent": 95}, "90 % au plus."),
        ("montant", {"amount": "dix"}, "nombre"),
    ],
)
def test_an_offer_that_makes_no_sense_is_told_where(
    house: House, renata: Client, sort: str, changed: dict[str, object], told: str
) -> None:
    tenth("MIDI10")
    answer = renata.post(f"{PAGE}ajouter/{sort}/", set_form(house, **changed))
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert Offer.objects.count() == 1


def test_the_second_of_two_who_change_an_offer_sees_both_values_and_loses_nothing(
    house: House, people: People, signed_in: SignedIn
) -> None:
    made = third_free()
    made.stores.set([house.bastille])
    page = f"{PAGE}{made.pk}/"
    signed_in(people.direction).post(page, set_form(house, version=1, name="3 pour 2", minimum="20,00"))
    browser = signed_in(people.manager)
    answer = browser.post(page, set_form(house, version=1, name="La troisième offerte"))
    told = answer.content.decode()
    assert answer.status_code == 409
    assert "vous « La troisième offerte », maintenant « 3 pour 2 »" in told
    assert "vous « — », maintenant « 20 »" in told
    assert "Modifiée par Diane" in told
    assert 'value="La troisième offerte"' in told
    made.refresh_from_db()
    assert (made.name, made.version) == ("3 pour 2", 2)
    browser.post(page, set_form(house, version=2, name="La troisième offerte"))
    made.refresh_from_db()
    assert (made.name, made.minimum) == ("La troisième offerte", None)


def test_an_offer_is_ended_and_another_begins_with_it(house: House, people: People, signed_in: SignedIn) -> None:
    made = tenth("MIDI10")
    made.stores.set([house.bastille])
    browser = signed_in(people.manager)
    assert "MIDI10" in browser.get(PAGE).content.decode()
    browser.post(f"{PAGE}{made.pk}/terminer/", {"version": made.version})
    assert "terminée" in browser.get(PAGE).content.decode()
    copy = browser.get(f"{PAGE}ajouter/pourcentage/?comme={made.pk}").content.decode()
    assert 'value="10 % de moins"' in copy
    assert "MIDI10" not in copy
    late = browser.post(f"{PAGE}{made.pk}/terminer/", {"version": 1})
    assert late.status_code == 404


def test_an_offer_of_another_city_is_not_copied_for_anybody_to_read(
    house: House, people: People, signed_in: SignedIn
) -> None:
    made = tenth("SECRET10")
    made.stores.set([house.croix_rousse])
    browser = signed_in(people.manager)
    assert browser.get(f"{PAGE}ajouter/pourcentage/?comme={made.pk}").status_code == 404
    made.stores.add(house.bastille)
    assert browser.get(f"{PAGE}ajouter/pourcentage/?comme={made.pk}").status_code == 200


def test_a_manager_looks_at_the_groups_offers_and_changes_none_of_them(
    house: House, people: People, signed_in: SignedIn
) -> None:
    made = tenth()
    browser = signed_in(people.manager)
    assert "la direction la modifie" in browser.get(f"{PAGE}{made.pk}/").content.decode()
    form = set_form(house, percent=90, version=1)
    assert browser.post(f"{PAGE}{made.pk}/", form).status_code == 404
    assert browser.post(f"{PAGE}{made.pk}/terminer/", {"version": 1}).status_code == 404
    made.stores.set([house.croix_rousse])
    assert browser.get(f"{PAGE}{made.pk}/").status_code == 404
    made.refresh_from_db()
    assert (made.percent, made.is_active) == (10, True)
    elsewhere = browser.post(f"{PAGE}ajouter/n-pour-m/", set_form(house, stores=[house.croix_rousse.pk]))
    assert elsewhere.status_code == 422


def test_what_was_used_already_is_the_least_that_is_allowed(house: House, people: People, signed_in: SignedIn) -> None:
    made = third_free(most=5)
    Quota.objects.update(used=3)
    answer = signed_in(people.direction).post(f"{PAGE}{made.pk}/", set_form(house, version=1, most=2))
    assert "Elle a déjà servi 3 fois." in answer.content.decode()


def test_more_offers_cost_no_more_queries(
    house: House, people: People, signed_in: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    browser = signed_in(people.manager)
    third_free(most=5)
    with django_assert_max_num_queries(40) as few:
        browser.get(PAGE)
    for number in range(6):
        tenth(f"CODE{number}", most=5, minimum=Decimal(5))
    with django_assert_max_num_queries(len(few)):
        browser.get(PAGE)
