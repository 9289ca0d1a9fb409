"""The table of moves is the dossiers', word for word, and nothing beside it."""

from itertools import product

import pytest

from pizzeria.accounts.models import Role
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.ordering.transitions import CHANGEABLE, CUSTOMER, SYSTEM, TRANSITIONS, allowed_role, next_statuses

EVERY_ROLE = {*Role.values, CUSTOMER, SYSTEM}
CANCELLERS = {CUSTOMER, SYSTEM, "cashier", "manager"}

# `À réaliser (1) → Prise en charge (2, pizzaiolo) → En préparation (3) → Prête (4) → En livraison (5, livreur) →
# Livrée (6)`; sur place/à emporter: 4 → 6 by the caissier; Annulée from before 3; En attente de paiement before 1.
DOSSIERS = {
    ("En attente de paiement", "À réaliser", "toujours"): {SYSTEM},
    ("À réaliser", "Prise en charge", "toujours"): {"pizzaiolo"},
    ("Prise en charge", "En préparation", "toujours"): {"pizzaiolo"},
    ("En préparation", "Prête", "toujours"): {"pizzaiolo"},
    ("Prête", "En livraison", "à livrer"): {"driver"},
    ("En livraison", "Livrée", "à livrer"): {"driver"},
    ("Prête", "Livrée", "à emporter"): {"cashier"},
    ("Prête", "Livrée", "sur place"): {"cashier"},
    ("En attente de paiement", "Annulée", "toujours"): CANCELLERS,
    ("À réaliser", "Annulée", "toujours"): CANCELLERS,
    ("Prise en charge", "Annulée", "toujours"): CANCELLERS,
}


@pytest.mark.parametrize("fulfilment", Fulfilment)
def test_every_move_is_whose_the_dossiers_say_and_nobody_elses(fulfilment: Fulfilment) -> None:
    for before, after in product(Order.Status, Order.Status):
        names = (str(before.label), str(after.label))
        theirs = DOSSIERS.get((*names, "toujours")) or DOSSIERS.get((*names, str(fulfilment.label)), set())
        for role in EVERY_ROLE:
            found = allowed_role(from_status=before, to_status=after, fulfilment=fulfilment, roles=frozenset({role}))
            assert found == (role if role in theirs else None), (names, fulfilment, role)


def test_nothing_leaves_the_end_of_a_life() -> None:
    ends = {Order.Status.DELIVERED, Order.Status.CANCELLED}
    assert not [move for move in TRANSITIONS if move[0] in ends]


def test_a_client_may_change_an_order_in_the_first_two_statuses() -> None:
    assert {Order.Status.TO_PREPARE, Order.Status.TAKEN} == CHANGEABLE


def test_who_holds_two_roles_has_the_moves_of_both() -> None:
    roles = frozenset({Role.PIZZAIOLO, Role.CASHIER})
    assert next_statuses(from_status="to_prepare", fulfilment="collection", roles=roles) == ["taken", "cancelled"]
    assert next_statuses(from_status="ready", fulfilment="collection", roles=roles) == ["delivered"]
    assert next_statuses(from_status="ready", fulfilment="delivery", roles=roles) == []


def test_nobody_moves_an_order_to_where_it_is() -> None:
    for status in Order.Status:
        assert (
            allowed_role(from_status=status, to_status=status, fulfilment="delivery", roles=frozenset(EVERY_ROLE))
            is None
        )
