"""Reads the outbox once a process and hands every event to whoever watches its topic.

An event is handed out as soon as it can be seen. Its position says from where to resume without a loss:
the event itself, or, while an older transaction is still running, the moment before that transaction,
because what it has written will only be seen when it commits. Resuming may then repeat an event, and
never misses one.

While nobody watches nothing is read, and nothing listened to: whoever begins to watch waits until the
hub listens and knows where it stands. What is told in a rush is read together.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection
from psycopg.rows import TupleRow

from pizzeria.live.services import CHANNEL

logger = logging.getLogger(__name__)

RETRY_SECONDS = 0.05
LONGEST_RETRY_SECONDS = 2.0
GATHER_SECONDS = 0.03
"""What is told so soon after a reading waits for the next one and shares it: no eye sees 30 ms, a second is promised, and a
rush of any size is read some thirty times a second."""
SWEEP_SECONDS = 5.0
SILENT_SECONDS = 3 * SWEEP_SECONDS
"""A loop that has not come round for so long is stuck, or its database is."""
QUEUE_SIZE = 500
BATCH = 1000
LAST_ID = 2**62
"""Greater than any identity: (xact, LAST_ID) is the end of that transaction."""

Position = tuple[int, int]
Database = psycopg.AsyncConnection[TupleRow]

# One statement, one snapshot: `low` is the oldest transaction still running as these rows are seen.
READ = """
SELECT edge.low, event.xact, event.id, event.topic, event.kind, event.payload
FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS low) AS edge
LEFT JOIN LATERAL (
    SELECT * FROM live_liveevent
    WHERE (xact, id) > (%(xact)s, %(id)s)
      AND NOT id = ANY(%(seen)s)
      AND (%(topics)s::text[] IS NULL OR topic = ANY(%(topics)s))
    ORDER BY xact, id
    LIMIT %(batch)s
) AS event ON true
ORDER BY event.xact, event.id
"""
EDGE = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1"

# A dead peer is noticed within half a minute, and a database that does not answer is not waited for.
PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


@dataclass(frozen=True, slots=True)
class Event:
    """`place` is where it stands in the outbox; `position` is from where a reader who has it resumes."""

    place: Position
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
    """One LISTEN connection, and one more that all the watchers who resume share."""

    def __init__(self) -> None:
        self.watchers: set[Watcher] = set()
        self.position: Position = (0, 0)
        """Everything up to here has been handed out; it stands still while nobody watches."""
        self._ahead: set[Position] = set()
        """The places of events beyond `position` that have been handed out as well."""
        self._task: asyncio.Task[None] | None = None
        self._pages = 0
        """How many watch, or are about to."""
        self._wanted = asyncio.Event()
        """Set while there are any."""
        self._awake = asyncio.Event()
        """Set while everything after `position` is handed out, at once or when the database is back."""
        self._listened_at: float | None = None
        """When the loop last came round, on the monotonic clock; None while the database is away."""
        self._past = _Past()

    @asynccontextmanager
    async def handing_to(self, watcher: Watcher) -> AsyncIterator[Position | None]:
        """Hand over all that happens on a watcher's topics after the position that is given, until the block ends.

        None is given by a hub that has ended before it was awake: it hands over nothing.
        """
        self._pages += 1
        self._wanted.set()
        try:
            if not await self._wake():
                yield None
                return
            # Nothing is awaited between the three: an event beyond this position finds the watcher there, and so does the
            # hub's end.
            self.watchers.add(watcher)
            yield self.position
        finally:
            self.watchers.discard(watcher)
            self._pages -= 1
            if not self._pages:
                self._wanted.clear()

    async def _wake(self) -> bool:
        """Wait until the hub is awake; false when it has ended, as it will not wake then."""
        if self._task is None or self._task.done():
            self._awake.clear()
            # In no request's context: it outlives the one that has started it.
            self._task = asyncio.create_task(self._run_for_ever(), context=Context())
        task = self._task
        awake = asyncio.ensure_future(self._awake.wait())
        try:
            await asyncio.wait({task, awake}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            awake.cancel()
        return not task.done()

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._past.close()

    def trouble(self) -> str:
        """What keeps events from being handed out, in one word; empty when nothing does, or nobody has asked yet."""
        if self._task is None:
            return ""
        if self._task.done():
            return "stopped"
        if self._listened_at is None:
            return "database"
        return "stuck" if time.monotonic() - self._listened_at > SILENT_SECONDS else ""

    async def since(self, position: Position, topics: frozenset[str]) -> tuple[list[Event], Position]:
        """What happened on these topics after a position, and the position of who has read it.

        Asks nothing when nothing happened. Raises psycopg.Error when the database cannot be asked.
        """
        here = self.position
        if position == here and not self._ahead:
            return [], here
        events, low = await self._past.read(after=position, topics=topics)
        if position[0] >= low:
            # No position is ever given out so far ahead: it is another database's, or invented.
            return [], here
        return events, max(position, here, *(event.position for event in events))

    async def _run_for_ever(self) -> None:
        pause = RETRY_SECONDS
        try:
            while True:
                try:
                    async with await connect() as database:
                        pause = RETRY_SECONDS
                        while True:
                            await self._rest(database)
                            await self._follow(database)
                except psycopg.Error:
                    # The database restarts: the position is kept, so nothing is lost meanwhile.
                    self._listened_at = None
                    logger.warning("live: the database connection was lost, trying again in %.2f s", pause)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_RETRY_SECONDS)
        finally:
            # Nobody stays connected to a hub that has stopped: they come back, and start it again.
            self._send_home()

    def _send_home(self) -> None:
        """End the streams of all who watch; they come back by themselves, with the last position they were told."""
        for watcher in list(self.watchers):
            watcher.close()

    async def _rest(self, database: Database) -> None:
        """While nobody watches, do not listen; that is said anew at each sweep, to see whether the database still answers."""
        while not self._wanted.is_set():
            self._awake.clear()
            await database.execute(f"UNLISTEN {CHANNEL}")
            self._listened_at = time.monotonic()
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_SECONDS):
                    await self._wanted.wait()

    async def _follow(self, database: Database) -> None:
        """Hand out what happens, until nobody watches any more."""
        # Listen first, look second: what is committed in between is told, or seen, or both.
        await database.execute(f"LISTEN {CHANNEL}")
        here = await edge(database)
        if self.position > here:
            # A restored database counts its transactions from anew: whoever stayed compares with a position of the old one,
            # and would drop all that is handed out.
            self._awake.clear()
            self._send_home()
        # Whoever stayed while the database was away is owed what happened meanwhile; whoever comes now, what happens from now on.
        if not self._awake.is_set():
            self.position, self._ahead = here, set()
        await self._publish(database)
        self._awake.set()
        while await self._told(database):
            await self._publish(database)
            await asyncio.sleep(GATHER_SECONDS)

    async def _told(self, database: Database) -> bool:
        """Wait until something happens, or for a sweep; whether anybody watches still."""
        # Those that came during the reading or since are all there already, and taken together.
        async for _notification in database.notifies(timeout=SWEEP_SECONDS, stop_after=1):
            pass
        return self._wanted.is_set()

    async def _publish(self, database: Database) -> None:
        """Hand out everything that can be seen and was not handed out yet."""
        more = True
        while more:
            events, low = await read(database, after=self.position, seen=self._ahead, topics=None)
            self._ahead |= {event.place for event in events}
            for event in events:
                for watcher in list(self.watchers):
                    watcher.offer(event)
            # The reading on waking is handed to nobody, and some of it was handed out and told before the hub fell asleep.
            if self._awake.is_set():
                self._tell(events)
            more = len(events) == BATCH
        self.position = max(self.position, (low - 1, LAST_ID))
        self._ahead = {place for place in self._ahead if place > self.position}
        self._listened_at = time.monotonic()

    def _tell(self, events: Collection[Event]) -> None:
        """Tell the log how many pages each news of an order was handed to: none is worth knowing, as long as any page watches."""
        # An order's news has its own topic and its store's: they stand together, as one change has written them.
        for number, news in _orders_of(events).items():
            topics = {event.topic for event in news}
            watchers = sum(1 for watcher in self.watchers if topics & watcher.topics)
            told = {
                "event": "handed_out",
                "order": number,
                "to_status": news[-1].payload.get("to"),
                "watchers": watchers,
            }
            logger.info("%s: handed out to %d pages", number, watchers, extra=told)


def _orders_of(events: Collection[Event]) -> dict[str, list[Event]]:
    """The news of each order, by its number."""
    found: dict[str, list[Event]] = {}
    for event in events:
        if event.kind == "order" and (number := event.payload.get("number")):
            found.setdefault(number, []).append(event)
    return found


class _Past:
    """The connection that resuming watchers take turns on: after a restart there may be hundreds."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._database: Database | None = None

    async def read(self, *, after: Position, topics: frozenset[str]) -> tuple[list[Event], int]:
        async with self._turn:
            if self._database is None or self._database.closed:
                self._database = await connect()
            try:
                return await self._read_all(self._database, after, topics)
            except psycopg.Error:
                await self.close()
                raise

    async def _read_all(self, database: Database, after: Position, topics: frozenset[str]) -> tuple[list[Event], int]:
        found: list[Event] = []
        while True:
            seen = {event.place for event in found}
            events, low = await read(database, after=after, seen=seen, topics=sorted(topics))
            found += events
            if len(events) < BATCH:
                return found, low

    async def close(self) -> None:
        if self._database is not None:
            await self._database.close()
            self._database = None


async def connect() -> Database:
    """A connection of its own with Django's settings. Raises psycopg.Error."""
    parameters = connection.get_connection_params()
    ours = {"cursor_factory", "context", "prepare_threshold"}
    wanted = {name: value for name, value in parameters.items() if name not in ours}
    return await psycopg.AsyncConnection.connect(**PATIENCE | wanted, autocommit=True)


async def edge(database: Database) -> Position:
    """The end of the last transaction before the oldest one that is still running."""
    cursor = await database.execute(EDGE)
    row = await cursor.fetchone()
    return (row[0] if row else 0, LAST_ID)


async def read(
    database: Database, *, after: Position, seen: Collection[Position], topics: list[str] | None
) -> tuple[list[Event], int]:
    """The next events after a position, but for those seen, and the oldest transaction still running."""
    identities = [identity for _xact, identity in seen]
    parameters = {"xact": after[0], "id": after[1], "seen": identities, "topics": topics, "batch": BATCH}
    cursor = await database.execute(READ, parameters)
    rows = await cursor.fetchall()
    low = rows[0][0]
    places = [((row[1], row[2]), row) for row in rows if row[2] is not None]
    return [Event(place, min(place, (low - 1, LAST_ID)), row[3], row[4], row[5]) for place, row in places], low
