"""The best combination of offers, against every combination that there is (decision 22)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pizzeria.promotions import searching
from pizzeria.promotions.best import Saving, best_savings
from pizzeria.promotions.rules import Deal, Part, Unit
from pizzeria.promotions.searching import FINE, shared

pytestmark = pytest.mark.story

PIZZA, DRINK, DESSERT = Part(kind="pizza"), Part(kind="drink"), Part(kind="dessert")
SECOND_FREE = Deal(pk=1, name="2 achetées, 1 offerte", kind="set", bought=2, given=1, parts=(PIZZA,))
LUNCH = Deal(pk=2, name="Formule", kind="formula", price=Decimal("14.90"), parts=(PIZZA, DRINK, DESSERT))
TENTH = Deal(pk=3, name="10 %", kind="percent", percent=10)
FREE_RIDE = Deal(pk=4, name="Livraison offerte", kind="delivery")


def pizza(cents: int, *, product: int = 1, size: int = 1, extras: int = 0) -> Unit:
    return Unit(kind="pizza", products=(product,), size=size, menu=cents, price=cents + extras)


COLA = Unit(kind="drink", products=(10,), size=None, menu=250, price=250)
TIRAMISU = Unit(kind="dessert", products=(20,), size=None, menu=500, price=500)


def saved(basket: Sequence[tuple[Unit, int]], *deals: Deal, fee: int = 0) -> dict[int, int]:
    """What each offer takes off, in cents, by its key."""
    return {saving.deal.pk: saving.amount for saving in best_savings(basket=basket, deals=deals, fee=fee)}


def test_of_three_pizzas_the_cheapest_is_free() -> None:
    [saving] = best_savings(basket=[(pizza(1200), 2), (pizza(900, product=2), 1)], deals=[SECOND_FREE], fee=0)
    assert (saving.deal, saving.by_line) == (SECOND_FREE, {1: 900})


def test_an_offer_that_is_changed_counts_at_once_for_a_basket_that_was_priced_before() -> None:
    basket = [(pizza(1200), 2)]
    assert saved(basket, TENTH) == {3: 240}
    assert saved(basket, replace(TENTH, percent=20)) == {3: 480}
    assert saved(basket, TENTH) == {3: 240}


def test_what_a_basket_was_found_to_save_can_be_changed_by_nobody() -> None:
    [saving] = best_savings(basket=[(pizza(1200), 2)], deals=[TENTH], fee=0)
    with pytest.raises(TypeError):
        saving.by_line[0] = 0  # type: ignore[index]


def test_six_pizzas_make_two_sets_that_give_most() -> None:
    # Each of the sets gives its cheapest: together 12 + 9, not 9 + 9.
    assert saved([(pizza(1200), 3), (pizza(900, product=2), 3)], SECOND_FREE) == {1: 2100}


def test_a_set_is_of_one_size_where_the_offer_says_so() -> None:
    mixed = [(pizza(1200, size=1), 2), (pizza(900, size=2), 1)]
    any_size = Deal(pk=9, name="", kind="set", bought=2, given=1, same_size=False, parts=(PIZZA,))
    assert saved(mixed, SECOND_FREE) == {}
    assert saved(mixed, any_size) == {9: 900}


def test_a_formula_costs_its_price_and_supplements_are_paid_beside() -> None:
    basket = [(pizza(1200, extras=150), 1), (COLA, 1), (TIRAMISU, 1)]
    [saving] = best_savings(basket=basket, deals=[LUNCH], fee=0)
    assert 1200 + 250 + 500 - saving.amount == 1490
    # Its saving of 4.60 is shared by the prices on the menu.
    assert saving.by_line == {0: 283, 1: 59, 2: 118}


def test_a_unit_is_used_once_and_a_percentage_takes_what_is_left() -> None:
    basket = [(pizza(1200), 3), (COLA, 1)]
    assert saved(basket, SECOND_FREE, TENTH) == {1: 1200, 3: 25}


def test_an_exclusive_offer_stands_alone() -> None:
    half = Deal(pk=5, name="Moitié prix", kind="percent", percent=50, is_combinable=False)
    basket = [(pizza(1200), 3), (COLA, 1)]
    assert saved(basket, SECOND_FREE, TENTH, half) == {5: 1925}


def test_of_combinations_that_save_as_much_the_fewest_and_oldest_offers_are_taken() -> None:
    twin = Deal(pk=8, name="", kind="set", bought=2, given=1, parts=(PIZZA,))
    assert saved([(pizza(1200), 6)], twin, SECOND_FREE) == {1: 2400}


def test_an_offer_that_would_leave_nothing_to_pay_is_set_aside() -> None:
    gift = Deal(pk=6, name="Dessert offert", kind="percent", percent=100, reach="items", parts=(DESSERT,))
    off = Deal(pk=7, name="10 € offerts", kind="amount", amount=Decimal(10))
    assert saved([(TIRAMISU, 1)], gift, off) == {}
    assert saved([(TIRAMISU, 1), (pizza(900), 1)], gift) == {6: 500}
    assert saved([(TIRAMISU, 1), (pizza(1200), 1)], gift, off) == {6: 500, 7: 1000}


def test_free_delivery_goes_with_the_others_and_is_nothing_without_a_delivery() -> None:
    assert saved([(pizza(1200), 3)], SECOND_FREE, FREE_RIDE, fee=250) == {1: 1200, 4: 250}
    assert saved([(pizza(1200), 1)], FREE_RIDE) == {}


def test_a_basket_of_hundreds_is_reckoned_at_once() -> None:
    basket = [(pizza(900 + number, product=number), 50) for number in range(40)]
    found = best_savings(basket=basket, deals=[SECOND_FREE, LUNCH, TENTH, FREE_RIDE], fee=250)
    assert {saving.deal.pk for saving in found} == {1, 3, 4}


@given(st.integers(0, 10_000), st.lists(st.integers(1, 3_000), min_size=1, max_size=40))
@settings(max_examples=60)
def test_shares_add_up_and_none_is_above_its_weight(amount: int, weights: list[int]) -> None:
    amount = min(amount, sum(weights))
    parts = shared(amount, weights)
    assert sum(parts) == amount
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


PARTS = (PIZZA, DRINK, DESSERT, Part(products=frozenset({1, 2})), Part(kind="pizza", sizes=frozenset({1})))
DEALS = st.builds(
    Deal,
    pk=st.just(0),
    name=st.just("offre"),
    kind=st.sampled_from(["percent", "amount", "set", "formula", "delivery"]),
    reach=st.sampled_from(["order", "items"]),
    percent=st.sampled_from([5, 10, 33, 50, 100]),
    amount=st.sampled_from([Decimal("1.00"), Decimal("3.33"), Decimal("15.00")]),
    price=st.sampled_from([Decimal("9.90"), Decimal("12.50")]),
    bought=st.integers(1, 2),
    given=st.just(1),
    same_size=st.booleans(),
    parts=st.lists(st.sampled_from(PARTS), min_size=1, max_size=3).map(tuple),
    is_combinable=st.sampled_from([True, True, False]),
)
UNITS = st.sampled_from(
    [
        pizza(1200),
        pizza(900, product=2),
        pizza(1150, product=3, size=2),
        pizza(900, product=2, extras=150),
        COLA,
        TIRAMISU,
    ]
)
BASKETS = st.lists(st.tuples(UNITS, st.integers(1, 2)), min_size=1, max_size=4)


def numbered(deals: Sequence[Deal]) -> list[Deal]:
    return [
        Deal(**{name: getattr(deal, name) for name in Deal.__slots__} | {"pk": number})
        for number, deal in enumerate(deals, 1)
    ]


@given(BASKETS, st.lists(DEALS, max_size=3).map(numbered), st.sampled_from([0, 250]))
@settings(max_examples=120, deadline=None)
def test_no_combination_saves_more(basket: list[tuple[Unit, int]], deals: list[Deal], fee: int) -> None:
    found = best_savings(basket=basket, deals=deals, fee=fee)
    assert sum(saving.amount for saving in found) == most_by_hand(basket, deals, fee)
    assert_it_holds(basket, found)


@given(BASKETS, st.lists(DEALS, max_size=4).map(numbered), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_lines_and_offers_changes_nothing(
    basket: list[tuple[Unit, int]], deals: list[Deal], chance: object
) -> None:
    before = saved(basket, *deals, fee=250)
    chance.shuffle(basket)  # type: ignore[attr-defined]
    chance.shuffle(deals)  # type: ignore[attr-defined]
    assert saved(basket, *deals, fee=250) == before


@given(BASKETS, st.lists(DEALS, max_size=4).map(numbered))
@settings(max_examples=60, deadline=None)
def test_what_is_too_much_to_try_still_holds(basket: list[tuple[Unit, int]], deals: list[Deal]) -> None:
    before, searching.EXACT_UNITS = searching.EXACT_UNITS, 0
    try:
        found = best_savings(basket=basket, deals=deals, fee=250)
    finally:
        searching.EXACT_UNITS = before
    assert_it_holds(basket, found)
    assert sum(saving.amount for saving in found) <= most_by_hand(basket, deals, 250)


def assert_it_holds(basket: Sequence[tuple[Unit, int]], found: Sequence[Saving]) -> None:
    """Nothing is taken off twice, no line pays less than nothing, and something is paid."""
    off: Counter[int] = Counter()
    for saving in found:
        assert saving.amount > 0
        off.update(saving.by_line)
    assert all(off[line] <= unit.price * count for line, (unit, count) in enumerate(basket))
    assert sum(off.values()) < sum(unit.price * count for unit, count in basket)
    assert all(saving.deal.is_combinable for saving in found) or len(found) == 1


def most_by_hand(basket: Sequence[tuple[Unit, int]], deals: Sequence[Deal], fee: int) -> int:
    """The most that any set of offers saves, in cents, by trying everything."""
    units = [unit for unit, count in basket for _one in range(count)]
    most = 0
    for size in range(1, len(deals) + 1):
        for chosen in combinations(deals, size):
            if len(chosen) > 1 and not all(deal.is_combinable for deal in chosen):
                continue
            goods = goods_by_hand(units, chosen)
            if goods >= FINE * sum(unit.price for unit in units):
                # These would leave nothing to pay: without one of them, it is another set of offers.
                continue
            ride = fee if any(deal.kind == "delivery" for deal in chosen) else 0
            most = max(most, (goods + FINE // 2) // FINE + ride)
    return most


def goods_by_hand(units: Sequence[Unit], deals: Sequence[Deal]) -> int:
    wholes = [deal for deal in deals if deal.kind in ("percent", "amount") and deal.reach == "order"]
    return max(tried(tuple(units), tuple(deals), whole, ()) for whole in (None, *wholes))


def tried(units: tuple[Unit, ...], deals: tuple[Deal, ...], whole: Deal | None, left: tuple[Unit, ...]) -> int:
    """The most that is saved by trying everything with the first unit, then with the others."""
    if not units:
        return off_left(whole, sum(unit.price for unit in left))
    first, others = units[0], units[1:]
    values = [tried(others, deals, whole, (*left, first))]
    for deal in deals:
        if deal.kind in ("percent", "amount") and deal.reach == "items" and deal.parts[0].fits(first):
            off = (first.price * deal.percent + 50) // 100 if deal.kind == "percent" else int(deal.amount * 100)
            values.append(FINE * min(off, first.price) + tried(others, deals, whole, left))
        size = {"set": deal.bought + deal.given, "formula": len(deal.parts)}.get(deal.kind, 0)
        for places in combinations(range(len(others)), size - 1) if size else ():
            group = (first, *(others[place] for place in places))
            rest = tuple(unit for place, unit in enumerate(others) if place not in places)
            values += [FINE * off + tried(rest, deals, whole, left) for off in off_group(deal, group)]
    return max(values)


def off_left(whole: Deal | None, rest: int) -> int:
    if whole is None:
        return 0
    return rest * whole.percent if whole.kind == "percent" else FINE * min(int(whole.amount * 100), rest)


def off_group(deal: Deal, group: tuple[Unit, ...]) -> Iterator[int]:
    if deal.kind == "set":
        if all(deal.parts[0].fits(unit) for unit in group) and (
            not deal.same_size or len({unit.size for unit in group}) == 1
        ):
            yield sum(sorted(unit.menu for unit in group)[: deal.given])
    elif any(
        all(part.fits(unit) for part, unit in zip(deal.parts, order, strict=True)) for order in permutations(group)
    ):
        yield sum(unit.menu for unit in group) - int(deal.price * 100)
