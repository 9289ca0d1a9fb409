"""The heartbeat that the watch asks for: the process may live and yet hand out nothing."""

import asyncio
import time
from typing import Any

import psycopg
import pytest
from asgiref.sync import sync_to_async

from pizzeria.live import hub as hub_module
from pizzeria.live.stream import LiveApplication
from pizzeria.live.tests.pages import PATIENCE, Page, cut_off, live, rest


async def heartbeat(application: LiveApplication) -> tuple[int, str]:
    """What the watch is answered, on the application's own socket."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application({"type": "http", "method": "GET", "path": "/live/heartbeat", "headers": []}, receive, send)
    return sent[0]["status"], sent[1]["body"].decode()


def test_a_process_that_nobody_has_asked_for_anything_is_well() -> None:
    async def scenario() -> None:
        async with live() as application:
            assert await heartbeat(application) == (200, "ok")

    asyncio.run(scenario())


def test_a_hub_that_listens_is_well_and_one_that_has_stopped_says_so() -> None:
    async def scenario() -> None:
        async with live() as application:
            page = await Page(["menu:1"], application).open()
            await page.hello()
            assert await heartbeat(application) == (200, "ok")
            task = application.hub._task
            assert task is not None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert await heartbeat(application) == (503, "stopped")
            await page.close()

    asyncio.run(scenario())


def test_a_hub_whose_database_is_away_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        async with live() as application:
            # A server that is down.
            monkeypatch.setattr(hub_module, "connect", _nowhere)
            page = await Page(["menu:1"], application).open()
            await asyncio.sleep(0.1)
            assert await heartbeat(application) == (503, "database")
            monkeypatch.undo()
            await page.hello()
            assert await heartbeat(application) == (200, "ok")
            await page.close()

    asyncio.run(scenario())


def test_a_hub_that_waits_for_ever_for_an_answer_says_so() -> None:
    async def scenario() -> None:
        async with live() as application:
            page = await Page(["menu:1"], application).open()
            await page.hello()
            assert await heartbeat(application) == (200, "ok")
            application.hub._listened_at = time.monotonic() - hub_module.SILENT_SECONDS - 1
            assert await heartbeat(application) == (503, "stuck")
            await page.close()

    asyncio.run(scenario())


def test_a_hub_that_nobody_watches_says_still_whether_its_database_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "SWEEP_SECONDS", 0.05)

    async def scenario() -> None:
        async with live() as application:
            page = await Page(["menu:1"], application).open()
            await page.hello()
            await page.close()
            await rest(application.hub)
            application.hub._listened_at = time.monotonic() - hub_module.SILENT_SECONDS - 1
            await _until(application, (200, "ok"))
            with monkeypatch.context() as away:
                away.setattr(hub_module, "connect", _nowhere)
                await sync_to_async(cut_off)()
                await _until(application, (503, "database"))
            await _until(application, (200, "ok"))

    asyncio.run(scenario())


async def _until(application: LiveApplication, told: tuple[int, str]) -> None:
    async with asyncio.timeout(PATIENCE):
        while await heartbeat(application) != told:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)


async def _nowhere() -> hub_module.Database:
    raise psycopg.OperationalError("nobody answers")
