"""B2: the récapitulatif says all that the law and its client ask for, as a PDF for everybody, whatever people typed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from pizzeria.ordering.models import AppliedOffer, Order, OrderChange, OrderLine, RecapDelivery
from pizzeria.ordering.papers import Paper, recap_pdf
from pizzeria.ordering.papers.document import document_of
from pizzeria.ordering.papers.letters import BOX, COVERED, printable
from pizzeria.ordering.papers.press import press
from pizzeria.ordering.paying import receive
from pizzeria.ordering.recap import deliveries_of, note_delivered, recap_of
from pizzeria.ordering.selectors import receipt_by_token
from pizzeria.promotions.models import Offer
from pizzeria.stores.models import Store
from tests.cast import GUEST, House, People
from tests.hostile import PAYLOADS
from tests.pdf_reading import Pdf, read_pdf

pytestmark = pytest.mark.story

HOSTILE = [
    *PAYLOADS.values(),
    '#panic("x") $x^2$ *b* `c` <l> @ref \\u{41} // c',
    "🍕 家族 👨‍👩‍👧",
    "مرحبا שלום",
    "x" * 120,
]


@pytest.fixture
def sold(house: House, people: People) -> Order:
    """Three rates, an extra, something left out, a half-and-half and a word to the kitchen; paid in cash."""
    Store.objects.filter(pk=house.bastille.pk).update(
        company="OC Pizza Paris SAS, capital 40 000 €", siret="12345678900012", vat_number="FR12123456789",
        legal_line="RCS Paris 123 456 789",
    )  # fmt: skip
    ingredients, reine = house.ingredients, house.variant("reine")
    order = house.order(
        lines=[
            house.line("margherita", second_half_id=reine.pk, removed=(ingredients["jambon"].pk,)),
            house.line("reine", quantity=2, extras=(ingredients["chevre"].pk,), comment="bien cuite"),
            house.line("cola", None),
        ]
    )
    OrderLine.objects.filter(order=order, label__startswith="½").update(vat_percent=Decimal(20))
    receive(order=order, acting_user=people.cashier)
    return _read(order)


def _read(order: Order) -> Order:
    found = receipt_by_token(token=order.token)
    assert found
    return found


def _pdf(order: Order, paper: Paper = Paper.A4) -> Pdf:
    return read_pdf(recap_pdf(order=_read(order), paper=paper))


@pytest.mark.parametrize("paper", list(Paper))
def test_the_paper_says_who_sold_what_to_whom_for_how_much_with_the_vat_by_rate(sold: Order, paper: Paper) -> None:
    pdf = _pdf(sold, paper)
    said = pdf.words.replace("\u00a0", " ").replace("\u202f", " ")
    for expected in (
        sold.number, "OC Pizza Bastille", "1 place du Test", "OC Pizza Paris SAS", "SIRET 123 456 789 00012",
        "TVA FR12123456789", "RCS Paris 123 456 789", "Gaspard Visiteur", "3 rue de la Roquette",
        "½ Margherita + ½ Reine — Moyenne", "sans jambon blanc", "+ chèvre", "« bien cuite »", "27,60 €", "13,80 €",
        "Livraison2,50 €", "Total TTC44,60 €", "Total hors taxes", "5,5 %", "10 %", "20 %", "Espèces", "Vente n°bastille-1",
        "reçu n° bastille-", "arrêté n° 83-50/A",
    ):  # fmt: skip
        assert expected in said, expected


@pytest.mark.parametrize("paper", list(Paper))
def test_the_paper_is_read_out_by_a_screen_reader(sold: Order, paper: Paper) -> None:
    pdf = _pdf(sold, paper)
    assert pdf.is_tagged
    assert pdf.is_universal
    assert {"H1", "H2", "P", "Table", "TR", "TH", "TD"} <= pdf.tags
    assert (pdf.language, pdf.title) == ("fr", f"Récapitulatif de la commande {sold.number}")
    assert pdf.pages == 1


def test_the_paper_of_an_english_reader_is_english(sold: Order) -> None:
    with translation.override("en"):
        pdf = _pdf(sold)
    assert pdf.language == "en"
    assert "€44.60" in pdf.words


def test_the_same_order_is_the_same_bytes_and_another_payment_other_ones(house: House, people: People) -> None:
    order = house.order()
    before = recap_pdf(order=_read(order), paper=Paper.TICKET)
    assert recap_pdf(order=_read(order), paper=Paper.TICKET) == before
    assert "Reste à payer" in read_pdf(before).words
    receive(order=order, acting_user=people.cashier)
    assert "Reste à payer" not in _pdf(order, Paper.TICKET).words


@pytest.mark.parametrize("paper", list(Paper))
def test_what_people_typed_is_words_on_the_paper_and_never_runs(house: House, paper: Paper) -> None:
    order = house.order(lines=[house.line() for _ in HOSTILE])
    for line, typed in zip(OrderLine.objects.filter(order=order), HOSTILE, strict=True):
        said = typed.replace("\x00", "").replace("\ud800", "")
        OrderLine.objects.filter(pk=line.pk).update(comment=said, label=said)
    Order.objects.filter(pk=order.pk).update(last_name=PAYLOADS["html"], comment="x" * 300)
    words = _pdf(order, paper).words
    assert '#panic("x") $x^2$ *b* `c` <l> @ref' in words.replace(" \\u", " ")
    assert "{% widthratio" in words


def test_what_no_font_of_ours_writes_is_a_box_and_what_is_too_long_may_be_broken() -> None:
    assert printable("Zoé 🍕👨‍👩‍👧 œuf") == f"Zoé {BOX} œuf"
    assert printable("x" * 40).replace("\u200b", "") == "x" * 40
    assert "\u200b" in printable("x" * 40)


def test_a_comment_of_two_lines_is_two_lines_on_the_paper(house: House) -> None:
    order = house.order(contact=replace(GUEST, comment="Sonnez deux fois\nau fond de la cour"))
    said = document_of(recap_of(order=order))["recipient"]["lines"]  # type: ignore[index]
    assert said[-2:] == ["« Sonnez deux fois", "au fond de la cour »"]
    assert BOX not in printable("".join(said))


def _document(words: str) -> dict[str, object]:
    """What somebody typed, in every place where a paper has somebody's words."""
    line = {"quantity": "2", "label": words, "details": [words], "unit": "1", "each": "1", "amount": "2"}
    names = ("ordered", "quantity", "article", "unit", "amount", "vat", "rate", "net", "tax", "gross", "paid")
    return {
        "lang": "fr", "house": "x", "number": "P-22222", "title": "x", "about": "x", "notice": "", "store": [words],
        "legal": [words], "facts": [["x", words]], "recipient": {"title": "x", "lines": [words]}, "lines": [line],
        "totals": [[words, "1"]], "total": {"label": "x", "amount": "1"}, "before_vat": {"label": "x", "amount": "1"},
        "vat": [["1", "1", "1", "1"]], "payments": [[words, "1"]], "notes": ["x"], "words": dict.fromkeys(names, "x"),
    }  # fmt: skip


@pytest.mark.parametrize("paper", list(Paper))
def test_every_letter_that_is_said_to_be_covered_is_printed(paper: Paper) -> None:
    letters = [chr(code) for first, last in COVERED for code in range(first, last + 1)]
    for start in range(0, len(letters), 250):
        document = _document(" ".join(letters[start : start + 250]))
        assert press(paper=paper, document=document, at=0).startswith(b"%PDF-")


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=300))
def test_no_text_stops_the_press(typed: str) -> None:
    told = typed.encode("utf-8", "ignore").decode().replace("\x00", "") or "x"
    assert press(paper="ticket", document=_document(told), at=0).startswith(b"%PDF-")


@pytest.mark.django_db
def test_what_offers_took_off_stands_under_the_lines_and_adds_up(house: House) -> None:
    order = house.order()
    OrderLine.objects.filter(order=order).update(discount=Decimal(2))
    Order.objects.filter(pk=order.pk).update(discount=2, subtotal=Decimal(7), total=Decimal("9.50"))
    offer = Offer.objects.create(name="Le midi", kind="percent", percent=10)
    AppliedOffer.objects.create(order=order, offer=offer, label="Le midi : −2 €", amount=Decimal(2))
    document: Any = document_of(recap_of(order=_read(order)))
    assert document["lines"][0]["details"] == ["remise −2,00\u00a0€"]
    assert [amount for _label, amount in document["totals"]] == ["9,00\u00a0€", "−2,00\u00a0€", "2,50\u00a0€"]
    assert document["total"]["amount"] == "9,50\u00a0€"


def test_an_order_that_was_changed_says_which_edition_it_is_and_who_was_handed_which(house: House) -> None:
    order = house.order()
    note_delivered(order=order, medium=RecapDelivery.Medium.MAIL, at=order.placed_at)
    note_delivered(order=order, medium=RecapDelivery.Medium.MAIL, at=order.placed_at)
    later = order.placed_at + timedelta(minutes=5)
    OrderChange.objects.create(order=order, at=later, role="customer", difference=Decimal(3))
    Order.objects.filter(pk=order.pk).update(version=2)
    changed = _read(order)
    note_delivered(order=changed, medium=RecapDelivery.Medium.PDF, at=later + timedelta(minutes=1))
    assert "édition n° 2" in str(document_of(recap_of(order=changed))["about"])
    told = [(each.medium, each.edition) for each in deliveries_of(order=_read(order))]
    assert told == [("en PDF", 2), ("par e-mail", 1)]


def test_more_lines_and_payments_cost_no_more_queries(
    house: House, sold: Order, django_assert_max_num_queries: Any
) -> None:
    with CaptureQueriesContext(connection) as small:
        document_of(recap_of(order=_read(house.order())))
    with django_assert_max_num_queries(len(small) + 2):  # the journal, and what was changed on the lines
        document_of(recap_of(order=_read(sold)))


def test_it_is_dated_by_what_it_tells_last(house: House) -> None:
    order = house.order()
    assert recap_of(order=_read(order)).written_at == order.placed_at
    moved = datetime(2030, 1, 1, tzinfo=UTC)
    Order.objects.filter(pk=order.pk).update(delivered_at=moved)
    assert recap_of(order=_read(order)).written_at == moved
