"""The way around a client's account."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django import template
from django.template import RequestContext
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from pizzeria.accounts.selectors import works_somewhere
from pizzeria.money import euros

register = template.Library()

SIGNING_IN = (
    "account_security",
    "account_email",
    "account_change_password",
    "account_set_password",
    "account_reauthenticate",
    "socialaccount_connections",
    "mfa_",
)
TABS = (
    ("shop:account_orders", _("Commandes"), _("Ce que vous avez commandé"), ("account_orders",)),
    ("shop:account_offers", _("Promotions"), _("Ce qui est pour vous en ce moment"), ("account_offers",)),
    ("shop:account_addresses", _("Adresses"), _("Où nous livrons, et pour les factures"), ("account_address",)),
    ("shop:account_details", _("Informations"), _("Nom, téléphone, anniversaire"), ("account_details",)),
    ("shop:account_security", _("Connexion"), _("E-mail, mot de passe et autres façons d’entrer"), SIGNING_IN),
    ("shop:account_notices", _("Messages"), _("Ce qui vous est dit, et comment"), ("account_notices",)),
    ("usersessions_list", _("Appareils connectés"), _("Où votre compte est ouvert"), ("usersessions_list",)),
    ("shop:my_data", _("Mes données"), _("Les voir, les emporter, les supprimer"), ("my_data", "delete_me")),
)
"""A page of the account a row: where it is, its label, what it is for, what the names of the pages under it begin with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    url: str
    label: str
    about: str
    is_current: bool


@register.inclusion_tag("account/_tabs.html", takes_context=True)
def account_tabs(context: RequestContext) -> dict[str, object]:
    """The tabs of the account; the one under which the present page stands is marked, and who works here finds back."""
    request = context["request"]
    return {"tabs": tabs_of(context), "request": request, "is_of_staff": works_somewhere(user=request.user)}


@register.inclusion_tag("account/_cards.html", takes_context=True)
def account_cards(context: RequestContext) -> dict[str, object]:
    """The same pages as cards, which say what each is for."""
    return {"tabs": tabs_of(context)}


@register.filter
def told(value: object) -> str:
    """A value that we hold, as people read it."""
    if isinstance(value, bool):
        return _yes_or_no(value)
    if isinstance(value, datetime):
        return date_format(localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value)
    if isinstance(value, Decimal):
        return euros(value)
    if isinstance(value, dict):
        return ", ".join(f"{name} : {told(said)}" for name, said in value.items())
    return str(value)


def _yes_or_no(value: bool) -> str:  # noqa: FBT001 - it is the value
    return str(_("oui") if value else _("non"))


def tabs_of(context: RequestContext) -> list[Tab]:
    match = context["request"].resolver_match
    here = match.url_name if match else ""
    return [
        Tab(url=reverse(name), label=str(label), about=str(about), is_current=here.startswith(under))
        for name, label, about, under in TABS
    ]
