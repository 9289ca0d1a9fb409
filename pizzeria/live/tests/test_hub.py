"""The process that serves live events: few connections, restarts, an orderly end."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from pizzeria.live import hub as hub_module
from pizzeria.live import stream
from pizzeria.live.hub import Database, connect, edge
from pizzeria.live.tests.pages import PATIENCE, Page, cut_off, happen, live

TOPIC = "menu:1"


def test_a_lost_database_connection_loses_no_event() -> None:
    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            # Twice, and at once something happens: the hub reads it when it is back.
            for n in range(2):
                assert await sync_to_async(cut_off)() >= 1
                await happen(TOPIC, n=n)
                assert (await page.next()).data["n"] == n
            await page.close()

    asyncio.run(scenario())


def test_a_page_that_comes_back_while_the_database_is_away_tries_again() -> None:
    def is_there(pid: int) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [pid])
            return cursor.fetchone() is not None

    async def scenario() -> None:
        async with live() as application:
            await happen(TOPIC, n=1)
            first = await Page([TOPIC], application, last_event_id="1-1").open()
            assert (await first.next()).data["n"] == 1
            await first.close()
            past = application.hub._past._database
            assert past is not None
            pid = past.info.backend_pid
            await past.execute("SET idle_session_timeout = 1")
            while await sync_to_async(is_there)(pid):  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.01)
            lost = await Page([TOPIC], application, last_event_id="1-1").open()
            await lost.end()
            assert lost.last_event_id == "1-1"
            back = await Page([TOPIC], application, last_event_id="1-1").open()
            assert (await back.next()).data["n"] == 1
            await back.close()

    asyncio.run(scenario())


def test_five_hundred_pages_that_come_back_share_one_connection() -> None:
    def backends() -> int:
        with connection.cursor() as cursor:
            # An autovacuum worker may come by at any moment: it is nobody's connection.
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND backend_type = 'client backend'"
            )
            return int(cursor.fetchone()[0])

    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            await page.close()
            await happen(TOPIC, n=1)
            before = await sync_to_async(backends)()
            pages = [await page.again() for _ in range(500)]
            for back in pages:
                assert (await back.next()).data["n"] == 1
                await back.hello()
            assert await sync_to_async(backends)() <= before + 1
            await happen(TOPIC, n=2)
            for back in pages:
                assert (await back.next()).data["n"] == 2
            for back in pages:
                await back.close()
            assert not application.hub.watchers

    asyncio.run(scenario())


def test_a_page_that_missed_nothing_asks_the_database_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # Another test's transactions move the position at each reading of this server: none comes between the two pages.
    monkeypatch.setattr(hub_module, "SWEEP_SECONDS", 600.0)

    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            position = (await page.hello()).position
            await page.close()
            back = await Page([TOPIC], application, last_event_id=position).open()
            await back.hello()
            assert application.hub._past._database is None
            await back.close()

    asyncio.run(scenario())


def test_a_quiet_stream_sends_heartbeats_and_ends_after_its_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.02)
    monkeypatch.setattr(stream, "LIFE_SECONDS", 0.2)

    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            await page.end()
            assert page.ended

    asyncio.run(scenario())


def test_a_hub_that_stops_sends_its_pages_home() -> None:
    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            await application.hub.stop()
            await page.end()
            assert page.ended
            # And starts again for the next who comes.
            back = await page.again()
            await back.hello()
            await back.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("end", ["fails", "stops"])
def test_a_page_that_waits_for_a_hub_to_wake_goes_home_when_it(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def asked_and_never_answered() -> Database:
        asked.set()
        await answer.wait()
        raise RuntimeError("not the database's affair")

    async def scenario() -> None:
        async with live() as application:
            with monkeypatch.context() as away:
                away.setattr(hub_module, "connect", asked_and_never_answered)
                page = await Page([TOPIC], application).open()
                await asyncio.wait_for(asked.wait(), PATIENCE)
                if end == "fails":
                    answer.set()
                else:
                    await application.hub.stop()
                await page.end()
            assert page.ended
            # Nothing was handed out to it, and it was not told that it would be.
            assert page.last_event_id == ""
            back = await page.again()
            await back.hello()
            await back.close()

    asyncio.run(scenario())


def test_the_process_stops_cleanly_when_the_server_says_so() -> None:
    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
            answers: list[str] = []

            async def send(message: dict[str, Any]) -> None:
                answers.append(message["type"])

            for kind in ("lifespan.startup", "lifespan.shutdown"):
                inbox.put_nowait({"type": kind})
            await application({"type": "lifespan"}, inbox.get, send)
            assert answers == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
            await page.end()

    asyncio.run(scenario())


def test_a_restored_database_that_counts_from_anew_stops_nobody() -> None:
    async def scenario() -> None:
        async with await connect() as database:
            assert (await edge(database))[0] < 2**40
        async with live() as application:
            first = await Page([TOPIC], application).open()
            await first.hello()
            # Whoever connects now is told where the old database stood, and takes nothing for new that stands before it.
            application.hub.position = (2**40, 1)
            page = await Page([TOPIC], application).open()
            old = (await page.hello()).position
            assert old == f"{2**40}-1"
            await sync_to_async(cut_off)()
            await page.end()
            await first.end()
            # As a browser does, with the old position: it is told the new one.
            back = await page.again()
            assert back.last_event_id == old
            assert int((await back.hello()).position.split("-")[0]) < 2**40
            await happen(TOPIC, n=1)
            assert (await back.next()).data["n"] == 1
            await back.close()

    asyncio.run(scenario())
