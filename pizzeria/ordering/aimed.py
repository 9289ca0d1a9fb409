"""The offers that are aimed at one client (UC 3.2): which, why, until when."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.languages import localized
from pizzeria.ordering.offers import client_of
from pizzeria.promotions import selectors, words
from pizzeria.promotions.rules import Circumstances, Deal, Obstacle, obstacle, of_its_dates

OF_A_CLIENT = frozenset({Obstacle.USED_UP, Obstacle.NOT_FOR_YOU, Obstacle.HAD_IT})
"""What keeps an offer from a client altogether; another hour, pizzeria or basket may be chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aimed:
    """An offer in the client's words: what it gives, why it is theirs, its last day, and on which conditions."""

    name: str
    gives: str
    why: str
    until: date | None
    code: str
    conditions: list[str]


def aimed_at(*, customer: User, at: datetime) -> list[Aimed]:
    """The offers that this client has and others have not, the one that ends first before the others."""
    now = timezone.localtime(at)
    mine = [deal for deal in selectors.deals() if deal.knows_clients and not of_its_dates(deal, now)]
    if not mine:
        return []
    counted = [deal.pk for deal in mine if deal.most is not None]
    client = client_of(customer=customer, deals=mine, at=at)
    found = Circumstances(
        at=now,
        store=0,
        fulfilment="",
        channel="",
        gross=max(deal.minimum for deal in mine),
        client=client,
        used=selectors.used_of(keys=counted) if counted else {},
    )
    today = now.date()
    theirs = [deal for deal in mine if obstacle(_anywhere(deal), found) not in OF_A_CLIENT]
    told = [
        Aimed(
            name=localized(deal, "name"),
            gives=words.gives(deal),
            why=words.why_you(deal, client, today),
            until=words.until(deal, client, today),
            code=deal.code,
            conditions=words.conditions(deal),
        )
        for deal in theirs
    ]
    return sorted(told, key=lambda each: (each.until or date.max, each.name))


def _anywhere(deal: Deal) -> Deal:
    """The offer as far as it asks about the client: where, how and when they order, they have yet to say."""
    return replace(
        deal,
        starts_on=None,
        ends_on=None,
        stores=(),
        fulfilments=frozenset(),
        channels=frozenset(),
        weekdays=frozenset(),
        from_time=None,
        until_time=None,
    )
