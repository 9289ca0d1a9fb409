"""Django's PostgreSQL, but a connection that was kept is proved by its socket, not by a question to the server.

Whatever ends a connection, a restart of the server, its time limits, an operator, closes the server's end: ours can
then be read, which a connection that waits for its next question never can. Only such a one is asked: what came may
be a mere notice.
"""

import select

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus


class DatabaseWrapper(base.DatabaseWrapper):
    """Saves a round trip in every request."""

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
