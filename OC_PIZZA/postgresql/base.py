"""Django's PostgreSQL, but a connection that was kept is proved by its socket, not by a question to the server.

Whatever ends a connection, a restart of the server, its time limits, an operator, closes the server's end: ours can
then be read, which a connection that waits for its next question never can. Only such a one is asked: what came may
be a mere notice.

And moments are read by the clock's own parser: an order's row alone has a dozen, and Django's way, a regular expression and a time
zone put in the place of another, took longer than all else about a row.
"""

import select
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db.backends.postgresql import base
from psycopg.adapt import AdaptersMap, Buffer
from psycopg.pq import TransactionStatus
from psycopg.types.datetime import TimestamptzLoader


class UtcLoader(TimestamptzLoader):
    """For a connection in UTC, as Django opens them. `timezone` is what Django compares with the one that it wants."""

    timezone = UTC

    def load(self, data: Buffer) -> datetime:
        written = bytes(data)
        if written[4:5] == b"-" and written.endswith(b"+00"):
            return datetime.fromisoformat(written.decode())
        # Infinity, and years that do not have four figures: refused in words.
        return super().load(data)


@lru_cache
def _quickened(usual: AdaptersMap) -> AdaptersMap:
    found = AdaptersMap(usual)
    found.register_loader("timestamptz", UtcLoader)
    return found


class DatabaseWrapper(base.DatabaseWrapper):
    """Saves a round trip in every request, and nine tenths of the reading of moments."""

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if self.timezone == UTC:
            params["context"] = _quickened(params["context"])
        return params

    def is_usable(self) -> bool:
        return self.is_silent() or super().is_usable()

    def is_silent(self) -> bool:
        """Whether the connection waits for its next question and nothing has come from the server."""
        kept = self.connection
        if kept is None or kept.closed or kept.info.transaction_status != TransactionStatus.IDLE:
            return False
        socket = select.poll()
        socket.register(kept.fileno(), select.POLLIN)
        return not socket.poll(0)
