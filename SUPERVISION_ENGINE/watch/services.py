"""The five services of the site: their units, how they are asked, and how patient one is with each."""

from collections.abc import Callable
from typing import NamedTuple

from SUPERVISION_ENGINE.watch import probes
from SUPERVISION_ENGINE.watch.probes import Health, Site

NAMES = ("postgresql", "gunicorn", "live", "worker", "nginx")


class Remedy(NamedTuple):
    """What is done to a service that stays silent, `after` so many seconds of it."""

    after: float
    signal: str
    said: str
    only_main: bool = False


SHARP = (Remedy(0, "SIGKILL", "tué"),)
"""A stopped process obeys nothing else, and what it served is lost to nobody: the sockets are systemd's."""
GENTLE = (
    Remedy(15, "SIGCONT", "réveillé (SIGCONT)"),
    Remedy(60, "SIGQUIT", "arrêté d’urgence (SIGQUIT)", only_main=True),
    Remedy(120, "SIGKILL", "tué"),
)
"""PostgreSQL: it may be waiting for a disk. Waking it harms nothing; its own emergency stop leaves a clean recovery;
killing every process is for one that obeys nothing."""


class Service(NamedTuple):
    name: str
    unit: str
    probe: Callable[[Site], Health]
    every: float = 5.0
    """Seconds between two questions."""
    again: float = 1.0
    """Seconds after which a question without an answer is asked again."""
    grace: float = 20.0
    """Seconds after its start in which silence means that it starts."""
    remedies: tuple[Remedy, ...] = SHARP
    needs_database: bool = False
    """It may end by itself while the database is away, and is started again until the database is back."""
    asks_database: bool = False
    """Its answer waits for the database's: its silence may be the database's."""
    goes_with: str = ""
    """The service with which systemd stops and starts it (PartOf=)."""


def service_named(name: str) -> Service:
    """Raises KeyError."""
    return _MAKERS[name]()


_MAKERS: dict[str, Callable[[], Service]] = {
    "gunicorn": lambda: Service("gunicorn", "gunicorn.service", probes.ask_gunicorn, grace=30, asks_database=True),
    "nginx": lambda: Service("nginx", "nginx.service", probes.ask_nginx, every=10, grace=5),
    "postgresql": lambda: Service(
        "postgresql", probes.postgresql_unit(), probes.ask_postgresql, grace=60, remedies=GENTLE
    ),
    "live": lambda: Service(
        "live", "oc-pizza-live.service", probes.ask_live, grace=30, needs_database=True, goes_with="gunicorn"
    ),
    "worker": lambda: Service(
        "worker",
        "oc-pizza-worker.service",
        probes.ask_worker,
        every=10,
        # A clock that was set ahead makes its last sign of life look old until the next one.
        again=12,
        grace=60,
        needs_database=True,
        goes_with="gunicorn",
    ),
}
