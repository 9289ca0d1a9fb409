"""What most orders have none of, told by one question: a question for each of those tables took half of an order's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Model, Prefetch, QuerySet, prefetch_related_objects

from pizzeria.ordering.models import AppliedOffer, LineChange, Order, OrderChange, PromiseChange
from pizzeria.payments.models import Refund


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparse:
    """Rows that an order may have: reached by `lookup`, there when `of_order` finds one."""

    rows: QuerySet[Any]
    lookup: str
    of_order: str
    """What follows FROM, up to the order's key."""

    @property
    def holders(self) -> str:
        """The relation of the order whose rows hold these, empty for the order itself."""
        return self.lookup.rpartition("__")[0]

    @property
    def name(self) -> str:
        return self.lookup.rpartition("__")[2]


BESIDE = (
    Sparse(
        rows=LineChange.objects.select_related("ingredient"),
        lookup="lines__changes",
        of_order="ordering_linechange AS change JOIN ordering_orderline AS line ON line.id = change.line_id WHERE line.order_id",
    ),
    Sparse(rows=AppliedOffer.objects.all(), lookup="offers", of_order="ordering_appliedoffer WHERE order_id"),
    Sparse(rows=OrderChange.objects.all(), lookup="order_changes", of_order="ordering_orderchange WHERE order_id"),
    Sparse(
        rows=PromiseChange.objects.all(), lookup="promise_changes", of_order="ordering_promisechange WHERE order_id"
    ),
    Sparse(
        rows=Refund.objects.all(),
        lookup="payments__refunds",
        of_order="payments_refund AS refund JOIN payments_payment AS payment ON payment.id = refund.payment_id WHERE payment.order_id",
    ),
)
QUESTION = "SELECT " + ", ".join(f"EXISTS (SELECT FROM {sparse.of_order} = %(order)s)" for sparse in BESIDE)  # nosec B608  # noqa: S608


def bring_beside(order: Order) -> None:
    """Read what there is of `BESIDE`, with the lines and the payments that hold it, as `prefetch_related` would."""
    prefetch_related_objects([order], "lines", "payments")
    with connection.cursor() as cursor:
        cursor.execute(QUESTION, {"order": order.pk})
        is_there = cursor.fetchone()
    there = [sparse for sparse, found in zip(BESIDE, is_there, strict=True) if found]
    if there:
        prefetch_related_objects([order], *(Prefetch(sparse.lookup, sparse.rows.all()) for sparse in there))
    for sparse in BESIDE:
        if sparse not in there:
            _leave_empty(_holders(order, sparse), sparse)


def _holders(order: Order, sparse: Sparse) -> Iterable[Model]:
    return getattr(order, sparse.holders).all() if sparse.holders else [order]


def _leave_empty(holders: Iterable[Model], sparse: Sparse) -> None:
    """As a prefetch that found nothing leaves them: Django has no other way to say so without asking."""
    for holder in holders:
        nothing = getattr(holder, sparse.name).all()
        nothing._result_cache = []  # noqa: SLF001
        holder.__dict__.setdefault("_prefetched_objects_cache", {})[sparse.name] = nothing
