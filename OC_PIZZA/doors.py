"""Every address of the site, by the name of its URL, and who may come in: what is not named here opens to nobody.

The views ask for themselves; this says what they have to ask, and `tests/test_doors.py` walks through all of it with every
role. Methods that a door does not name are refused before its view is asked: django-allauth's pages would take a PUT as
they take a POST, and no limit counts those.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pizzeria.accounts.permissions import Action


class Who(StrEnum):
    """Who comes in, in words that the refusals and the tests print."""

    EVERYBODY = "everybody"
    TOKEN = "whoever holds the order's token"  # noqa: S105 - says who, and is no secret
    LINK = "whoever was sent the link"
    PENDING = "whoever has shown a password, and owes a second factor"
    SIGNED_IN = "whoever is signed in"
    TEAM = "whoever holds a role"
    STAFF = "a role that allows the action, at the store of the address"
    GROUP = "a role of the group that allows the action"
    REPORTS = "a role that allows the action, at any store"
    SCREEN = "a browser that is a shared screen of the store"
    BEARER = "whoever holds a device's token"
    MACHINE = "a program on this machine"
    STRIPE = "Stripe, by its signature"


READ = ("GET", "HEAD")
POST = ("POST",)
FORM = ("GET", "HEAD", "POST")


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Who comes in, by which methods; of staff, whoever may do what."""

    who: Who
    methods: tuple[str, ...]
    action: Action | None = None
    is_of_staff: bool = False
    """Whether its pages stand in the frame of the staff's."""


def _door(who: Who) -> Callable[[tuple[str, ...]], Door]:
    return lambda methods: Door(who=who, methods=methods, is_of_staff=who == Who.TEAM)


everybody, pending, signed_in = _door(Who.EVERYBODY), _door(Who.PENDING), _door(Who.SIGNED_IN)
by_token, by_link = _door(Who.TOKEN), _door(Who.LINK)
team, bearer, machine, stripe = _door(Who.TEAM), _door(Who.BEARER), _door(Who.MACHINE), _door(Who.STRIPE)
at_screen = _door(Who.SCREEN)


def staff(action: Action, methods: tuple[str, ...]) -> Door:
    return Door(who=Who.STAFF, methods=methods, action=action, is_of_staff=True)


def staff_entrance(methods: tuple[str, ...]) -> Door:
    """Everybody's, in the staff's frame."""
    return Door(who=Who.EVERYBODY, methods=methods, is_of_staff=True)


def group(action: Action, methods: tuple[str, ...]) -> Door:
    return Door(who=Who.GROUP, methods=methods, action=action, is_of_staff=True)


def reports(action: Action, methods: tuple[str, ...]) -> Door:
    return Door(who=Who.REPORTS, methods=methods, action=action, is_of_staff=True)


MACHINES = {
    "healthz": everybody(READ),
    "readyz": everybody(READ),
    "supervision:metrics": machine(READ),
    "shop:stripe_webhook": stripe(POST),
}

SHOP = {
    "shop:home": everybody(READ),
    "shop:menu": everybody(READ),
    "shop:makeable": everybody(READ),
    "shop:expected": everybody(READ),
    "shop:product": everybody(READ),
    "shop:picture": everybody(READ),
    "shop:cart": everybody(READ),
    "shop:cart_add": everybody(POST),
    "shop:cart_move": everybody(POST),
    "shop:cart_line": everybody(POST),
    "shop:cart_code": everybody(POST),
    "shop:checkout": everybody(FORM),
    "shop:find_order": everybody(FORM),
    "shop:pay_came_back": everybody(READ),
    "shop:language": everybody(READ),
    "shop:me": everybody(READ),
    "shop:robots": everybody(READ),
    "shop:privacy": everybody(READ),
    "shop:service_worker": everybody(READ),
    "shop:offline": everybody(READ),
    "shop:style": everybody(READ),
}

ORDERS = {
    "shop:order": by_token(READ),
    "shop:order_cancel": by_token(POST),
    "shop:order_change": by_token(FORM),
    "shop:order_change_begin": by_token(POST),
    "shop:order_change_abandon": by_token(POST),
    "shop:order_progress": by_token(READ),
    "shop:order_notices": by_token(FORM),
    "shop:order_browser": by_token(POST),
    "shop:stop": by_link(FORM),
    "shop:receipt": by_token(READ),
    "shop:recap": by_token(READ),
    "shop:recap_pdf": by_token(READ),
    "shop:ticket_pdf": by_token(READ),
    "shop:review": by_token(FORM),
    "shop:order_again": by_token(POST),
    "shop:pay": by_token(READ),
    "shop:pay_begin": by_token(POST),
    "shop:pay_cards": by_token(POST),
    "shop:pay_return": by_token(READ),
    "shop:pay_state": by_token(READ),
    "shop:pay_at_door": by_token(POST),
    "shop:pay_give_up": by_token(POST),
}

SIGNING_IN = {
    "account_login": everybody(FORM),
    "account_logout": everybody(FORM),
    "account_inactive": everybody(READ),
    "account_signup": everybody(FORM),
    "account_email_verification_sent": everybody(READ),
    "account_confirm_email": by_link(FORM),
    "account_invitation": by_link(FORM),
    "account_reset_password": everybody(FORM),
    "account_reset_password_done": everybody(READ),
    "account_reset_password_from_key": by_link(FORM),
    "account_reset_password_from_key_done": everybody(READ),
    "account_unlock": everybody(FORM),
    "account_know_browser": by_link(FORM),
    "mfa_authenticate": pending(FORM),
    "mfa_login_webauthn": everybody(FORM),
    "socialaccount_signup": everybody(FORM),
    "socialaccount_login_cancelled": everybody(READ),
    "socialaccount_login_error": everybody(READ),
    "google_login": everybody(FORM),
    "google_callback": everybody(READ),
    "facebook_login": everybody(FORM),
    "facebook_callback": everybody(READ),
    "backoffice:login": staff_entrance(FORM),
    "backoffice:logout": staff_entrance(POST),
}

ACCOUNTS = {
    "shop:account": signed_in(READ),
    "shop:account_details": signed_in(FORM),
    "shop:account_security": signed_in(READ),
    "shop:account_addresses": signed_in(READ),
    "shop:account_address_add": signed_in(FORM),
    "shop:account_address_billing": signed_in(FORM),
    "shop:account_address_change": signed_in(FORM),
    "shop:account_address_usual": signed_in(POST),
    "shop:account_address_remove": signed_in(POST),
    "shop:account_orders": signed_in(FORM),
    "shop:account_offers": signed_in(READ),
    "shop:order_claim": signed_in(POST),
    "shop:account_notices": signed_in(FORM),
    "shop:account_browser": signed_in(POST),
    "shop:my_data": signed_in(READ),
    "shop:my_data_shown": signed_in(READ),
    "shop:my_data_file": signed_in(READ),
    "shop:delete_me": signed_in(FORM),
    "account_reauthenticate": signed_in(FORM),
    "account_email": signed_in(FORM),
    "account_change_password": signed_in(FORM),
    "account_set_password": signed_in(FORM),
    "mfa_index": signed_in(READ),
    "mfa_reauthenticate": signed_in(FORM),
    "mfa_activate_totp": signed_in(FORM),
    "mfa_deactivate_totp": signed_in(FORM),
    "mfa_view_recovery_codes": signed_in(READ),
    "mfa_generate_recovery_codes": signed_in(FORM),
    "mfa_download_recovery_codes": signed_in(READ),
    "mfa_list_webauthn": signed_in(READ),
    "mfa_add_webauthn": signed_in(FORM),
    "mfa_reauthenticate_webauthn": signed_in(FORM),
    "mfa_remove_webauthn": signed_in(FORM),
    "mfa_edit_webauthn": signed_in(FORM),
    "usersessions_list": signed_in(FORM),
    "socialaccount_connections": signed_in(FORM),
}

TEAM = {
    # Before any page of the staff opens: nobody has shown yet that the account is theirs alone.
    "backoffice:first_password": signed_in(FORM),
    "backoffice:second_factor": signed_in(READ),
    "backoffice:me": team(FORM),
    "backoffice:no_pin": team(POST),
    "backoffice:staff": staff(Action.MANAGE_STAFF, READ),
    "backoffice:add_staff": staff(Action.MANAGE_STAFF, FORM),
    "backoffice:join_staff": staff(Action.MANAGE_STAFF, FORM),
    "backoffice:person": staff(Action.MANAGE_STAFF, FORM),
    "backoffice:suspend": staff(Action.MANAGE_STAFF, POST),
    "backoffice:bring_back": staff(Action.MANAGE_STAFF, POST),
    "backoffice:remove": staff(Action.MANAGE_STAFF, POST),
    "backoffice:new_password": staff(Action.MANAGE_STAFF, POST),
    "backoffice:new_identifier": staff(Action.MANAGE_STAFF, POST),
    "backoffice:screens": staff(Action.MANAGE_SCREENS, FORM),
    "backoffice:revoke_screen": staff(Action.MANAGE_SCREENS, POST),
    "backoffice:devices": staff(Action.MANAGE_TOKENS, FORM),
    "backoffice:revoke_device": staff(Action.MANAGE_TOKENS, POST),
    "backoffice:webhooks": staff(Action.MANAGE_WEBHOOKS, FORM),
    "backoffice:webhook": staff(Action.MANAGE_WEBHOOKS, READ),
    "backoffice:rotate_webhook": staff(Action.MANAGE_WEBHOOKS, POST),
    "backoffice:try_webhook": staff(Action.MANAGE_WEBHOOKS, POST),
    "backoffice:pause_webhook": staff(Action.MANAGE_WEBHOOKS, POST),
    "backoffice:resume_webhook": staff(Action.MANAGE_WEBHOOKS, POST),
    "backoffice:remove_webhook": staff(Action.MANAGE_WEBHOOKS, POST),
    "backoffice:resend_webhook": staff(Action.MANAGE_WEBHOOKS, POST),
    "backoffice:screen": at_screen(READ),
    "backoffice:screen_enter": at_screen(FORM),
    "backoffice:screen_leave": at_screen(POST),
}

STAFF = {
    "backoffice:home": team(READ),
    "backoffice:group": group(Action.SEE_GROUP, READ),
    "backoffice:group_sales": reports(Action.SEE_FIGURES, READ),
    "backoffice:all_orders": reports(Action.SEE_ORDERS, READ),
    "backoffice:day": staff(Action.SEE_DAY, READ),
    "backoffice:exports": staff(Action.EXPORT, READ),
    "backoffice:export": staff(Action.EXPORT, POST),
    "backoffice:board": staff(Action.SEE_BOARD, READ),
    "backoffice:recipe": staff(Action.SEE_RECIPES, READ),
    "backoffice:makeable": staff(Action.SEE_MAKEABLE, READ),
    "backoffice:driver": staff(Action.SEE_DELIVERIES, READ),
    "backoffice:take_order": staff(Action.TAKE_ORDERS, READ),
    "backoffice:take_found": staff(Action.TAKE_ORDERS, READ),
    "backoffice:take_draft": staff(Action.TAKE_ORDERS, FORM),
    "backoffice:take_caller": staff(Action.TAKE_ORDERS, POST),
    "backoffice:take_place": staff(Action.TAKE_ORDERS, POST),
    "backoffice:new_client": staff(Action.CREATE_CLIENTS, FORM),
    "backoffice:counter": staff(Action.SEE_COUNTER, READ),
    "backoffice:oven": staff(Action.SET_RUSH, READ),
    "backoffice:rush": staff(Action.SET_RUSH, POST),
    "backoffice:calm": staff(Action.SET_RUSH, POST),
    "backoffice:move_promises": staff(Action.SET_RUSH, FORM),
    "backoffice:oven_lost": staff(Action.SET_RUSH, FORM),
    "backoffice:oven_mended": staff(Action.SET_RUSH, POST),
    "backoffice:hours": staff(Action.PLAN_SERVICE, FORM),
    "backoffice:capacity": staff(Action.PLAN_SERVICE, FORM),
    "backoffice:identity": staff(Action.PLAN_SERVICE, FORM),
    "backoffice:zones": staff(Action.PLAN_SERVICE, FORM),
    "backoffice:orders": staff(Action.SEE_ORDERS, READ),
    "backoffice:order": staff(Action.SEE_ORDERS, READ),
    "backoffice:delay": staff(Action.MOVE_PROMISES, FORM),
    "backoffice:advance": staff(Action.MOVE_ORDERS, POST),
    "backoffice:cancel": staff(Action.CANCEL_ORDERS, FORM),
    "backoffice:change": staff(Action.CHANGE_ORDERS, FORM),
    "backoffice:take": staff(Action.TAKE_PAYMENTS, FORM),
    "backoffice:receipt": staff(Action.SEE_RECEIPTS, READ),
    "backoffice:recap_pdf": staff(Action.SEE_RECEIPTS, READ),
    "backoffice:ticket_pdf": staff(Action.SEE_RECEIPTS, READ),
    "backoffice:reviews": staff(Action.SEE_REVIEWS, READ),
    "backoffice:answer_review": staff(Action.ANSWER_REVIEWS, FORM),
    "backoffice:gesture": staff(Action.GIVE_BACK, FORM),
    "backoffice:money": staff(Action.SEE_PAYMENTS, READ),
    "backoffice:hand_back": staff(Action.HAND_BACK, POST),
    "backoffice:call_off_refund": staff(Action.GIVE_BACK, POST),
    "backoffice:retry_refund": staff(Action.GIVE_BACK, POST),
    "backoffice:settle_refund": staff(Action.GIVE_BACK, FORM),
    "backoffice:explain": staff(Action.EXPLAIN_DIFFERENCES, FORM),
    "backoffice:rounds": staff(Action.SEE_ROUNDS, FORM),
    "backoffice:close_round": staff(Action.CLOSE_ROUNDS, FORM),
    "backoffice:prices": staff(Action.PLAN_PRICES, FORM),
    "backoffice:cancel_price": staff(Action.PLAN_PRICES, POST),
    "backoffice:stock": staff(Action.SEE_STOCK, READ),
    "backoffice:stock_item": staff(Action.SEE_STOCK, READ),
    "backoffice:movements": staff(Action.SEE_STOCK, READ),
    "backoffice:change_stock": staff(Action.CHANGE_STOCK, POST),
    "backoffice:delivery": staff(Action.CHANGE_STOCK, FORM),
    "backoffice:inventory": staff(Action.CHANGE_STOCK, FORM),
    "backoffice:off_sale": staff(Action.TAKE_OFF_SALE, POST),
    "backoffice:on_sale": staff(Action.TAKE_OFF_SALE, POST),
    "backoffice:recipes": staff(Action.SEE_RECIPES, READ),
    "backoffice:recipe_sheet": staff(Action.SEE_RECIPES, READ),
    "backoffice:change_recipe": staff(Action.CHANGE_RECIPES, FORM),
    "backoffice:ingredients": staff(Action.SEE_RECIPES, READ),
    "backoffice:add_ingredient": staff(Action.CHANGE_RECIPES, FORM),
    "backoffice:ingredient": staff(Action.CHANGE_RECIPES, FORM),
    "backoffice:offers": staff(Action.MANAGE_OFFERS, READ),
    "backoffice:add_offer": staff(Action.MANAGE_OFFERS, FORM),
    "backoffice:offer": staff(Action.MANAGE_OFFERS, FORM),
    "backoffice:end_offer": staff(Action.MANAGE_OFFERS, POST),
    "backoffice:stock_order": staff(Action.SEE_STOCK, READ),
    "backoffice:receive_stock": staff(Action.RECEIVE_STOCK, POST),
    "backoffice:sales": staff(Action.SEE_FIGURES, READ),
    "backoffice:journal": staff(Action.SEE_AUDIT, READ),
    "backoffice:journal_file": staff(Action.SEE_AUDIT, READ),
    "supervision:status": group(Action.SEE_SUPERVISION, READ),
    "supervision:state": group(Action.SEE_SUPERVISION, READ),
}

API = {
    "api:api-root": everybody(READ),
    "api:openapi-json": everybody(READ),
    "api:openapi-view": everybody(READ),
    "api:list_stores": everybody(READ),
    "api:read_store": everybody(READ),
    "api:read_menu": everybody(READ),
    "api:quote_basket": everybody(POST),
    "api:list_slots": everybody(POST),
    "api:place_order": everybody(POST),
    "api:read_order": by_token((*READ, "PUT")),
    "api:cancel_order": by_token(POST),
    "api:list_staff_orders": bearer(READ),
    "api:read_staff_order": bearer(READ),
    "api:advance_order": bearer(POST),
    "api:read_stock": bearer(READ),
    "api:read_makeable": bearer(READ),
}
"""One door an address: where several operations share it, its name is the first one's."""

FIRST_PASSWORD = "backoffice:first_password"  # noqa: S105 - the name of a page
LINKING = frozenset({"google_login", "google_callback", "facebook_login", "facebook_callback"})
"""Everybody's, by which whoever is signed in adds a way in to their account: not before their own password (`FIRST_PASSWORD`)."""

MAY_BE_KEPT = frozenset(
    {"shop:home", "shop:robots", "api:openapi-json", "api:openapi-view", "api:list_stores", "api:read_store"}
)
"""Nothing of the visitor is in their answers. Of every other one browsers and caches keep nothing, unless its view says how."""

DOORS: dict[str, Door] = MACHINES | SHOP | ORDERS | SIGNING_IN | ACCOUNTS | TEAM | STAFF | API
