"""The drivers' floats of the demo: given before a day's first cash, counted before the next day's."""

from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from pizzeria.accounts.models import Role, User
from pizzeria.operations.demo.places import Place
from pizzeria.payments.models import CashRound
from pizzeria.payments.rounds import close_round, expected, open_round

FLOAT = Decimal("40.00")
SHORT = Decimal("2.00")
NINTH = 9
"""One float in nine comes back with a little less, and a word about it."""


def carry_float(*, place: Place, driver: User, at: datetime) -> None:
    """Give a driver the float of the day, once the one of an earlier day is back."""
    out = CashRound.objects.filter(store=place.store, driver=driver, closed_at=None).first()
    if out and timezone.localdate(out.opened_at) >= timezone.localdate(at):
        return
    if out:
        _count(out, place, at)
    _give(place, driver, at)


def count_floats(*, place: Place, at: datetime) -> None:
    """Leave them as the demo opens: all are back, and the last of the drivers has just taken a new one."""
    for out in CashRound.objects.filter(store=place.store, closed_at=None).select_related("driver"):
        _count(out, place, at)
    _give(place, place.team[Role.DRIVER][-1], at)


def _give(place: Place, driver: User, at: datetime) -> None:
    cashier = place.team[Role.CASHIER][0]
    open_round(store=place.store, driver=driver, opening_amount=FLOAT, acting_user=cashier, at=at)


def _count(out: CashRound, place: Place, at: datetime) -> None:
    due = expected(cash_round=out)
    is_short = (out.driver_id + timezone.localdate(out.opened_at).toordinal()) % NINTH == 0
    close_round(
        cash_round=out,
        handed_over=due - SHORT if is_short else due,
        explanation="Une pièce de deux euros rendue en trop." if is_short else "",
        acting_user=place.team[Role.CASHIER][0],
        at=at,
    )
