"""B3 and B31: choosing how to pay, the page where it is paid, and what the client reads of it afterwards."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core import signing
from django.utils import timezone
from pytest_django import Settings

from pizzeria.ordering.cart import refill
from pizzeria.ordering.models import Order
from pizzeria.ordering.paying import receive
from pizzeria.payments.models import Payment, Refund
from pizzeria.payments.providers.stripe import API_VERSION
from pizzeria.payments.services import give_back
from pizzeria.shop.tests.conftest import CHOICES, CONTACT, HIDDEN, Shopper, words
from pizzeria.shop.views.payment import PERMISSIONS, POLICY, SALT, STRIPE_JS
from tests.cast import House, People

pytestmark = pytest.mark.story

CONF = Path(__file__).resolve().parents[3] / "DEPLOY_ENGINE" / "conf_files" / "nginx"
Status = Order.Status


@pytest.fixture
def keys(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = settings.STRIPE_PUBLISHABLE_KEY = settings.STRIPE_WEBHOOK_SECRET = "of-a-test"


def pay_page(order: Order) -> str:
    return f"/commande/{order.token}/payer/"


def policy_of(text: str) -> dict[str, set[str]]:
    return {name: set(sources) for name, *sources in (part.split() for part in text.split(";"))}


# --- the choice


def test_without_the_keys_nobody_is_asked_to_pay_online(shopper: Shopper) -> None:
    shopper.add()
    page = shopper.get("/commander/").content.decode()
    assert 'value="online"' not in page
    assert "scripted.js" not in page
    assert shopper.order(payment_method="online").status_code == 422


@pytest.mark.usefixtures("keys")
def test_the_card_online_comes_first_and_a_browser_without_scripts_has_another_means_ticked(shopper: Shopper) -> None:
    shopper.add()
    shopper.ordered(payment_method="online")
    shopper.add()
    page = shopper.get("/commander/").content.decode()
    assert page.index('value="online" data-chosen') < page.index('value="cash"') < page.index('value="voucher"')
    assert 'value="terminal" checked' in page


@pytest.mark.usefixtures("keys")
def test_the_means_of_the_last_time_is_forgotten_once_it_is_not_offered(shopper: Shopper, settings: Settings) -> None:
    shopper.add()
    shopper.ordered(payment_method="online")
    settings.STRIPE_SECRET_KEY = ""
    shopper.add()
    page = shopper.get("/commander/").content.decode()
    assert "data-chosen" not in page
    assert 'value="terminal" checked' in page


def test_only_notes_that_are_more_than_the_total_are_offered(shopper: Shopper) -> None:
    shopper.add(quantity="3")
    filled = {**CONTACT, **CHOICES, "payment_method": "cash", "recalculate": "1"}
    page = words(shopper.post("/commander/", {**shopper.form(), **filled}))
    assert "J’ai l’appoint 50 € 100 €" in page


def test_the_note_is_kept_with_a_cash_order_and_with_no_other(shopper: Shopper) -> None:
    shopper.add()
    assert shopper.ordered(payment_method="cash", change_for="20.00").change_for == Decimal("20.00")
    shopper.add()
    assert shopper.ordered(payment_method="terminal", change_for="20.00").change_for is None


def test_a_note_that_does_not_cover_the_total_is_refused_beside_the_field(shopper: Shopper) -> None:
    shopper.add("reine", quantity="2")
    page = shopper.order(payment_method="cash", change_for="20.00")
    assert page.status_code == 422
    assert '<a href="#change_for">Billet</a> : Indiquez un montant de 26,50' in page.content.decode()


def test_what_a_titre_restaurant_cannot_pay_is_said_before_the_order(shopper: Shopper) -> None:
    shopper.add("reine")
    ceiling = "25,00 € au plus par jour et par personne"
    assert ceiling not in words(shopper.get("/commander/"))
    shopper.add("chevre-miel")
    shopper.add("cola", None)
    assert ceiling in words(shopper.get("/commander/"))


# --- the page where it is paid


@pytest.mark.usefixtures("keys")
def test_an_order_paid_online_leads_to_the_page_where_it_is_paid(shopper: Shopper) -> None:
    shopper.add("reine")
    order = shopper.ordered(payment_method="online")
    page = shopper.get(pay_page(order))
    said = words(page)
    assert order.status == Status.AWAITING_PAYMENT
    for expected in ("Payer 14,50 €", "Vos pizzas vous sont réservées jusqu’à", "Payer à la livraison plutôt",
                     "Modifier mon panier", "Reine — Moyenne", order.number):  # fmt: skip
        assert expected in said
    assert f'data-pay="{STRIPE_JS}" data-key="of-a-test" data-amount="1450" data-locale="fr"' in page.content.decode()


def test_the_page_loads_the_stripe_js_of_the_apis_own_release() -> None:
    assert STRIPE_JS.split("/")[3] == API_VERSION.split(".")[1]


@pytest.mark.usefixtures("keys")
def test_a_signature_in_letters_that_none_has_is_refused_like_any_forged_one(shopper: Shopper) -> None:
    forged = {"Stripe-Signature": f"t={timezone.now().timestamp():.0f},v1=é"}
    answer = shopper.client.post("/stripe/webhook", b"{}", content_type="application/json", headers=forged)
    assert answer.status_code == 400


@pytest.mark.usefixtures("keys")
def test_only_this_page_may_load_from_stripe_and_it_may_nothing_else_that_others_may_not(shopper: Shopper) -> None:
    shopper.add()
    page = shopper.get(pay_page(shopper.ordered(payment_method="online")))
    assert (page.headers["Content-Security-Policy"], page.headers["Permissions-Policy"]) == (POLICY, PERMISSIONS)
    everywhere = next(line for line in (CONF / "http.conf").read_text().splitlines() if "default-src 'none'" in line)
    others, here = policy_of(everywhere.split('"')[3]), policy_of(POLICY)
    for name, sources in here.items():
        more = sources - others.get(name, set())
        assert all(source.startswith("https://") and source.endswith("stripe.com") for source in more), name
    # The style that stands inside a page is that of the pages that stand alone.
    less = {source for name in others for source in others[name] - here.get(name, set())}
    assert all(source.startswith("'sha256-") for source in less)
    assert "stripe" not in shopper.get("/panier/").headers["Content-Security-Policy"]


@pytest.mark.usefixtures("keys")
def test_within_the_last_second_the_page_still_counts_one(shopper: Shopper, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting none, it would ask again at once, and again, until the second is over."""
    shopper.add()
    order = shopper.ordered(payment_method="online")
    assert order.payable_until
    last = order.payable_until - timedelta(milliseconds=100)
    monkeypatch.setattr(timezone, "now", lambda: last)
    assert 'data-countdown="1"' in shopper.get(pay_page(order)).content.decode()


@pytest.mark.usefixtures("keys")
def test_when_the_time_is_over_the_page_says_so_and_gives_the_cart_back(shopper: Shopper) -> None:
    shopper.add("reine", quantity="2")
    order = shopper.ordered(payment_method="online")
    Order.objects.update(payable_until=timezone.now() - timedelta(seconds=1))
    said = words(shopper.get(pay_page(order)))
    assert "Le délai de paiement est passé" in said
    assert "Payer" not in said.split("Le délai de paiement est passé")[1].split("Horaires")[0]
    Order.objects.update(payable_until=timezone.now() + timedelta(minutes=5))
    answer = shopper.post(pay_page(order) + "panier/")
    assert answer.headers["Location"] == "/panier/"
    assert [(line.variant.product.slug, line.quantity) for line in shopper.cart().lines.all()] == [("reine", 2)]
    order.refresh_from_db()
    assert order.status == Status.CANCELLED
    assert "Le délai de paiement est passé" in words(shopper.get(pay_page(order)))
    assert "Reprendre mon panier" in words(shopper.get(f"/commande/{order.token}/"))


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(("payment", "minutes"), [("unpaid", -1), ("paid", -1), ("paid", 5)])
def test_who_may_have_been_charged_never_reads_that_nothing_will_be_asked(
    shopper: Shopper, payment: str, minutes: int
) -> None:
    shopper.add()
    order = shopper.ordered(payment_method="online")
    received_at = timezone.now() if payment == "paid" else None
    Payment.objects.update(reference="pi_1", status=payment, received_at=received_at)
    Order.objects.update(payment_status=payment, payable_until=timezone.now() + timedelta(minutes=minutes))
    page = shopper.get(pay_page(order))
    assert "Nous vérifions votre paiement" in words(page)
    assert f'hx-get="{pay_page(order)}suivi/"' in page.content.decode()
    for told in (words(page), words(shopper.get(f"/commande/{order.token}/"))):
        assert "rien ne vous sera demandé" not in told.lower()
        assert "Reprendre mon panier" not in told


def test_an_order_that_is_not_paid_online_has_no_such_page(shopper: Shopper, house: House) -> None:
    order = house.order()
    assert shopper.get(pay_page(order)).headers["Location"] == f"/commande/{order.token}/"
    assert shopper.post(pay_page(order) + "panier/").headers["Location"] == f"/commande/{order.token}/"
    order.refresh_from_db()
    assert order.status == Status.TO_PREPARE


def test_the_page_is_left_as_soon_as_there_is_nothing_more_to_pay(shopper: Shopper, house: House) -> None:
    waiting, done = house.order(), house.order()
    Order.objects.filter(pk=waiting.pk).update(status=Status.AWAITING_PAYMENT, payable_until=timezone.now())
    assert shopper.get(pay_page(waiting) + "suivi/").status_code == 204
    assert shopper.get(pay_page(done) + "suivi/").headers["HX-Redirect"] == f"/commande/{done.token}/"


def test_an_address_that_was_not_given_to_the_bank_opens_no_order(shopper: Shopper, house: House) -> None:
    order = house.order()
    for forged in ("", "?de=", f"?de={order.pk}", f"?de={order.pk}:1abcde:forged", "?de=%00"):
        assert shopper.get(f"/commande/retour/{forged}").headers["Location"] == "/suivre/"


def test_the_address_that_the_bank_was_given_leads_to_the_order_whatever_the_browser(
    shopper: Shopper, house: House
) -> None:
    order = house.order()
    given = signing.dumps(order.pk, salt=SALT)
    assert order.token not in given
    # Stripe adds words of its own.
    answer = shopper.get("/commande/retour/", data={"de": given, "payment_intent": "pi_1", "redirect_status": "failed"})
    assert answer.headers["Location"] == f"{pay_page(order)}retour/"


def test_the_cards_that_are_kept_are_their_owners_alone(shopper: Shopper, house: House, people: People) -> None:
    order = house.order(customer=people.alice)
    assert shopper.post(pay_page(order) + "cartes/").status_code == 404
    shopper.client.force_login(people.cashier)
    assert shopper.post(pay_page(order) + "cartes/").status_code == 404


# --- the cart, again


def test_what_goes_back_into_the_cart_is_not_doubled_and_joins_what_is_there(shopper: Shopper, house: House) -> None:
    ingredients = house.ingredients
    line = house.line("reine", removed=(ingredients["jambon"].pk,), extras=(ingredients["chevre"].pk,), quantity=2)
    order = house.order(lines=[line, house.line("cola", None)])
    shopper.add("cola", None, quantity="3")
    shopper.add("reine")
    for _twice in range(2):
        refill(cart=shopper.cart(), order=order)
    lines = [(line.variant.product.slug, line.quantity, line.extras) for line in shopper.cart().lines.all()]
    assert lines == [("cola", 3, []), ("reine", 1, []), ("reine", 2, [ingredients["chevre"].pk])]


# --- afterwards


def test_the_orders_page_says_that_it_waits_for_its_payment_and_where_to_pay(shopper: Shopper, house: House) -> None:
    order = house.order()
    Order.objects.update(status=Status.AWAITING_PAYMENT, payable_until=timezone.now() + timedelta(minutes=9))
    page = shopper.get(f"/commande/{order.token}/")
    assert f'href="{pay_page(order)}"' in page.content.decode()
    assert "Votre commande attend votre paiement" in words(page)
    assert "Chez vous à" not in words(page)


def test_a_receipt_says_what_was_paid_how_when_and_with_which_vat(
    shopper: Shopper, house: House, people: People
) -> None:
    order = house.order(lines=[house.line("reine"), house.line("cola", None)])
    receive(order=order, acting_user=people.cashier)
    paid = Payment.objects.get(order=order)
    Payment.objects.update(tendered=Decimal("20.00"))
    page = shopper.get(f"/commande/{order.token}/").content.decode()
    assert f'href="/commande/{order.token}/recu/{paid.pk}/"' in page
    said = words(shopper.get(f"/commande/{order.token}/recu/{paid.pk}/"))
    for expected in ("OC Pizza Bastille", "1 place du Test", f"bastille-{paid.entry_number}", order.number, "Espèces",
                     "Payé 17,00 €", "Reçu en espèces 20,00 €", "Rendu 3,00 €", "TVA 10 % sur", "TVA 5,5 % sur"):  # fmt: skip
        assert expected in said


def test_nobody_reads_a_receipt_through_another_order_or_of_what_was_not_paid(
    shopper: Shopper, house: House, people: People
) -> None:
    mine, theirs = house.order(), house.order()
    receive(order=theirs, acting_user=people.cashier)
    for payment in Payment.objects.all():
        assert shopper.get(f"/commande/{mine.token}/recu/{payment.pk}/").status_code == 404


def test_who_paid_by_card_reads_what_comes_back_and_how_far_it_is(
    shopper: Shopper, house: House, people: People
) -> None:
    order = house.order()
    receive(order=order, acting_user=people.cashier)
    Payment.objects.update(method="online")
    path = f"/commande/{order.token}/"
    seen = dict(HIDDEN.findall(shopper.get(path).content.decode().replace(' id="progress-seen"', "")))["seen"]
    assert shopper.get(f"{path}suivi/?seen={seen}").status_code == 204
    answer = words(shopper.client.post(path + "annuler/", follow=True))
    assert "11,50 € vous sont rendus sur votre carte, en général sous 5 à 10 jours." in answer
    assert "Rien ne vous sera demandé" not in answer
    assert "Remboursement de 11,50 € en cours" in answer
    Refund.objects.update(status="done", done_at=timezone.now())
    # Nothing moved the order: its money did.
    assert "11,50 € rendus le" in words(shopper.get(f"{path}suivi/?seen={seen}"))


def test_a_part_that_is_given_back_stands_on_the_receipt(shopper: Shopper, house: House, people: People) -> None:
    order = house.order()
    receive(order=order, acting_user=people.cashier)
    paid = Payment.objects.get()
    give_back(payment=paid, amount=Decimal("2.50"), reason="gesture")  # type: ignore[arg-type]
    assert "Remboursement de 2,50 € en cours" in words(shopper.get(f"/commande/{order.token}/recu/{paid.pk}/"))
