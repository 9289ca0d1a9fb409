"""What a client sees of the promise before the order stands: on the menu, in the cart, at the checkout."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from pizzeria.ordering.models import Order, OvenSlot
from pizzeria.ordering.promise import days_offered, slots_of
from pizzeria.ordering.rushes import end_rush, start_rush
from pizzeria.shop.moments import moment_text
from pizzeria.shop.tests.conftest import CHOICES, CONTACT, HIDDEN, Shopper, queries_of, words
from pizzeria.stock.services import open_stock
from pizzeria.stores.models import DeliveryZone, OpeningHours, SpecialDay, Store
from pizzeria.stores.selectors import active_store
from tests.cast import House

pytestmark = pytest.mark.story

EXPECTED = "/carte/bastille/attente/"


def clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"


def close_for_now(store: Store) -> None:
    """Closed today and tomorrow: the day after is the first to order for."""
    today = timezone.localdate()
    for ahead in range(2):
        SpecialDay.objects.create(store=store, day=today + timedelta(days=ahead), reason="Travaux")


def fill_ovens(store: Store, *, but: datetime | None = None) -> None:
    """Nothing is left of the ovens for a day, `but` in one quarter of an hour."""
    start = timezone.now().replace(minute=0, second=0, microsecond=0)
    moments = [start + timedelta(minutes=15 * number) for number in range(-4, 110)]
    OvenSlot.objects.bulk_create(
        OvenSlot(store=store, starts_at=moment, minutes=180, reserved=0 if moment == but else 180) for moment in moments
    )


def neighbour(house: House) -> Store:
    """Another shop of Paris, that delivers to 75011 too; it has no cola."""
    store = Store.objects.create(
        city=house.paris, slug="nation", name="OC Pizza Nation", street="2 place de la Nation", postal_code="75012",
        town="Paris", phone="01 99 00 56 78", email="nation@example.org",
    )  # fmt: skip
    OpeningHours.objects.bulk_create(
        OpeningHours(store=store, weekday=day, opens="00:00", closes="00:00") for day in range(7)
    )
    DeliveryZone.objects.create(store=store, postal_code="75011", fee=Decimal("3.00"), minutes=15)
    there = {item.pk: 100_000 for slug, item in house.ingredients.items() if slug != "canette-cola"}
    open_stock(store=store, quantities=there)
    return store


def offers(house: House, *, minutes: int = 6) -> Iterator[Any]:
    """The slots of tomorrow at Bastille, for a delivery to 75011."""
    store = active_store(slug="bastille")
    assert store
    return iter(
        slots_of(
            store=store,
            oven_minutes=minutes,
            zone=store.delivery_zones.all()[0],
            at=timezone.now(),
            day=timezone.localdate() + timedelta(days=1),
        )
    )


def test_the_menu_says_what_to_expect_now_the_same_to_everybody(shopper: Shopper) -> None:
    page = shopper.get("/carte/bastille/").content.decode()
    assert 'id="expected"' in page
    assert "vers" not in words(shopper.get("/carte/bastille/")).partition("Horaires")[0].partition("Pizzas")[0]
    answer = shopper.get(f"{EXPECTED}?code=75011")
    assert "À emporter vers" in words(answer)
    assert "Livrée vers" in words(answer)
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in answer.headers
    assert "Livrée" not in words(shopper.get(f"{EXPECTED}?code=13001"))


def test_a_known_answer_costs_the_menu_no_more_than_asking_whether_it_is_known(shopper: Shopper) -> None:
    shopper.get(f"{EXPECTED}?code=75011")
    # It is known for its minute, which may end between two of them, and not between three.
    asked = [queries_of(lambda: shopper.get(f"{EXPECTED}?code=75011")) for _time in range(2)]
    assert min(asked) <= 2


def test_a_rush_is_in_the_next_promise_and_gone_with_it(shopper: Shopper, house: House) -> None:
    def told() -> str:
        return words(shopper.get(EXPECTED)).strip()

    calm = told()
    now = timezone.now()
    start_rush(store=house.bastille, minutes=20, until=now + timedelta(hours=1), acting_user=None)
    assert told() != calm
    start_rush(store=house.bastille, minutes=None, until=now + timedelta(hours=1), acting_user=None)
    assert "n’en prend plus jusqu’à" in told()
    assert "Commandez dès maintenant pour" in told()
    end_rush(store=house.bastille, acting_user=None)
    assert "À emporter vers" in told()


def test_a_pause_is_in_the_answer_to_who_asks_right_after_it(
    shopper: Shopper, house: House, settings: Settings
) -> None:
    settings.MENU_STATE_SECONDS = 60
    shopper.get("/carte/bastille/")
    shopper.get(EXPECTED)
    start_rush(store=house.bastille, minutes=None, until=timezone.now() + timedelta(hours=1), acting_user=None)
    assert "n’en prend plus jusqu’à" in words(shopper.get(EXPECTED))


def test_the_checkout_offers_as_soon_as_possible_and_the_quarters_of_a_day(shopper: Shopper, house: House) -> None:
    shopper.add()
    form = {**shopper.form(), **CONTACT, **CHOICES, "recalculate": "1"}
    days = days_offered(store=house.bastille, at=timezone.now())
    page = shopper.post("/commander/", form)
    assert "Dès que possible" in words(page)
    assert "Livrée vers" in words(page)
    html = page.content.decode()
    # Today and seven more; at the end of an evening nothing of today is left.
    assert html.count('name="day"') == len(days) in {7, 8}
    # Of tomorrow, which is whole at every hour of the day.
    tomorrow = shopper.post("/commander/", form | {"day": str(timezone.localdate() + timedelta(days=1))})
    assert tomorrow.content.decode().count('name="wanted"') > 40
    # Before anybody knows where to, there is no hour to tell.
    assert "Indiquez votre code postal" in words(shopper.get("/commander/"))


def test_the_ovens_are_asked_for_no_slot_that_cannot_be_shown_yet(shopper: Shopper) -> None:
    shopper.add()
    with CaptureQueriesContext(connection) as captured:
        page = words(shopper.get("/commander/"))
    assert "Indiquez votre code postal" in page
    assert sum("ordering_ovenslot" in query["sql"] for query in captured.captured_queries) == 1


def test_the_hour_that_was_chosen_stays_while_the_postal_code_is_written_anew(shopper: Shopper, house: House) -> None:
    shopper.add()
    chosen = moment_text(list(offers(house))[30].starts_at)
    form = {**shopper.form(), **CONTACT, **CHOICES, "recalculate": "1", "wanted": chosen, "postal_code": "7"}
    page = shopper.post("/commander/", form)
    assert "Indiquez votre code postal" in words(page)
    assert f'name="wanted" value="{chosen}"' in page.content.decode()


def test_what_is_too_little_for_a_delivery_is_said_where_the_hour_would_be(shopper: Shopper, house: House) -> None:
    DeliveryZone.objects.filter(store=house.bastille).update(minimum_order=Decimal("90.00"))
    shopper.add()
    page = words(shopper.post("/commander/", {**shopper.form(), **CONTACT, **CHOICES, "recalculate": "1"}))
    when = page.partition("Quand ?")[2].partition("Commentaire")[0]
    assert "une commande d’au moins 90,00" in when
    assert "Indiquez votre code postal" not in when


def test_a_slot_of_tomorrow_is_chosen_and_ordered(shopper: Shopper, house: House) -> None:
    shopper.add()
    slot = list(offers(house))[30]
    order = shopper.ordered(wanted=moment_text(slot.starts_at))
    assert order.wanted_at == slot.starts_at
    assert slot.starts_at <= order.promised_at < slot.ends_at


def test_choosing_another_day_shows_its_hours_with_the_first_one_chosen(shopper: Shopper, house: House) -> None:
    shopper.add()
    tomorrow = timezone.localdate() + timedelta(days=1)
    asked = {**CONTACT, **CHOICES, "recalculate": "1", "wanted": "", "day": tomorrow.isoformat()}
    page = shopper.post("/commander/", {**shopper.form(), "shown_day": timezone.localdate().isoformat(), **asked})
    first = next(offer for offer in offers(house) if offer.room)
    assert f'value="{moment_text(first.starts_at)}" data-recalculate checked' in page.content.decode()
    assert f"Livrée demain entre {clock(first.starts_at)} et {clock(first.ends_at)}" in words(page)


def test_a_day_that_was_ticked_but_never_shown_is_not_ordered_for(shopper: Shopper) -> None:
    """Without a script, the hours of another day come with a button: whoever forgets it is asked, and loses nothing."""
    shopper.add()
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    answer = shopper.order(day=tomorrow, shown_day=timezone.localdate().isoformat(), wanted="")
    assert answer.status_code == 422
    assert "Choisissez une heure parmi celles qui sont proposées." in words(answer)
    assert 'value="3 rue de la Roquette"' in answer.content.decode()
    assert not Order.objects.exists()


def test_an_hour_that_was_taken_meanwhile_comes_back_with_the_next_ones_and_all_that_was_typed(
    shopper: Shopper, house: House
) -> None:
    shopper.add()
    slot = list(offers(house))[40]
    filled = CONTACT | CHOICES | {"wanted": moment_text(slot.starts_at), "comment": "Sonnez deux fois"}
    page = shopper.post("/commander/", {**shopper.form(), **filled, "recalculate": "1"})
    seen = dict(HIDDEN.findall(page.content.decode()))
    OvenSlot.objects.bulk_create(
        OvenSlot(store=house.bastille, starts_at=slot.starts_at - timedelta(minutes=15 * back), minutes=9, reserved=9)
        for back in range(6)
    )
    refused = shopper.post("/commander/", {**seen, **filled})
    assert refused.status_code == 409
    assert f"Il n’y a plus de place à {clock(slot.starts_at)}" in words(refused)
    assert "Les prochaines heures libres" in words(refused)
    assert "Sonnez deux fois" in words(refused)
    assert 'value="3 rue de la Roquette"' in refused.content.decode()
    # One tap chooses another one; the next orders it.
    other = refused.content.decode().split('name="choose" value="')[2].partition('"')[0]
    page = shopper.post("/commander/", {**seen, **filled, "choose": other})
    again = {**dict(HIDDEN.findall(page.content.decode())), **filled, "wanted": other}
    assert shopper.post("/commander/", again).status_code == 302


def test_an_hour_that_moved_by_more_than_a_little_is_asked_again(shopper: Shopper, house: House) -> None:
    shopper.add()
    filled = CONTACT | CHOICES
    page = shopper.post("/commander/", {**shopper.form(), **filled, "recalculate": "1"})
    seen = dict(HIDDEN.findall(page.content.decode()))
    start_rush(store=house.bastille, minutes=20, until=timezone.now() + timedelta(hours=1), acting_user=None)
    refused = shopper.post("/commander/", {**seen, **filled})
    assert "L’heure a changé entre-temps" in words(refused)
    assert "D’accord, vers" in words(refused)
    again = dict(HIDDEN.findall(refused.content.decode()))
    assert shopper.post("/commander/", {**again, **filled}).status_code == 302


def test_closed_now_is_ordered_for_the_day_after_tomorrow(shopper: Shopper, house: House) -> None:
    close_for_now(house.bastille)
    shopper.add()
    page = shopper.post("/commander/", {**shopper.form(), **CONTACT, **CHOICES, "recalculate": "1"})
    assert "est fermé pour le moment" in words(page)
    assert "Commandez dès maintenant pour plus tard." in words(page)
    wanted = page.content.decode().split(" data-recalculate checked>")[1:]
    assert wanted
    seen = dict(HIDDEN.findall(page.content.decode()))
    chosen = page.context["summary"].when.wanted  # type: ignore[attr-defined]
    assert shopper.post("/commander/", {**seen, **CONTACT, **CHOICES, "wanted": chosen}).status_code == 302
    order = Order.objects.get()
    assert timezone.localtime(order.promised_at).date() == timezone.localdate() + timedelta(days=2)


def test_full_here_the_cart_goes_to_another_shop_in_one_tap(shopper: Shopper, house: House) -> None:
    other = neighbour(house)
    fill_ovens(house.bastille)
    shopper.add()
    page = shopper.post("/commander/", {**shopper.form(), **CONTACT, **CHOICES, "recalculate": "1"})
    assert "Ailleurs, tout de suite OC Pizza Nation livrée vers" in words(page)
    moved = shopper.post("/commander/", {**shopper.form(), **CONTACT, **CHOICES, "elsewhere": other.slug})
    assert shopper.cart().store == other
    assert "Votre panier est maintenant à OC Pizza Nation." in words(moved)
    assert 'value="3 rue de la Roquette"' in moved.content.decode()
    seen = dict(HIDDEN.findall(moved.content.decode()))
    assert shopper.post("/commander/", {**seen, **CONTACT, **CHOICES}).status_code == 302
    assert Order.objects.get().store == other


def test_what_another_shop_lacks_is_said_before_the_cart_goes_there_and_after(shopper: Shopper, house: House) -> None:
    neighbour(house)
    fill_ovens(house.bastille)
    shopper.add()
    shopper.add("cola", None)
    shopper.get("/", data={"postal_code": "75011"})
    assert "Sans Cola 33 cl, qui n’y est plus." in words(shopper.get("/panier/"))
    assert shopper.post("/panier/pizzeria/", {"store": "nation"}).headers["Location"] == "/panier/"
    assert "Il n’y en a plus assez à cette pizzeria" in words(shopper.get("/panier/"))


def test_the_cart_says_the_hour_and_how_far_a_free_delivery_is(shopper: Shopper, house: House) -> None:
    DeliveryZone.objects.filter(store=house.bastille).update(free_from=Decimal(20))
    shopper.get("/", data={"postal_code": "75011"})
    shopper.add()
    page = words(shopper.get("/panier/"))
    assert "Livrée vers" in page
    assert "Livraison au 75011 : 2,50 €" in page
    assert "Encore 11,00 € et la livraison est offerte." in page


def test_the_checkout_asks_no_more_for_more_that_is_reserved(shopper: Shopper, house: House) -> None:
    shopper.add()
    form = {**shopper.form(), **CONTACT, **CHOICES, "recalculate": "1"}
    few = queries_of(lambda: shopper.post("/commander/", form))
    shopper.add("reine", quantity="3")
    OvenSlot.objects.bulk_create(
        OvenSlot(store=house.bastille, starts_at=slot.starts_at, minutes=180, reserved=60) for slot in offers(house)
    )
    assert queries_of(lambda: shopper.post("/commander/", form)) <= few + 1


def test_the_coming_week_says_which_days_are_not_like_others(shopper: Shopper, house: House) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    SpecialDay.objects.create(store=house.bastille, day=tomorrow, reason="Fête de la musique")
    for page in ("/", "/carte/bastille/"):
        assert "Demain fermé Fête de la musique" in words(shopper.get(page)), page
