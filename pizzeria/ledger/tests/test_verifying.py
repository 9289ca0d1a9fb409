"""Whatever is changed behind the triggers' back is found, with its number."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime
from functools import cache
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from pizzeria.ledger import verification
from pizzeria.ledger.chain import BEGINNING, Bounds, Document, Totals, check, digest, perpetual
from pizzeria.ledger.closings import close_due
from pizzeria.ledger.models import Closing, Entry
from pizzeria.ledger.tests.conftest import ONE_DAY, by_hand, pay, sell
from pizzeria.ledger.verification import extent, verify, verify_since
from pizzeria.stores.hours import PARIS
from pizzeria.stores.models import Store
from tests.cast import House

pytestmark = pytest.mark.story


def a_journal(store: Store) -> None:
    """Three days of sales and payments, the first two of which end a month, closed: entries 1 to 15, closings 1 to 3."""
    for day in range(3):
        at = datetime(2026, 1, 30, 20, tzinfo=PARIS) + day * ONE_DAY
        for order in ("A", "B"):
            sell(store, f"P-{day}{order}", at=at)
            pay(store, f"P-{day}{order}", at=at)
    close_due(store=store, at=datetime(2026, 2, 1, 23, tzinfo=PARIS))


@pytest.fixture
def bastille(house: House) -> Store:
    a_journal(house.bastille)
    return house.bastille


def found(store: Store) -> list[str]:
    return [str(finding) for finding in verify(store=store, extent=extent(store=store))]


@pytest.mark.django_db
def test_a_journal_that_nobody_touched_is_whole(bastille: Store) -> None:
    assert (Entry.objects.count(), Closing.objects.count()) == (15, 3)
    assert found(bastille) == []


@pytest.mark.django_db
def test_a_year_is_read_alone_and_what_came_before_it_is_left_for_another_time(house: House) -> None:
    december = datetime(2025, 12, 30, 20, tzinfo=PARIS)
    for day in range(4):
        sell(house.bastille, f"P-{day}", at=december + day * ONE_DAY)
    close_due(store=house.bastille, at=december + 5 * ONE_DAY)
    by_hand("UPDATE ledger_entry SET acting_user = 7 WHERE number = 1")
    assert len(found(house.bastille)) == 1
    assert list(verify_since(store=house.bastille, day=date(2026, 1, 1))) == []
    by_hand("UPDATE ledger_entry SET acting_user = 7 WHERE day >= '2026-01-01' AND kind = 'sale'")
    altered = list(Entry.objects.filter(acting_user=7, number__gt=1).values_list("number", flat=True))
    assert [finding.number for finding in verify_since(store=house.bastille, day=date(2026, 1, 1))] == altered


ALTERED = "son contenu n’est plus celui que son empreinte scelle"
COPIED_BEHIND_THE_LAST = """
INSERT INTO ledger_entry (store_id, number, kind, at, day, "order", means, amount, vat, lines, reason, closing, previous, hash)
SELECT store_id, 16, kind, at, day, "order", means, amount, vat, lines, reason, closing, hash, hash
FROM ledger_entry WHERE number = 12
"""
UNREADABLE = """
ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_vat_adds_up;
UPDATE ledger_entry SET vat = '[{"rate": "10.00"}]' WHERE number = 9
"""
BY_HAND = {
    "an amount": (
        "UPDATE ledger_entry SET amount = 1 WHERE number = 2",
        [
            f"écriture 2 : {ALTERED}.",
            "clôture 1 (de la journée du 2026-01-30) : ses totaux ne sont pas ceux des écritures.",
            "clôture 1 (de la journée du 2026-01-30) : le total perpétuel ne continue pas celui d’avant.",
            "clôture 3 (du mois du 2026-01-01) : ses totaux ne sont pas ceux des écritures.",
        ],
    ),
    "a means": ("UPDATE ledger_entry SET means = 'voucher' WHERE number = 10", [f"écriture 10 : {ALTERED}."]),
    "a moment": ("UPDATE ledger_entry SET at = at - interval '1 us' WHERE number = 9", [f"écriture 9 : {ALTERED}."]),
    "who did it": ("UPDATE ledger_entry SET acting_user = 7 WHERE number = 9", [f"écriture 9 : {ALTERED}."]),
    "what was sold": (
        "UPDATE ledger_entry SET lines = jsonb_set(lines, '{0,label}', '\"Cola\"') WHERE number = 9",
        [f"écriture 9 : {ALTERED}."],
    ),
    "a hash": (
        "UPDATE ledger_entry SET hash = reverse(hash) WHERE number = 10",
        [f"écriture 10 : {ALTERED}.", "écriture 11 : elle ne suit plus la précédente ; l’une des deux a été réécrite."],
    ),
    "an entry that is gone": (
        "DELETE FROM ledger_entry WHERE number = 10",
        ["écriture 10 : absente."],
    ),
    "several that are gone": (
        "DELETE FROM ledger_entry WHERE number IN (9, 10, 11)",
        ["écriture 9 à 11 : absente."],
    ),
    "the last one gone": (
        "DELETE FROM ledger_entry WHERE number = 15",
        ["écriture 15 : absente.", "clôture 3 (du mois du 2026-01-01) : aucune écriture ne l’annonce."],
    ),
    "one behind the last": (
        COPIED_BEHIND_THE_LAST,
        [
            "écriture 16 : elle ne suit plus la précédente ; l’une des deux a été réécrite.",
            f"écriture 16 : {ALTERED}.",
            "écriture 16 : au-delà de la dernière que la tête du journal connaît.",
        ],
    ),
    "a closing's total": (
        "UPDATE ledger_closing SET totals = jsonb_set(totals, '{sales}', '\"21.00\"') WHERE number = 2",
        [
            f"clôture 2 : {ALTERED}.",
            "clôture 2 (de la journée du 2026-01-31) : ses totaux ne sont pas ceux des écritures.",
        ],
    ),
    "the numbers that a closing covers": (
        "UPDATE ledger_closing SET first_number = 2 WHERE number = 1",
        [
            f"clôture 1 : {ALTERED}.",
            "clôture 1 (de la journée du 2026-01-30) : elle ne couvre pas les écritures de sa période.",
        ],
    ),
    "a perpetual total": (
        "UPDATE ledger_closing SET perpetual = jsonb_set(perpetual, '{received}', '\"4.00\"') WHERE number = 1",
        [
            f"clôture 1 : {ALTERED}.",
            "clôture 1 (de la journée du 2026-01-30) : le total perpétuel ne continue pas celui d’avant.",
            "clôture 2 (de la journée du 2026-01-31) : le total perpétuel ne continue pas celui d’avant.",
        ],
    ),
    "a closing that is gone": (
        "DELETE FROM ledger_closing WHERE number = 3",
        ["clôture 3 : absente.", "écriture 15 : elle annonce une clôture qui n’existe pas."],
    ),
    "the head": (
        "UPDATE ledger_head SET number = 14",
        ["écriture 15 : au-delà de la dernière que la tête du journal connaît."],
    ),
    "no head": (
        "DELETE FROM ledger_head",
        [
            "clôture 1 à 3 : au-delà de la dernière que la tête du journal connaît.",
            "écriture 1 à 15 : au-delà de la dernière que la tête du journal connaît.",
        ],
    ),
    "a VAT that cannot be read": (
        UNREADABLE,
        [f"écriture 9 : {ALTERED}.", "écriture 9 : illisible."],
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", BY_HAND)
def test_what_was_changed_with_the_triggers_off_is_found_with_its_number(bastille: Store, what: str) -> None:
    statement, expected = BY_HAND[what]
    by_hand(statement)
    assert found(bastille) == expected


@pytest.mark.django_db
def test_the_command_names_the_store_and_the_number_and_fails(bastille: Store) -> None:
    by_hand("UPDATE ledger_entry SET acting_user = 7 WHERE number = 9")
    told = StringIO()
    with pytest.raises(CommandError, match="1 anomalie") as failed:
        call_command("verify_ledger", stdout=told)
    assert failed.value.returncode == 1
    assert f"bastille, écriture 9 : {ALTERED}." in told.getvalue()
    assert "croix-rousse : 0 écritures et 0 clôtures, la chaîne est entière." in told.getvalue()


@pytest.mark.django_db
def test_the_command_looks_at_the_store_that_it_is_asked_for(bastille: Store) -> None:
    by_hand("UPDATE ledger_entry SET acting_user = 7 WHERE number = 9")
    told = StringIO()
    call_command("verify_ledger", store="croix-rousse", stdout=told)
    assert told.getvalue().startswith("croix-rousse")
    with pytest.raises(CommandError, match="s’appelle nulle-part"):
        call_command("verify_ledger", store="nulle-part")


@pytest.mark.django_db
def test_entries_are_read_in_batches_and_told(
    bastille: Store, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(verification, "BATCH", 5)
    told: list[tuple[int, int]] = []
    there = extent(store=bastille)
    with django_assert_num_queries(1 + 3):
        assert list(verify(store=bastille, extent=there, tell=lambda read, of: told.append((read, of)))) == []
    assert told == [(5, 15), (10, 15), (15, 15)]


@pytest.mark.django_db
def test_what_is_sold_while_the_journal_is_read_does_not_look_like_a_break(bastille: Store) -> None:
    there = extent(store=bastille)
    sell(bastille, "P-MEANWH")
    close_due(store=bastille, at=datetime(2026, 2, 2, 23, tzinfo=PARIS))
    assert list(verify(store=bastille, extent=there)) == []


# Tampering of every kind, on documents: no database is as patient.

CHANGES: dict[str, Callable[[Any], Any]] = {
    "at": lambda _old: "2026-01-01T00:00:00.000000Z",
    "day": lambda _old: "2026-01-29",
    "kind": lambda old: "refund" if old != "refund" else "sale",
    "order": lambda old: f"{old}X",
    "means": lambda old: f"{old}x",
    "amount": lambda old: f"{old}0",
    "vat": lambda old: [*old, {"rate": "20.00", "amount": "0.00", "vat": "0.00"}],
    "lines": lambda old: [*old, {"label": "Offert"}],
    "acting_user": lambda old: (old or 0) + 1,
    "reason": lambda _old: "gesture",
    "store": lambda old: old + 1,
    "format": lambda old: old + 1,
    "closing": lambda old: f"{old}0",
    "previous": lambda old: old[::-1] if old != old[::-1] else "1" * 64,
    "hash": lambda old: old[::-1],
}
LENGTH = 12


@cache
def written() -> list[Document]:
    """Sales and payments of four days, chained by hand."""
    entries: list[Document] = []
    for number in range(1, LENGTH + 1):
        sale = number % 2 == 1
        entry = {
            "format": 1,
            "store": 1,
            "number": number,
            "kind": "sale" if sale else "payment",
            "at": f"2026-02-0{(number + 2) // 3}T12:00:00.000000Z",
            "day": f"2026-02-0{(number + 2) // 3}",
            "order": f"P-{number}",
            "means": "" if sale else "cash",
            "amount": "11.00",
            "vat": [{"rate": "10.00", "amount": "11.00", "vat": "1.00"}] if sale else [],
            "lines": [],
            "acting_user": None,
            "reason": "",
            "closing": "",
            "previous": entries[-1]["hash"] if entries else BEGINNING,
        }
        entries.append(entry | {"hash": digest(entry)})
    return entries


def findings(entries: list[Document]) -> list[tuple[str, int, int]]:
    last = written()[-1]
    bounds = Bounds(last_number=last["number"], last_hash=last["hash"])
    none = Bounds(last_number=0, last_hash=BEGINNING)
    told = check(entries, [], bounds=bounds, closing_bounds=none, whole=True)
    return [(finding.problem, finding.number, max(finding.number, finding.until)) for finding in told]


def _seal(entries: list[Document], *, since: int) -> None:
    """Chain anew from a number on, as somebody who has the source would."""
    for index in range(since - 1, LENGTH):
        entries[index]["previous"] = entries[index - 1]["hash"] if index else BEGINNING
        entries[index]["hash"] = digest(entries[index])


NUMBERS = st.integers(min_value=1, max_value=LENGTH)


def test_the_chain_of_these_tests_is_whole() -> None:
    assert findings(written()) == []


@settings(max_examples=20)
@given(number=NUMBERS, member=st.sampled_from(sorted(CHANGES)))
def test_any_change_of_any_entry_is_found_with_its_number(number: int, member: str) -> None:
    entries = deepcopy(written())
    entry = entries[number - 1]
    entry[member] = CHANGES[member](entry[member])
    assert ("altered", number, number) in findings(entries)


@settings(max_examples=20)
@given(number=NUMBERS, member=st.sampled_from(sorted(CHANGES.keys() - {"hash"})))
def test_an_entry_that_was_sealed_anew_is_found_where_the_next_one_follows(number: int, member: str) -> None:
    entries = deepcopy(written())
    entry = entries[number - 1]
    entry[member] = CHANGES[member](entry[member])
    entry["hash"] = digest(entry)
    told = findings(entries)
    assert ("unlinked", number + 1, number + 1) in told or ("last", LENGTH, LENGTH) in told
    assert {first for _problem, first, _last in told} <= {number, number + 1}


@settings(max_examples=20)
@given(number=NUMBERS.filter(lambda number: number > 1))
def test_a_day_that_goes_back_is_found_however_it_is_sealed(number: int) -> None:
    entries = deepcopy(written())
    entries[number - 1]["day"] = "2026-01-31"
    _seal(entries, since=number)
    assert ("earlier", number, number) in findings(entries)


@settings(max_examples=20)
@given(number=NUMBERS, member=st.sampled_from(sorted(CHANGES.keys() - {"hash", "previous"})))
def test_a_whole_end_that_was_sealed_anew_does_not_end_as_the_head_says(number: int, member: str) -> None:
    entries = deepcopy(written())
    entry = entries[number - 1]
    entry[member] = CHANGES[member](entry[member])
    _seal(entries, since=number)
    assert ("last", LENGTH, LENGTH) in findings(entries)


@settings(max_examples=20)
@given(gone=st.sets(NUMBERS, min_size=1))
def test_entries_that_are_gone_are_found_one_and_all(gone: set[int]) -> None:
    told = findings([deepcopy(entry) for entry in written() if entry["number"] not in gone])
    missing = {number for problem, first, last in told if problem == "missing" for number in range(first, last + 1)}
    assert missing == gone
    assert {problem for problem, _first, _last in told} == {"missing"}


@settings(max_examples=20)
@given(number=NUMBERS, again=NUMBERS)
def test_an_entry_that_comes_twice_is_found(number: int, again: int) -> None:
    entries = deepcopy(written())
    entries.insert(again, deepcopy(entries[number - 1]))
    told = findings(entries)
    assert told
    assert any(problem in {"repeated", "missing"} for problem, _first, _last in told)


@settings(max_examples=20)
@given(order=st.permutations(range(LENGTH)))
def test_entries_in_another_order_are_found(order: list[int]) -> None:
    told = findings([deepcopy(written()[index]) for index in order])
    assert bool(told) == (order != sorted(order))


def test_an_amount_of_a_perpetual_total_is_never_forgotten() -> None:
    totals = Totals()
    for entry in written():
        totals.add(entry)
    assert perpetual({"sales": "1.00", "corrections": "0.00", "received": "2.00", "refunded": "0.00"}, totals) == {
        "sales": "67.00",
        "corrections": "0.00",
        "received": "68.00",
        "refunded": "0.00",
    }
