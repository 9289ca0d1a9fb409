"""What may be taken away as a file: orders, their lines, sales by day, stock movements, reviews.

Nobody's name, phone or address is in them but a client's own words of a review: who needs them opens the order.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pizzeria.days import midnight
from pizzeria.languages import localized
from pizzeria.ledger.models import Reason
from pizzeria.money import NOTHING
from pizzeria.ordering.models import DaySales, Fulfilment, Order, OrderLine, Review
from pizzeria.payments.models import Refund
from pizzeria.stock.models import Movement
from pizzeria.tables import Cell, Column, Kind

AT_ONCE = 1000
"""Rows that are read together."""
QUARTER, TWO_YEARS = timedelta(days=92), timedelta(days=731)
NOT_SOLD = (Order.Status.CANCELLED, Order.Status.AWAITING_PAYMENT)

Rows = Iterator[tuple[Cell, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One of them: its columns, and its rows of these stores between two days, both included."""

    label: str | Promise
    explained: str | Promise
    longest: timedelta
    """The longest period of one file."""
    columns: Callable[[], list[Column]]
    rows: Callable[[Collection[int], date, date], Rows]


def _order_columns() -> list[Column]:
    moment, money = Kind.MOMENT, Kind.MONEY
    return [
        Column(head=_("Numéro")),
        Column(head=_("Point de vente")),
        Column(head=_("Passée le"), kind=moment),
        Column(head=_("Statut")),
        Column(head=_("Mode")),
        Column(head=_("Reçue")),
        Column(head=_("Demandée pour"), kind=moment),
        Column(head=_("Première promesse"), kind=moment),
        Column(head=_("Dernière promesse"), kind=moment),
        Column(head=_("Prête le"), kind=moment),
        Column(head=_("Remise le"), kind=moment),
        Column(head=_("Code postal")),
        Column(head=_("Moyen de paiement")),
        Column(head=_("Paiement")),
        Column(head=_("Remises"), kind=money),
        Column(head=_("Sous-total"), kind=money),
        Column(head=_("Livraison"), kind=money),
        Column(head=_("Total"), kind=money),
        Column(head=_("Gestes"), kind=money),
        Column(head=_("Chiffre d’affaires"), kind=money),
    ]


def _orders(store_ids: Collection[int], since: date, until: date) -> Rows:
    given_back = Refund.objects.filter(payment__order=OuterRef("pk"), reason=Reason.GESTURE).order_by()
    gestures = given_back.values("payment__order").annotate(sum=Sum("amount")).values("sum")
    found = _placed(store_ids, since, until).annotate(gestures=Coalesce(Subquery(gestures), NOTHING))
    for order in found.select_related("store").order_by("placed_at", "pk").iterator(chunk_size=AT_ONCE):
        is_sold = order.status not in NOT_SOLD
        yield (
            order.number,
            order.store.name,
            order.placed_at,
            str(order.get_status_display()),
            str(order.get_fulfilment_display()),
            str(order.get_source_display()),
            order.wanted_at,
            order.first_promised_at,
            order.promised_at,
            order.ready_at,
            order.delivered_at,
            order.postal_code if order.fulfilment == Fulfilment.DELIVERY else "",
            str(order.get_payment_method_display()),
            str(order.get_payment_status_display()),
            order.discount,
            order.subtotal,
            order.delivery_fee,
            order.total,
            order.gestures,
            order.total - order.gestures if is_sold else NOTHING,
        )


def _line_columns() -> list[Column]:
    return [
        Column(head=_("Numéro")),
        Column(head=_("Point de vente")),
        Column(head=_("Passée le"), kind=Kind.MOMENT),
        Column(head=_("Produit")),
        Column(head=_("Sans, avec")),
        Column(head=_("Quantité"), kind=Kind.NUMBER),
        Column(head=_("Prix unitaire"), kind=Kind.MONEY),
        Column(head=_("Montant"), kind=Kind.MONEY),
        Column(head=_("Remise"), kind=Kind.MONEY),
        Column(head=_("Montant net"), kind=Kind.MONEY),
        Column(head=_("TVA (%)"), kind=Kind.NUMBER),
    ]


def _lines(store_ids: Collection[int], since: date, until: date) -> Rows:
    sold = _placed(store_ids, since, until).exclude(status__in=NOT_SOLD)
    lines = OrderLine.objects.filter(order__in=sold).select_related("order__store")
    ordered = lines.order_by("order__placed_at", "pk").prefetch_related("changes__ingredient")
    for line in ordered.iterator(chunk_size=AT_ONCE):
        changes = [
            f"{change.get_kind_display()} {localized(change.ingredient, 'name')}" for change in line.changes.all()
        ]
        yield (
            line.order.number,
            line.order.store.name,
            line.order.placed_at,
            line.label,
            ", ".join(changes),
            line.quantity,
            line.unit_price,
            line.amount,
            line.discount,
            line.amount - line.discount,
            line.vat_percent,
        )


def _sales_columns() -> list[Column]:
    return [
        Column(head=_("Jour"), kind=Kind.DAY),
        Column(head=_("Point de vente")),
        Column(head=_("Canal")),
        Column(head=_("Commandes"), kind=Kind.NUMBER),
        Column(head=_("Chiffre d’affaires"), kind=Kind.MONEY),
        Column(head=_("Dont livraison"), kind=Kind.MONEY),
        Column(head=_("Remises"), kind=Kind.MONEY),
        Column(head=_("Gestes"), kind=Kind.MONEY),
    ]


def _sales(store_ids: Collection[int], since: date, until: date) -> Rows:
    found = DaySales.objects.filter(store_id__in=store_ids, day__range=(since, until)).select_related("store")
    for row in found.order_by("day", "store__name", "channel").iterator(chunk_size=AT_ONCE):
        yield (
            row.day,
            row.store.name,
            str(row.get_channel_display()),
            row.orders,
            row.turnover,
            row.delivery_fees,
            row.discounts,
            row.gestures,
        )


def _movement_columns() -> list[Column]:
    return [
        Column(head=_("Le"), kind=Kind.MOMENT),
        Column(head=_("Point de vente")),
        Column(head=_("Ingrédient")),
        Column(head=_("Changement"), kind=Kind.NUMBER),
        Column(head=_("Unité")),
        Column(head=_("Motif")),
        Column(head=_("Commande")),
    ]


def _movements(store_ids: Collection[int], since: date, until: date) -> Rows:
    # A movement names its order by the token that opens it, which is nobody's to take away.
    order = Order.objects.filter(token=OuterRef("reference")).values("number")[:1]
    start, stop = midnight(since), midnight(until + timedelta(days=1))
    moved = Movement.objects.filter(item__store_id__in=store_ids, created_at__gte=start, created_at__lt=stop)
    found = moved.select_related("item__store", "item__ingredient").annotate(order=Subquery(order))
    for movement in found.order_by("created_at", "pk").iterator(chunk_size=AT_ONCE):
        ingredient = movement.item.ingredient
        yield (
            movement.created_at,
            movement.item.store.name,
            localized(ingredient, "name"),
            movement.change,
            str(ingredient.get_unit_display()),
            str(movement.get_reason_display()),
            movement.order or "",
        )


def _review_columns() -> list[Column]:
    return [
        Column(head=_("Le"), kind=Kind.MOMENT),
        Column(head=_("Point de vente")),
        Column(head=_("Commande")),
        Column(head=_("Note"), kind=Kind.NUMBER),
        Column(head=_("Avis")),
        Column(head=_("Réponse")),
        Column(head=_("Répondu le"), kind=Kind.MOMENT),
    ]


def _reviews(store_ids: Collection[int], since: date, until: date) -> Rows:
    start, stop = midnight(since), midnight(until + timedelta(days=1))
    said = Review.objects.filter(order__store_id__in=store_ids, at__gte=start, at__lt=stop)
    for review in said.select_related("order__store").order_by("at", "pk").iterator(chunk_size=AT_ONCE):
        order = review.order
        yield review.at, order.store.name, order.number, review.stars, review.words, review.reply, review.replied_at


def _placed(store_ids: Collection[int], since: date, until: date) -> QuerySet[Order]:
    start, stop = midnight(since), midnight(until + timedelta(days=1))
    return Order.objects.filter(store_id__in=store_ids, placed_at__gte=start, placed_at__lt=stop)


TABLES: dict[str, Table] = {
    "orders": Table(
        label=gettext_lazy("Commandes"),
        explained=gettext_lazy("Une ligne par commande, annulées comprises ; sans nom ni adresse."),
        longest=QUARTER,
        columns=_order_columns,
        rows=_orders,
    ),
    "lines": Table(
        label=gettext_lazy("Lignes de commande"),
        explained=gettext_lazy("Ce qui a été vendu, ligne par ligne, avec sa TVA."),
        longest=QUARTER,
        columns=_line_columns,
        rows=_lines,
    ),
    "sales": Table(
        label=gettext_lazy("Ventes par jour"),
        explained=gettext_lazy("Les chiffres de la page « Ventes », jusqu’à hier."),
        longest=TWO_YEARS,
        columns=_sales_columns,
        rows=_sales,
    ),
    "movements": Table(
        label=gettext_lazy("Mouvements de stock"),
        explained=gettext_lazy("Chaque entrée et chaque sortie, et pourquoi."),
        longest=QUARTER,
        columns=_movement_columns,
        rows=_movements,
    ),
    "reviews": Table(
        label=gettext_lazy("Avis des clients"),
        explained=gettext_lazy("Les notes, les mots des clients et vos réponses."),
        longest=TWO_YEARS,
        columns=_review_columns,
        rows=_reviews,
    ),
}
