"""What a paper says, word by word, in the language that is spoken now: the templates only say where it stands."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from pizzeria.languages import localized
from pizzeria.money import euros, percent
from pizzeria.ordering.models import Fulfilment, LineChange, Order, OrderLine
from pizzeria.ordering.recap import Recap
from pizzeria.ordering.receipts import legal_lines
from pizzeria.payments.models import Payment, Refund, RefundStatus
from pizzeria.stores.models import Store
from pizzeria.words import reads_as_a_name, reads_as_an_address

HOUSE = "OC Pizza"
Row = tuple[str, str]
Status = Order.Status


def document_of(recap: Recap) -> dict[str, object]:
    order = recap.order
    return {
        "lang": (get_language() or "fr")[:2],
        "house": HOUSE,
        "number": order.number,
        "title": _("Récapitulatif de la commande %(number)s") % {"number": order.number},
        "about": _about(recap),
        "notice": _notice(recap),
        "store": store_lines(recap.store),
        "legal": legal_lines(store=recap.store),
        "facts": list(facts_of(recap)),
        "recipient": {"title": _recipient_title(order), "lines": list(_recipient(order))},
        "lines": [_line(line, words=line.comment) for line in recap.lines],
        "totals": list(totals_of(recap)),
        "total": {"label": _("Total TTC"), "amount": euros(order.total)},
        "before_vat": {"label": _("Total hors taxes"), "amount": euros(recap.before_vat)},
        "vat": [
            [percent(row.percent), euros(row.amount - row.vat), euros(row.vat), euros(row.amount)] for row in recap.vat
        ],
        "payments": list(payments_of(recap)),
        "notes": notes_of(),
        "words": {
            "ordered": _("Ce que vous avez commandé"),
            "quantity": _("Qté"),
            "article": _("Article"),
            "unit": _("Prix unitaire"),
            "amount": _("Montant"),
            "vat": _("TVA"),
            "rate": _("Taux"),
            "net": _("HT"),
            "tax": _("TVA"),
            "gross": _("TTC"),
            "paid": _("Paiement"),
        },
    }


def mailed_document_of(recap: Recap) -> dict[str, object]:
    """The same for a mail: it goes where whoever orders has said, and takes no words of theirs to somebody else (decision 25)."""
    order = recap.order
    lines = [_line(line, words="") for line in recap.lines]
    return document_of(recap) | {
        "recipient": {"title": _recipient_title(order), "lines": list(_plain_recipient(order))},
        "lines": lines,
    }


def store_lines(store: Store) -> list[str]:
    return [store.name, store.street, f"{store.postal_code} {store.town}", store.phone]


def facts_of(recap: Recap) -> Iterator[Row]:
    order = recap.order
    yield _("Commande"), order.number
    yield _("Passée le"), _moment(order.placed_at)
    if recap.changed_at:
        yield _("Modifiée le"), _moment(recap.changed_at)
    yield _("Mode"), capfirst(order.get_fulfilment_display())
    if order.wanted_at:
        yield _("Demandée pour"), _moment(order.wanted_at)
    if order.delivered_at:
        words = _("Livrée le") if order.fulfilment == Fulfilment.DELIVERY else _("Remise le")
        yield words, _moment(order.delivered_at)
    elif order.status != Status.CANCELLED:
        yield _("Promise pour"), _moment(order.promised_at)
    if recap.sale_number:
        yield _("Vente n°"), recap.sale_number


def totals_of(recap: Recap) -> Iterator[Row]:
    order = recap.order
    yield _("Articles"), euros(recap.gross)
    for offer in recap.offers:
        yield offer.label, _less(offer.amount)
    unexplained = recap.gross - order.subtotal - sum((offer.amount for offer in recap.offers), Decimal(0))
    if unexplained:
        yield pgettext("sur une commande", "Remise"), _less(unexplained)
    if order.fulfilment == Fulfilment.DELIVERY:
        yield _("Livraison"), euros(order.delivery_fee) if order.delivery_fee else _("offerte")


def payments_of(recap: Recap) -> Iterator[Row]:
    """What was received and given back, and what is still to be paid."""
    for payment in recap.payments:
        yield _payment(recap, payment), euros(payment.amount)
        if payment.tendered:
            yield _("Reçu en espèces"), euros(payment.tendered)
            yield _("Rendu"), euros(payment.change)
        for refund in payment.refunds.all():
            yield _refund(refund), _less(refund.amount)
    if recap.due:
        yield _("Reste à payer (%(means)s)") % {"means": recap.due_by}, euros(recap.due)
    elif not recap.payments:
        yield _("Rien n’est à payer."), ""


def notes_of() -> list[str]:
    """Arrêté n° 83-50/A of 3 October 1983 (the note), arrêté of 27 March 1987 (service)."""
    return [
        _("Prix en euros, taxes et service compris."),
        _(
            "Ce récapitulatif vaut note (arrêté n° 83-50/A du 3 octobre 1983) : elle est remise dès 25 € TTC, "
            "et sur demande en dessous."
        ),
    ]


def _about(recap: Recap) -> str:
    written = _("Établi le %(moment)s") % {"moment": _moment(recap.written_at)}
    if recap.edition == 1:
        return written
    return _("%(written)s · édition n° %(edition)s, qui remplace les précédentes") % {
        "written": written,
        "edition": recap.edition,
    }


def _notice(recap: Recap) -> str:
    if recap.order.status == Status.CANCELLED:
        return _("Cette commande est annulée.")
    if recap.order.status == Status.AWAITING_PAYMENT:
        return _("Cette commande attend son paiement : elle n’est pas encore en cuisine.")
    return ""


def _recipient_title(order: Order) -> str:
    return _("Livraison") if order.fulfilment == Fulfilment.DELIVERY else pgettext("d’une commande", "Client")


def _recipient(order: Order) -> Iterator[str]:
    yield order.customer_name
    if order.street:
        yield order.street
        if order.complement:
            yield order.complement
        yield f"{order.postal_code} {order.town}"
    if order.comment:
        # The press prints a line for each: a break inside of one has no letter.
        yield from (_("« %(words)s »") % {"words": order.comment}).splitlines()


def _plain_recipient(order: Order) -> Iterator[str]:
    """Who and where, as far as that is a name and an address and nothing else."""
    name = " ".join(filter(reads_as_a_name, (order.first_name, order.last_name)))
    if name:
        yield name
    if order.street:
        where = (order.street, order.complement, f"{order.postal_code} {order.town}")
        yield from filter(reads_as_an_address, where)


def _line(line: OrderLine, *, words: str) -> dict[str, object]:
    details = [
        (_("sans %(what)s") if change.kind == LineChange.Kind.REMOVED else _("+ %(what)s"))
        % {"what": localized(change.ingredient, "name")}
        for change in line.changes.all()
    ]
    if words:
        details.append(_("« %(words)s »") % {"words": words})
    if line.discount:
        details.append(_("remise %(amount)s") % {"amount": _less(line.discount)})
    return {
        "quantity": str(line.quantity),
        "label": line.label,
        "details": details,
        "unit": euros(line.unit_price),
        "each": _("à %(price)s") % {"price": euros(line.unit_price)},
        "amount": euros(line.amount),
    }


def _payment(recap: Recap, payment: Payment) -> str:
    words = capfirst(payment.get_method_display())
    if payment.received_at:
        words = _("%(means)s, le %(moment)s") % {"means": words, "moment": _moment(payment.received_at)}
    if payment.entry_number:
        words += _(" (reçu n° %(number)s)") % {"number": f"{recap.store.slug}-{payment.entry_number}"}
    return words


def _refund(refund: Refund) -> str:
    if refund.status == RefundStatus.DONE and refund.done_at:
        return _("Remboursé le %(moment)s") % {"moment": _moment(refund.done_at)}
    return _("Remboursement en cours")


def _less(amount: Decimal) -> str:
    return f"−{euros(amount)}"


def _moment(moment: datetime) -> str:
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT")
