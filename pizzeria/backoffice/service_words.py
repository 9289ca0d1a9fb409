"""What a plan of the service says, thing by thing, as two people who changed it at once compare theirs."""

from collections.abc import Mapping, Sequence

from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from pizzeria.backoffice.service_forms import places
from pizzeria.money import euros
from pizzeria.stores.identity import Identity
from pizzeria.stores.planning import DayPlan, Hours, OvenPlan, Week, ZonePlan


def hour_words(hours: Sequence[Hours]) -> str:
    """`11:30 – 14:30, 18:30 – 23:00`; `24 h/24`; `fermé`."""
    return ", ".join(_span(each) for each in hours) or _("fermé")


def week_words(week: Week) -> Mapping[str, str]:
    return {capfirst(str(label)): hour_words(week[day]) for day, label in WEEKDAYS.items()}


def day_words(plan: DayPlan | None) -> Mapping[str, str]:
    if plan is None:
        return {_("Ce jour"): _("comme d’habitude")}
    return {_("Ce jour"): hour_words(plan.hours), _("Raison"): plan.reason}


def oven_words(plan: OvenPlan) -> Mapping[str, str]:
    said = {_("Places au four"): str(places(plan.usual)), _("Minutes de préparation"): str(plan.preparation)}
    for (day, hour), minutes in sorted(plan.differing.items()):
        what = _("%(day)s à %(hour)s h") % {"day": capfirst(str(WEEKDAYS[day])), "hour": hour}
        said[what] = str(places(minutes))
    return said


def zone_words(plan: ZonePlan | None) -> Mapping[str, str]:
    if plan is None:
        return {_("Livraison"): _("aucune")}
    said = {
        _("Frais"): euros(plan.fee),
        _("Minimum"): euros(plan.minimum_order),
        _("Offerte dès"): euros(plan.free_from) if plan.free_from is not None else "",
        _("Minutes de route"): str(plan.minutes),
    }
    return said | {_("à %(hour)s h") % {"hour": hour}: str(minutes) for hour, minutes in sorted(plan.by_hour.items())}


def identity_words(identity: Identity) -> Mapping[str, str]:
    return {
        _("Raison sociale"): identity.company,
        _("SIRET"): identity.siret,
        _("N° de TVA"): identity.vat_number,
        _("Autre mention"): identity.legal_line,
        _("Téléphone"): identity.phone,
        _("Adresse électronique"): identity.email,
    }


def _span(each: Hours) -> str:
    return _("24 h/24") if each.opens == each.closes else f"{each.opens:%H:%M} – {each.closes:%H:%M}"
