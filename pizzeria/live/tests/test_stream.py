"""Every change reaches every page that shows it, within a second, and none is ever lost."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction
from django.test import Client

from pizzeria.accounts.models import User
from pizzeria.live import hub as hub_module
from pizzeria.live import stream
from pizzeria.live.hub import Hub, connect, edge
from pizzeria.live.models import LiveEvent
from pizzeria.live.services import CHANNEL, record
from pizzeria.live.stream import LiveApplication
from pizzeria.live.tests.pages import Page, happen, live
from tests.cast import House, People

TOPIC = "menu:1"
INSERT = (
    f"WITH told AS (SELECT pg_notify('{CHANNEL}', '')) INSERT INTO live_liveevent (topic, kind, payload, created_at)"
    " SELECT %s, 'order', '{}', now() FROM told"
)


@pytest.fixture(autouse=True)
def _outbox(db: None) -> Iterator[None]:
    """What happens in other threads is committed: the outbox is emptied, quicker than flushing every table."""
    yield
    asyncio.run(_empty_the_outbox())


async def _empty_the_outbox() -> None:
    async with await connect() as database:
        await database.execute("SET lock_timeout = '5s'")
        await database.execute("TRUNCATE live_liveevent")


@asynccontextmanager
async def _slow_transaction(topic: str) -> AsyncIterator["psycopg.AsyncConnection[Any]"]:
    """A transaction that has written its event, and does not commit until the block says so."""
    database = await connect()
    await database.set_autocommit(False)
    await database.execute(INSERT, [topic])
    try:
        yield database
    finally:
        await database.close()


def test_what_is_committed_reaches_a_watcher_within_a_second() -> None:
    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            began = time.monotonic()
            await happen(TOPIC, number="P-TEST2")
            seen = await page.next()
            assert time.monotonic() - began < 1
            assert (seen.kind, seen.data) == ("order", {"topic": TOPIC, "number": "P-TEST2"})
            await page.close()

    asyncio.run(scenario())


def test_only_the_topics_that_were_asked_for_are_heard() -> None:
    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC, "order:abc"], application).open()
            await page.hello()
            for topic in ("menu:2", "order:abcd", "order:abc"):
                await happen(topic)
            assert (await page.next()).data == {"topic": "order:abc"}
            await page.quiet()
            await page.close()

    asyncio.run(scenario())


def test_what_is_rolled_back_is_never_heard() -> None:
    def fail() -> None:
        with transaction.atomic():
            record(topic=TOPIC, kind="order", payload={})
            transaction.set_rollback(True)

    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            await sync_to_async(fail)()
            await page.quiet()
            await page.close()

    asyncio.run(scenario())


def test_an_event_outside_a_transaction_is_a_mistake() -> None:
    def forget_the_transaction() -> None:
        record(topic=TOPIC, kind="order", payload={})

    with pytest.raises(RuntimeError, match="inside the transaction"):
        asyncio.run(sync_to_async(forget_the_transaction)())


def test_a_page_that_comes_back_hears_what_it_missed_and_only_that() -> None:
    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            await happen(TOPIC, n=1)
            await page.next()
            await page.close()
            for n in (2, 3):
                await happen(TOPIC, n=n)
            await happen("menu:2", n=4)
            back = await Page([TOPIC], application, last_event_id=page.last_event_id).open()
            assert [(await back.next()).data["n"] for _ in range(2)] == [2, 3]
            await back.hello()
            await back.quiet()
            await back.close()

    asyncio.run(scenario())


def test_a_page_that_lost_its_connection_before_its_first_event_catches_up_too() -> None:
    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            await page.close()
            await happen(TOPIC, n=1)
            back = await Page([TOPIC], application, last_event_id=page.last_event_id).open()
            assert (await back.next()).data["n"] == 1
            await back.close()

    asyncio.run(scenario())


def test_a_page_catches_up_with_another_process_that_has_just_started() -> None:
    async def scenario() -> None:
        async with live() as first:
            page = await Page([TOPIC], first).open()
            await page.hello()
            await page.close()
        await happen(TOPIC, n=1)
        async with live() as second:
            back = await Page([TOPIC], second, last_event_id=page.last_event_id).open()
            assert (await back.next()).data["n"] == 1
            await happen(TOPIC, n=2)
            await back.hello()
            assert (await back.next()).data["n"] == 2
            await back.close()

    asyncio.run(scenario())


def test_nothing_is_lost_when_a_slow_transaction_commits_later() -> None:
    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            async with _slow_transaction(TOPIC) as slow:
                # The slow event has the lower identity, and is not visible yet: the other one is not held up by it.
                await happen(TOPIC, n="fast")
                assert (await page.next()).data["n"] == "fast"
                await page.close()
                await slow.commit()
            back = await Page([TOPIC], application, last_event_id=page.last_event_id).open()
            heard = [await back.next(), await back.next()]
            assert {"topic": TOPIC} in [seen.data for seen in heard]
            await back.hello()
            await back.close()

    asyncio.run(scenario())


def test_reading_by_identity_alone_would_lose_it() -> None:
    # The pair of the test above: the same story for a reader who goes by the identity.
    async def read_after(identity: int) -> list[int]:
        found = LiveEvent.objects.filter(pk__gt=identity).order_by("pk")
        return await sync_to_async(lambda: list(found.values_list("pk", flat=True)))()

    async def scenario() -> None:
        async with _slow_transaction(TOPIC) as slow:
            await happen(TOPIC, n="fast")
            [fast] = await read_after(0)
            await slow.commit()
        assert await read_after(fast) == []
        assert await LiveEvent.objects.acount() == 2

    asyncio.run(scenario())


def test_a_slow_transaction_is_heard_by_who_stayed_connected_and_nothing_twice() -> None:
    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            async with _slow_transaction(TOPIC) as slow:
                await happen(TOPIC, n="fast")
                assert (await page.next()).data["n"] == "fast"
                await slow.commit()
                assert (await page.next()).data == {"topic": TOPIC}
            await happen(TOPIC, n="later")
            assert (await page.next()).data["n"] == "later"
            await page.quiet()
            await page.close()

    asyncio.run(scenario())


def test_more_events_than_one_reading_takes_are_all_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "BATCH", 3)

    def many(numbers: range) -> None:
        with transaction.atomic():
            for n in numbers:
                record(topic=TOPIC, kind="order", payload={"n": n})

    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            await sync_to_async(many)(range(8))
            assert [(await page.next()).data["n"] for _ in range(8)] == list(range(8))
            await page.close()
            await sync_to_async(many)(range(8, 17))
            back = await Page([TOPIC], application, last_event_id=page.last_event_id).open()
            assert [(await back.next()).data["n"] for _ in range(9)] == list(range(8, 17))
            await back.hello()
            await back.quiet()
            await back.close()

    asyncio.run(scenario())


def test_a_page_too_slow_to_keep_up_is_closed_and_catches_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "QUEUE_SIZE", 3)

    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            await happen(TOPIC, n=0)
            assert (await page.next()).data["n"] == 0
            page.slow = asyncio.Event()
            [watcher] = application.hub.watchers
            for n in range(1, 10):
                await happen(TOPIC, n=n)
            while None not in watcher.queue._queue:  # type: ignore[attr-defined]
                await asyncio.sleep(0.01)
            page.slow.set()
            await page.end()
            assert page.ended
            heard = [0, (await page.next()).data["n"]]
            back = await Page([TOPIC], application, last_event_id=page.last_event_id).open()
            while len(heard) < 10:
                heard.append((await back.next()).data["n"])
            assert heard == list(range(10))
            await back.close()

    asyncio.run(scenario())


def test_a_lost_database_connection_loses_no_event() -> None:
    def cut_off() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return int(cursor.fetchone()[0])

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
    async def scenario() -> None:
        async with live() as application:
            await happen(TOPIC, n=1)
            first = await Page([TOPIC], application, last_event_id="1-1").open()
            assert (await first.next()).data["n"] == 1
            await first.close()
            past = application.hub._past._database
            assert past is not None
            await past.execute("SET idle_session_timeout = 1")
            await asyncio.sleep(0.1)
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
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            return int(cursor.fetchone()[0])

    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            await page.close()
            await happen(TOPIC, n=1)
            before = await sync_to_async(backends)()
            pages = [await Page([TOPIC], application, last_event_id=page.last_event_id).open() for _ in range(500)]
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


def test_a_page_that_missed_nothing_asks_the_database_nothing() -> None:
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


@pytest.mark.parametrize(
    "position", ["9223372036854775807-1", "9999999999999999999-9999999999999999999", "0-0", "-1", "x", "1-1-1", "٣-٣"]
)
def test_an_invented_position_harms_nobody(position: str) -> None:
    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application, last_event_id=position).open()
            await page.hello()
            await happen(TOPIC, n=1)
            assert (await page.next()).data["n"] == 1
            await page.close()

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
            back = await Page([TOPIC], application, last_event_id=page.last_event_id).open()
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
        hub = Hub()
        hub.position = (2**40, 1)
        application = LiveApplication(hub)
        page = await Page([TOPIC], application).open()
        await page.hello()
        await happen(TOPIC, n=1)
        assert (await page.next()).data["n"] == 1
        await page.close()
        await hub.stop()
        async with await connect() as database:
            assert (await edge(database))[0] < 2**40

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("topics", "method", "status"),
    [
        ([], "GET", 400),
        (["menu:1"] * 1 + [f"menu:{n}" for n in range(20)] + ["menu:x"], "GET", 400),
        (["menu:%00"], "GET", 400),
        (["%ff%fe"], "GET", 400),
        (["secret:1"], "GET", 400),
        (["menu:" + "1" * 61], "GET", 400),
        (["menu:1"], "POST", 405),
        (["store:1"], "GET", 403),
        (["menu:1", "store:1"], "GET", 403),
    ],
)
def test_what_cannot_be_watched_is_refused(topics: list[str], method: str, status: int) -> None:
    async def scenario() -> None:
        async with live() as application:
            page = await Page(topics, application, method=method).open()
            await page.end()
            assert (page.status, page.ended) == (status, True)

    asyncio.run(scenario())


def _cookie(user: User) -> str:
    client = Client()
    client.force_login(user)
    # Beside a cookie of somebody else that is none at all.
    return f"strange={{a:b}}; sessionid={client.cookies['sessionid'].value}"


@pytest.mark.django_db(transaction=True)
def test_staff_watch_their_stores_board_and_nobody_else_does(house: House, people: People) -> None:
    board = f"store:{house.bastille.pk}"
    staff = [_cookie(user) for user in (people.pizzaiolo, people.driver, people.manager, people.direction)]
    others = ["", "sessionid=abcdefghijklmnop\x01; sessionid=", _cookie(people.outsider), _cookie(people.alice)]
    others.append(_cookie(people.cashier))
    User.objects.filter(pk=people.cashier.pk).update(is_active=False)

    async def scenario() -> None:
        async with live() as application:
            pages = [await Page([board], application, cookie=cookie).open() for cookie in staff]
            for page in pages:
                await page.hello()
            for cookie in others:
                refused = await Page([board], application, cookie=cookie).open()
                await refused.end()
                assert (refused.status, refused.ended) == (403, True)
            two = [board, f"store:{house.croix_rousse.pk}"]
            refused = await Page(two, application, cookie=staff[0]).open()
            await refused.end()
            assert refused.status == 403
            await sync_to_async(house.order)()
            for page in pages:
                seen = await page.next()
                assert (seen.kind, seen.data["to"]) == ("order", "to_prepare")
                await page.close()

    asyncio.run(scenario())
