"""The whole anonymous flow over HTML pages, as a browser without JavaScript walks it."""

import http.client
import re
import threading
import time
import urllib.parse
from collections.abc import Sequence

from benchmarks.load import CLIENTS, SECONDS
from benchmarks.place import BenchmarkError

VARIANT = re.compile(r'name="variant" value="(\d+)"')
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
CONTACT = {
    "first_name": "Gaspard", "last_name": "Visiteur", "phone": "0639981234",
    "fulfilment": "collection", "payment_method": "cash",
}  # fmt: skip


class Client:
    """One visitor: a connection that is kept and a cookie jar of its own for each order."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._connection = http.client.HTTPConnection(host, timeout=20)
        self._cookies: dict[str, str] = {}

    def order(self, store: str) -> None:
        """Menu, a pizza in the cart, checkout, the order placed, its page: five requests."""
        self._cookies = {}
        variants = VARIANT.findall(self._get(f"/carte/{store}/"))
        self._post("/panier/ajouter/", {"store": store, "variant": variants[0]})
        hidden = dict(HIDDEN.findall(self._get("/commander/")))
        order = self._post("/commander/", hidden | CONTACT)
        if "/commande/" not in order or "order-number" not in self._get(order):
            raise BenchmarkError(f"no order page at {order!r}")

    def _get(self, path: str) -> str:
        return self._ask("GET", path, None)[1]

    def _post(self, path: str, fields: dict[str, str]) -> str:
        location, _body = self._ask("POST", path, urllib.parse.urlencode(fields))
        return location

    def _ask(self, method: str, path: str, body: str | None) -> tuple[str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{self._host}"}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self._cookies[name] = value
        expected = (200,) if method == "GET" else (302, 303)
        if answer.status not in expected:
            raise BenchmarkError(f"{method} {path} answered {answer.status}:\n{text[:2000]}")
        return answer.headers.get("Location", ""), text


def flows_a_second(host: str, stores: Sequence[str]) -> float:
    """Orders a second placed by eight visitors at once, everything of theirs included."""
    done = [0] * CLIENTS
    failures: list[Exception] = []
    until = time.monotonic() + SECONDS

    def visit(number: int) -> None:
        client = Client(host)
        try:
            while time.monotonic() < until:
                client.order(stores[(number + done[number]) % len(stores)])
                done[number] += 1
        except (BenchmarkError, OSError) as error:
            failures.append(error)

    started = time.monotonic()
    threads = [threading.Thread(target=visit, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise BenchmarkError(f"{len(failures)} visitors failed, the first: {failures[0]}")
    return sum(done) / (time.monotonic() - started)
