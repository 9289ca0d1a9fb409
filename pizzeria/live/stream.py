"""Server-sent events: the ASGI application of /live/.

`GET /live/?topic=menu:1&topic=order:…` streams what happens on these topics; `Last-Event-ID` resumes.
`GET /live/heartbeat` is the watch's question, on this machine alone: 200, or 503 and what is wrong in one word.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any
from urllib.parse import parse_qs

import psycopg
from asgiref.sync import sync_to_async
from django.db import DatabaseError

from pizzeria.live.access import may_watch
from pizzeria.live.hub import Hub, Position, Watcher
from pizzeria.live.services import MAX_TOPICS
from pizzeria.measures import LIVE_CONNECTIONS
from pizzeria.trail import begin

HEARTBEAT_SECONDS = 15.0
BEAT = b"event: beat\ndata: {}\n\n"
"""An event, which a page hears as it would no comment: one that hears nothing for three of them connects anew (`live.js`)."""
RECHECK_SECONDS = 10.0
"""Whoever signs out, is suspended or loses a role hears so much longer of what is for the staff alone."""
LIFE_SECONDS = 3600.0
"""A stream ends after an hour; the browser comes back, and what it may watch is checked anew."""
TOPIC = re.compile(r"\A(menu|promise|store|order|group):[A-Za-z0-9_-]{1,60}\Z")
HEARTBEAT_PATH = "/live/heartbeat"
LAST_EVENT_ID = re.compile(r"\A([0-9]{1,19})-([0-9]{1,19})\Z")

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]

HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]


class LiveApplication:
    """Streams what one hub hands out."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self.hub.stop()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == HEARTBEAT_PATH:
            trouble = self.hub.trouble()
            await _answer(send, 503 if trouble else 200, trouble or "ok")
            return
        begin(_header(scope, b"x-request-id"))
        topics = frozenset(parse_qs(scope.get("query_string", b"").decode("ascii", "replace")).get("topic", []))
        status = await _refusal(scope, topics)
        if status:
            await _answer(send, status)
            return
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        stream, unwelcome = self._stream(scope, topics, send), _unwelcome(scope, _guarded(topics))
        if not await _until_first(stream, unwelcome, gone=_disconnected(receive)):
            await send({"type": "http.response.body", "body": b""})

    async def _stream(self, scope: Scope, topics: frozenset[str], send: Send) -> None:
        async with aclosing(self._events(_last_event_id(scope), topics)) as chunks:
            async for chunk in chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def _events(self, last: Position | None, topics: frozenset[str]) -> AsyncGenerator[bytes, None]:
        yield b"retry: 1000\n\n"
        watcher = Watcher(topics)
        # Watch first, read the past second: an event in between is met twice and dropped, never missed.
        async with self.hub.handing_to(watcher) as accepted:
            if accepted is None:
                return  # The browser comes back in a second, and starts the hub again.
            with LIVE_CONNECTIONS.track_inprogress():
                try:
                    past, here = ([], accepted) if last is None else await self.hub.since(last, topics)
                except psycopg.Error:
                    return  # It comes back as well, with the same position.
                for event in past:
                    yield event.encoded()
                # The position is told at once, so that a page that loses its connection before its
                # first event still knows from where to catch up.
                yield f"id: {here[0]}-{here[1]}\nevent: hello\ndata: {{}}\n\n".encode()
                known = {event.place for event in past}
                async for chunk in _following(watcher, here, known):
                    yield chunk


async def _following(watcher: Watcher, here: Position, known: set[Position]) -> AsyncGenerator[bytes, None]:
    """What the hub hands out, but for what the watcher has; a heartbeat when nothing happens."""
    end = time.monotonic() + LIFE_SECONDS
    while time.monotonic() < end:
        try:
            # Not `wait_for`: before Python 3.12 it forgets that it was cancelled when an event arrives in the same turn,
            # and whoever has left just then would be streamed to for an hour.
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                event = await watcher.queue.get()
        except TimeoutError:
            yield BEAT
            continue
        if event is None:
            return
        if event.place > here and event.place not in known:
            yield event.encoded()


async def _until_first(*parts: Awaitable[None], gone: Awaitable[None]) -> bool:
    """Run all of them until one ends, and leave none behind; whether the browser is gone."""
    left = asyncio.ensure_future(gone)
    tasks = [left, *(asyncio.ensure_future(part) for part in parts)]
    try:
        done, _running = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
    return left in done


async def _refusal(scope: Scope, topics: frozenset[str]) -> int:
    """The status with which a request is refused; 0 when it is not."""
    if scope["method"] != "GET":
        return 405
    if not topics or len(topics) > MAX_TOPICS or not all(TOPIC.match(topic) for topic in topics):
        return 400
    guarded = _guarded(topics)
    if not guarded:
        return 0
    try:
        allowed = await sync_to_async(may_watch)(cookie_header=_header(scope, b"cookie"), topics=guarded)
    except DatabaseError:
        return 503
    return 0 if allowed else 403


def _guarded(topics: frozenset[str]) -> frozenset[str]:
    """Menus and orders (by their unguessable token) are open; a store's board is for its staff, the rest for the group's."""
    return frozenset(topic for topic in topics if topic.startswith(("store:", "group:")))


async def _unwelcome(scope: Scope, guarded: frozenset[str]) -> None:
    """Return once the browser may not watch this any more: its session has ended, or its owner's role here."""
    while True:
        await asyncio.sleep(RECHECK_SECONDS)
        # A database that does not answer says nothing about anybody: a 503 leaves the stream as it is.
        if guarded and await _refusal(scope, guarded) == 403:  # noqa: PLR2004
            return


def _last_event_id(scope: Scope) -> Position | None:
    found = LAST_EVENT_ID.match(_header(scope, b"last-event-id"))
    return (int(found[1]), int(found[2])) if found else None


def _header(scope: Scope, name: bytes) -> str:
    return "; ".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int, word: str = "") -> None:
    headers = [(b"content-length", str(len(word)).encode()), (b"cache-control", b"no-store")]
    if status == 405:  # noqa: PLR2004
        headers.append((b"allow", b"GET"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": word.encode()})


application = LiveApplication(Hub())
