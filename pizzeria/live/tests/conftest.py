"""The real outbox, with real commits."""

import asyncio
from collections.abc import Iterator

import pytest

from pizzeria.live.hub import connect


@pytest.fixture(autouse=True)
def _outbox(db: None) -> Iterator[None]:
    """What happens in other threads is committed: the outbox is emptied, quicker than flushing every table."""
    yield
    asyncio.run(_empty_the_outbox())


async def _empty_the_outbox() -> None:
    async with await connect() as database:
        await database.execute("SET lock_timeout = '5s'")
        await database.execute("TRUNCATE live_liveevent")
