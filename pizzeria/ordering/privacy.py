"""What a client may ask of us about themselves: everything that we hold (RGPD, articles 15 and 20), and to be forgotten (17)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import connection, transaction
from django.db.models import Exists, Field, Model, OuterRef, Q
from django.utils.translation import gettext as _

from pizzeria.accounts.models import Mail, StaffRole, User
from pizzeria.accounts.retention import anonymise
from pizzeria.errors import BusinessError
from pizzeria.ordering.models import Order, OrderLine
from pizzeria.ordering.personal_data import Held, Purpose, held_of_clients, held_of_staff, label_of
from pizzeria.ordering.retention import anonymise_orders, take_out_of_account
from pizzeria.ordering.reviews import forget_words
from pizzeria.ordering.tasks import forget_cards_at_once
from pizzeria.payments.models import ProviderCustomer, Refund, RefundStatus
from pizzeria.promotions.services import forget_client

OVER = (Order.Status.DELIVERED, Order.Status.CANCELLED)


class OrdersStillOpen(BusinessError):
    """The client has orders under way; `details["numbers"]` are theirs."""

    code = "orders_still_open"


class MoneyStillOwed(BusinessError):
    """A refund is not done yet; `details["numbers"]` are its orders'."""

    code = "money_still_owed"


class AccountOfStaff(BusinessError):
    """A member of the staff: their account is the responsable's to remove."""

    code = "account_of_staff"
    status = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows that one table holds of a client: for machines by their columns' names, for people with labels."""

    model: str
    names: list[str]
    rows: list[list[Any]]
    shown: list[list[tuple[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What is held for one purpose."""

    purpose: Purpose
    tables: list[Table]


def held_of(*, user: User) -> list[Section]:
    """Everything that we hold of a client or of a member of the staff, purpose by purpose; one query a table."""
    found: dict[str, Section] = {}
    for purpose, held in (*held_of_clients(), *held_of_staff()):
        section = found.setdefault(purpose.code, Section(purpose=purpose, tables=[]))
        table = _table(held, user)
        if table.rows:
            section.tables.append(table)
    return [section for section in found.values() if section.tables]


def document_of(*, user: User, at: datetime) -> dict[str, object]:
    """The same for a machine: purposes by their codes, tables, rows by their columns' names."""
    sections = {
        section.purpose.code: {
            table.model: [dict(zip(table.names, row, strict=True)) for row in table.rows] for table in section.tables
        }
        for section in held_of(user=user)
    }
    return {"exported_at": at, "held": sections}


def deletable(*, user: User) -> BusinessError | None:
    """What stands in the way of forgetting this client now; None when nothing does."""
    try:
        _require_client(user)
        _require_nothing_open(user)
    except BusinessError as refusal:
        return refusal
    return None


@transaction.atomic
def delete_account(*, user: User, at: datetime) -> None:
    """Forget a client at once, but for what the law keeps: who ordered what was handed over, until ORDER_RETENTION_YEARS.

    Raises OrdersStillOpen, MoneyStillOwed, AccountOfStaff. An order that is placed at the same moment waits for this row,
    and is then in what is left of the account, until the daily update takes it out.
    """
    person = User.objects.select_for_update().get(pk=user.pk)
    _require_client(person)
    _require_nothing_open(person)
    forget(user=person, at=at)


@transaction.atomic
def forget(*, user: User, at: datetime) -> None:
    """Forget somebody who has asked, or whom a restore has brought back. An order that is under way becomes a guest's."""
    mine = Order.objects.filter(customer=user)
    OrderLine.objects.filter(order__customer=user, order__status__in=OVER).exclude(comment="").update(comment="")
    anonymise_orders(order_ids=list(mine.filter(status=Order.Status.CANCELLED).values_list("pk", flat=True)), at=at)
    forget_words(orders=mine)
    take_out_of_account(mine)
    _forget_messages(user)
    forget_client(customer=user)
    if ProviderCustomer.objects.filter(user=user).exists():
        forget_cards_at_once.defer()
    anonymise(user_ids=[user.pk], at=at)


def _table(held: Held, user: User) -> Table:
    fields = held.fields
    mine = held.table._base_manager.filter(**{held.whose or held.whose_work: user.pk}).order_by("pk")  # noqa: SLF001
    rows: list[Model] = list(mine.select_related(*(field.name for field in fields if field.is_relation)))
    return Table(
        model=held.model,
        names=[field.name for field in fields],
        rows=[[told_of(row, field) for field in fields] for row in rows],
        shown=[[(label_of(field), _in_words(row, field)) for field in fields] for row in rows],
    )


def told_of(row: Model, field: "Field[Any, Any]") -> Any:
    """What a column says: of what it points to, the name."""
    value = getattr(row, field.name)
    return str(value) if field.is_relation and value is not None else value


def _in_words(row: Model, field: "Field[Any, Any]") -> Any:
    return row._get_FIELD_display(field) if field.choices else told_of(row, field)  # type: ignore[attr-defined]  # noqa: SLF001


def _require_client(person: User) -> None:
    if StaffRole.objects.filter(user=person).exists() or person.is_staff or person.is_superuser:
        raise AccountOfStaff(
            _("Ce compte est celui d’un membre de l’équipe : votre responsable peut le retirer, pas cette page.")
        )


def _require_nothing_open(person: User) -> None:
    mine = Order.objects.filter(customer=person).order_by("pk")
    numbers = list(mine.exclude(status__in=OVER).values_list("number", flat=True))
    if numbers:
        raise OrdersStillOpen(
            _(
                "Une commande est encore en cours (%(numbers)s). Dès qu’elle est livrée ou annulée, "
                "vous pourrez supprimer votre compte."
            )
            % {"numbers": ", ".join(numbers)},
            numbers=numbers,
        )
    owed = Refund.objects.filter(payment__order=OuterRef("pk")).exclude(status=RefundStatus.DONE)
    numbers = list(mine.filter(Exists(owed)).values_list("number", flat=True))
    if numbers:
        raise MoneyStillOwed(
            _(
                "Nous vous devons encore un remboursement (%(numbers)s). Dès qu’il est fait, "
                "vous pourrez supprimer votre compte."
            )
            % {"numbers": ", ".join(numbers)},
            numbers=numbers,
        )


def _forget_messages(person: User) -> None:
    """The mails that are due to them, and the jobs that name one of their addresses: none of it has to arrive any more."""
    addresses = EmailAddress.objects.filter(user=person).values("email")
    Mail.objects.filter(Q(user=person) | Q(to__in=addresses)).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM procrastinate_jobs AS job WHERE job.status <> 'doing' AND EXISTS (
                SELECT FROM jsonb_path_query(job.args, '$.**') AS told
                WHERE lower(told #>> '{}') IN (
                    SELECT lower(email) FROM account_emailaddress WHERE user_id = %(user)s
                    UNION SELECT lower(email) FROM accounts_user WHERE id = %(user)s AND email <> ''
                )
            )
            """,
            {"user": person.pk},
        )
