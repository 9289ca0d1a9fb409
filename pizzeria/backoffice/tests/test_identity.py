"""The responsable says who sells: the company and its numbers, as every ticket prints them."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from pizzeria.accounts.models import User
from pizzeria.backoffice.tests.test_service_plans import filled
from pizzeria.shop.tests.conftest import queries_of, words
from pizzeria.stores.errors import InvalidService
from pizzeria.stores.identity import identity_of, is_siret, plan_identity
from pizzeria.stores.models import Store
from tests.cast import House, People

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
IDENTITY, DAY = "/equipe/bastille/service/identite/", "/equipe/bastille/journee/"
NO_SIRET = "Les tickets n’ont pas encore de SIRET."
ASKED = {
    "identity-company": "OC Pizza Paris SAS au capital de 40 000 €",
    "identity-siret": "732 829 320 00074",
    "identity-vat_number": "fr44 732 829 320",
    "identity-legal_line": "RCS Paris 732 829 320",
    "identity-phone": "01 99 00 11 01",
    "identity-email": "bastille@oc-pizza.example",
}


def test_the_responsable_says_who_sells_and_sees_it_as_the_ticket_says_it(
    house: House, people: People, signed_in: SignedIn
) -> None:
    renata = signed_in(people.manager)
    answer = renata.post(IDENTITY, filled(renata, IDENTITY, "identity") | ASKED, follow=True)
    assert "Les mentions légales sont enregistrées" in words(answer)
    printed = (
        "OC Pizza Paris SAS au capital de 40 000 € SIRET 732 829 320 00074 TVA FR44732829320 RCS Paris 732 829 320"
    )
    assert printed in words(answer).replace("\xa0", " ")
    store = Store.objects.get(pk=house.bastille.pk)
    assert (store.siret, store.vat_number) == ("73282932000074", "FR44732829320")


@pytest.mark.parametrize(
    ("sent", "refused"),
    [
        (("siret", "732 829 320 00075"), "Ce SIRET n’existe pas : vérifiez ses quatorze chiffres."),
        (("siret", "732 829 320"), "Ce SIRET n’existe pas : vérifiez ses quatorze chiffres."),
        (("vat_number", "DE44732829320"), "Un numéro de TVA français s’écrit FR, une clé et neuf chiffres."),
        (("phone", "01 99"), "Ce numéro n’est pas complet."),
        (("company", ""), "Ce champ est obligatoire."),
    ],
)
def test_a_number_that_cannot_be_one_is_refused_with_what_was_typed(
    house: House, people: People, signed_in: SignedIn, sent: tuple[str, str], refused: str
) -> None:
    renata, (field, typed) = signed_in(people.manager), sent
    asked = filled(renata, IDENTITY, "identity") | ASKED | {f"identity-{field}": typed}
    answer = renata.post(IDENTITY, asked)
    assert answer.status_code == 422
    assert refused in words(answer)
    assert f'value="{typed}"' in answer.content.decode() or not typed
    assert Store.objects.get(pk=house.bastille.pk).siret == ""


def test_the_service_itself_prints_no_siret_that_does_not_hold_together(house: House) -> None:
    assert is_siret("73282932000074")
    assert not is_siret("７3282932000074")
    seen = identity_of(store=house.bastille)
    with pytest.raises(InvalidService):
        plan_identity(store=house.bastille, identity=replace(seen.stands, siret="73282932000047"), seen=seen.mark)


def test_of_two_who_change_it_the_second_is_told_both_and_loses_nothing(
    house: House, people: People, signed_in: SignedIn
) -> None:
    renata, diane = signed_in(people.manager), signed_in(people.direction)
    hers, theirs = (filled(browser, IDENTITY, "identity") | ASKED for browser in (renata, diane))
    assert renata.post(IDENTITY, hers).status_code == 302
    # A second tap changes nothing, and is told nothing.
    assert renata.post(IDENTITY, hers).status_code == 302
    answer = diane.post(IDENTITY, theirs | {"identity-phone": "01 99 00 11 99"})
    assert "Quelqu’un l’a modifié entre-temps." in words(answer)
    assert "Téléphone 01 99 00 11 99 01 99 00 11 01" in words(answer)
    assert 'value="01 99 00 11 99"' in answer.content.decode()
    assert Store.objects.get(pk=house.bastille.pk).phone == "01 99 00 11 01"


def test_the_day_and_the_page_say_that_tickets_have_no_siret_until_they_have_one(
    house: House, people: People, signed_in: SignedIn
) -> None:
    renata = signed_in(people.manager)
    assert NO_SIRET in words(renata.get(IDENTITY))
    assert NO_SIRET in words(renata.get(DAY))
    Store.objects.filter(pk=house.bastille.pk).update(siret="73282932000074")
    assert NO_SIRET not in words(renata.get(IDENTITY))
    assert NO_SIRET not in words(renata.get(DAY))


def test_who_plans_nothing_does_not_come_in_and_the_page_asks_little(
    house: House, people: People, signed_in: SignedIn
) -> None:
    assert signed_in(people.cashier).get(IDENTITY).status_code == 403
    renata = signed_in(people.manager)
    assert queries_of(lambda: renata.get(IDENTITY)) <= 6
