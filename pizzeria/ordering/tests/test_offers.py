"""Offers in an order: what is paid, what the rows and the journal say, whose offers they are, how often they are used."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.ledger.models import Entry
from pizzeria.ledger.selectors import turnover_of
from pizzeria.ordering.aimed import aimed_at
from pizzeria.ordering.errors import TotalChanged
from pizzeria.ordering.gestures import gesture
from pizzeria.ordering.lines import LineRequest
from pizzeria.ordering.models import AppliedOffer, Order, OrderLine
from pizzeria.ordering.offer_selectors import state_of
from pizzeria.ordering.paying import receive
from pizzeria.ordering.placing import place_order
from pizzeria.ordering.pricing import Quote, quote
from pizzeria.ordering.services import cancel_as_staff
from pizzeria.ordering.vat import vat_of_order, vat_of_quote
from pizzeria.promotions.editing import end_offer
from pizzeria.promotions.models import Quota, Use
from pizzeria.stores.hours import PARIS
from pizzeria.stores.models import DeliveryZone
from tests.cast import GUEST, House, People
from tests.offered import free_ride, lunch, offer, tenth, third_free

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 25, 11, 30, tzinfo=UTC)
"""A Wednesday, half past twelve in Paris."""


def priced(house: House, *lines: LineRequest, **asked: Any) -> Quote:
    return quote(
        store=house.bastille,
        requests=list(lines) or [house.line()],
        **{"fulfilment": "collection", "postal_code": "75011", "at": NOON, **asked},
    )


def placed(house: House, *lines: LineRequest, **asked: Any) -> Order:
    wanted: dict[str, Any] = {"fulfilment": "collection", "at": NOON, "customer": None, **asked}
    known = {name: wanted[name] for name in ("fulfilment", "customer", "at", "code") if name in wanted}
    total = wanted.pop("expected_total", None) or priced(house, *lines, **known).total
    return place_order(
        store=house.bastille,
        lines=list(lines) or [house.line()],
        contact=GUEST,
        payment_method="cash",
        expected_total=total,
        acting_user=wanted["customer"],
        **wanted,
    )


def names(quoted: Quote) -> list[str]:
    return [each.label for each in quoted.offers]


def test_an_order_says_what_each_line_was_and_what_offers_took_off_it(house: House) -> None:
    third_free()
    order = placed(house, house.line("reine", quantity=2), house.line("margherita"))
    lines = {line.label: (line.amount, line.discount, line.net) for line in order.lines.all()}
    assert lines["Margherita — Moyenne"] == (Decimal("9.00"), Decimal("9.00"), Decimal(0))
    assert (order.discount, order.subtotal, order.total) == (Decimal("9.00"), Decimal("24.00"), Decimal("24.00"))
    [applied] = AppliedOffer.objects.filter(order=order)
    assert (applied.label, applied.amount) == ("2 achetées, 1 offerte", Decimal("9.00"))


def test_the_vat_of_a_formula_is_that_of_its_parts_at_what_is_paid_for_them(house: House) -> None:
    lunch()
    wanted = (house.line("reine"), house.line("cola", None))
    # 12.00 + 2.50 for 10.00: the 4.50 are shared by the prices on the menu, 3.72 and 0.78.
    rows = vat_of_quote(quote=priced(house, *wanted), on=NOON.date())
    assert [(row.percent, row.amount) for row in rows] == [
        (Decimal("5.50"), Decimal("1.72")),
        (Decimal("10.00"), Decimal("8.28")),
    ]
    assert vat_of_order(order=placed(house, *wanted)) == rows


def test_the_journal_is_told_what_is_paid_and_what_was_taken_off(house: House, people: People) -> None:
    third_free()
    order = placed(house, house.line(quantity=3))
    receive(order=order, acting_user=people.cashier, at=NOON)
    sale = Entry.objects.get(order=order.number, kind="sale")
    assert sale.amount == Decimal("18.00") == sum(Decimal(part["amount"]) for part in sale.vat)
    [line] = sale.lines
    assert (line["unit_price"], line["quantity"], line["discount"], line["amount"]) == ("9.00", 3, "9.00", "18.00")


def test_a_gesture_and_a_cancellation_share_what_was_paid_and_not_what_was_asked(house: House, people: People) -> None:
    lunch()
    paid = placed(house, house.line("reine"), house.line("cola", None))
    receive(order=paid, acting_user=people.cashier, at=NOON)
    # 8.28 at 10 % and 1.72 at 5.5 %: half of each is given back.
    gesture(order=paid, amount=Decimal("5.00"), words="Froide", acting_user=people.manager)
    left = {part.percent: part.amount for part in turnover_of(order=paid.number)}
    assert left == {Decimal("5.50"): Decimal("0.86"), Decimal("10.00"): Decimal("4.14")}
    cancel_as_staff(order=paid, acting_user=people.cashier, reason="Perdue")
    assert not any(part.amount for part in turnover_of(order=paid.number))


def test_no_line_is_discounted_by_more_than_it_costs(house: House) -> None:
    order = placed(house)
    with pytest.raises(IntegrityError, match="order_line_discount_within_amount"), transaction.atomic():
        OrderLine.objects.filter(order=order).update(discount=Decimal("9.01"))


def test_free_delivery_is_an_offer_and_the_fee_is_nothing_from_an_amount_on(house: House) -> None:
    free_ride(minimum=Decimal(20))
    ride = priced(house, house.line(quantity=3), fulfilment="delivery")
    assert (ride.delivery_fee, ride.total, names(ride)) == (Decimal(0), Decimal("27.00"), ["Livraison offerte"])
    assert ride.offers[0].amount == Decimal("2.50")
    assert priced(house, fulfilment="delivery").delivery_fee == Decimal("2.50")
    DeliveryZone.objects.update(free_from=Decimal(25))
    # Free by the zone: there is nothing left for the offer to take off.
    third_free()
    ride = priced(house, house.line(quantity=3), fulfilment="delivery")
    assert (ride.subtotal, ride.delivery_fee, names(ride)) == (Decimal("18.00"), Decimal(0), ["2 achetées, 1 offerte"])


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"weekdays": [2]}, True),
        ({"weekdays": [3]}, False),
        ({"from_time": time(12), "until_time": time(14)}, True),
        ({"from_time": time(13), "until_time": time(14)}, False),
        ({"from_time": time(22), "until_time": time(13)}, True),
        ({"starts_on": date(2026, 11, 25), "ends_on": date(2026, 11, 25)}, True),
        ({"ends_on": date(2026, 11, 24)}, False),
        ({"starts_on": date(2026, 11, 26)}, False),
        ({"minimum": Decimal("9.00")}, True),
        ({"minimum": Decimal("9.01")}, False),
        ({"fulfilments": ["delivery"]}, False),
        ({"channels": ["counter"]}, False),
    ],
)
def test_an_offer_holds_on_its_conditions_alone(house: House, condition: dict[str, Any], holds: bool) -> None:  # noqa: FBT001
    tenth(**condition)
    assert bool(names(priced(house))) is holds


NIGHT: dict[str, Any] = {"from_time": time(22), "until_time": time(2)}
FRIDAY, SATURDAY = date(2026, 11, 27), date(2026, 11, 28)


@pytest.mark.parametrize(
    ("condition", "moment", "holds"),
    [
        ({"weekdays": [4]}, "2026-11-27T00:30", False),  # Thursday's night
        ({"weekdays": [4]}, "2026-11-27T22:30", True),
        ({"weekdays": [4]}, "2026-11-28T01:59", True),
        ({"weekdays": [4]}, "2026-11-28T02:00", False),
        ({"weekdays": [4]}, "2026-11-28T22:30", False),
        ({"ends_on": FRIDAY}, "2026-11-28T00:30", True),
        ({"ends_on": FRIDAY}, "2026-11-28T22:30", False),
        ({"starts_on": SATURDAY}, "2026-11-28T00:30", False),
        ({"starts_on": SATURDAY}, "2026-11-29T00:30", True),
        # Until midnight, nothing comes after it; round the clock from an hour on, as a store is open.
        ({"weekdays": [4], "until_time": time(0)}, "2026-11-28T00:30", False),
        ({"weekdays": [4], "from_time": None, "until_time": time(0)}, "2026-11-27T00:30", True),
        ({"weekdays": [4], "from_time": time(18), "until_time": time(18)}, "2026-11-28T17:30", True),
        ({"weekdays": [4], "from_time": None}, "2026-11-27T00:30", True),
    ],
)
def test_a_night_belongs_to_the_evening_on_which_it_began(
    house: House,
    condition: dict[str, Any],
    moment: str,
    holds: bool,  # noqa: FBT001 - a column of the table
) -> None:
    tenth(**NIGHT | condition)
    assert bool(names(priced(house, at=datetime.fromisoformat(moment).replace(tzinfo=PARIS)))) is holds


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-11-27T00:30", "planned"),
        ("2026-11-27T22:30", "running"),
        ("2026-11-28T00:30", "running"),
        ("2026-11-28T02:00", "ended"),
    ],
)
def test_the_list_of_offers_says_running_for_as_long_as_the_night_that_has_it(moment: str, state: str) -> None:
    found = tenth(starts_on=FRIDAY, ends_on=FRIDAY, **NIGHT)
    assert state_of(found, datetime.fromisoformat(moment).replace(tzinfo=PARIS)) == state


@pytest.mark.parametrize(
    ("moment", "listed"),
    [
        ("2026-11-27T00:30", []),
        ("2026-11-27T12:00", ["10 % de moins"]),
        ("2026-11-28T00:30", ["10 % de moins"]),
        ("2026-11-28T12:00", []),
    ],
)
def test_a_night_that_is_aimed_at_a_client_is_on_their_page_until_it_ends(
    people: People, moment: str, listed: list[str]
) -> None:
    """At any hour of its days: they may order later."""
    tenth(audience="new", starts_on=FRIDAY, ends_on=FRIDAY, **NIGHT)
    aimed = aimed_at(customer=people.alice, at=datetime.fromisoformat(moment).replace(tzinfo=PARIS))
    assert [each.name for each in aimed] == listed


def test_an_offer_of_another_store_is_not_here(house: House) -> None:
    tenth().stores.set([house.croix_rousse])
    assert not names(priced(house))


@pytest.fixture
def alice(people: People) -> User:
    people.alice.birthday = date(1987, 11, 27)
    people.alice.save()
    return people.alice


def test_a_birthday_offer_is_for_whoever_has_theirs_and_once_a_year(house: House, alice: User) -> None:
    tenth(audience="birthday", most_each=1)
    assert not names(priced(house))
    assert names(priced(house, customer=alice)) == ["10 % de moins"]
    assert not names(priced(house, customer=alice, at=NOON - timedelta(days=2)))
    placed(house, customer=alice)
    assert not names(priced(house, customer=alice))
    assert names(priced(house, customer=alice, at=NOON + timedelta(days=365)))


def test_who_has_not_been_seen_for_sixty_days_and_who_never_was(house: House, alice: User) -> None:
    offer("Revenez", kind="percent", percent=20, audience="absent", audience_number=60)
    offer("Bienvenue", kind="percent", percent=15, audience="new")
    offer("La deuxième", kind="percent", percent=5, audience="nth", audience_number=2)
    assert names(priced(house, customer=alice)) == ["Bienvenue"]
    first = placed(house, customer=alice)
    assert names(priced(house, customer=alice, at=NOON + timedelta(days=59))) == ["La deuxième"]
    assert names(priced(house, customer=alice, at=NOON + timedelta(days=60))) == ["Revenez"]
    Order.objects.filter(pk=first.pk).update(status="cancelled")
    assert names(priced(house, customer=alice, at=NOON + timedelta(days=1))) == ["Bienvenue"]


def test_a_cashier_gives_a_client_the_offers_that_are_theirs(house: House, people: People, alice: User) -> None:
    tenth(audience="birthday")
    order = place_order(
        store=house.bastille,
        lines=[house.line()],
        contact=GUEST,
        fulfilment="collection",
        payment_method="cash",
        expected_total=Decimal("8.10"),
        customer=alice,
        acting_user=people.cashier,
        at=NOON,
    )
    assert order.discount == Decimal("0.90")


def codes(house: House) -> Iterator[tuple[str, str]]:
    """What is typed, and what is answered."""
    tenth("MIDI10", minimum=Decimal(20))
    tenth("DEMAIN", starts_on=date(2026, 11, 26))
    tenth("HIER", ends_on=date(2026, 11, 24))
    tenth("LYON").stores.set([house.croix_rousse])
    tenth("EPUISE", most=1)
    Quota.objects.update(used=1)
    tenth("COMPTE", most_each=1)
    tenth("SOIR", from_time=time(19))
    tenth("LIVREE", fulfilments=["delivery"])
    lunch(code="FORMULE")
    third_free(code="TROIS")
    ended = tenth("FINI")
    end_offer(offer=ended, version=1, acting_user=None)
    yield "midi10", "Ce code vaut à partir de 20,00\xa0€ : il manque 11,00\xa0€."
    yield "DEMAIN", "Ce code servira à partir du 26 novembre 2026."
    yield "HIER", "Ce code n’est plus valable."
    yield "FINI", "Ce code n’est plus valable."
    yield "LYON", "Ce code vaut dans d’autres pizzerias : OC Pizza Croix-Rousse."
    yield "EPUISE", "Ce code a déjà été utilisé autant de fois que prévu."
    yield "COMPTE", "Ce code demande un compte : connectez-vous, il vous attend."
    yield "SOIR", "Ce code vaut à un autre moment : de 19:00 à 24:00."
    yield "LIVREE", "Ce code vaut pour une commande à livrer."
    yield "FORMULE", "Il manque quelque chose à ce panier : ce code demande une pizza + une boisson."
    yield "TROIS", "Il manque quelque chose à ce panier : ce code demande 3 fois une pizza, de la même taille."
    yield "MIDI20", "Ce code n’existe pas. Vérifiez-le, lettre par lettre."
    yield "é\x00 '", "Ce code n’existe pas. Vérifiez-le, lettre par lettre."


def test_a_code_that_does_nothing_is_told_why(house: House) -> None:
    for typed, told in codes(house):
        found = priced(house, code=typed)
        assert found.code is not None
        assert (found.code.words, found.code.is_applied, names(found)) == (told, False, []), typed


def test_a_code_is_applied_however_it_is_typed_and_says_when_others_save_more(house: House) -> None:
    tenth("MIDI10", is_combinable=False)
    found = priced(house, code=" midi 10 ")
    assert (found.total, found.code and found.code.words) == (Decimal("8.10"), "Le code MIDI10 est appliqué.")
    assert not names(priced(house))
    offer("Moitié prix", kind="percent", percent=50)
    found = priced(house, code="MIDI10")
    assert found.code is not None
    assert "font économiser davantage" in found.code.words


@pytest.mark.parametrize(
    ("lines", "hint"),
    [
        ((("margherita", "m", 2),), "Encore une pizza de la même taille, et la moins chère est offerte."),
        ((("margherita", "m", 1), ("reine", "s", 1)), None),
        ((("margherita", "m", 3),), None),
    ],
)
def test_an_offer_that_is_nearly_reached_is_told(
    house: House, lines: tuple[tuple[str, str, int], ...], hint: str | None
) -> None:
    third_free()
    wanted = [house.line(name, size, quantity=count) for name, size, count in lines]
    assert list(priced(house, *wanted).hints) == ([hint] if hint else [])


def test_what_is_missing_of_a_formula_or_of_a_minimum_is_told(house: House) -> None:
    lunch()
    free_ride(minimum=Decimal(12))
    assert priced(house, fulfilment="delivery").hints == [
        "Ajoutez une boisson : « Formule midi » à 10,00\xa0€.",
        "Encore 3,00\xa0€ pour « Livraison offerte ».",
    ]


def test_an_offer_that_ended_meanwhile_is_named_with_the_new_total(house: House) -> None:
    shown = third_free()
    total = priced(house, house.line(quantity=3)).total
    end_offer(offer=shown, version=1, acting_user=None)
    with pytest.raises(TotalChanged) as refusal:
        placed(house, house.line(quantity=3), expected_total=total, expected_offers=[shown.pk])
    assert "L’offre « 2 achetées, 1 offerte » n’est plus valable." in refusal.value.message
    assert refusal.value.details == {"total": "27.00", "offers": [shown.pk]}


def test_an_order_that_has_an_offer_keeps_it_when_it_is_changed(house: House) -> None:
    had = third_free(most=1)
    placed(house, house.line(quantity=3))
    end_offer(offer=had, version=1, acting_user=None)
    assert priced(house, house.line(quantity=3)).discount == 0
    assert priced(house, house.line(quantity=3), held=[had.pk]).discount == Decimal("9.00")


def test_uses_are_counted_and_a_cancelled_order_gives_its_own_back(house: House, people: People, alice: User) -> None:
    counted = tenth("DIX", most=10, most_each=1)
    order = placed(house, customer=alice, code="DIX")
    assert (Quota.objects.get().used, Use.objects.get().customer) == (1, alice)
    again = priced(house, customer=alice, code="DIX")
    assert (again.code and again.code.words, again.discount) == ("Vous avez déjà utilisé ce code.", Decimal(0))
    cancel_as_staff(order=order, acting_user=people.cashier, reason="Fermé")
    assert (Quota.objects.get().used, Use.objects.count()) == (0, 0)
    assert priced(house, customer=alice, code="DIX").offers[0].offer_id == counted.pk


def test_the_last_use_that_somebody_else_had_is_told_as_a_total(house: House) -> None:
    tenth("DIX", most=1)
    seen = priced(house, code="DIX")
    with pytest.raises(TotalChanged, match="n’est plus valable"):
        # Between the price and the order: as it is for the second of two who order at once.
        _with_last_use_gone(house, seen)
    assert not Order.objects.exists()


def _with_last_use_gone(house: House, seen: Quote) -> None:
    """Place an order whose quota is used up after its price was worked out."""
    with transaction.atomic():
        from pizzeria.ordering.offers import use  # noqa: PLC0415
        from pizzeria.ordering.total import told_as_a_total  # noqa: PLC0415

        order = Order(token="autre", placed_at=timezone.now())
        Quota.objects.update(used=1)
        with told_as_a_total(again=lambda: priced(house, code="DIX")):
            use(order=order, applied=seen.offers)
