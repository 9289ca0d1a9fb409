"""What a deployed site's processes leave in the journal of an order, and how `logs.sh` tells it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.commands import until
from tests.server.deploying import HOME, Site, deployed_server
from tests.server.machine import Rack, Server

SUITES = ("trixie",)
"""See `conftest`: the distribution has no part in what is tried here."""

LOGS = f"{HOME}/OC_PIZZA/SUPERVISION_ENGINE/logs.sh"
UNITS = "gunicorn.service", "oc-pizza-live.service", "oc-pizza-worker.service", "oc-pizza-cron-*.service"
CONTACT = {
    "first_name": "Gaspardine",
    "last_name": "Visiteur-Unique",
    "phone": "06 39 98 12 34",
    "email": "gaspardine@visiteur.example",
    "street": "3 rue de la Roquette",
    "postal_code": "75011",
    "town": "Paris-sur-Test",
}
PERSONAL = (
    "Gaspardine",
    "Visiteur-Unique",
    "06 39 98 12 34",
    "0639981234",
    "gaspardine@",
    "Roquette",
    "sur-Test",
    "Unetelle",
)
MAKE_LATE = """
from datetime import timedelta
from django.utils import timezone
from pizzeria.ordering.models import Order
from pizzeria.ordering.tasks import tell_late_orders
now = timezone.now()
Order.objects.filter(number="{number}").update(promised_at=now - timedelta(seconds=20))
# The job of this very minute may be waiting.
tell_late_orders.configure(queueing_lock="of-a-test").defer(timestamp=int(now.timestamp()) + 1)
"""


@pytest.fixture
def server(rack: Rack, suite: str) -> Iterator[Server]:
    with deployed_server(rack, suite) as deployed:
        yield deployed


def delivered_to_gaspardine(site: Site) -> dict[str, Any]:
    """An order with all that a client tells, as the API takes it."""
    body = site.order_body()
    # More than the least that is delivered.
    lines = [line | {"quantity": 3} for line in body["lines"]]
    asked = {"lines": lines, "fulfilment": "delivery", "postal_code": CONTACT["postal_code"]}
    quoted = site.ask("/api/v1/stores/bastille/quote", method="POST", body=asked)
    assert quoted.status == 200, quoted.text
    told = {"lines": lines, "fulfilment": "delivery", "contact": CONTACT, "comment": "Sonner chez Unetelle"}
    placed = site.place(body | told | {"expected_total": quoted.json()["total"]})
    assert placed.status == 201, placed.text
    order: dict[str, Any] = placed.json()
    return order


def bearer(server: Server, identifier: str) -> str:
    issued = server.run(f"cd {HOME}/OC_PIZZA && ./manage.py issuetoken {identifier} --label essai").stdout
    return f"Bearer {issued.split()[-1]}"


def move(site: Site, number: str, to: str, *, by: str) -> None:
    path = f"/api/v1/staff/orders/{number}/advance"
    moved = site.ask(path, method="POST", body={"to": to}, authorization=by)
    assert moved.status == 200, moved.text


def lines_of_the_site(server: Server) -> list[str]:
    """What the site's own processes have printed; systemd speaks of their units as well."""
    asked = " ".join(f"--unit={unit}" for unit in UNITS)
    entries = server.run(f"journalctl --no-pager --output=json {asked}").stdout.splitlines()
    told = [json.loads(entry) for entry in entries]
    return [entry["MESSAGE"] for entry in told if re.match("gunicorn|oc-pizza", entry.get("_SYSTEMD_UNIT", ""))]


def test_an_orders_story_is_told_from_all_the_logs_and_none_of_them_says_whose_it_is(server: Server) -> None:
    site = Site(server)
    pizzaiolo, driver = bearer(server, "luca.bastille"), bearer(server, "karim.bastille")
    order = delivered_to_gaspardine(site)
    number, token = order["number"], order["token"]
    assert site.ask(f"/commande/{token}/").status == 200
    with site.watching(f"order:{token}") as page:
        move(site, number, "taken", by=pizzaiolo)
        while b"taken" not in page.read1():
            pass
        move(site, number, "preparing", by=pizzaiolo)
        server.run(f"cd {HOME}/OC_PIZZA && ./manage.py shell --no-imports", stdin=MAKE_LATE.format(number=number))
        until(lambda: "en retard" in told_of(server, number), "the worker does not tell that it is late", timeout=60)
        move(site, number, "ready", by=pizzaiolo)
        move(site, number, "delivering", by=driver)
        move(site, number, "delivered", by=driver)
    server.run("systemctl start oc-pizza-cron-city_001-cyclic_update")
    until(lambda: told_of(server, number).count("nginx") >= 6, "nginx has not written its lines", timeout=20)

    story = told_of(server, number.lower().replace("-", ""))
    in_order = [
        "nginx   POST /api/v1/orders : 201",
        "web     commande passée à bastille par le client : « À réaliser »",
        f"nginx   POST /api/v1/staff/orders/{number}/advance : 200",
        "web     de « À réaliser » à « Prise en charge » par un pizzaiolo",
        "web     de « Prise en charge » à « En préparation » par un pizzaiolo",
        "worker  WARNING en retard : l’heure promise est passée, encore « En préparation »",
        "web     de « En préparation » à « Prête » par un pizzaiolo",
        "web     de « Prête » à « En livraison » par un livreur",
        "web     de « En livraison » à « Livrée » par un livreur",
    ]
    places = [story.index(words) for words in in_order]
    assert places == sorted(places), story
    # The page may be told before the process that committed the move has written its own line.
    announced = story.index("live    « Prise en charge » annoncée à 1 page")
    assert places[0] < announced < story.index("web     de « Prise en charge » à « En préparation »")
    for line in story.splitlines():
        assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  \S+ +\S", line), line

    request = next(entry["request_id"] for entry in as_json(server, number) if entry.get("event") == "placed")
    assert "commande passée" in server.run(f"{LOGS} request {request}").stdout
    assert server.run(f"{LOGS} order P-22222", check=False).returncode == 1
    assert server.run(f"{LOGS} errors --since '1 hour ago'").returncode == 0

    lines = lines_of_the_site(server)
    assert len(lines) > 20
    for line in lines:
        assert json.loads(line).keys() >= {"at", "level", "logger", "message", "request_id"}, line
    assert any("cyclic_update : terminée en" in json.loads(line)["message"] for line in lines)
    everything = server.run("journalctl --no-pager --output=cat; cat /var/log/nginx/*").stdout
    for kept_to_itself in (*PERSONAL, token, pizzaiolo.split()[1], driver.split()[1]):
        assert kept_to_itself not in everything


def told_of(server: Server, number: str) -> str:
    return server.run(f"{LOGS} order {number}", check=False).stdout


def as_json(server: Server, number: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.run(f"{LOGS} order {number} --json").stdout.splitlines()]
