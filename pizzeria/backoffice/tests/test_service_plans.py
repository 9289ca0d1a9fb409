"""The responsable plans the service: hours, exceptional days, what the oven takes, where one delivers."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.ordering import planned_hours
from pizzeria.ordering.models import Order
from pizzeria.shop.tests.conftest import queries_of, words
from pizzeria.stores.hours import PARIS
from pizzeria.stores.models import DeliveryZone, OpeningHours, OvenHour, SpecialDay, Store
from tests.cast import House, People
from tests.walking import read

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
HOURS, CAPACITY, ZONES = (f"/equipe/bastille/service/{page}/" for page in ("horaires", "capacite", "zones"))


def filled(browser: Client, address: str, prefix: str) -> dict[str, str]:
    """The form of the page whose fields begin so, as a browser would send it untouched."""
    forms = read(address, browser.get(address)).forms
    form = next(each for each in forms if any(field.name.startswith(f"{prefix}-") for field in each.fields))
    return {field.name: field.value for field in form.fields if field.name.startswith(f"{prefix}-")}


def a_day(house: House) -> date:
    return timezone.localdate() + timedelta(days=3)


def week_of(store: Store) -> list[tuple[int, time, time]]:
    return list(OpeningHours.objects.filter(store=store).values_list("weekday", "opens", "closes"))


def test_the_responsable_gives_mondays_a_noon_and_an_evening(house: House, people: People, signed_in: SignedIn) -> None:
    renata = signed_in(people.manager)
    asked = filled(renata, HOURS, "week") | {
        "week-0-0-opens": "11:30", "week-0-0-closes": "14:30", "week-0-1-opens": "18:30", "week-0-1-closes": "00:00",
    }  # fmt: skip
    answer = renata.post(HOURS, {**asked, "plan": "week"}, follow=True)
    assert "La semaine est enregistrée." in words(answer)
    mondays = [(opens, closes) for day, opens, closes in week_of(house.bastille) if day == 0]
    assert mondays == [(time(11, 30), time(14, 30)), (time(18, 30), time(0))]


@pytest.mark.parametrize(
    ("periods", "refused"),
    [
        ((("11:30", "15:00"), ("14:00", "22:00")), "se chevauchent"),
        ((("11:30", ""), ("", "")), "Indiquez les deux heures, ou aucune."),
        ((("25:00", "26:00"), ("", "")), "Indiquez une heure, par exemple 18:30."),
        # Tuesday is open round the clock from midnight on.
        ((("18:00", "02:00"), ("", "")), "se chevauchent"),
    ],
)
def test_hours_that_make_no_sense_are_refused_with_what_was_typed(
    house: House, people: People, signed_in: SignedIn, periods: Any, refused: str
) -> None:
    renata, before = signed_in(people.manager), week_of(house.bastille)
    asked = filled(renata, HOURS, "week")
    for number, (opens, closes) in enumerate(periods):
        asked |= {f"week-0-{number}-opens": opens, f"week-0-{number}-closes": closes}
    answer = renata.post(HOURS, {**asked, "plan": "week"})
    assert answer.status_code == 422
    assert refused in words(answer)
    assert f'value="{periods[0][0]}"' in answer.content.decode()
    assert week_of(house.bastille) == before


def test_of_two_who_change_the_week_the_second_is_told_both_and_loses_nothing(
    house: House, people: People, signed_in: SignedIn
) -> None:
    renata, diane = signed_in(people.manager), signed_in(people.direction)
    hers, theirs = filled(renata, HOURS, "week"), filled(diane, HOURS, "week")
    hers |= {"week-0-0-opens": "11:00", "week-0-0-closes": "22:00"}
    theirs |= {"week-0-0-opens": "12:00", "week-0-0-closes": "23:00"}
    assert renata.post(HOURS, {**hers, "plan": "week"}).status_code == 302
    answer = diane.post(HOURS, {**theirs, "plan": "week"})
    assert "Quelqu’un l’a modifié entre-temps." in words(answer)
    assert "Lundi 12:00 – 23:00 11:00 – 22:00" in words(answer)
    # Nothing was written, nothing is lost; saved once more, it is what she wants, knowingly.
    assert (0, time(11), time(22)) in week_of(house.bastille)
    again = read(HOURS, answer).forms
    form = next(each for each in again if any(field.name == "week-seen" for field in each.fields))
    kept = {field.name: field.value for field in form.fields if field.name.startswith("week-")}
    assert kept["week-0-0-opens"] == "12:00"
    assert diane.post(HOURS, {**kept, "plan": "week"}).status_code == 302
    assert (0, time(12), time(23)) in week_of(house.bastille)


def test_hours_that_end_before_a_promise_say_so_even_where_its_work_begins_within_them(house: House) -> None:
    order, day = house.order(), a_day(house)
    late = datetime.combine(day, time(20), tzinfo=PARIS)
    Order.objects.filter(pk=order.pk).update(promised_at=late, start_at=late - timedelta(minutes=30))
    for closes, found in ((time(19, 45), [order]), (time(20), []), (time(19, 15), [order])):
        house.bastille.opening_hours.update(opens=time(11), closes=closes)
        assert planned_hours._outside(house.bastille, timezone.now()) == found, closes


def test_a_day_that_closes_on_a_promised_order_says_so_before_it_does(
    house: House, people: People, signed_in: SignedIn
) -> None:
    renata, order = signed_in(people.manager), house.order()
    day = a_day(house)
    late = datetime.combine(day, time(20), tzinfo=PARIS)
    Order.objects.filter(pk=order.pk).update(promised_at=late, start_at=late - timedelta(minutes=30))
    address = f"{HOURS}?jour={day.isoformat()}"
    asked = filled(renata, address, "day") | {"day-reason": "Travaux"}
    warned = renata.post(HOURS, {**asked, "plan": "day"})
    assert "1 commande est promise à une heure qui ferme." in words(warned)
    assert order.number in words(warned)
    assert not SpecialDay.objects.exists()
    form = next(each for each in read(HOURS, warned).forms if any(field.name == "day-day" for field in each.fields))
    kept = {field.name: field.value for field in form.fields if field.name.startswith("day-")}
    assert (kept["day-accepted"], kept["day-reason"]) == (order.number, "Travaux")
    assert renata.post(HOURS, {**kept, "plan": "day"}).status_code == 302
    assert list(SpecialDay.objects.values_list("day", "opens", "reason")) == [(day, None, "Travaux")]


def test_an_exceptional_day_goes_back_to_the_usual_hours(house: House, people: People, signed_in: SignedIn) -> None:
    renata, day = signed_in(people.manager), a_day(house)
    SpecialDay.objects.create(store=house.bastille, day=day, opens=time(12), closes=time(15), reason="Marathon")
    address = f"{HOURS}?jour={day.isoformat()}"
    assert "Marathon" in words(renata.get(address))
    assert renata.post(HOURS, {**filled(renata, address, "day"), "plan": "usual"}).status_code == 302
    assert not SpecialDay.objects.exists()


def test_the_oven_takes_less_on_a_quiet_tuesday_and_a_second_tap_changes_nothing(
    house: House, people: People, signed_in: SignedIn
) -> None:
    renata = signed_in(people.manager)
    asked = filled(renata, CAPACITY, "ovens")
    assert (asked["ovens-usual"], asked["ovens-preparation"]) == ("12", "20")
    asked |= {"ovens-usual": "10", "ovens-preparation": "18", "ovens-at-1-19": "4.5", "ovens-at-4-20": "10"}
    assert renata.post(CAPACITY, asked).status_code == 302
    assert renata.post(CAPACITY, asked).status_code == 302
    store = Store.objects.get(pk=house.bastille.pk)
    assert (store.oven_minutes, store.preparation_minutes) == (600, 18)
    assert list(OvenHour.objects.values_list("weekday", "hour", "minutes")) == [(1, 19, 270)]


def test_of_two_who_change_the_oven_the_second_is_told_both(house: House, people: People, signed_in: SignedIn) -> None:
    renata, diane = signed_in(people.manager), signed_in(people.direction)
    hers, theirs = filled(renata, CAPACITY, "ovens"), filled(diane, CAPACITY, "ovens")
    renata.post(CAPACITY, hers | {"ovens-usual": "8"})
    answer = diane.post(CAPACITY, theirs | {"ovens-usual": "16"})
    assert "Places au four 16 8" in words(answer)
    assert Store.objects.get(pk=house.bastille.pk).oven_minutes == 480


def test_a_zone_is_added_and_changed_and_given_up(house: House, people: People, signed_in: SignedIn) -> None:
    renata = signed_in(people.manager)
    asked = filled(renata, ZONES, "zone") | {
        "zone-postal_code": "75012", "zone-fee": "3,50", "zone-minimum_order": "15", "zone-free_from": "30",
        "zone-minutes": "14", "zone-at-19": "25", "zone-at-20": "14",
    }  # fmt: skip
    assert renata.post(ZONES, {**asked, "plan": "save"}).status_code == 302
    zone = DeliveryZone.objects.get(store=house.bastille, postal_code="75012")
    assert (zone.fee, zone.minimum_order, zone.free_from) == (Decimal("3.50"), Decimal(15), Decimal(30))
    # What is usual is not said again.
    assert list(zone.road_hours.values_list("hour", "minutes")) == [(19, 25)]
    changed = filled(renata, f"{ZONES}?zone=75012", "zone") | {"zone-fee": "4"}
    assert renata.post(ZONES, {**changed, "plan": "save"}).status_code == 302
    zone.refresh_from_db()
    assert zone.fee == 4
    assert zone.road_hours.count() == 1
    gone = filled(renata, f"{ZONES}?zone=75012", "zone")
    assert renata.post(ZONES, {**gone, "plan": "remove"}).status_code == 302
    assert not DeliveryZone.objects.filter(postal_code="75012").exists()


def test_who_adds_a_zone_that_is_there_by_now_is_told_its_terms(
    house: House, people: People, signed_in: SignedIn
) -> None:
    renata = signed_in(people.manager)
    asked = filled(renata, ZONES, "zone") | {
        "zone-postal_code": "75011", "zone-fee": "9", "zone-minimum_order": "5", "zone-minutes": "10",
    }  # fmt: skip
    answer = renata.post(ZONES, {**asked, "plan": "save"})
    assert "Frais 9,00 € 2,50 €" in words(answer)
    assert DeliveryZone.objects.get(postal_code="75011").fee == Decimal("2.50")


@pytest.mark.parametrize("page", [HOURS, CAPACITY, ZONES])
def test_who_plans_nothing_does_not_come_in_and_direction_plans_everywhere(
    people: People, signed_in: SignedIn, page: str
) -> None:
    assert signed_in(people.cashier).get(page).status_code == 403
    assert signed_in(people.direction).get(page.replace("bastille", "croix-rousse")).status_code == 200


def test_the_pages_ask_no_more_for_more_days_and_zones(house: House, people: People, signed_in: SignedIn) -> None:
    renata = signed_in(people.manager)
    few = {page: queries_of(lambda page=page: renata.get(page)) for page in (HOURS, CAPACITY, ZONES)}  # type: ignore[misc]
    for number in range(9):
        SpecialDay.objects.create(store=house.bastille, day=a_day(house) + timedelta(days=number))
        zone = DeliveryZone.objects.create(store=house.bastille, postal_code=f"7500{number}")
        zone.road_hours.create(hour=20, minutes=30)
        OvenHour.objects.create(store=house.bastille, weekday=number % 7, hour=12 + number, minutes=60)
    many = {page: queries_of(lambda page=page: renata.get(page)) for page in (HOURS, CAPACITY, ZONES)}  # type: ignore[misc]
    assert many == few
    assert max(many.values()) <= 11, many
