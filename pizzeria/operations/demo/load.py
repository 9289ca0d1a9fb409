"""Loading the demo group: once, and to its end even if a first attempt was stopped half way."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from django.db import transaction

from pizzeria.accounts.models import User
from pizzeria.operations.demo.catalogue import read_menu
from pizzeria.operations.demo.group import alone, analyze, write_group
from pizzeria.operations.demo.history import forget_news, write_past, write_present
from pizzeria.operations.demo.offers import write_offers
from pizzeria.operations.demo.people import GROUP, staff
from pizzeria.operations.demo.places import confirm_addresses, read_places, write_clients, write_staff
from pizzeria.stores.hours import PARIS

Progress = Callable[[int, int], None]
"""Told how many orders are written, of how many."""

TEAMS = [person for person in staff() if person not in GROUP]


def load_demo(*, days: int, seed: str, now: datetime, tell: Progress) -> bool:
    """Write the demo group with `days` of past orders until `now`; False when it is there already.

    The same seed and number of days give the same orders, counted back from the day of loading. A
    loading that was stopped is taken up where it stopped; a group without people gets them. Raises
    HouseTakenError, having changed nothing, when the database already sells something else.
    """
    with alone():
        if _is_complete():
            confirm_addresses()
            return False
        if not _is_begun():
            _begin(first_day=now.astimezone(PARIS) - timedelta(days=days), today=now.astimezone(PARIS))
        menu, places = read_menu(), read_places()
        write_past(menu=menu, places=places, days=days, seed=seed, now=now, tell=tell)
        with transaction.atomic():
            write_present(menu=menu, places=places, seed=seed, now=now)
            # Last: their accounts say that everything before them is there.
            write_staff(people=list(GROUP))
    return True


def _is_complete() -> bool:
    return User.objects.filter(identifier__in=[person.identifier for person in GROUP]).exists()


def _is_begun() -> bool:
    """Its stores' people are there: they are written with what they work on, or after it."""
    return User.objects.filter(identifier__in=[person.identifier for person in TEAMS]).exists()


def _begin(*, first_day: datetime, today: datetime) -> None:
    with transaction.atomic():
        write_group(opened_at=datetime.combine(first_day, time(0), tzinfo=PARIS))
        write_staff(people=TEAMS)
        write_clients()
        write_offers(first_day=first_day.date(), today=today.date())
        forget_news()
    analyze()
