"""Clients who order while something is done to the server."""

import http.client
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.server.deploying import HOME, PROJECT, Answer, Site
from tests.server.machine import Server

CLIENTS = 6
ORDERS_A_SECOND = 20
FILL = """
from pizzeria.stock.models import StockItem
from pizzeria.stock.services import raise_quantity
for item in StockItem.objects.values_list("pk", flat=True):
    raise_quantity(item_id=item, quantity=1_000_000, acting_user=None)
"""


def allow_any_number(server: Server) -> None:
    """All these clients come from one address, as no clients do: the limits of nginx and of the site are proved elsewhere."""
    server.run(f"echo '{server.host_address} 1;' >>/etc/nginx/oc_pizza/unlimited.conf")
    server.run(f"{PROJECT}/DEPLOY_ENGINE/nginx-scripts.sh")
    unlimited = f"UNLIMITED_ADDRESSES=127.0.0.0/8,::1,{server.host_address}"
    server.run(f"echo {unlimited} >>{HOME}/OC_PIZZA_shared/environment && systemctl restart gunicorn")
    # A day's stock does not last for these minutes.
    server.run(f"cd {HOME}/OC_PIZZA && ./manage.py shell --verbosity 0", stdin=FILL)


@dataclass
class Orders:
    """What clients who order twenty times a second have been answered."""

    placed: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    told_to_come_back: int = 0
    slowest: float = 0

    def heard(self, answer: Answer | Exception, seconds: float) -> None:
        self.slowest = max(self.slowest, seconds)
        if isinstance(answer, Exception):
            self.refused.append(repr(answer))
        elif answer.status == http.HTTPStatus.CREATED:
            self.placed.append(answer.json())
        elif answer.status == http.HTTPStatus.SERVICE_UNAVAILABLE and answer.headers["Retry-After"]:
            self.told_to_come_back += 1
        # Sold out is an answer.
        elif answer.status != http.HTTPStatus.CONFLICT:
            self.refused.append(f"{answer.status} {answer.text[:200]}")


class Pace:
    """Lets one through every so often, whoever asks."""

    def __init__(self, each_second: float) -> None:
        self._between, self._next, self._guard = 1 / each_second, time.monotonic(), threading.Lock()

    def wait(self) -> None:
        with self._guard:
            mine = self._next = max(self._next + self._between, time.monotonic())
        time.sleep(max(0, mine - time.monotonic()))


@contextmanager
def clients_ordering(site: Site) -> Iterator[Orders]:
    orders, enough, pace, guard = Orders(), threading.Event(), Pace(ORDERS_A_SECOND), threading.Lock()
    bodies = itertools.cycle([site.order_body(store) for store in ("bastille", "part-dieu", "vieux-port")])

    def order() -> None:
        while not enough.is_set():
            pace.wait()
            with guard:
                body = next(bodies)
            begun = time.monotonic()
            try:
                answer: Answer | Exception = site.place(body, timeout=60)
            except (OSError, http.client.HTTPException) as error:
                answer = error
            with guard:
                orders.heard(answer, time.monotonic() - begun)

    threads = [threading.Thread(target=order) for _client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield orders
    finally:
        enough.set()
        for thread in threads:
            thread.join()


def assert_all_kept(site: Site, orders: Orders) -> None:
    """Whatever a client has been promised is there."""
    assert orders.refused == []
    assert len(orders.placed) > 20
    for order in orders.placed:
        assert site.ask(f"/api/v1/orders/{order['token']}").status == http.HTTPStatus.OK
