"""Which role may do what: the one table that pages and API ask.

It says who may open what, at a store where they hold the role (`accounts.selectors`). Which move of
an order is whose stands beside it, in `ordering.transitions`.
"""

from collections.abc import Collection
from enum import StrEnum

from pizzeria.accounts.models import Role


class Action(StrEnum):
    """Something that staff may do at a store."""

    SEE_BOARD = "see_board"
    SEE_RECIPES = "see_recipes"
    SEE_MAKEABLE = "see_makeable"
    SEE_DELIVERIES = "see_deliveries"
    SEE_COUNTER = "see_counter"
    SEE_ORDERS = "see_orders"
    SEE_FIGURES = "see_figures"
    SEE_STOCK = "see_stock"
    RECEIVE_STOCK = "receive_stock"
    PLAN_PRICES = "plan_prices"
    MOVE_ORDERS = "move_orders"
    CANCEL_ORDERS = "cancel_orders"
    TAKE_PAYMENTS = "take_payments"
    SEE_RECEIPTS = "see_receipts"
    SEE_ROUNDS = "see_rounds"
    CLOSE_ROUNDS = "close_rounds"
    SEE_SUPERVISION = "see_supervision"
    SEE_PAYMENTS = "see_payments"
    GIVE_BACK = "give_back"
    HAND_BACK = "hand_back"
    EXPLAIN_DIFFERENCES = "explain_differences"
    SEE_STRAY_DIFFERENCES = "see_stray_differences"
    CREATE_CLIENTS = "create_clients"
    MANAGE_STAFF = "manage_staff"
    MANAGE_SCREENS = "manage_screens"
    MANAGE_TOKENS = "manage_tokens"
    MANAGE_WEBHOOKS = "manage_webhooks"
    SEE_AUDIT = "see_audit"


PERMISSIONS: dict[Action, frozenset[str]] = {
    Action.SEE_BOARD: frozenset({Role.PIZZAIOLO, Role.MANAGER, Role.DIRECTION}),
    Action.SEE_RECIPES: frozenset({Role.PIZZAIOLO, Role.MANAGER, Role.DIRECTION}),
    Action.SEE_MAKEABLE: frozenset({Role.PIZZAIOLO, Role.CASHIER, Role.MANAGER, Role.DIRECTION}),
    Action.SEE_DELIVERIES: frozenset({Role.DRIVER, Role.MANAGER, Role.DIRECTION}),
    Action.SEE_COUNTER: frozenset({Role.CASHIER, Role.MANAGER, Role.DIRECTION}),
    Action.SEE_ORDERS: frozenset({Role.CASHIER, Role.MANAGER, Role.DIRECTION}),
    Action.SEE_FIGURES: frozenset({Role.MANAGER, Role.DIRECTION}),
    Action.SEE_STOCK: frozenset({Role.PIZZAIOLO, Role.MANAGER, Role.DIRECTION}),
    Action.RECEIVE_STOCK: frozenset({Role.MANAGER}),
    Action.PLAN_PRICES: frozenset({Role.MANAGER, Role.DIRECTION}),
    Action.MOVE_ORDERS: frozenset({Role.PIZZAIOLO, Role.DRIVER, Role.CASHIER}),
    Action.CANCEL_ORDERS: frozenset({Role.CASHIER, Role.MANAGER}),
    Action.TAKE_PAYMENTS: frozenset({Role.DRIVER, Role.CASHIER}),
    Action.SEE_RECEIPTS: frozenset({Role.DRIVER, Role.CASHIER, Role.MANAGER, Role.DIRECTION}),
    Action.SEE_ROUNDS: frozenset({Role.CASHIER, Role.MANAGER, Role.DIRECTION}),
    Action.CLOSE_ROUNDS: frozenset({Role.CASHIER, Role.MANAGER}),
    Action.SEE_SUPERVISION: frozenset({Role.OPERATOR, Role.DIRECTION}),
    Action.SEE_PAYMENTS: frozenset({Role.MANAGER, Role.DIRECTION}),
    Action.GIVE_BACK: frozenset({Role.MANAGER}),
    Action.HAND_BACK: frozenset({Role.CASHIER, Role.MANAGER}),
    Action.EXPLAIN_DIFFERENCES: frozenset({Role.MANAGER, Role.DIRECTION}),
    Action.SEE_STRAY_DIFFERENCES: frozenset({Role.DIRECTION}),
    Action.CREATE_CLIENTS: frozenset({Role.CASHIER, Role.MANAGER}),
    Action.MANAGE_STAFF: frozenset({Role.MANAGER, Role.DIRECTION}),
    Action.MANAGE_SCREENS: frozenset({Role.MANAGER, Role.DIRECTION}),
    Action.MANAGE_TOKENS: frozenset({Role.MANAGER, Role.DIRECTION}),
    Action.MANAGE_WEBHOOKS: frozenset({Role.MANAGER, Role.DIRECTION}),
    Action.SEE_AUDIT: frozenset({Role.MANAGER, Role.DIRECTION}),
}


def allows(*, roles: Collection[str], action: Action) -> bool:
    """Whether one of these roles, held at a store, allows this there."""
    return not PERMISSIONS[action].isdisjoint(roles)
