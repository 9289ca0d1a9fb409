"""The real outbox, with real commits."""

import asyncio
from collections.abc import Iterator

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from pizzeria.live.hub import connect


@pytest.fixture(autouse=True)
def _outbox(db: None) -> Iterator[None]:
    """What happens in other threads is committed: the outbox is emptied, quicker than flushing every table."""
    yield
    asyncio.run(_empty_the_outbox())


async def _empty_the_outbox() -> None:
    # The thread in which things happened lives on: a connection that it kept would stop the database's own end.
    await sync_to_async(connections.close_all)()
    async with await connect() as database:
        await database.execute("SET lock_timeout = '5s'")
        await database.execute("TRUNCATE live_liveevent")
