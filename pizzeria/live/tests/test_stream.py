"""Every change reaches every page that shows it, within a second, and none is ever lost."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction
from django.test import Client

from pizzeria.accounts.models import StaffRole, User
from pizzeria.live import hub as hub_module
from pizzeria.live import stream as stream_module
from pizzeria.live.hub import Event
from pizzeria.live.models import LiveEvent
from pizzeria.live.services import record
from pizzeria.live.tests.pages import PATIENCE, Page, happen, live, slow_transaction
from tests.cast import House, People

TOPIC = "menu:1"


def test_what_is_committed_reaches_a_watcher_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nobody looks by themselves: what is heard, was told.
    monkeypatch.setattr(hub_module, "SWEEP_SECONDS", 600.0)

    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            await page.hello()
            await happen(TOPIC, number="P-TEST2")
            seen = await page.next()
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
            back = await page.again()
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
            back = await page.again()
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
            back = await page.again(second)
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
            async with slow_transaction(TOPIC) as slow:
                # The slow event has the lower identity, and is not visible yet: the other one is not held up by it.
                await happen(TOPIC, n="fast")
                assert (await page.next()).data["n"] == "fast"
                await page.close()
                await slow.commit()
            back = await page.again()
            assert (await back.next()).data == {"topic": TOPIC}
            await back.hello()
            await back.close()

    asyncio.run(scenario())


def test_reading_by_identity_alone_would_lose_it() -> None:
    # The pair of the test above: the same story for a reader who goes by the identity.
    async def read_after(identity: int) -> list[int]:
        found = LiveEvent.objects.filter(pk__gt=identity).order_by("pk")
        return await sync_to_async(lambda: list(found.values_list("pk", flat=True)))()

    async def scenario() -> None:
        async with slow_transaction(TOPIC) as slow:
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
            async with slow_transaction(TOPIC) as slow:
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
            back = await page.again()
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
            # Closed: the word is on its way to the page, or has already reached it.
            async with asyncio.timeout(PATIENCE):
                while watcher in application.hub.watchers and None not in watcher.queue._queue:  # type: ignore[attr-defined]  # noqa: ASYNC110 - nothing tells
                    await asyncio.sleep(0.01)
            page.slow.set()
            await page.end()
            assert page.ended
            heard = [0, *page.unread()]
            back = await page.again()
            while len(heard) < 10:
                heard.append((await back.next()).data["n"])
            assert heard == list(range(10))
            await back.close()

    asyncio.run(scenario())


def test_a_page_that_leaves_at_the_very_moment_when_it_is_handed_something_leaves_nothing_behind() -> None:
    async def scenario() -> None:
        async with live() as application:
            # Which turn of the loop the moment is, is the loop's affair: each of the first few.
            for turns in range(8):
                page = await Page([TOPIC], application).open()
                await page.hello()
                [watcher] = application.hub.watchers
                page.leave()
                for _turn in range(turns):
                    await asyncio.sleep(0)
                watcher.offer(Event((1, turns), (1, turns), TOPIC, "order", {}))
                await page.close()
                assert not application.hub.watchers

    asyncio.run(scenario())


def test_a_page_is_told_that_its_connection_lives_while_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "HEARTBEAT_SECONDS", 0.05)

    async def scenario() -> None:
        async with live() as application:
            page = await Page([TOPIC], application).open()
            told = (await page.hello()).position
            await asyncio.wait_for(page.beats.wait(), PATIENCE)
            assert page.last_event_id == told
            await page.close()

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


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", ["sign out", "suspend", "take the role"])
def test_a_stream_of_the_staff_ends_soon_after_its_watcher_may_not_watch_any_more(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(stream_module, "RECHECK_SECONDS", 0.05)
    browser, board = Client(), f"store:{house.bastille.pk}"
    browser.force_login(people.pizzaiolo)

    def stop() -> None:
        if end == "sign out":
            browser.session.flush()
        elif end == "suspend":
            User.objects.filter(pk=people.pizzaiolo.pk).update(is_active=False)
        else:
            StaffRole.objects.filter(user=people.pizzaiolo).delete()
        connection.close()

    async def scenario() -> None:
        async with live() as application:
            cookie = f"sessionid={browser.cookies['sessionid'].value}"
            theirs = await Page([board], application, cookie=cookie).open()
            menu = await Page([TOPIC], application, cookie=cookie).open()
            await theirs.hello()
            await menu.hello()
            await asyncio.sleep(0.2)
            assert not theirs.ended
            await sync_to_async(stop)()
            await theirs.end()
            assert not menu.ended
            await menu.close()

    asyncio.run(scenario())
