"""Orders through the API against the ideal order transaction, on the same database."""

import json
import os
import secrets
import urllib.request
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.load import Rate, pgbench, wrk
from benchmarks.place import Place

HERE = Path(__file__).resolve().parent
BASKETS = (("margherita", "reine", "quatre-fromages"), ("margherita", "napolitaine", "reine"))


def write_bodies(place: Place) -> Path:
    """One order's body a line: every store, three pizzas each, at the price that the site itself quotes."""
    bodies = []
    for store in _ask(f"{place.pages}/api/v1/stores")["stores"]:
        menu = _ask(f"{place.pages}/api/v1/stores/{store['slug']}/menu")
        variants = {product["slug"]: product["variants"][0]["id"] for product in menu["products"]}
        for basket in BASKETS:
            asked = {"lines": [{"variant": variants[slug]} for slug in basket], "fulfilment": "collection"}
            total = _ask(f"{place.pages}/api/v1/stores/{store['slug']}/quote", asked)["total"]
            contact = {"first_name": "Ideal", "last_name": "Client", "phone": "0639981234"}
            bodies.append(
                asked | {"store": store["slug"], "payment_method": "cash", "contact": contact, "expected_total": total}
            )
    file = place.home / "bodies"
    file.write_text("\n".join(map(json.dumps, bodies)))
    return file


def _tidied(place: Place) -> None:
    """Both begin with tables that autovacuum has been through: hundreds of seconds of trade are done in six."""
    with psycopg.connect(place.database_url, autocommit=True) as database:
        # A hundred orders a second are no evening's: what is measured is the work on an order, not a refusal.
        database.execute("UPDATE stores_store SET oven_minutes = 32000")
        database.execute("UPDATE ordering_ovenslot SET minutes = 8000 WHERE minutes < 8000")
        database.execute("VACUUM (ANALYZE)")
        database.execute("CHECKPOINT")


def orders_a_second(place: Place, bodies: Path) -> Rate:
    _tidied(place)
    os.environ |= {"BENCH_BODIES": str(bodies), "BENCH_RUN": secrets.token_hex(6)}
    return wrk(place.pages, script=HERE / "orders.lua")


def ideal_a_second(place: Place) -> float:
    _tidied(place)
    with psycopg.connect(place.database_url) as database:
        row = database.execute(
            "SELECT (SELECT min(id) FROM stores_store), (SELECT max(id) FROM stores_store),"
            " (SELECT min(id) FROM stock_stockitem), (SELECT max(id) FROM stock_stockitem),"
            " (SELECT min(id) FROM catalogue_variant)"
        ).fetchone()
    names = ("first_store", "last_store", "first_item", "last_item", "variant")
    return pgbench(place, HERE / "ideal_order.sql", dict(zip(names, row or (), strict=True)))


def _ask(url: str, body: dict[str, Any] | None = None) -> Any:
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)
