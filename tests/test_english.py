"""Every page of the shop and of the back office in English: no French word is left on any of them."""

import gettext
import re
from collections.abc import Callable, Iterator
from datetime import time, timedelta
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from pizzeria.accounts.audit import record
from pizzeria.accounts.models import User
from pizzeria.backoffice.audit_words import SENTENCES
from pizzeria.backoffice.tests.conftest import order_in
from pizzeria.catalogue.models import PlannedPrice, Product
from pizzeria.catalogue.prices import apply_planned_prices, plan_reduction
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.ordering.paying import receive
from pizzeria.ordering.sales import recompute_sales
from pizzeria.ordering.services import cancel
from pizzeria.payments.models import CashRound, Payment
from pizzeria.shop.tests.conftest import CHOICES, CONTACT, Shopper
from pizzeria.stock.models import Movement, StockItem
from pizzeria.stock.proposals import propose_order
from pizzeria.stores.models import OpeningHours
from pizzeria.supervision.alerts.words import ADVICE
from pizzeria.supervision.models import Alert
from pizzeria.supervision.processes import SERVICES
from pizzeria.supervision.tests.conftest import Watch, minutes
from tests.cast import PASSWORD, House, People

pytestmark = pytest.mark.sweep

COMPILED = Path(__file__).resolve().parent.parent / "locale" / "en" / "LC_MESSAGES" / "django.mo"
PLACEHOLDER = re.compile(r"%\(\w+\)s")
SHORTEST = 4
"""Shorter French words (`à`, `dès`, `nom`) are found too easily in what is English."""

ENGLISH_TOO = {"client", "Client", "mode", "article", "comment", "note", "Note", "%(count)s minute"}
"""French words of the catalogue that English sentences have as well."""

FRENCH = re.compile(
    r"[éèêëàâçîïôûùœ«»]|\b(?:les|une|des|du|votre|vous|nous|pour|avec|sans|sur|dans|est|aucun|aucune|commande|panier)\b",
    re.IGNORECASE,
)
"""What a text that no catalogue knows would betray itself by."""

NAMES = ("Chloé", "½ Chèvre", "Chèvre", "1 place du Test", "3 rue de la Roquette", "goat’s cheese")
"""Names of the cast, of its pizzas and its streets: the same in every language."""

SAID_IN = ("aria-label", "alt", "title", "placeholder", "content", "label")
UNSEEN = ("script", "style", "code")

Status = Order.Status
Read = Callable[[HttpResponse], None]


class _Said(HTMLParser):
    """What a page says to somebody who reads English: its texts and the attributes that are read out."""

    VOID = frozenset({"meta", "link", "input", "img", "br", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._closed_to: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in self.VOID and (self._closed_to or tag in UNSEEN or values.get("lang") == "fr"):
            self._closed_to.append(tag)
        if self._closed_to:
            return
        self.texts += [value for name, value in attrs if value and (name in SAID_IN or name.startswith("data-words"))]

    def handle_endtag(self, tag: str) -> None:
        if self._closed_to and self._closed_to[-1] == tag:
            self._closed_to.pop()

    def handle_data(self, data: str) -> None:
        if not self._closed_to:
            self.texts.append(data)


def _said(page: str) -> str:
    parser = _Said()
    parser.feed(page)
    text = "\n".join(re.sub(r"\s+", " ", text).strip() for text in parser.texts)
    for name in NAMES:
        text = text.replace(name, "")
    return text


def _parts(french: str) -> list[str]:
    """The words of a text as a page says them, between what is filled in."""
    return PLACEHOLDER.split(french.replace("%%", "%"))


@cache
def _pattern(french: str) -> re.Pattern[str]:
    parts = _parts(french)
    start, end = (r"\b" if edge.isalnum() else "" for edge in (french[0], french[-1]))
    return re.compile(start + "[^\n]{1,80}?".join(map(re.escape, parts)) + end)


def _french() -> Iterator[tuple[str, str]]:
    """Every French text that has its English, after the longest of its parts: where that is not said, it is not."""
    with COMPILED.open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    for key, english in catalogue.items():
        french = key[0] if isinstance(key, tuple) else key.split("\x04")[-1]
        letters = PLACEHOLDER.sub("", french)
        if french not in {english, *ENGLISH_TOO} and len(letters.strip()) >= SHORTEST and "<" not in french:
            yield max(_parts(french), key=len), french


@pytest.fixture(scope="module")
def read() -> Read:
    """Read a page as somebody who knows no French would."""
    texts = list(_french())
    assert len(texts) > 300

    def check(response: HttpResponse) -> None:
        page = response.content.decode()
        assert 'lang="en"' in page or "<html" not in page
        said = _said(page)
        assert said.strip()
        heard = (french for part, french in texts if part in said)
        left = {found.group() for french in heard if (found := _pattern(french).search(said))}
        left |= {line for line in said.splitlines() if FRENCH.search(line)}
        assert not left, sorted(left)

    return check


@pytest.fixture
def guest(house: House) -> Shopper:
    shopper = Shopper(house)
    shopper.get("/langue/en/")
    # A product with an English name of its own.
    Product.objects.filter(slug="cola").update(name="Cola français 33 cl", name_en="French cola 33 cl")
    return shopper


def _open_in_three_days_only(house: House) -> None:
    weekday = (timezone.localdate().weekday() + 3) % 7
    OpeningHours.objects.filter(store=house.bastille).exclude(weekday=weekday).delete()
    OpeningHours.objects.filter(store=house.bastille).update(opens=time(18, 30), closes=time(23))


def _staff(user: User) -> Client:
    browser = Client(headers={"accept-language": "en-GB"})
    browser.force_login(user)
    return browser


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/?postal_code=75011",
        "/?postal_code=01000",
        "/?postal_code=7501",
        "/panier/",
        "/suivre/",
        "/confidentialite/",
        "/moi/?store=bastille",
        "/rien-de-tel/",
        "/carte/bastille/?lang=en",
        "/carte/bastille/reine/?lang=en",
        "/carte/bastille/cola/?lang=en",
        "/carte/rien/?lang=en",
        "/equipe/connexion/",
        "/api/v1/docs",
    ],
)
def test_a_page_that_anybody_opens_is_english(guest: Shopper, read: Read, path: str) -> None:
    read(guest.get(path))


def test_a_house_that_is_closed_and_has_nearly_nothing_left_says_so_in_english(guest: Shopper, read: Read) -> None:
    house = guest.house
    guest.add("reine")
    guest.add("chevre-miel")
    StockItem.objects.filter(ingredient=house.ingredients["champignons"]).update(available=120)
    StockItem.objects.filter(ingredient=house.ingredients["chevre"]).update(available=0)
    _open_in_three_days_only(house)
    for path in ("/", "/carte/bastille/?lang=en", "/carte/bastille/reine/?lang=en", "/panier/", "/moi/?store=bastille"):
        read(guest.get(path))


def test_every_refusal_of_the_cart_and_the_checkout_is_english(guest: Shopper, read: Read) -> None:
    house = guest.house
    jambon, chevre = house.ingredients["jambon"].pk, house.ingredients["chevre"].pk
    read(guest.post("/panier/ajouter/", {"store": "bastille", "variant": 0}))
    for fields in ({"quantity": "0"}, {"removed": chevre}, {"extras": 0}, {"comment": "x" * 121}):
        read(guest.add("reine", **fields))
    guest.add("reine", removed=jambon, extras=chevre, second_half="chevre-miel", comment="well done")
    guest.add("cola", None)
    read(guest.get("/panier/"))
    read(guest.get("/commander/"))
    filled = {**guest.form(), **CONTACT, **CHOICES}
    for wrong in (
        dict.fromkeys(CONTACT, ""),
        {"phone": "12", "email": "nobody", "street": "x" * 121},
        {"fulfilment": "by air"},
        {"payment_method": "shells"},
        {"postal_code": "69004"},
        {"expected_total": "1.00"},
        {"once": ""},
        {"postal_code": "69004", "recalculate": "1"},
        {"fulfilment": "on_site", "recalculate": "1"},
    ):
        read(guest.post("/commander/", filled | wrong))
    _open_in_three_days_only(house)
    read(guest.post("/commander/", filled | {"fulfilment": "collection"}))


@pytest.mark.parametrize("fulfilment", Fulfilment.values)
def test_an_orders_page_is_english_from_the_oven_to_the_door(
    guest: Shopper, people: People, read: Read, fulfilment: str
) -> None:
    for status in (Status.TO_PREPARE, Status.TAKEN, Status.PREPARING, Status.READY, Status.DELIVERED):
        order = order_in(guest.house, people, status, fulfilment=fulfilment)
        read(guest.get(f"/commande/{order.token}/"))
        read(guest.get(f"/commande/{order.token}/suivi/"))


def test_an_order_that_is_late_cancelled_or_not_found_says_so_in_english(
    guest: Shopper, people: People, read: Read
) -> None:
    house = guest.house
    late = house.order()
    Order.objects.filter(pk=late.pk).update(promised_at=timezone.now() - timedelta(minutes=5))
    read(guest.get(f"/commande/{late.token}/"))
    mine = house.order()
    read(guest.client.post(f"/commande/{mine.token}/annuler/", follow=True))  # type: ignore[arg-type]
    read(guest.post(f"/commande/{order_in(house, people, Status.PREPARING).token}/annuler/"))
    theirs = house.order()
    cancel(order=theirs, role="manager", acting_user=people.manager, reason="Oven out of order")
    read(guest.get(f"/commande/{theirs.token}/"))
    read(guest.post("/suivre/"))
    read(guest.post("/suivre/", {"number": "P-22222", "proof": "0639981234"}))


def test_paying_online_is_english_from_the_choice_to_the_receipt(
    guest: Shopper, people: People, read: Read, settings: Settings
) -> None:
    settings.STRIPE_SECRET_KEY = settings.STRIPE_PUBLISHABLE_KEY = settings.STRIPE_WEBHOOK_SECRET = "of-a-test"
    guest.add("reine", quantity="3")
    read(guest.get("/panier/"))
    read(guest.order(payment_method="cash", change_for="10.00"))
    order = guest.ordered(payment_method="online")
    path = f"/commande/{order.token}/"
    read(guest.get(path))
    read(guest.get(f"{path}payer/"))
    read(guest.post(f"{path}payer/a-la-livraison/", {"method": "shells"}))
    Order.objects.update(payable_until=timezone.now() - timedelta(minutes=1))
    read(guest.get(f"{path}payer/"))
    paid = guest.house.order()
    receive(order=paid, acting_user=people.cashier)
    Payment.objects.update(method="online")
    read(guest.get(f"/commande/{paid.token}/"))
    read(guest.get(f"/commande/{paid.token}/recu/{paid.payments.get().pk}/"))
    read(guest.client.post(f"/commande/{paid.token}/annuler/", follow=True))  # type: ignore[arg-type]


def test_a_form_from_elsewhere_is_refused_in_english(house: House, read: Read) -> None:
    stranger = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    read(stranger.post("/panier/ajouter/", headers={"sec-fetch-site": "cross-site"}))  # type: ignore[arg-type]
    read(stranger.post("/commander/"))  # type: ignore[arg-type]
    read(stranger.post("/suivre/", {"number": "x" * 1_100_000}, content_type="application/x-www-form-urlencoded"))  # type: ignore[arg-type]


def _kitchens_work(house: House, people: People) -> list[Order]:
    """Orders in every state and mode, with changes and words."""
    jambon, chevre = house.ingredients["jambon"].pk, house.ingredients["chevre"].pk
    line = house.line("reine", removed=(jambon,), extras=(chevre,), comment="well done", quantity=2)
    half = house.line("reine", second_half_id=house.variant("chevre-miel").pk)
    orders = [house.order(lines=[line, half, house.line("cola", None)])]
    orders += [
        order_in(house, people, status) for status in Status.values if status not in ("awaiting_payment", "cancelled")
    ]
    orders += [order_in(house, people, Status.READY, fulfilment=mode) for mode in ("collection", "on_site")]
    orders.append(house.order())
    cancel(order=orders[-1], role="manager", acting_user=people.manager, reason="Oven out of order")
    Order.objects.filter(pk=orders[0].pk).update(
        placed_at=timezone.now() - timedelta(days=3), promised_at=timezone.now() - timedelta(days=3)
    )
    return orders


def _mornings_work(house: House) -> None:
    """Sales of days ago, prices that are planned and in force, a stock order: what a morning's update shows."""
    item = StockItem.objects.get(store=house.bastille, ingredient=house.ingredients["jambon"])
    now, today = timezone.now(), timezone.localdate()
    for change, days in ((-1500, 7), (-2_000_000, 6)):
        Movement.objects.create(item=item, change=change, reason="order", created_at=now - timedelta(days=days))
    propose_order(store=house.bastille, at=now)
    recompute_sales(store=house.bastille, at=now)
    for slug, first in (("reine", 1), ("margherita", 3)):
        plan_reduction(
            product=Product.objects.get(slug=slug),
            percent=20,
            starts_on=today + timedelta(days=first),
            ends_on=today + timedelta(days=9),
            today=today,
            planned_by=None,
        )
    apply_planned_prices(on=today + timedelta(days=1))


def test_every_page_of_the_back_office_is_english(house: House, people: People, read: Read) -> None:
    orders = _kitchens_work(house, people)
    _mornings_work(house)
    place = "/equipe/bastille"
    recipes = [f"{place}/commandes/{orders[0].number}/lignes/{line.pk}/" for line in orders[0].lines.all()]
    pages = {
        people.pizzaiolo: [f"{place}/cuisine/", f"{place}/realisables/", *recipes, f"{place}/commandes/"],
        people.driver: [f"{place}/livraisons/"],
        people.cashier: [f"{place}/comptoir/", f"{place}/commandes/{orders[0].number}/annuler/"],
        people.manager: [
            f"{place}/commandes/",
            f"{place}/commandes/?q=nobody",
            f"{place}/commandes/?since=nonsense&status=nonsense",
            f"{place}/commandes/P-22222/",
            f"{place}/commandes/{orders[3].number}/annuler/",
            *(f"{place}/commandes/{order.number}/" for order in orders),
            f"{place}/journee/",
            f"{place}/journee/?day=nonsense",
            f"{place}/exports/",
            f"{place}/ventes/",
            f"{place}/prix/",
            f"{place}/stock/commande/",
        ],
        people.direction: ["/equipe/groupe/", "/equipe/commandes/", "/equipe/ventes/", "/equipe/croix-rousse/ventes/"],
        people.operator: ["/equipe/", "/supervision/"],
        people.outsider: [f"{place}/cuisine/"],
        people.alice: ["/equipe/"],
    }
    for user, paths in pages.items():
        browser = _staff(user)
        for path in paths:
            read(browser.get(path))  # type: ignore[arg-type]


def test_ones_own_data_and_the_log_of_what_the_team_did_are_english(house: House, people: People, read: Read) -> None:
    order = house.order(customer=people.alice)
    alice = _staff(people.alice)
    alice.post("/compte/confirmer-identite/", {"password": PASSWORD})
    for page in ("", "voir/", "supprimer/"):
        read(alice.get(f"/compte/donnees/{page}"))  # type: ignore[arg-type]
    Order.objects.filter(pk=order.pk).update(status=Status.DELIVERED)
    read(alice.get("/compte/donnees/supprimer/"))  # type: ignore[arg-type]
    for action in SENTENCES:
        record(actor=people.manager, action=action, store=house.bastille, subject=f"user:{people.driver.pk}")
    record(actor=None, action="sign_in.failed", store=house.bastille, details={"status": 403})
    read(_staff(people.direction).get("/equipe/bastille/equipe/journal/"))  # type: ignore[arg-type]


def test_taking_money_and_counting_floats_is_english(house: House, people: People, read: Read) -> None:
    place, cashier, driver = "/equipe/bastille", _staff(people.cashier), _staff(people.driver)
    given = {"driver": people.driver.pk, "opening_amount": "40"}
    read(cashier.post(f"{place}/fonds/", given, follow=True))  # type: ignore[arg-type]
    order = house.order(lines=[house.line("margherita", quantity=4)])
    order.payments.update(method="voucher")
    Order.objects.update(status=Status.DELIVERING, driver=people.driver, change_for=50)
    here = f"{place}/commandes/{order.number}/encaisser/"
    answers = [
        driver.get(f"{place}/livraisons/"),
        driver.post(f"{place}/commandes/{order.number}/avancer/", {"to": "delivered", "page": "driver"}, follow=True),
        *(
            driver.post(here, {"due": due, **asked}, follow=True)
            for due, asked in (
                ("38.50", {"method": "voucher", "amount": "26"}),
                ("38.50", {"method": "terminal", "amount": "eleven"}),
                ("38.50", {"method": "cash", "amount": "38.50", "note": "other"}),
                ("38.50", {"method": "cash", "amount": "38.50", "note": "other", "tendered": "30"}),
                ("38.50", {"method": "voucher", "amount": "25"}),
                ("38.50", {"method": "cash", "amount": "13.50"}),
                ("13.50", {"method": "cash", "amount": "13.50", "note": "50"}),
                ("13.50", {"method": "cash", "amount": "13.50"}),
            )
        ),
        *(driver.get(f"{place}/commandes/{order.number}/recus/{each.pk}/") for each in order.payments.all()),
    ]
    count = f"{place}/fonds/{CashRound.objects.get().pk}/"
    counted = ({"handed_over": "50"}, {"handed_over": "50", "explanation": "Lost a coin"}, {"handed_over": "50"})
    answers += [cashier.post(count, asked, follow=True) for asked in counted]
    house_paid = house.order()
    receive(order=house_paid, acting_user=people.driver)
    answers += [cashier.get(f"{place}/fonds/"), cashier.get(count)]
    for answer in answers:
        read(answer)  # type: ignore[arg-type]


def test_the_supervisions_page_is_english_whatever_there_is_to_tell(
    house: House, people: People, read: Read, settings: Settings, tmp_path: Path
) -> None:
    now = timezone.now()
    # What an alert said was sent by mail, in French, and is marked as such: the rest is in the reader's language.
    for kind in ADVICE:
        Alert.objects.create(
            key=f"{kind}:x", subject="Disque rempli", text="Les détails.\n\nQuoi faire.", started_at=now
        )
    Alert.objects.create(key="disk", subject="Disque rempli", text="…", started_at=now, ended_at=now)
    minutes(3, until=now, requests=9, errors=1, p50=0.1, p95=0.2)
    operator = _staff(people.operator)
    read(operator.get("/supervision/"))  # type: ignore[arg-type]
    settings.WATCH_ROOT, settings.CRONJOBS, settings.BACKUP_ROOT = tmp_path, [("* *", "x.y")], tmp_path
    watch = Watch(tmp_path)
    for service, state in zip(SERVICES, ("given_up", "stopped", "degraded", "starting"), strict=False):
        watch.says(service, state, at=now, restarts=2, detail="le battement ne répond pas")
    read(operator.get("/supervision/"))  # type: ignore[arg-type]


def test_what_the_back_office_answers_is_english(house: House, people: People, read: Read) -> None:
    order = order_in(house, people, Status.TO_PREPARE)
    path = f"/equipe/bastille/commandes/{order.number}"
    kitchen, manager = _staff(people.pizzaiolo), _staff(people.manager)
    for to in (Status.TAKEN, Status.TAKEN, Status.DELIVERED):
        read(kitchen.post(f"{path}/avancer/", {"to": to, "page": "board"}, follow=True))  # type: ignore[arg-type]
    read(manager.post(f"{path}/annuler/", {"reason": ""}))  # type: ignore[arg-type]
    for _twice in range(2):
        read(manager.post(f"{path}/annuler/", {"reason": "Oven out of order"}, follow=True))  # type: ignore[arg-type]
    late = order_in(house, people, Status.PREPARING)
    read(manager.post(f"/equipe/bastille/commandes/{late.number}/annuler/", {"reason": "Too late"}, follow=True))  # type: ignore[arg-type]


def test_what_is_answered_about_prices_and_stock_is_english(house: House, people: People, read: Read) -> None:
    _mornings_work(house)
    manager, place = _staff(people.manager), "/equipe/bastille"
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    reine = {"reduction-product": Product.objects.get(slug="reine").pk, "reduction-percent": 20}
    for days in (("2020-01-01", "2020-01-01"), (tomorrow, "2020-01-01"), (tomorrow, tomorrow)):
        asked = reine | {"plan": "reduction", "reduction-starts_on": days[0], "reduction-ends_on": days[1]}
        read(manager.post(f"{place}/prix/", asked))  # type: ignore[arg-type]
    for plan in (PlannedPrice.objects.all()[0].pk, 0):
        read(manager.post(f"{place}/prix/{plan}/annuler/", follow=True))  # type: ignore[arg-type]
    for _twice in range(2):
        read(manager.post(f"{place}/stock/commande/{tomorrow}/recue/", follow=True))  # type: ignore[arg-type]


def test_signing_in_and_out_is_english(people: People, read: Read) -> None:
    browser = Client(headers={"accept-language": "en"})
    for fields in ({}, {"identifier": "luca", "password": "wrong"}, {"identifier": "luca", "password": PASSWORD}):
        read(browser.post("/equipe/connexion/", fields, follow=True))  # type: ignore[arg-type]
    read(browser.post("/equipe/deconnexion/", follow=True))  # type: ignore[arg-type]


def test_the_api_explains_its_refusals_in_english(house: House) -> None:
    robot = Client(headers={"accept-language": "en"})
    assert robot.get("/api/v1/stores/nowhere").json()["title"] == "Restaurant not found"
    wrong = robot.post("/api/v1/stores/bastille/quote", {"lines": []}, content_type="application/json").json()
    assert wrong["fields"] == {"fulfilment": "This field is required."}


def test_an_order_in_english_is_sold_in_the_houses_words(guest: Shopper) -> None:
    guest.add("reine")
    order = guest.ordered()
    assert [line.label for line in order.lines.all()] == ["Reine — Moyenne"]
    assert "Reine — Medium" in guest.get(f"/commande/{order.token}/").content.decode()
