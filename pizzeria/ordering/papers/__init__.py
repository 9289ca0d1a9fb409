"""The récapitulatif on paper: a sheet of A4, or the ticket of the printer behind the counter, as tagged PDF.

`document` says what is on it, in words; `a4.typ` and `ticket.typ` where that stands; `press` makes the file.
"""

from enum import StrEnum

from django.utils import translation

from pizzeria.ordering.models import Order
from pizzeria.ordering.papers.document import document_of, mailed_document_of
from pizzeria.ordering.papers.press import press
from pizzeria.ordering.recap import recap_of


class Paper(StrEnum):
    A4 = "a4"
    TICKET = "ticket"


def recap_pdf(*, order: Order, paper: Paper) -> bytes:
    """The récapitulatif of an order, in the language that is spoken now. The same order gives the same bytes."""
    recap = recap_of(order=order)
    return press(paper=paper.value, document=document_of(recap), at=int(recap.written_at.timestamp()))


def recap_attachment(*, order: Order) -> tuple[str, bytes, str]:
    """What goes with the mail of an order, in its client's language: the file's name, what it holds, and its kind."""
    with translation.override(order.language):
        recap = recap_of(order=order)
        made = press(paper=Paper.A4, document=mailed_document_of(recap), at=int(recap.written_at.timestamp()))
    return f"{order.number}.pdf", made, "application/pdf"
