"""Which role may do what, and where: the one table that pages and API ask.

At which stores somebody holds a role, `accounts.selectors` tells. Which move of an order is whose stands beside it,
in `ordering.transitions`; which address of the site asks for which action, in `OC_PIZZA/doors.py`.
"""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
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
    TAKE_ORDERS = "take_orders"
    CHANGE_ORDERS = "change_orders"
    MOVE_PROMISES = "move_promises"
    SET_RUSH = "set_rush"
    PLAN_SERVICE = "plan_service"
    MANAGE_OFFERS = "manage_offers"
    CHANGE_STOCK = "change_stock"
    TAKE_OFF_SALE = "take_off_sale"
    CHANGE_RECIPES = "change_recipes"
    SEE_REVIEWS = "see_reviews"
    ANSWER_REVIEWS = "answer_reviews"
    SEE_DAY = "see_day"
    EXPORT = "export"
    SEE_GROUP = "see_group"


GROUP_ROLES = frozenset({Role.DIRECTION, Role.OPERATOR})
"""Held for the whole group, that is at every store; every other role is held at one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Whose an action is: of roles at the stores where they are held, and of roles of the group at every store."""

    at_store: AbstractSet[Role] = frozenset()
    in_group: AbstractSet[Role] = frozenset()

    def __post_init__(self) -> None:
        if self.at_store & GROUP_ROLES or self.in_group - GROUP_ROLES:
            raise ValueError(f"{self} gives a role another scope than it has.")

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(self.at_store | self.in_group)


PERMISSIONS: dict[Action, Grant] = {
    Action.SEE_BOARD: Grant(at_store={Role.PIZZAIOLO, Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.SEE_RECIPES: Grant(at_store={Role.PIZZAIOLO, Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.SEE_MAKEABLE: Grant(at_store={Role.PIZZAIOLO, Role.CASHIER, Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.SEE_DELIVERIES: Grant(at_store={Role.DRIVER, Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.SEE_COUNTER: Grant(at_store={Role.CASHIER, Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.SEE_ORDERS: Grant(at_store={Role.CASHIER, Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.SEE_FIGURES: Grant(at_store={Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.SEE_STOCK: Grant(at_store={Role.PIZZAIOLO, Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.RECEIVE_STOCK: Grant(at_store={Role.MANAGER}),
    Action.PLAN_PRICES: Grant(at_store={Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.MOVE_ORDERS: Grant(at_store={Role.PIZZAIOLO, Role.DRIVER, Role.CASHIER}),
    Action.CANCEL_ORDERS: Grant(at_store={Role.CASHIER, Role.MANAGER}),
    Action.TAKE_PAYMENTS: Grant(at_store={Role.DRIVER, Role.CASHIER}),
    Action.SEE_RECEIPTS: Grant(at_store={Role.DRIVER, Role.CASHIER, Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.SEE_ROUNDS: Grant(at_store={Role.CASHIER, Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.CLOSE_ROUNDS: Grant(at_store={Role.CASHIER, Role.MANAGER}),
    Action.SEE_SUPERVISION: Grant(in_group={Role.OPERATOR, Role.DIRECTION}),
    Action.SEE_PAYMENTS: Grant(at_store={Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.GIVE_BACK: Grant(at_store={Role.MANAGER}),
    Action.HAND_BACK: Grant(at_store={Role.CASHIER, Role.MANAGER}),
    Action.EXPLAIN_DIFFERENCES: Grant(at_store={Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.SEE_STRAY_DIFFERENCES: Grant(in_group={Role.DIRECTION}),
    Action.CREATE_CLIENTS: Grant(at_store={Role.CASHIER, Role.MANAGER}),
    Action.MANAGE_STAFF: Grant(at_store={Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.MANAGE_SCREENS: Grant(at_store={Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.MANAGE_TOKENS: Grant(at_store={Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.MANAGE_WEBHOOKS: Grant(at_store={Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.SEE_AUDIT: Grant(at_store={Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.TAKE_ORDERS: Grant(at_store={Role.CASHIER}),
    Action.CHANGE_ORDERS: Grant(at_store={Role.CASHIER}),
    # A promise is corrected by who stands before the oven, or on the road.
    Action.MOVE_PROMISES: Grant(at_store={Role.PIZZAIOLO, Role.DRIVER, Role.MANAGER}),
    Action.SET_RUSH: Grant(at_store={Role.PIZZAIOLO, Role.CASHIER, Role.MANAGER}),
    Action.PLAN_SERVICE: Grant(at_store={Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.MANAGE_OFFERS: Grant(at_store={Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.CHANGE_STOCK: Grant(at_store={Role.PIZZAIOLO, Role.MANAGER}),
    Action.TAKE_OFF_SALE: Grant(at_store={Role.PIZZAIOLO, Role.MANAGER}),
    Action.CHANGE_RECIPES: Grant(at_store={Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.SEE_REVIEWS: Grant(at_store={Role.CASHIER, Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.ANSWER_REVIEWS: Grant(at_store={Role.MANAGER}),
    Action.SEE_DAY: Grant(at_store={Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.EXPORT: Grant(at_store={Role.MANAGER}, in_group={Role.DIRECTION}),
    Action.SEE_GROUP: Grant(in_group={Role.DIRECTION}),
}


def allows(*, roles: Collection[str], action: Action) -> bool:
    """Whether one of these roles, held at a store, allows this there."""
    return not PERMISSIONS[action].roles.isdisjoint(roles)
