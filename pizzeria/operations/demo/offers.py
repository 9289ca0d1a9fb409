"""The demo group's offers: some that past orders have had, some that are aimed at clients from today on, one to come."""

from datetime import date, time, timedelta
from decimal import Decimal

from pizzeria.accounts.models import User
from pizzeria.catalogue.models import Size
from pizzeria.operations.demo.people import CLIENTS
from pizzeria.promotions.editing import OfferAsked, PartAsked, add_offer

PIZZA, DRINK, DESSERT = PartAsked(kind="pizza"), PartAsked(kind="drink"), PartAsked(kind="dessert")
LEAP_YEAR = 1992
WORKDAYS = [0, 1, 2, 3, 4]


def write_offers(*, first_day: date, today: date) -> None:
    """Write the offers of a group that opened on `first_day`; those for clients begin today.

    The first client's birthday is the day after tomorrow: there is one to show, whenever the group is loaded.
    """
    birthday = (today + timedelta(days=2)).replace(year=LEAP_YEAR)
    User.objects.filter(identifier=CLIENTS[0].email).update(birthday=birthday)
    medium = PartAsked(kind="pizza", sizes=list(Size.objects.filter(code="m")))
    _write("2 achetées = 1 offerte", "Buy 2, get 1 free", PIZZA, kind="set", bought=2, given=1, starts_on=first_day)
    _write(
        "Formule midi", "Lunch deal", medium, DRINK, DESSERT,
        kind="formula", price=Decimal("15.90"), starts_on=first_day,
        weekdays=WORKDAYS, from_time=time(11, 30), until_time=time(14),
    )  # fmt: skip
    _write(
        "Un dessert pour votre anniversaire", "A dessert for your birthday", DESSERT,
        kind="percent", reach="items", percent=100, starts_on=today, audience="birthday", most_each=1,
    )  # fmt: skip
    _write(
        "Vous nous manquez", "We miss you",
        kind="percent", percent=15, starts_on=today, audience="absent", audience_number=60, most_each=1,
    )  # fmt: skip
    _write(
        "5 € de bienvenue", "€5 to welcome you",
        kind="amount", amount=Decimal(5), code="BIENVENUE", minimum=Decimal(20), starts_on=today,
    )  # fmt: skip
    _write(
        "Livraison offerte", "Free delivery",
        kind="delivery", minimum=Decimal(30), starts_on=today + timedelta(days=7), ends_on=today + timedelta(days=21),
    )  # fmt: skip


def _write(name: str, name_en: str, *parts: PartAsked, **values: object) -> None:
    values |= {"name": name, "name_en": name_en}
    add_offer(asked=OfferAsked(values=values, parts=parts), acting_user=None)
