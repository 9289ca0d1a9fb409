"""The charts of the responsable and the direction: what is drawn, and the words beside it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from pizzeria.backoffice.charts import Chart, Column, top_of
from pizzeria.money import euros
from pizzeria.ordering.day import Hour
from pizzeria.ordering.models import OvenSlot
from pizzeria.ordering.punctuality import Kept
from pizzeria.ordering.sales_selectors import Day

WHOLE = Decimal(100)


def turnover_by_hour(hours: Sequence[Hour], *, weekday: str) -> Chart:
    """The day's hours, each with what the same hour of that weekday brings."""
    columns = [
        Column(
            label=_("%(hour)s h") % {"hour": hour.hour},
            value=hour.turnover,
            words=euros(hour.turnover),
            against=hour.usual or None,
            against_words=euros(hour.usual),
        )
        for hour in hours
    ]
    top = top_of(columns)
    return Chart(
        name="hours",
        title=_("Chiffre d’affaires par heure"),
        heading=_("Heure"),
        values=_("Ce jour"),
        against=_("D’habitude le %(weekday)s") % {"weekday": weekday},
        columns=columns,
        top=top,
        scale=_euros_scale(top),
    )


def turnover_by_day(days: Sequence[Day]) -> Chart:
    columns = [Column(label=date_format(day.day, "j b"), value=day.turnover, words=euros(day.turnover)) for day in days]
    top = top_of(columns)
    return Chart(
        name="turnover",
        title=_("Chiffre d’affaires par jour"),
        heading=_("Jour"),
        values=_("Chiffre d’affaires"),
        columns=columns,
        top=top,
        scale=_euros_scale(top),
    )


def ovens(slots: Sequence[OvenSlot]) -> Chart:
    """Quarter-hours: the minutes that orders hold, of those that there are."""
    columns = [
        Column(
            label=date_format(timezone.localtime(slot.starts_at), "H:i"),
            value=Decimal(slot.reserved),
            words=_("%(minutes)s min") % {"minutes": slot.reserved},
            against=Decimal(slot.minutes),
            against_words=_("%(minutes)s min") % {"minutes": slot.minutes},
        )
        for slot in slots
    ]
    top = top_of(columns)
    return Chart(
        name="ovens",
        title=_("Four, par quart d’heure"),
        heading=_("Quart d’heure"),
        values=_("Minutes réservées"),
        against=_("Minutes de four"),
        is_room=True,
        columns=columns,
        top=top,
        scale=(_minutes(top), _minutes(top / 2), _minutes(Decimal(0))),
    )


def promises(kept: Mapping[date, Kept], *, since: date, until: date) -> Chart:
    """Day by day: the share of orders that came within five minutes of the first promise, and of the last."""
    days = [since + timedelta(days=number) for number in range((until - since).days + 1)]
    columns = []
    for day in days:
        found = kept.get(day, Kept())
        columns.append(
            Column(
                label=date_format(day, "j b"),
                value=Decimal(found.percent_first),
                words=_percent(found.percent_first) if found.orders else _("aucune commande"),
                against=Decimal(found.percent_last) if found.orders else None,
                against_words=_percent(found.percent_last) if found.orders else "",
            )
        )
    return Chart(
        name="promises",
        title=_("Promesses tenues à 5 minutes près"),
        heading=_("Jour"),
        values=_("Première promesse"),
        against=_("Dernière promesse"),
        columns=columns,
        top=WHOLE,
        scale=(_percent(100), _percent(50), _percent(0)),
    )


def _euros_scale(top: Decimal) -> tuple[str, str, str]:
    return tuple(
        _("%(amount)s €") % {"amount": number_format(each, 0, force_grouping=True)} for each in (top, top / 2, 0)
    )  # type: ignore[return-value]


def _minutes(value: Decimal) -> str:
    return _("%(minutes)s min") % {"minutes": number_format(value, 0)}


def _percent(value: int) -> str:
    return _("%(number)s %%") % {"number": value}
