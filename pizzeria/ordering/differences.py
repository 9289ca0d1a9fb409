"""What a change of an order replaced by what (UC 1.3): written down with it, and told to whoever reads its history."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.catalogue.models import Ingredient, Variant
from pizzeria.catalogue.selectors import offer
from pizzeria.languages import localized
from pizzeria.money import euros
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.lines import PricedLine, label_of
from pizzeria.ordering.models import AppliedOffer, Fulfilment, LineChange, Order, OrderChange, OrderLine
from pizzeria.ordering.pricing import Quote

Document = dict[str, Any]
Key = tuple[int, int | None, tuple[int, ...], tuple[int, ...], str]
"""What makes two lines one: variant, second half, ingredients taken off and put on, the word to the kitchen."""

ADDRESS = ("street", "complement", "postal_code", "town")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSeen:
    """A line in words, and what it is paid for in euros."""

    key: Key
    label: str
    without: list[str]
    extra: list[str]
    comment: str
    quantity: int
    amount: Decimal

    def document(self) -> Document:
        return {
            "label": self.label,
            "quantity": self.quantity,
            "without": self.without,
            "extra": self.extra,
            "amount": str(self.amount),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferSeen:
    """An offer that makes the order cheaper: its words, and by how much, in euros."""

    key: int
    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All of an order that a change may replace, as it is or as somebody wants it."""

    lines: list[LineSeen]
    contact: Mapping[str, str]
    fulfilment: str
    wanted_at: datetime | None
    promised_at: datetime
    change_for: Decimal | None
    delivery_fee: Decimal
    offers: list[OfferSeen]
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that was replaced, in words: what by what. Of the lines, each a sentence."""

    name: str
    before: list[str]
    after: list[str]
    is_for_kitchen: bool = False
    """Whether it is another thing to cook, to pack, or for another time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldChange:
    """A change as people read it. `difference` is what the total grew by, in euros."""

    at: datetime
    acting_user: User | None
    role: str
    rows: list[Row]
    difference: Decimal


def seen_of(*, order: Order) -> Seen:
    """The order as it stands, its lines in the reader's words."""
    changes = Prefetch("changes", LineChange.objects.select_related("ingredient"))
    variants = offer().variants
    return Seen(
        lines=[_line_seen(line, variants) for line in OrderLine.objects.filter(order=order).prefetch_related(changes)],
        contact={field.name: getattr(order, field.name) for field in fields(Contact)},
        fulfilment=order.fulfilment,
        wanted_at=order.wanted_at,
        promised_at=order.promised_at,
        change_for=order.change_for,
        delivery_fee=order.delivery_fee,
        offers=[
            OfferSeen(key=each.offer_id, label=each.label, amount=each.amount)
            for each in AppliedOffer.objects.filter(order=order)
        ],
        total=order.total,
    )


def seen_of_quote(*, quote: Quote) -> list[LineSeen]:
    """The lines of a basket, in the reader's words."""
    return [_priced_seen(line) for line in quote.lines]


def offers_of_quote(*, quote: Quote) -> list[OfferSeen]:
    return [OfferSeen(key=each.offer_id, label=each.label, amount=each.amount) for each in quote.offers]


def differing(before: Seen, after: Seen) -> tuple[Document, Document]:
    """What differs alone, of the one and of the other; whose it is stands under `contact`, which can be forgotten."""
    was, now = _plain(before, after), _plain(after, before)
    names = [name for name in was if was[name] != now[name]]
    if _same_offers(before, after):
        # Words alone that differ: one was written in French, or before the offer had another name.
        names = [name for name in names if name != "offers"]
    old, new = {name: was[name] for name in names}, {name: now[name] for name in names}
    if "lines" in old and _said(before, after) != _said(after, before):
        old["contact"] = old.get("contact", {}) | {"said": _said(before, after)}
        new["contact"] = new.get("contact", {}) | {"said": _said(after, before)}
    return old, new


def rows_of(before: Document, after: Document) -> list[Row]:
    """Two documents of `differing`, in words, line by line."""
    names = [name for name in _NAMES if name in before or name in after]
    rows = [_row(name, before.get(name), after.get(name)) for name in names]
    return [row for row in rows if row.before != row.after]


def told_changes(*, order: Order) -> list[ToldChange]:
    """What was changed in an order, first to last, as people read it."""
    return [
        ToldChange(
            at=change.at,
            acting_user=change.acting_user,
            role=change.role,
            rows=rows_of(change.before, change.after),
            difference=change.difference,
        )
        for change in order.order_changes.all()
    ]


def changed_since(*, order: Order, version: int) -> list[OrderChange]:
    """The changes that somebody who saw this version of the order has not seen. A move of the order changes nothing in it."""
    return [change for change in order.order_changes.all() if change.after.get("version", 0) > version]


def _plain(one: Seen, other: Seen) -> Document:
    """As JSON holds it; of the lines and the contact, what the other one has not."""
    return {
        "lines": [line.document() for line in _only_in(one.lines, other.lines)],
        "fulfilment": one.fulfilment,
        "wanted_at": one.wanted_at.isoformat() if one.wanted_at else None,
        "promised_at": one.promised_at.isoformat(),
        "change_for": str(one.change_for) if one.change_for is not None else None,
        "delivery_fee": str(one.delivery_fee),
        "offers": [[each.label, str(each.amount)] for each in one.offers],
        "total": str(one.total),
        "contact": {name: said for name, said in one.contact.items() if other.contact[name] != said},
    }


def _only_in(lines: Sequence[LineSeen], others: Sequence[LineSeen]) -> list[LineSeen]:
    """The lines that the others do not have, each counted for itself: the same line twice, once taken out, is one less."""
    there = Counter((line.key, line.quantity) for line in others)
    found = []
    for line in lines:
        same = (line.key, line.quantity)
        if there[same]:
            there[same] -= 1
        else:
            found.append(line)
    return found


def _same_offers(one: Seen, other: Seen) -> bool:
    return {(each.key, each.amount) for each in one.offers} == {(each.key, each.amount) for each in other.offers}


def _said(one: Seen, other: Seen) -> list[str]:
    return [line.comment for line in _only_in(one.lines, other.lines) if line.comment]


def _line_seen(line: OrderLine, variants: Mapping[int, Variant]) -> LineSeen:
    changed = {kind: [change.ingredient for change in line.changes.all() if change.kind == kind] for kind in _KINDS}
    without, extra = changed[LineChange.Kind.REMOVED], changed[LineChange.Kind.EXTRA]
    return LineSeen(
        key=(line.variant_id, line.second_half_id, _keys(without), _keys(extra), line.comment),
        label=_label(line, variants),
        without=_names(without),
        extra=_names(extra),
        comment=line.comment,
        quantity=line.quantity,
        amount=line.net,
    )


def _priced_seen(line: PricedLine) -> LineSeen:
    second = line.second_half.pk if line.second_half else None
    return LineSeen(
        key=(line.variant.pk, second, _keys(line.removed), _keys(line.extras), line.comment),
        label=line.label,
        without=_names(line.removed),
        extra=_names(line.extras),
        comment=line.comment,
        quantity=line.request.quantity,
        amount=line.net,
    )


def _label(line: OrderLine, variants: Mapping[int, Variant]) -> str:
    """As it was sold, in French; for other readers in the menu's words, while it has them."""
    variant = variants.get(line.variant_id)
    if variant is None or (get_language() or "fr") == "fr":
        return line.label
    return label_of(variant, variants.get(line.second_half_id or 0))


def _keys(ingredients: Sequence[Ingredient]) -> tuple[int, ...]:
    return tuple(sorted(ingredient.pk for ingredient in ingredients))


def _names(ingredients: Sequence[Ingredient]) -> list[str]:
    return sorted(localized(ingredient, "name") for ingredient in ingredients)


def _row(name: str, before: Any, after: Any) -> Row:
    words = _WORDS.get(name, _as_it_is)
    return Row(name=str(_title(name)), before=words(before), after=words(after), is_for_kitchen=name in _FOR_KITCHEN)


def _title(name: str) -> str:
    titles = {
        "lines": _("Articles"),
        "contact": _("Coordonnées"),
        "fulfilment": _("Mode"),
        "wanted_at": _("Heure demandée"),
        "promised_at": _("Heure promise"),
        "change_for": _("Monnaie prévue sur"),
        "delivery_fee": _("Frais de livraison"),
        "offers": _("Offres"),
        "total": _("Total"),
    }
    return titles[name]


def _line_words(lines: Sequence[Document] | None) -> list[str]:
    return [_one_line(line) for line in lines or ()]


def _one_line(line: Document) -> str:
    """`2 × Reine — Moyenne, sans jambon, + chèvre`."""
    without = [_("sans %(what)s") % {"what": name} for name in line["without"]]
    return ", ".join([f"{line['quantity']} × {line['label']}", *without, *(f"+ {name}" for name in line["extra"])])


def _contact_words(contact: Document | None) -> list[str]:
    """What there is of it, the address on one line; nothing where it was forgotten."""
    contact = contact or {}
    address = " ".join(contact[name] for name in ADDRESS if contact.get(name))
    rest = [said for name, said in contact.items() if name not in (*ADDRESS, "said") and said]
    return [*rest, *([address] if address else []), *contact.get("said", [])]


def _mode_words(fulfilment: str | None) -> list[str]:
    return [str(Fulfilment(fulfilment).label)] if fulfilment else []


def _wanted_words(at: str | None) -> list[str]:
    return _time_words(at) if at else [_("dès que possible")]


def _time_words(at: str | None) -> list[str]:
    moment = parse_datetime(at) if at else None
    return [date_format(timezone.localtime(moment), "l j F, H:i")] if moment else []


def _money_words(amount: str | None) -> list[str]:
    return [euros(Decimal(amount))] if amount else []


def _offer_words(offers: Sequence[Sequence[str]] | None) -> list[str]:
    return [f"{label} − {euros(Decimal(amount))}" for label, amount in offers or ()]


def _as_it_is(said: object) -> list[str]:
    return [str(said)] if said else []


_KINDS = (LineChange.Kind.REMOVED, LineChange.Kind.EXTRA)
_FOR_KITCHEN = frozenset({"lines", "fulfilment", "wanted_at"})
_NAMES = ("lines", "contact", "fulfilment", "wanted_at", "promised_at", "offers", "delivery_fee", "change_for", "total")
_WORDS: dict[str, Callable[[Any], list[str]]] = {
    "lines": _line_words,
    "contact": _contact_words,
    "fulfilment": _mode_words,
    "wanted_at": _wanted_words,
    "promised_at": _time_words,
    "change_for": _money_words,
    "delivery_fee": _money_words,
    "offers": _offer_words,
    "total": _money_words,
}
