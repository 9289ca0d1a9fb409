"""Two who want the same order, or the same address, at once: one gets it. Each race comes in a pair."""

import threading

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from pizzeria.accounts import clients
from pizzeria.accounts.invitations import invite_client
from pizzeria.accounts.models import User
from pizzeria.ordering import claiming
from pizzeria.ordering.claiming import claim
from pizzeria.ordering.models import Order
from pizzeria.ordering.privacy import delete_account
from tests.cast import House, People
from tests.races.together import kinds, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def _both_claim(order: Order) -> dict[str, int]:
    """Two accounts, each with the order's link, at the same moment."""
    accounts = [User.objects.create_user(f"client-{number}-{order.number}") for number in range(2)]
    return kinds(together([lambda account=account: claim(order=order, user=account) for account in accounts]))  # type: ignore[misc]


def test_an_order_that_two_claim_at_once_is_one_accounts(house: House) -> None:
    for _round in range(10):
        order = house.order()
        assert _both_claim(order) == {"NoneType": 1, "NotClaimable": 1}
        assert Order.objects.get(pk=order.pk).customer


def test_without_comparing_and_swapping_both_are_told_that_it_is_theirs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_have_looked = threading.Barrier(2)

    def taken(*, order: Order, user: User) -> bool:
        is_free = Order.objects.filter(pk=order.pk, customer=None).exists()
        both_have_looked.wait(10)
        Order.objects.filter(pk=order.pk).update(customer=user)
        return is_free

    monkeypatch.setattr(claiming, "_taken", taken)
    assert _both_claim(house.order()) == {"NoneType": 2}


def test_an_order_that_is_claimed_while_the_account_is_deleted_does_not_end_in_what_is_left_of_it(house: House) -> None:
    for number in range(10):
        user, order = User.objects.create_user(f"client-{number}"), house.order()
        together([lambda: claim(order=order, user=user), lambda: delete_account(user=user, at=timezone.now())])  # noqa: B023
        assert not Order.objects.filter(customer__anonymised_at__isnull=False).exists()


def test_without_holding_the_account_it_does(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    user, order, deleted = User.objects.create_user("client-1"), house.order(), threading.Event()

    def looked_at(user: User) -> bool:
        is_there = User.objects.filter(pk=user.pk, anonymised_at=None).exists()
        deleted.wait(10)
        return is_there

    def delete() -> None:
        delete_account(user=user, at=timezone.now())
        deleted.set()

    monkeypatch.setattr(claiming, "_held", looked_at)
    together([lambda: claim(order=order, user=user), delete])
    assert Order.objects.filter(customer__anonymised_at__isnull=False).get() == order


def _both_make_an_account(house: House, people: People) -> dict[str, int]:
    """Chloé at the counter and Renata on the phone, for the same client."""

    def make(actor: User) -> User:
        return invite_client(
            email="basile@example.org",
            details={"first_name": "Basile", "last_name": "Dubois", "phone": ""},
            address=None,
            store=house.bastille,
            actor=actor,
            site="http://testserver",
        )

    return kinds(together([lambda: make(people.cashier), lambda: make(people.manager)]))


def test_an_address_gets_one_account_whoever_makes_it(house: House, people: People) -> None:
    assert _both_make_an_account(house, people) == {"AccountExists": 1, "User": 1}
    assert EmailAddress.objects.filter(email="basile@example.org").count() == 1


def test_without_holding_the_address_it_gets_two(house: House, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    both_have_looked = threading.Barrier(2)
    look = clients.accounts_at

    class Looked:
        def __init__(self, email: str) -> None:
            self.email = email

        def exists(self) -> bool:
            found = look(email=self.email).exists()
            both_have_looked.wait(10)
            return found

    monkeypatch.setattr(clients, "_hold", lambda _email: None)
    monkeypatch.setattr(clients, "accounts_at", lambda *, email: Looked(email))
    assert _both_make_an_account(house, people) == {"User": 2}
