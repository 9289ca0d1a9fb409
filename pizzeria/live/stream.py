"""Server-sent events: one LISTEN connection a process, fanned out to whoever watches a topic.

A reader resumes with `Last-Event-ID`. Positions are `transaction-id`: see `models.LiveEvent` for
why the identity alone would lose events.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import psycopg
from asgiref.sync import sync_to_async
from django.db import connection
from psycopg.rows import TupleRow

from pizzeria.live.access import may_watch_stores
from pizzeria.live.services import CHANNEL

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15.0
RETRY_SECONDS = 0.05
SWEEP_SECONDS = 5.0
QUEUE_SIZE = 500
MAX_TOPICS = 20

Position = tuple[int, int]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]

READ = """
SELECT xact, id, topic, kind, payload FROM live_liveevent
WHERE (xact, id) > (%(xact)s, %(id)s)
  AND xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
  AND (%(topics)s::text[] IS NULL OR topic = ANY(%(topics)s))
ORDER BY xact, id
LIMIT 1000
"""
NOW = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1"
WAITING = """
SELECT EXISTS (
    SELECT 1 FROM live_liveevent
    WHERE xact >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint
)
"""


@dataclass(frozen=True, slots=True)
class Event:
    position: Position
    topic: str
    kind: str
    payload: dict[str, Any]

    def encoded(self) -> bytes:
        data = json.dumps({"topic": self.topic, **self.payload}, ensure_ascii=False)
        return f"id: {self.position[0]}-{self.position[1]}\nevent: {self.kind}\ndata: {data}\n\n".encode()


@dataclass(eq=False, slots=True)
class Watcher:
    topics: frozenset[str]
    queue: asyncio.Queue[Event | None] = field(default_factory=lambda: asyncio.Queue(QUEUE_SIZE))

    def offer(self, event: Event) -> None:
        """Hand an event over; a watcher too slow to keep up is closed and resumes by itself."""
        if event.topic not in self.topics:
            return
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            self.close()

    def close(self) -> None:
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class Hub:
    """Reads the outbox once for all the watchers of this process."""

    def __init__(self) -> None:
        self.watchers: set[Watcher] = set()
        self.position: Position = (0, 0)
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def start(self) -> None:
        if self._task is None or self._task.done():
            self._ready.clear()
            self._task = asyncio.create_task(self._run_for_ever())
        await self._ready.wait()

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for watcher in self.watchers:
            watcher.close()

    async def _run_for_ever(self) -> None:
        pause = RETRY_SECONDS
        while True:
            try:
                await self._run()
            except psycopg.Error:
                # The database restarts: the position is kept, so nothing is lost meanwhile.
                logger.warning("live: the database connection was lost, trying again in %.1f s", pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
            else:
                pause = RETRY_SECONDS

    async def _run(self) -> None:
        async with await connect() as database:
            await database.execute(f"LISTEN {CHANNEL}")
            if self.position == (0, 0):
                self.position = await now(database)
            self._ready.set()
            while True:
                waiting = await self._publish(database)
                await _wait(database, RETRY_SECONDS if waiting else SWEEP_SECONDS)

    async def _publish(self, database: "psycopg.AsyncConnection[TupleRow]") -> bool:
        """Hand out what is new; True when something is still hidden behind a running transaction."""
        for event in await read(database, after=self.position, topics=None):
            self.position = event.position
            for watcher in list(self.watchers):
                watcher.offer(event)
        cursor = await database.execute(WAITING)
        row = await cursor.fetchone()
        return bool(row and row[0])


async def connect() -> "psycopg.AsyncConnection[TupleRow]":
    parameters = connection.get_connection_params()
    wanted = {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if parameters.get(name)}
    return await psycopg.AsyncConnection.connect(**wanted, autocommit=True)


async def now(database: "psycopg.AsyncConnection[TupleRow]") -> Position:
    cursor = await database.execute(NOW)
    row = await cursor.fetchone()
    return (row[0] if row else 0, 2**62)


async def read(
    database: "psycopg.AsyncConnection[TupleRow]", *, after: Position, topics: list[str] | None
) -> list[Event]:
    cursor = await database.execute(READ, {"xact": after[0], "id": after[1], "topics": topics})
    return [Event((row[0], row[1]), row[2], row[3], row[4]) for row in await cursor.fetchall()]


async def _wait(database: "psycopg.AsyncConnection[TupleRow]", seconds: float) -> None:
    async for _notification in database.notifies(timeout=seconds, stop_after=1):
        pass


hub = Hub()


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """The ASGI application of /live/."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await _serve(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            await hub.stop()
            return


async def _serve(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    query = parse_qs(scope.get("query_string", b"").decode())
    topics = frozenset(query.get("topic", []))
    if not topics or len(topics) > MAX_TOPICS or not await _may_watch(scope, topics):
        await _answer(send, 403, b"")
        return
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    gone = asyncio.create_task(_disconnected(receive))
    stream = _events(scope, topics)
    try:
        while not gone.done():
            following = asyncio.ensure_future(anext(stream))
            await asyncio.wait({following, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not following.done():
                following.cancel()
                break
            chunk = following.result()
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    except StopAsyncIteration:
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()


async def _events(scope: dict[str, Any], topics: frozenset[str]) -> AsyncIterator[bytes]:
    await hub.start()
    watcher = Watcher(topics)
    # Watch first, read the past second: an event in between is seen twice and dropped, never missed.
    hub.watchers.add(watcher)
    try:
        yield b"retry: 1000\n\n"
        last = _last_event_id(scope)
        async with await connect() as database:
            # The position is told at once, so that a page that loses its connection before
            # its first event still knows from where to catch up.
            here = await now(database)
            for event in await read(database, after=last, topics=sorted(topics)) if last else []:
                last = event.position
                yield event.encoded()
        last = max(last or here, (0, 0))
        yield f"id: {last[0]}-{last[1]}\nevent: hello\ndata: {{}}\n\n".encode()
        while True:
            try:
                following = await asyncio.wait_for(watcher.queue.get(), HEARTBEAT_SECONDS)
            except TimeoutError:
                yield b": heartbeat\n\n"
                continue
            if following is None:
                return
            if following.position > last:
                last = following.position
                yield following.encoded()
    finally:
        hub.watchers.discard(watcher)


def _last_event_id(scope: dict[str, Any]) -> Position | None:
    headers = dict(scope["headers"])
    raw = headers.get(b"last-event-id", b"").decode("ascii", "ignore")
    xact, _, identity = raw.partition("-")
    if not (xact.isdigit() and identity.isdigit() and len(raw) < 40):  # noqa: PLR2004
        return None
    return int(xact), int(identity)


async def _may_watch(scope: dict[str, Any], topics: frozenset[str]) -> bool:
    """Menus and orders (by their unguessable token) are open; a store's board is for its staff."""
    guarded = {topic for topic in topics if not topic.startswith(("menu:", "order:"))}
    if not guarded:
        return True
    cookie = dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")
    return await sync_to_async(may_watch_stores)(cookie_header=cookie, topics=guarded)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
