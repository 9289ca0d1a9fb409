"""The service as the responsable plans it: opening hours, what the oven takes, where one delivers.

Each form says what it was filled from; who comes second is told what stands, beside what they typed.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.service_forms import DayForm, HolidaysForm, OvensForm, Planned, WeekForm, ZoneForm
from pizzeria.backoffice.service_words import day_words, oven_words, week_words, zone_words
from pizzeria.errors import BusinessError
from pizzeria.ordering import planned_hours
from pizzeria.ordering.errors import OrdersInTheWay
from pizzeria.ordering.models import Order
from pizzeria.stores import planning
from pizzeria.stores.calendar import coming_holidays
from pizzeria.stores.errors import InvalidService, ServiceChanged
from pizzeria.stores.models import OnHolidays
from pizzeria.stores.planning import Seen
from pizzeria.stores.selectors import store_with_hours

UNPROCESSABLE = 422
Words = Mapping[str, str]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.PLAN_SERVICE)
def hours(request: StaffRequest, place: Place) -> HttpResponse:
    """The week, an exceptional day and the holidays: each form has a button of its own, which names it."""
    page = HoursPage(request, place)
    if request.method == "POST" and page.save():
        return redirect("backoffice:hours", place.store.slug)
    today = timezone.localdate()
    context = {
        "place": place,
        "current": "hours",
        "page": page,
        "days": sorted(planning.day_plans_of(store=place.store, since=today).items()),
        "holidays": coming_holidays(store=store_with_hours(pk=place.store.pk), since=today),
    }
    return render(request, "backoffice/hours.html", context, status=UNPROCESSABLE if request.method == "POST" else 200)


class Editing:
    """A form that is being filled in, and what came in between: `conflict` holds what, mine, theirs; `in_the_way` orders."""

    def __init__(self) -> None:
        self.conflict: Sequence[tuple[str, str, str]] = ()
        self.in_the_way: Sequence[Order] = ()
        self.refused: Planned | None = None
        """The form that the refusal is about."""

    def told(self, form: Planned, error: BusinessError, *, mine: Words, words: Any) -> None:
        """Keep what was typed, and say what came in between; `words` says what stands as people read it."""
        self.refused = form
        if isinstance(error, ServiceChanged):
            self.conflict = planning.differences(mine, words(error.now.stands))
            form.shown_again(seen=error.now.mark)
        elif isinstance(error, OrdersInTheWay):
            self.in_the_way = error.orders
            known = form.cleaned_data["accepted"]
            form.shown_again(accepted=" ".join([*known, *(order.number for order in error.orders)]))
        elif isinstance(error, InvalidService):
            form.add_error(None, error.message)
        else:
            raise error


class HoursPage(Editing):
    """The three forms of the hours."""

    def __init__(self, request: StaffRequest, place: Place) -> None:
        super().__init__()
        self.request, self.store = request, place.store
        self.asked = request.POST.get("plan", "")
        week, on_holidays = planning.week_of(store=self.store), planning.on_holidays_of(store=self.store)
        self.day = self._day()
        plan: Seen[planning.DayPlan | None] = Seen(stands=None)
        if self.day:
            plan = planning.day_plan_of(store=self.store, day=self.day)
        self.is_planned = plan.stands is not None
        self.week_form = WeekForm(self._sent("week"), week=week.stands, mark=week.mark)
        self.day_form = DayForm(self._sent("day", "usual"), day=self.day, plan=plan.stands, mark=plan.mark)
        shown = {"on_holidays": on_holidays.stands, "seen": on_holidays.mark}
        self.holidays_form = HolidaysForm(self._sent("holidays"), initial=shown)

    def save(self) -> bool:
        """Whether what was sent is planned now; what it lacks, or what came in between, is told otherwise."""
        deeds = {"week": self._save_week, "day": self._save_day, "usual": self._save_usual}
        return deeds.get(self.asked, self._save_holidays)()

    def _sent(self, *names: str) -> Any:
        return self.request.POST if self.asked in names else None

    def _day(self) -> date | None:
        """The day that a link, or the form, is about."""
        asked = self.request.POST.get("day-day") or self.request.GET.get("jour", "")
        try:
            return parse_date(asked)
        except ValueError:
            return None

    def _save_week(self) -> bool:
        form = self.week_form
        if not form.is_valid():
            return False
        wanted, asked = form.cleaned_data["week"], form.cleaned_data
        try:
            planned_hours.plan_week(store=self.store, week=wanted, seen=asked["seen"], accepted=asked["accepted"])
        except BusinessError as error:
            self.told(form, error, mine=week_words(wanted), words=week_words)
            return False
        messages.success(self.request, _("La semaine est enregistrée."))
        return True

    def _save_day(self) -> bool:
        return self.day_form.is_valid() and self._save_plan(self.day_form.cleaned_data["plan"])

    def _save_usual(self) -> bool:
        return self.day_form.is_valid() and self._save_plan(None)

    def _save_plan(self, plan: planning.DayPlan | None) -> bool:
        asked = self.day_form.cleaned_data
        try:
            planned_hours.plan_day(
                store=self.store, day=asked["day"], plan=plan, seen=asked["seen"], accepted=asked["accepted"]
            )
        except BusinessError as error:
            self.told(self.day_form, error, mine=day_words(plan), words=day_words)
            return False
        messages.success(self.request, _("Le jour est enregistré : les clients le voient dès maintenant."))
        return True

    def _save_holidays(self) -> bool:
        form = self.holidays_form
        if not form.is_valid():
            return False
        asked = form.cleaned_data
        try:
            planned_hours.plan_holidays(
                store=self.store, on_holidays=asked["on_holidays"], seen=asked["seen"], accepted=asked["accepted"]
            )
        except BusinessError as error:
            self.told(form, error, mine=_holiday_words(asked["on_holidays"]), words=_holiday_words)
            return False
        messages.success(self.request, _("Les jours fériés sont enregistrés."))
        return True


def _holiday_words(on_holidays: str) -> Words:
    return {_("Jours fériés"): str(OnHolidays(on_holidays).label)}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.PLAN_SERVICE)
def capacity(request: StaffRequest, place: Place) -> HttpResponse:
    """How much the oven takes, by hour of the week, and how long an order takes when nothing waits."""
    week, seen = planning.week_of(store=place.store), planning.oven_plan_of(store=place.store)
    served = planning.served_hours(week=week.stands, besides=(hour for _day, hour in seen.stands.differing))
    form = OvensForm(request.POST or None, plan=seen.stands, hours=served, mark=seen.mark)
    editing = Editing()
    if form.is_valid():
        try:
            planned_hours.plan_ovens(store=place.store, plan=form.plan, seen=form.cleaned_data["seen"])
        except BusinessError as error:
            editing.told(form, error, mine=oven_words(form.plan), words=oven_words)
        else:
            messages.success(request, _("La capacité est enregistrée."))
            return redirect("backoffice:capacity", place.store.slug)
    weekdays = [capfirst(str(label)) for label in WEEKDAYS.values()]
    context = {"place": place, "current": "capacity", "form": form, "page": editing, "weekdays": weekdays}
    return render(request, "backoffice/capacity.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.PLAN_SERVICE)
def zones(request: StaffRequest, place: Place) -> HttpResponse:
    """The zones, and one of them in a form: the one of the link, or a new one."""
    plans = planning.zone_plans_of(store=place.store)
    code = request.POST.get("zone-postal_code") or request.GET.get("zone", "")
    seen = Seen(stands=plans.get(code))
    week = planning.week_of(store=place.store).stands
    served = planning.served_hours(week=week, besides=seen.stands.by_hour if seen.stands else ())
    form = ZoneForm(request.POST or None, plan=seen.stands, hours=served, mark=seen.mark)
    editing = Editing()
    if form.is_valid() and _is_zone_saved(request, place, form, editing):
        return redirect("backoffice:zones", place.store.slug)
    context = {
        "place": place,
        "current": "zones",
        "plans": list(plans.values()),
        "form": form,
        "chosen": seen.stands,
        "page": editing,
    }
    return render(request, "backoffice/zones.html", context, status=UNPROCESSABLE if form.is_bound else 200)


def _is_zone_saved(request: StaffRequest, place: Place, form: ZoneForm, editing: Editing) -> bool:
    plan = None if request.POST.get("plan") == "remove" else form.plan
    code, seen = form.plan.postal_code, form.cleaned_data["seen"]
    try:
        planning.plan_zone(store=place.store, postal_code=code, plan=plan, seen=seen)
    except BusinessError as error:
        editing.told(form, error, mine=zone_words(plan), words=zone_words)
        return False
    said = _("La zone %(code)s est enregistrée.") if plan else _("La zone %(code)s n’est plus livrée.")
    messages.success(request, capfirst(said % {"code": code}))
    return True
