"""What nobody watches is not read, what comes in a rush is read together, and neither loses anything."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from itertools import count, takewhile

import pytest
from asgiref.sync import sync_to_async

from pizzeria.live import hub as hub_module
from pizzeria.live.hub import Database, Event, Hub
from pizzeria.live.tests.pages import Page, at_rest, cut_off, happen, happen_in_turn, live, rest, slow_transaction

TOPIC = "menu:1"
MANY = 100
TURNS = 10


@pytest.fixture(autouse=True)
def _nobody_looks_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is heard was told: a sweep would hide a loss."""
    monkeypatch.setattr(hub_module, "SWEEP_SECONDS", 600.0)


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many events each of the hub's own readings has found."""
    found: list[int] = []
    read = hub_module.read

    async def counted(database: Database, **wanted: object) -> tuple[list[Event], int]:
        events, low = await read(database, **wanted)  # type: ignore[arg-type]
        if wanted["topics"] is None:
            found.append(len(events))
        return events, low

    monkeypatch.setattr(hub_module, "read", counted)
    return found


def test_a_rush_that_nobody_watches_is_not_read_and_who_comes_then_hears_what_happens_next(readings: list[int]) -> None:
    async def scenario() -> None:
        async with live() as application:
            first = await Page([TOPIC], application).open()
            await first.hello()
            await first.close()
            await rest(application.hub)
            readings.clear()
            await happen_in_turn(TOPIC, range(MANY))
            # Time enough to read it, for a hub that would.
            await asyncio.sleep(0.3)
            assert readings == []
            page = await Page([TOPIC], application).open()
            await page.hello()
            await happen(TOPIC, n="next")
            assert (await page.next()).data["n"] == "next"
            await page.close()

    asyncio.run(scenario())


def test_a_page_that_comes_back_to_a_hub_at_rest_hears_all_that_it_missed_and_what_happens_next() -> None:
    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            await page.close()
            await rest(application.hub)
            await happen_in_turn(TOPIC, range(MANY))
            back = await page.again()
            assert [(await back.next()).data["n"] for _ in range(MANY)] == list(range(MANY))
            await back.hello()
            await happen(TOPIC, n="next")
            assert (await back.next()).data["n"] == "next"
            await back.quiet()
            await back.close()

    asyncio.run(scenario())


def test_a_page_that_comes_back_to_a_hub_at_rest_as_the_last_to_have_heard_it_hears_what_it_missed() -> None:
    # Its position is the very one at which the hub has stopped reading.
    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            await page.close()
            await rest(application.hub)
            position = application.hub.position
            page.last_event_id = f"{position[0]}-{position[1]}"
            await happen(TOPIC, n=1)
            back = await page.again()
            assert (await back.next()).data["n"] == 1
            await back.close()

    asyncio.run(scenario())


def test_who_begins_to_watch_while_a_transaction_runs_hears_what_it_wrote_and_nothing_older() -> None:
    async def scenario() -> None:
        async with live() as application:
            first = await Page([TOPIC], application).open()
            await first.hello()
            await first.close()
            await rest(application.hub)
            async with slow_transaction(TOPIC) as slow:
                # Behind the edge that the slow one keeps, and yet older than the page.
                await happen(TOPIC, n="before")
                page = await Page([TOPIC], application).open()
                await page.hello()
                await slow.commit()
                assert (await page.next()).data == {"topic": TOPIC}
            await page.quiet()
            await page.close()

    asyncio.run(scenario())


def test_an_orders_news_that_was_handed_out_is_not_told_again_as_seen_by_nobody_when_the_hub_wakes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)

    async def scenario() -> None:
        async with live() as application, slow_transaction(TOPIC):
            first = await Page([TOPIC], application).open()
            await first.hello()
            # Behind the edge that the slow one keeps: the hub that wakes there reads it once more.
            await happen(TOPIC, number="P-TEST2", to="taken")
            await first.next()
            await first.close()
            await rest(application.hub)
            page = await Page([TOPIC], application).open()
            await page.hello()
            await happen(TOPIC, number="P-TEST3", to="taken")
            await page.next()
            await page.close()

    asyncio.run(scenario())
    assert _told(caplog) == [("P-TEST2", 1), ("P-TEST3", 1)]


def test_an_orders_news_from_while_the_database_was_away_is_told_with_the_pages_that_have_waited(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)

    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            await sync_to_async(cut_off)()
            await happen(TOPIC, number="P-TEST2", to="taken")
            await page.next()
            await page.close()

    asyncio.run(scenario())
    assert _told(caplog) == [("P-TEST2", 1)]


def _told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, int]]:
    """The orders whose news the log says was handed out, and to how many pages."""
    lines = [vars(record) for record in caplog.records]
    return [(line["order"], line["watchers"]) for line in lines if line.get("event") == "handed_out"]


def test_a_rush_is_read_in_far_fewer_readings_and_every_page_hears_all_of_it_in_order(
    monkeypatch: pytest.MonkeyPatch, readings: list[int]
) -> None:
    # Longer than it is, so that a slow machine has its rush within a few of them too.
    monkeypatch.setattr(hub_module, "GATHER_SECONDS", 0.5)

    async def scenario() -> None:
        async with live() as application:
            pages = [await Page([TOPIC, f"order:{number}"], application).open() for number in range(3)]
            for page in pages:
                await page.hello()
            readings.clear()
            await happen_in_turn(TOPIC, range(MANY))
            for page in pages:
                assert [(await page.next()).data["n"] for _ in range(MANY)] == list(range(MANY))
            assert sum(readings) == MANY
            assert len(readings) <= MANY // 4
            for page in pages:
                await page.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("moment", ["a reading ends", "the window closes"])
def test_no_event_is_lost_that_is_committed_just_when(moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # One of the steps of the hub is over, and the next has not begun.
    to_come: list[int] = []
    read, told = hub_module.read, Hub._told

    async def read_then_commit(database: Database, **wanted: object) -> tuple[list[Event], int]:
        found = await read(database, **wanted)  # type: ignore[arg-type]
        if to_come and moment == "a reading ends":
            await happen(TOPIC, n=to_come.pop(0))
        return found

    async def commit_then_wait(hub: Hub, database: Database) -> bool:
        if to_come and moment == "the window closes":
            await happen(TOPIC, n=to_come.pop(0))
        return await told(hub, database)

    monkeypatch.setattr(hub_module, "read", read_then_commit)
    monkeypatch.setattr(Hub, "_told", commit_then_wait)

    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            to_come[:] = range(1, 6)
            await happen(TOPIC, n=0)
            assert [(await page.next()).data["n"] for _ in range(6)] == list(range(6))
            await page.close()

    asyncio.run(scenario())


def test_a_page_that_comes_and_goes_in_a_rush_while_the_hub_falls_asleep_and_wakes_hears_all_of_it_in_order() -> None:
    happened: list[int] = []
    over = threading.Event()

    def until_over() -> Iterator[int]:
        for n in takewhile(lambda _n: not over.is_set(), count()):
            happened.append(n)
            yield n

    async def come_and_go(page: Page) -> Page:
        for turn in range(TURNS):
            await page.next()
            await page.close()
            page.unread()
            # Every other time the page is back before the hub has noticed, or just as it does.
            if turn % 2:
                await at_rest(page.application.hub)
            page = await page.again()
        return page

    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            rush = asyncio.create_task(happen_in_turn(TOPIC, until_over()))
            try:
                page = await come_and_go(page)
            finally:
                over.set()
                await rush
            while len(page.known) < len(happened):
                await page.next()
            assert [heard["n"] for heard in page.known] == happened
            await page.close()

    asyncio.run(scenario())
