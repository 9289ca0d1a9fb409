"""Six figures: chosen with care, tried five times, worth nothing but a screen of one's store."""

import pytest
from django.test import Client

from pizzeria.accounts.errors import PinLocked, PoorPin, WrongPin
from pizzeria.accounts.models import AuditEntry, User
from pizzeria.accounts.pins import MOST_FAILURES, choose_pin, try_pin
from tests.cast import PASSWORD, House, People

PIN = "482917"


def _fail(person: User, house: House, times: int = MOST_FAILURES) -> None:
    for number in range(times):
        with pytest.raises(PinLocked if number == MOST_FAILURES - 1 else WrongPin):
            try_pin(user=person, pin="000001", store=house.bastille)


@pytest.mark.parametrize(
    "pin", ["000000", "123456", "654321", "901234", "121212", "123123", "112233", "998877", "48291", "4829170", "48291a", "٤٨٢٩١٧", ""]
)  # fmt: skip
def test_what_everybody_tries_first_is_refused(people: People, pin: str) -> None:
    with pytest.raises(PoorPin):
        choose_pin(user=people.pizzaiolo, pin=pin)
    assert User.objects.get(pk=people.pizzaiolo.pk).pin == ""


def test_a_pin_is_kept_as_a_hash_that_the_database_alone_does_not_tell(house: House, people: People) -> None:
    choose_pin(user=people.pizzaiolo, pin=PIN)
    choose_pin(user=people.driver, pin=PIN)
    assert PIN not in people.pizzaiolo.pin
    # A row that is copied onto another's opens nothing: whose it is was hashed with it.
    User.objects.filter(pk=people.cashier.pk).update(pin=people.pizzaiolo.pin)
    with pytest.raises(WrongPin):
        try_pin(user=people.cashier, pin=PIN, store=house.bastille)
    try_pin(user=people.pizzaiolo, pin=PIN, store=house.bastille)


def test_five_wrong_ones_lock_it_and_the_right_one_opens_nothing_any_more(house: House, people: People) -> None:
    choose_pin(user=people.pizzaiolo, pin=PIN)
    _fail(people.pizzaiolo, house)
    with pytest.raises(PinLocked):
        try_pin(user=people.pizzaiolo, pin=PIN, store=house.bastille)
    entry = AuditEntry.objects.get(action="staff.pin_locked")
    assert (entry.actor, entry.store, entry.subject) == (None, house.bastille, f"user:{people.pizzaiolo.pk}")


def test_the_right_one_in_between_is_five_tries_again(house: House, people: People) -> None:
    choose_pin(user=people.pizzaiolo, pin=PIN)
    _fail(people.pizzaiolo, house, MOST_FAILURES - 1)
    try_pin(user=people.pizzaiolo, pin=PIN, store=house.bastille)
    with pytest.raises(WrongPin) as refused:
        try_pin(user=people.pizzaiolo, pin="000001", store=house.bastille)
    assert refused.value.details["left"] == MOST_FAILURES - 1


def test_its_owner_unlocks_it_by_signing_in_with_the_password(house: House, people: People, client: Client) -> None:
    choose_pin(user=people.pizzaiolo, pin=PIN)
    _fail(people.pizzaiolo, house)
    client.post("/equipe/connexion/", {"identifier": "luca", "password": PASSWORD})
    try_pin(user=people.pizzaiolo, pin=PIN, store=house.bastille)


def test_who_has_none_has_no_right_one(house: House, people: People) -> None:
    for pin in ("", PIN):
        with pytest.raises(WrongPin):
            try_pin(user=people.driver, pin=pin, store=house.bastille)
