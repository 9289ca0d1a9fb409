"""Jobs that tests put into CRONJOBS."""

import threading
import time
from collections.abc import Callable
from functools import partial

from django.db import connection, transaction

HERE = "pizzeria.operations.tests.jobs"
WORKS = f"{HERE}.works"
FAILS = f"{HERE}.fails"
IS_REFUSED = f"{HERE}.is_refused_by_the_database"
TAKES_TIME = f"{HERE}.takes_time"

_running = 0
_counting = threading.Lock()
most_at_once = 0
meanwhile: Callable[[], object] = partial(time.sleep, 0.5)
"""What lasts as long as the job that takes time."""


def works() -> None:
    """Nothing to do."""


def fails() -> None:
    raise ValueError("la farine\nmanque")


def is_refused_by_the_database() -> None:
    """As an order is that breaks a rule of its table: PostgreSQL prints the whole row."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE refused (name text, comment text, amount int CHECK (amount > 0))")
        cursor.execute("INSERT INTO refused VALUES ('Gaspard Visiteur', E'code 1234\n3e gauche', -1)")


def takes_time() -> None:
    """For as long as `meanwhile` lasts; how many there were is kept in `most_at_once`."""
    global _running, most_at_once  # noqa: PLW0603 - what the races look at
    with _counting:
        _running += 1
        most_at_once = max(most_at_once, _running)
    meanwhile()
    with _counting:
        _running -= 1
