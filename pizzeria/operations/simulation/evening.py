"""An evening, played: clients come, kitchens cook, drivers ride, each minute the house's job corrects what it must.

Everything that the site would be told, it is told by its own services, in the database, at simulated times. What the services
promise is all that they know; what a kitchen and a road then take, `noise` decides.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.contrib.auth.hashers import make_password

from pizzeria.accounts.models import Role, StaffRole, User
from pizzeria.operations.demo.baskets import Taste
from pizzeria.operations.demo.buyers import buyer_at
from pizzeria.operations.demo.catalogue import Menu, read_menu
from pizzeria.operations.demo.group import analyze, write_group
from pizzeria.operations.demo.offers import write_offers
from pizzeria.operations.demo.people import staff
from pizzeria.operations.demo.places import Place, read_places, write_clients, write_staff
from pizzeria.operations.simulation.agenda import Agenda
from pizzeria.operations.simulation.guests import Guest, Told
from pizzeria.operations.simulation.incidents import break_an_oven, send_a_pizzaiolo_home, take_nothing_for_a_while
from pizzeria.operations.simulation.plan import BREAKDOWN_AT, PAUSE_AT, RUSH_AT, EveningPlan
from pizzeria.operations.simulation.proofs import balanced, over_capacity
from pizzeria.operations.simulation.shop import Shop, drivers_of
from pizzeria.ordering.keeping import correct_promises
from pizzeria.ordering.letting_go import let_go
from pizzeria.ordering.models import Order
from pizzeria.stock.changing import Reason, change_quantity
from pizzeria.stock.models import StockItem
from pizzeria.stores.models import Store

MINUTE = timedelta(minutes=1)
AFTERWARDS = timedelta(hours=4)
"""By then everything that was ordered is eaten, or something is wrong."""
FRIDAY_SHELVES = 12
"""The morning's delivery, in full shelves: an ordinary day needs less than one."""
NO_PASSWORD = make_password(None)
MAY_RUN_OUT = frozenset({"burrata"})

Tell = Callable[[datetime, int], None]
"""Told what time it is in there, and how many orders stand."""


class EveningError(Exception):
    """The database is not one in which an evening can be played."""


@dataclass(slots=True, kw_only=True)
class Evening:
    """What was played, once `play` has come back."""

    plan: EveningPlan
    shops: list[Shop]
    told: Told
    broken: list[str] = field(default_factory=list)
    """Sentences about what must hold and did not."""


def play(*, plan: EveningPlan, tell: Tell) -> Evening:
    """Play an evening in the current database, which has no order yet. Raises EveningError for one that has."""
    if Order.objects.exists():
        raise EveningError
    agenda = Agenda(plan.since - timedelta(hours=1))
    menu, places = _opened(plan, agenda.now)
    told = Told()
    shops = [_shop(place, menu, plan, agenda, told) for place in places]
    evening = Evening(plan=plan, shops=shops, told=told)
    _write_down_who_comes(plan, agenda, shops, told)
    if plan.has_incidents:
        _write_down_what_goes_wrong(plan, agenda, shops)
    moment = plan.since
    while moment < plan.until + AFTERWARDS and (moment < plan.until or _is_busy()):
        agenda.run(moment)
        _each_minute(evening, moment)
        tell(moment, Order.objects.count())
        moment += MINUTE
    agenda.run(moment)
    evening.broken += balanced(stores=[shop.place.store for shop in shops])
    return evening


def _each_minute(evening: Evening, moment: datetime) -> None:
    """The jobs that a worker runs each minute, and the proof that no oven is promised twice."""
    let_go(at=moment, moment=moment)
    correct_promises(at=moment)
    evening.broken += over_capacity(at=moment)


def _is_busy() -> bool:
    ended = (Order.Status.DELIVERED, Order.Status.CANCELLED)
    return Order.objects.exclude(status__in=ended).exists()


def _opened(plan: EveningPlan, at: datetime) -> tuple[Menu, list[Place]]:
    """The demo's group with its people and its offers, its shelves full for a Friday."""
    if not Store.objects.exists():
        write_group(opened_at=at)
        write_staff(people=list(staff()))
        write_clients()
        write_offers(first_day=plan.day, today=plan.day)
        analyze()
    slugs = {row.slug for row in plan.rows}
    places = [place for place in read_places() if place.row.slug in slugs]
    for place in places:
        _fill_shelves(place, at)
    return read_menu(), places


def _fill_shelves(place: Place, at: datetime) -> None:
    for item in StockItem.objects.filter(store=place.store).select_related("ingredient").order_by("pk"):
        if item.ingredient.slug not in MAY_RUN_OUT:
            change_quantity(
                store=place.store, item_id=item.pk, reason=Reason.DELIVERY, quantity=FRIDAY_SHELVES * item.available,
                seen=item.version, acting_user=place.team[Role.MANAGER][0], at=at,
            )  # fmt: skip


def _shop(place: Place, menu: Menu, plan: EveningPlan, agenda: Agenda, told: Told) -> Shop:
    rng = plan.rng(place.row.slug)
    return Shop(
        place=place,
        agenda=agenda,
        rng=rng,
        taste=Taste(menu=menu, rng=rng),
        told=told,
        drivers=_drivers(place),
    )


def _drivers(place: Place) -> list[User]:
    """The shop's own, and those who help out on Fridays."""
    own = place.team[Role.DRIVER]
    extra = User.objects.bulk_create(
        User(
            identifier=f"extra-{place.row.slug}-{number}",
            first_name=f"Extra {number}",
            last_name="Vendredi",
            password=NO_PASSWORD,
        )
        for number in range(max(0, drivers_of(place.store) - len(own)))
    )
    StaffRole.objects.bulk_create(StaffRole(user=user, store=place.store, role=Role.DRIVER) for user in extra)
    return [*own, *extra]


def _write_down_who_comes(plan: EveningPlan, agenda: Agenda, shops: list[Shop], told: Told) -> None:
    by_slug = {shop.slug: shop for shop in shops}
    for at, slug in plan.arrivals():
        agenda.at(at, partial(_come, by_slug[slug], told))


def _come(shop: Shop, told: Told) -> None:
    Guest(
        agenda=shop.agenda,
        rng=shop.rng,
        taste=shop.taste,
        slug=shop.slug,
        buyer=buyer_at(place=shop.place, rng=shop.rng),
        told=told,
        placed=shop.placed,
    ).look()


def _write_down_what_goes_wrong(plan: EveningPlan, agenda: Agenda, shops: list[Shop]) -> None:
    """At three shops of middle size, or at those that there are."""
    first, second, third = (shops[number % len(shops)] for number in (4, 1, 2))
    break_an_oven(shop=first, agenda=agenda, at=plan.moment(BREAKDOWN_AT))
    if second is not first:
        send_a_pizzaiolo_home(shop=second, agenda=agenda, at=plan.moment(RUSH_AT))
    if third not in (first, second):
        take_nothing_for_a_while(shop=third, agenda=agenda, at=plan.moment(PAUSE_AT))
