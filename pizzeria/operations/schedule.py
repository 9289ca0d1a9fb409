"""What the scheduled jobs of the cities do: the cyclic update (6.2), step by step.

Every step is a service of its own room, can be done again without doing anything twice, and does not stop the others
when it fails.
"""

import logging
import sys
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pizzeria.accounts.audit import forget_entries_of_long_ago
from pizzeria.accounts.limits import forget_past_attempts
from pizzeria.accounts.retention import forget_expired_devices
from pizzeria.accounts.sessions import forget_expired_sessions
from pizzeria.catalogue.models import Ingredient
from pizzeria.catalogue.prices import apply_planned_prices
from pizzeria.ledger.closings import close_due
from pizzeria.ledger.models import Period
from pizzeria.ledger.verification import verify_since
from pizzeria.live.services import prune
from pizzeria.live.tasks import EVENT_LIFE
from pizzeria.notifications.retention import forget_old_notices
from pizzeria.operations.comparing import told_of
from pizzeria.operations.jobs import forget_finished_jobs
from pizzeria.operations.runs import RUN_LIFE, forget_old_runs
from pizzeria.ordering.cart import forget_old_carts
from pizzeria.ordering.closing import close_left_open
from pizzeria.ordering.comparing import compare_day
from pizzeria.ordering.drafts import forget_old_drafts
from pizzeria.ordering.models import Order
from pizzeria.ordering.retention import anonymise_inactive_clients, anonymise_old_orders, delete_never_confirmed
from pizzeria.ordering.sales import recompute_sales
from pizzeria.ordering.tasks import CART_LIFE, DRAFT_LIFE
from pizzeria.stock.proposals import propose_order
from pizzeria.stock.services import refresh_makeable
from pizzeria.stores.models import City
from pizzeria.webhooks.retention import forget_old_deliveries

logger = logging.getLogger(__name__)

Tell = Callable[[str], object]

VERIFIED_BACK = timedelta(days=40)
MOST_FINDINGS = 5
"""More of them are for `verify_ledger` to tell."""


class StepsFailedError(Exception):
    """Some steps of an update failed, the others were done; the message names them."""


class BrokenJournalError(Exception):
    """A journal is not as it was written; the message says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A part of the update: its name, and what does it and says in words what it has done."""

    name: str
    do: Callable[[], str]


def refresh_city(*, code: str) -> None:
    """Update a city, and what the group shares, telling each step on the standard output. Idempotent.

    Raises City.DoesNotExist for a code that no city has, and StepsFailedError once all other steps were done.
    """
    run_steps(steps_of(cities=[City.objects.get(code=code)]), tell=lambda line: sys.stdout.write(f"{line}\n"))


def steps_of(*, cities: Collection[City]) -> list[Step]:
    """Those of each of these cities, then those of the group."""
    of_cities = [
        Step(name=f"{city.name}, {name}", do=partial(do, city)) for city in cities for name, do in _city_steps()
    ]
    return of_cities + [Step(name=name, do=do) for name, do in _group_steps()]


def run_steps(steps: Sequence[Step], *, tell: Tell) -> None:
    """Do every step and tell what it did. Raises StepsFailedError at the end, naming those that failed."""
    failed = []
    for step in steps:
        if not connection.in_atomic_block:
            # The step before may have failed of its connection.
            connection.close_if_unusable_or_obsolete()
        try:
            told = step.do()
        except Exception as error:  # logged in full, told, and the command ends with it: the other steps are done first
            logger.exception("%s failed", step.name)
            failed.append(step.name)
            told = _("échec, %(error)s") % {"error": " ".join(f"{type(error).__name__}: {error}".split())}
        tell(f"{step.name} : {told}")
    if failed:
        raise StepsFailedError(", ".join(failed))


def _city_steps() -> list[tuple[str, Callable[[City], str]]]:
    return [
        (_("commandes de la veille"), _close_orders),
        (_("pizzas réalisables"), _refresh_makeable),
        (_("ventes par jour"), _recompute_sales),
        (_("stock à commander pour demain"), _propose_orders),
        (_("journal clos"), _close_journal),
        (_("journal relu"), _verify_journal),
    ]


def _group_steps() -> list[tuple[str, Callable[[], str]]]:
    return [
        (_("paiements comparés à Stripe"), _compare_payments),
        (_("prix prévus"), _apply_prices),
        (_("paniers"), _expire_carts),
        (_("événements et journaux"), _forget_events),
        (_("clients sans activité"), _anonymise_clients),
        (_("comptes jamais confirmés"), _delete_unconfirmed),
        (_("commandes d’il y a longtemps"), _anonymise_orders),
        (_("sessions"), _forget_sessions),
        (_("jetons, écrans et essais"), _forget_devices),
        (_("messages envoyés"), _forget_messages),
        (_("journal d’activité"), _forget_audit),
    ]


def _close_orders(city: City) -> str:
    ended = close_left_open(city=city, at=timezone.now())
    if not ended:
        return _("aucune n’était restée ouverte")
    return ", ".join(f"{count} × {Order.Status(status).label}" for status, count in sorted(ended.items()))


def _refresh_makeable(city: City) -> str:
    ingredients = list(Ingredient.objects.values_list("pk", flat=True))
    stores = list(city.stores.all())
    for store in stores:
        with transaction.atomic():
            refresh_makeable(store=store, ingredient_ids=ingredients)
    return ngettext(
        "recalculées pour %(stores)s point de vente", "recalculées pour %(stores)s points de vente", len(stores)
    ) % {"stores": len(stores)}


def _recompute_sales(city: City) -> str:
    now = timezone.now()
    changed = sum(recompute_sales(store=store, at=now) for store in city.stores.all())
    return ngettext("%(count)s chiffre changé", "%(count)s chiffres changés", changed) % {"count": changed}


def _propose_orders(city: City) -> str:
    now = timezone.now()
    count = sum(propose_order(store=store, at=now) for store in city.stores.all())
    return ngettext("%(count)s ingrédient proposé", "%(count)s ingrédients proposés", count) % {"count": count}


def _close_journal(city: City) -> str:
    now = timezone.now()
    closed = Counter(closing.period for store in city.stores.all() for closing in close_due(store=store, at=now))
    if not closed:
        return _("rien à clore")
    return ", ".join(f"{closed[period]} × {period.label}" for period in Period if closed[period])


def _verify_journal(city: City) -> str:
    """From the year's first day on, and from the one before while it is new: `verify_ledger` walks the whole."""
    since = (timezone.localdate() - VERIFIED_BACK).replace(month=1, day=1)
    found = [
        f"{store.slug}, {finding}" for store in city.stores.all() for finding in verify_since(store=store, day=since)
    ]
    if found:
        raise BrokenJournalError("; ".join(found[:MOST_FINDINGS]))
    return _("entier depuis le %(day)s") % {"day": date_format(since)}


def _compare_payments() -> str:
    """Yesterday, and the day before: what came in late."""
    now, today = timezone.now(), timezone.localdate()
    days = [today - timedelta(days=back) for back in (2, 1)]
    told = [told_of(day, compare_day(day=day, at=now)) for day in days]
    return " ; ".join(dict.fromkeys(told))


def _apply_prices() -> str:
    changed = apply_planned_prices(on=timezone.localdate())
    return _("%(applied)s en vigueur de ce jour, %(ended)s terminés") % {
        "applied": changed.applied,
        "ended": changed.ended,
    }


def _expire_carts() -> str:
    now = timezone.now()
    return _expired(forget_old_carts(before=now - CART_LIFE) + forget_old_drafts(before=now - DRAFT_LIFE))


def _forget_events() -> str:
    now = timezone.now()
    return _expired(prune(before=now - EVENT_LIFE) + forget_old_runs(before=now - RUN_LIFE))


def _anonymise_clients() -> str:
    return _anonymised(anonymise_inactive_clients(years=settings.CLIENT_RETENTION_YEARS, at=timezone.now()))


def _anonymise_orders() -> str:
    return _anonymised(anonymise_old_orders(years=settings.ORDER_RETENTION_YEARS, at=timezone.now()))


def _anonymised(count: int) -> str:
    return _("%(count)s rendus anonymes") % {"count": count}


def _forget_sessions() -> str:
    return _expired(forget_expired_sessions(at=timezone.now()))


def _delete_unconfirmed() -> str:
    return _expired(delete_never_confirmed(days=settings.UNCONFIRMED_ACCOUNT_DAYS, at=timezone.now()))


def _forget_devices() -> str:
    now = timezone.now()
    attempts = forget_past_attempts(at=now - timedelta(days=settings.ATTEMPT_RETENTION_DAYS))
    return _expired(attempts + forget_expired_devices(before=now - timedelta(days=settings.TOKEN_RETENTION_DAYS)))


def _forget_messages() -> str:
    now = timezone.now()
    jobs = forget_finished_jobs(before=now - timedelta(days=settings.JOB_RETENTION_DAYS))
    jobs += forget_old_notices(before=now - timedelta(days=settings.NOTICE_RETENTION_DAYS))
    return _expired(jobs + forget_old_deliveries(before=now - timedelta(days=settings.WEBHOOK_RETENTION_DAYS)))


def _forget_audit() -> str:
    return _expired(forget_entries_of_long_ago(months=settings.AUDIT_RETENTION_MONTHS, at=timezone.now()))


def _expired(count: int) -> str:
    return ngettext("%(count)s expiré, supprimé", "%(count)s expirés, supprimés", count) % {"count": count}
