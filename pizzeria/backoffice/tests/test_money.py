"""The money's page: what waits for a person, who may act on it, and a day beside the journal."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from pizzeria.accounts.models import User
from pizzeria.ordering.gestures import gesture
from pizzeria.ordering.models import Order
from pizzeria.ordering.paying import receive
from pizzeria.ordering.services import cancel
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.payments.models import Discrepancy, Payment, Refund
from pizzeria.payments.refunds import told
from pizzeria.payments.tests.test_refunds import said
from tests.cast import House, People
from tests.money import pay_online, place_online

from .conftest import HTMX

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
PAGE = "/equipe/bastille/encaissements/"
COUNTER = "/equipe/bastille/comptoir/"


@pytest.fixture
def paid(house: House, people: People) -> Order:
    """11.50 euros, in cash."""
    order = house.order()
    receive(order=order, acting_user=people.cashier)
    return order


@pytest.fixture
def to_hand(paid: Order) -> Refund:
    cancel(order=paid, role=CUSTOMER, acting_user=None, reason="")
    return Refund.objects.get()


@pytest.fixture
def failed(house: House, online: None) -> Refund:
    order = pay_online(place_online(house), reference="pi_1")
    cancel(order=order, role=CUSTOMER, acting_user=None, reason="")
    refund = Refund.objects.get(payment__order=order)
    told(given_back=said(refund, is_failed=True, problem="expired_or_canceled_card"))
    return refund


def text(browser: Client, path: str = PAGE) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_money_to_hand_back_is_on_the_counters_page_until_the_cashier_has_given_it(
    to_hand: Refund, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.cashier)
    assert "11,50\u00a0€ rendus" in text(browser, COUNTER)
    path = f"{PAGE}remboursements/{to_hand.pk}/rendu/"
    assert "C’est noté" in browser.post(path, {"page": "counter"}, follow=True).content.decode()
    assert "11,50\u00a0€ rendus" not in text(browser, COUNTER)
    again = browser.post(path, {"page": "counter"}, follow=True).content.decode()
    assert "C’est déjà rendu : par Chloé" in again


def test_a_manager_reads_why_a_refund_failed_and_sends_it_again(
    failed: Refund, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.manager)
    page = text(browser)
    assert "La carte a expiré ou n’existe plus" in page
    assert "16,50\u00a0€" in page
    browser.post(f"{PAGE}remboursements/{failed.pk}/relancer/")
    failed.refresh_from_db()
    assert failed.status == "due"
    assert "Remboursements en route" in text(browser)


def test_a_refund_that_failed_is_settled_with_words(failed: Refund, people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.manager)
    path = f"{PAGE}remboursements/{failed.pk}/autrement/"
    for empty in ("", "\u200b"):
        assert browser.post(path, {"words": empty}).status_code == 422
    browser.post(path, {"words": "Virement du 29"})
    failed.refresh_from_db()
    assert (failed.status, failed.words) == ("done", "Virement du 29")
    assert "virement" in text(browser)


@pytest.mark.parametrize("has_keys", [False, True])
def test_a_refund_that_never_left_waits_for_a_person_who_settles_it(
    house: House, people: People, signed_in: SignedIn, settings: Settings, online: None, *, has_keys: bool
) -> None:
    order = pay_online(place_online(house), reference="pi_1")
    cancel(order=order, role=CUSTOMER, acting_user=None, reason="")
    browser, refund = signed_in(people.manager), Refund.objects.get()
    path = f"{PAGE}remboursements/{refund.pk}/autrement/"
    assert "ne partent pas" not in text(browser)
    assert "« à rendre »" in browser.post(path, {"words": "Virement"}, follow=True).content.decode()
    if has_keys:
        Refund.objects.update(next_attempt_at=timezone.now() - timedelta(hours=12))
    else:
        settings.STRIPE_SECRET_KEY = ""
    page = text(browser)
    assert ("ne partent pas" in page, "en route" in page, path in page) == (True, False, True)
    browser.post(path, {"words": "Virement du 29"})
    refund.refresh_from_db()
    assert (refund.status, refund.done_by) == ("done", people.manager)
    assert "ne partent pas" not in text(browser)


def test_a_difference_is_explained_once_and_leaves_the_page(house: House, people: People, signed_in: SignedIn) -> None:
    found = {"pi_ours": house.bastille, "pi_theirs": house.croix_rousse, "pi_nobodys": None}
    for reference, store in found.items():
        Discrepancy.objects.create(
            day=timezone.localdate(), kind="missing_here", reference=reference, store=store, found_at=timezone.now()
        )
    browser = signed_in(people.manager)
    page = text(browser)
    assert {name for name in found if name in page} == {"pi_ours"}
    mine, theirs = (Discrepancy.objects.get(reference=name) for name in ("pi_ours", "pi_theirs"))
    browser.post(f"{PAGE}ecarts/{mine.pk}/", {"words": "Essai du terminal"})
    browser.post(f"{PAGE}ecarts/{theirs.pk}/", {"words": "Pas la mienne"})
    mine.refresh_from_db()
    assert (mine.explanation, mine.explained_by) == ("Essai du terminal", people.manager)
    assert "pi_ours" not in text(browser)
    assert Discrepancy.objects.get(reference="pi_theirs").explained_at is None
    assert "déjà expliqué" in browser.get(f"{PAGE}ecarts/{mine.pk}/", follow=True).content.decode()
    # What may be any store's is the direction's.
    nobodys = Discrepancy.objects.get(reference="pi_nobodys")
    browser.post(f"{PAGE}ecarts/{nobodys.pk}/", {"words": "Pas la mienne"})
    direction = signed_in(people.direction)
    page = text(direction)
    assert ("pi_nobodys" in page, "la direction seule" in page) == (True, True)
    direction.post(f"{PAGE}ecarts/{nobodys.pk}/", {"words": "Essai du compte"})
    nobodys.refresh_from_db()
    assert (nobodys.explanation, nobodys.explained_by) == ("Essai du compte", people.direction)


def test_a_gesture_is_given_on_the_orders_page_and_shown_there(
    paid: Order, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.manager)
    page = f"/equipe/bastille/commandes/{paid.number}/"
    assert f"{page}geste/" in text(browser, page)
    refused = browser.post(f"{page}geste/", {"amount": "11.51", "words": "Froide", "left": "11.50"})
    assert refused.status_code == 422
    assert "11,50" in refused.content.decode()
    assert browser.post(f"{page}geste/", {"amount": "2.00", "words": "", "left": "11.50"}).status_code == 422
    assert 'name="left" value="11.50"' in text(browser, f"{page}geste/")
    asked = {"amount": "2.00", "words": "Livrée froide", "left": "11.50"}
    seen = browser.post(f"{page}geste/", asked, follow=True).content.decode()
    assert "2,00\u00a0€ seront rendus" in seen
    assert "Livrée froide" in seen
    # A second click on the same page.
    again = browser.post(f"{page}geste/", asked, follow=True).content.decode()
    assert "Il reste maintenant 9,50\u00a0€ de payés" in again
    assert Payment.objects.get().refunded == Decimal("2.00")


def test_a_gesture_that_nobody_has_given_yet_is_taken_back_by_the_responsable_alone(
    paid: Order, people: People, signed_in: SignedIn
) -> None:
    gesture(order=paid, amount=Decimal("2.00"), words="Froide", acting_user=people.manager)
    path = f"{PAGE}remboursements/{Refund.objects.get().pk}/annuler/"
    cashier, manager = signed_in(people.cashier), signed_in(people.manager)
    assert (path in text(cashier, COUNTER), cashier.post(path).status_code) == (False, 403)
    assert path in text(manager)
    assert "Le geste est annulé" in manager.post(path, follow=True).content.decode()
    assert "n’est plus à rendre" in manager.post(path, {"page": "counter"}, follow=True).content.decode()
    assert (Refund.objects.count(), Payment.objects.get().refunded) == (0, Decimal("0.00"))


def test_the_orders_page_shows_by_itself_that_money_is_owed_back(
    paid: Order, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.manager)
    page = f"/equipe/bastille/commandes/{paid.number}/"
    version = browser.get(page).context["version"]
    assert browser.get(f"{page}?v={version}", headers=HTMX).status_code == 204
    browser.post(f"{page}geste/", {"amount": "2.00", "words": "Livrée froide", "left": "11.50"})
    assert browser.get(f"{page}?v={version}", headers=HTMX).status_code == 200


def test_a_day_shows_what_came_in_by_each_means_and_that_the_journal_says_so(
    paid: Order, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.direction)
    page = text(browser)
    assert "espèces" in page
    assert page.count("11,50\u00a0€") == 3
    assert "écart</span>" not in page
    Payment.objects.update(amount=Decimal("10.50"))
    assert "écart</span>" in text(browser)
    assert "Rien n’a été encaissé" in text(browser, f"{PAGE}?day=2020-01-01")
    assert "Rien n’a été encaissé" not in text(browser, f"{PAGE}?day=yesterday")
    for beyond in ("9999-12-31", "0001-01-01"):
        page = text(browser, f"{PAGE}?day={beyond}")
        assert ("aujourd’hui, ou un jour passé" in page, "Rien n’a été encaissé" in page) == (True, False)


def test_an_order_is_found_by_its_number_and_another_stores_is_not(
    house: House, paid: Order, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.manager)
    found = browser.get(PAGE, {"q": paid.number.lower()})
    assert found.headers["Location"] == f"/equipe/bastille/commandes/{paid.number}/"
    other = house.order(store=house.croix_rousse, fulfilment="collection")
    assert "Aucune commande" in browser.get(PAGE, {"q": other.number}).content.decode()


def test_only_the_responsable_gives_back_and_only_of_this_store(
    to_hand: Refund, failed: Refund, people: People, signed_in: SignedIn
) -> None:
    number = failed.payment.order.number
    acts = (
        f"{PAGE}remboursements/{failed.pk}/relancer/",
        f"{PAGE}remboursements/{failed.pk}/autrement/",
        f"/equipe/bastille/commandes/{number}/geste/",
    )
    for who in ("cashier", "driver", "pizzaiolo", "direction"):
        browser = signed_in(getattr(people, who))
        assert {browser.post(path, {"words": "x", "amount": "1"}).status_code for path in acts} == {403}, who
    hand = f"{PAGE}remboursements/{to_hand.pk}/rendu/"
    assert signed_in(people.driver).post(hand).status_code == 403
    assert signed_in(people.manager).post(hand.replace("bastille", "croix-rousse")).status_code == 404
    assert signed_in(people.outsider).post(hand).status_code == 404
    assert set(Refund.objects.values_list("status", flat=True)) == {"due", "failed"}
