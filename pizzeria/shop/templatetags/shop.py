"""What the shop's templates need beside the filters of the house."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format, time_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from pizzeria import money
from pizzeria.accounts.details import POSTAL_CODE
from pizzeria.catalogue.models import Product, Variant
from pizzeria.notifications.news import when
from pizzeria.ordering.lines import PricedLine
from pizzeria.shop.pictures import picture_url
from pizzeria.stores.calendar import day_of
from pizzeria.stores.hours import PARIS, Opening
from pizzeria.stores.models import Store

register = template.Library()
register.filter("when", when)


@register.simple_tag
def menu_url(store: Store) -> str:
    """The menu's address, which says its language: the page itself knows no cookie."""
    return in_language(reverse("shop:menu", args=[store.slug]))


@register.simple_tag
def product_url(store: Store, product: Product) -> str:
    return in_language(reverse("shop:product", args=[store.slug, product.slug]))


@register.simple_tag
def expected_url(store: Store, postal_code: str) -> str:
    """Where a menu asks what to expect now, at the door of whoever looks: of a code that is no figures nothing is asked."""
    path = in_language(reverse("shop:expected", args=[store.slug]))
    return f"{path}{'&' if '?' in path else '?'}code={postal_code}" if POSTAL_CODE.match(postal_code) else path


def in_language(path: str) -> str:
    language = get_language() or settings.LANGUAGE_CODE
    return path if language == settings.LANGUAGE_CODE else f"{path}?lang={language}"


@register.filter
def clock(moment: datetime) -> str:
    """`18:30`, in Paris and as the reader's language writes it."""
    return date_format(moment.astimezone(PARIS), "TIME_FORMAT")


@register.filter
def opening_words(opening: Opening) -> str:
    """`Ouvert jusqu’à 22:30`, `Fermé · ouvre demain à 11:30`."""
    if opening.is_open:
        return _open_words(opening)
    if opening.opens_at is None:
        return _("Fermé pour le moment")
    words = {"day": day_words(opening.opens_at), "time": clock(opening.opens_at), "reason": opening.reason}
    if opening.reason:
        return _("Fermé (%(reason)s) · ouvre %(day)s à %(time)s") % words
    return _("Fermé · ouvre %(day)s à %(time)s") % words


def _open_words(opening: Opening) -> str:
    if opening.until is None:
        return _("Ouvert 24 h/24")
    words = {"day": day_words(opening.until), "time": clock(opening.until)}
    return (_("Ouvert jusqu’à %(day)s à %(time)s") if opening.lasts_a_day else _("Ouvert jusqu’à %(time)s")) % words


@register.filter
def day_words(moment: datetime) -> str:
    """`aujourd’hui`, `demain`, or the weekday."""
    local, today = moment.astimezone(PARIS).date(), timezone.now().astimezone(PARIS).date()
    if local == today:
        return _("aujourd’hui")
    return _("demain") if (local - today).days == 1 else str(WEEKDAYS[local.weekday()])


@register.filter
def near_day(day: date) -> str:
    """`aujourd’hui`, `demain`, `mardi 1 décembre`."""
    ahead = (day - timezone.localdate()).days
    near = {0: _("aujourd’hui"), 1: _("demain")}
    return near.get(ahead) or date_format(day, "l j F")


@register.filter
def other_day(moment: datetime) -> str:
    """`demain`, `mardi 1 décembre`; nothing today, when the hour is enough."""
    day = timezone.localdate(moment)
    return "" if day == timezone.localdate() else near_day(day)


@register.filter
def short_day(day: date) -> str:
    """`aujourd’hui`, `demain`, `mar 1 déc.`: for a button."""
    return near_day(day) if (day - timezone.localdate()).days in {0, 1} else date_format(day, "D j N")


@dataclass(frozen=True, slots=True)
class ComingDay:
    """A day with its hours in words, and why they are not those of its weekday."""

    label: str
    words: str
    reason: str


@register.filter
def coming_week(store: Store) -> list[ComingDay]:
    """The hours of the next seven days, exceptional days and holidays included."""
    today = timezone.localdate()
    return [_coming(store, today + timedelta(days=ahead)) for ahead in range(7)]


def _coming(store: Store, day: date) -> ComingDay:
    found = day_of(store=store, day=day)
    words = ", ".join(_period(opens, closes) for opens, closes in found.periods) or _("fermé")
    return ComingDay(near_day(day), words, found.reason)


def _period(opens: time, closes: time) -> str:
    if opens == closes:
        return _("24 h/24")
    return " – ".join(time_format(moment, "TIME_FORMAT") for moment in (opens, closes))


@register.filter
def picture(line: PricedLine) -> str:
    """Where the picture of a line is, its halves as halves."""
    return picture_url(variant=line.variant, second_half=line.second_half)


@register.filter
def picture_of(variant: Variant) -> str:
    """Where the picture of a variant is, which was read with its recipe."""
    return picture_url(variant=variant)


@register.filter
def picture_of_halves(variant: Variant, second_half: Variant | None) -> str:
    return picture_url(variant=variant, second_half=second_half)


@register.filter
def unlocalized(amount: Decimal) -> str:
    """An amount as a script or a hidden field reads it: `12.50`."""
    return f"{amount:.2f}"


@register.filter
def percent(rate: Decimal) -> str:
    """`5,5 %`, `10 %`, in English `5.5%`: a rate without zeros that say nothing."""
    return money.percent(rate)
