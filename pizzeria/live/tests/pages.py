"""A page that watches, in the test's own process: the ASGI application with queues for a network."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from asgiref.sync import sync_to_async
from django.db import connection, transaction

from pizzeria.live.hub import Hub, connect
from pizzeria.live.services import CHANNEL, record
from pizzeria.live.stream import LiveApplication

PATIENCE = 30.0
INSERT = (
    f"WITH told AS (SELECT pg_notify('{CHANNEL}', '')) INSERT INTO live_liveevent (topic, kind, payload, created_at)"  # noqa: S608
    " SELECT %s, 'order', '{}', now() FROM told"
)


@dataclass
class Seen:
    """One server-sent event as a browser sees it."""

    kind: str
    position: str
    data: dict[str, Any]


@dataclass
class Page:
    """A browser's EventSource: it remembers the last identity that it was told."""

    topics: list[str]
    application: LiveApplication
    last_event_id: str = ""
    cookie: str = ""
    method: str = "GET"
    status: int = 0
    ended: bool = False
    slow: asyncio.Event | None = None
    """While it is set and clear, the network takes nothing more."""
    known: list[dict[str, Any]] = field(default_factory=list)
    """What it has heard before it came back: hearing it once more changes nothing on a page."""
    beats: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it was told that the connection lives."""
    _heard: asyncio.Queue[Seen] = field(default_factory=asyncio.Queue)
    _before: list[dict[str, Any]] = field(default_factory=list)
    _hello: asyncio.Queue[Seen] = field(default_factory=asyncio.Queue)
    _gone: asyncio.Event = field(default_factory=asyncio.Event)
    _task: "asyncio.Task[None] | None" = None

    async def open(self) -> "Page":
        headers = [(b"cookie", self.cookie.encode()), (b"last-event-id", self.last_event_id.encode())]
        scope = {
            "type": "http",
            "method": self.method,
            "path": "/live/",
            "query_string": "&".join(f"topic={topic}" for topic in self.topics).encode(),
            "headers": [(name, value) for name, value in headers if value],
        }
        self._before = [*self.known]
        self._task = asyncio.create_task(self.application(scope, self._receive, self._send))
        return self

    async def again(self, application: LiveApplication | None = None) -> "Page":
        """The same page coming back, as a browser does by itself."""
        back = Page(self.topics, application or self.application, self.last_event_id, known=[*self.known])
        return await back.open()

    async def hello(self) -> Seen:
        """Wait until the page is connected."""
        return await asyncio.wait_for(self._hello.get(), PATIENCE)

    async def next(self) -> Seen:
        """The next thing that happened."""
        seen = await asyncio.wait_for(self._heard.get(), PATIENCE)
        self.known.append(seen.data)
        return seen

    def unread(self) -> list[Any]:
        """The numbers of what has arrived and was not looked at yet."""
        arrived = [self._heard.get_nowait() for _ in range(self._heard.qsize())]
        self.known += [seen.data for seen in arrived]
        return [seen.data["n"] for seen in arrived]

    async def quiet(self, seconds: float = 0.3) -> None:
        """Assert that nothing more is heard."""
        try:
            seen = await asyncio.wait_for(self._heard.get(), seconds)
        except TimeoutError:
            return
        raise AssertionError(f"heard {seen}")

    async def end(self) -> None:
        """Wait until the server has ended the stream."""
        assert self._task
        await asyncio.wait_for(asyncio.shield(self._task), PATIENCE)

    def leave(self) -> None:
        """The reader leaves, and waits for nothing."""
        self._gone.set()

    async def close(self) -> None:
        """The reader leaves; the server must notice and finish."""
        assert self._task
        self.leave()
        await asyncio.wait_for(self._task, PATIENCE)

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        if self.slow:
            await self.slow.wait()
        fields = dict(line.split(": ", 1) for line in message["body"].decode().splitlines() if ": " in line)
        if "id" in fields:
            self.last_event_id = fields["id"]
        if fields.get("event") == "beat":
            self.beats.set()
        elif "event" in fields:
            seen = Seen(fields["event"], fields["id"], json.loads(fields["data"]))
            if seen.kind == "hello":
                self._hello.put_nowait(seen)
            elif seen.data not in self._before:
                self._heard.put_nowait(seen)
        self.ended = not message.get("more_body", False)


@asynccontextmanager
async def live(hub: Hub | None = None) -> AsyncIterator[LiveApplication]:
    """A process that serves live events, from its start to its stop."""
    hub = hub or Hub()
    try:
        yield LiveApplication(hub)
    finally:
        await hub.stop()
        # Those that were told to end do so by themselves, in a turn or two of the loop.
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        left = (await asyncio.wait(others, timeout=PATIENCE))[1] if others else set()
        assert not left, left


async def happen(topic: str, kind: str = "order", **payload: object) -> None:
    """Something happens in a transaction of its own, in another thread, as it does in a request."""
    await sync_to_async(_happen)(topic, kind, payload)


def _happen(topic: str, kind: str, payload: dict[str, object]) -> None:
    with transaction.atomic():
        record(topic=topic, kind=kind, payload=payload)


async def happen_in_turn(topic: str, numbers: Iterable[int]) -> None:
    """One thing after another, each in a transaction of its own, as fast as the database takes them."""

    def all_of_them() -> None:
        for n in numbers:
            _happen(topic, "order", {"n": n})

    await sync_to_async(all_of_them)()


@asynccontextmanager
async def slow_transaction(topic: str) -> AsyncIterator["psycopg.AsyncConnection[Any]"]:
    """A transaction that has written its event, and does not commit until the block says so."""
    database = await connect()
    await database.set_autocommit(False)
    await database.execute(INSERT, [topic])
    try:
        yield database
    finally:
        await database.close()


async def rest(hub: Hub) -> None:
    """Wait until a hub that nobody watches has noticed it, which it does when it is told of something."""
    await happen("menu:nobody")
    await at_rest(hub)


async def at_rest(hub: Hub) -> None:
    """The same where something happens anyway."""
    async with asyncio.timeout(PATIENCE):
        while hub._awake.is_set():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)


def cut_off() -> int:
    """End every connection to the database but this one; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])
