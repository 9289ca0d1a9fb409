"""What the staff did, and what was done to accounts: written in the transaction of the deed, never changed."""

from collections.abc import Collection, Mapping
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from pizzeria.accounts.limits import Limit, attempt
from pizzeria.accounts.models import AuditEntry, StaffRole, User
from pizzeria.accounts.selectors import roles_at
from pizzeria.stores.models import Store

NOBODYS = Limit(name="sign-in-of-nobody", most=2**31 - 1, window=timedelta(days=1))
"""Refuses nothing: it counts."""

_written: ContextVar[bool] = ContextVar("audit_written", default=False)


def begin() -> None:
    """A request begins: nothing was written of it yet."""
    _written.set(False)


def is_written() -> bool:
    """Whether a service has written, and committed, what the present request did."""
    return _written.get()


def record(
    *,
    actor: User | None,
    action: str,
    store: Store | None = None,
    subject: str = "",
    details: Mapping[str, object] | None = None,
    roles: Collection[str] | None = None,
) -> AuditEntry:
    """Append to the log. `details` holds keys, codes and numbers, nobody's name, address or secret."""
    if roles is None:
        roles = roles_at(user=actor, store_id=store.pk) if actor and store else ()
    # What is rolled back was not written: then the gate does (backoffice/middleware.py).
    transaction.on_commit(lambda: _written.set(True))
    return AuditEntry.objects.create(
        actor=actor,
        roles=sorted(roles),
        store=store,
        action=action,
        subject=subject,
        details=dict(details or {}),
    )


def record_own(
    *, user: User, action: str, subject: str = "", details: Mapping[str, object] | None = None
) -> AuditEntry | None:
    """Append what a member of the staff did that is no store's: signing in, changing a key. Nothing for a client.

    It is their store's to know where they work at one only.
    """
    held = list(StaffRole.objects.filter(user=user).values_list("role", "store_id"))
    if not held:
        return None
    return AuditEntry.objects.create(
        actor=user,
        roles=sorted({role for role, _store_id in held}),
        store_id=_only({store_id for _role, store_id in held}),
        action=action,
        subject=subject,
        details=dict(details or {}),
    )


def record_failed_sign_in(*, typed: str) -> AuditEntry | None:
    """Append that somebody did not get in to the account of a member of the staff; nothing of what was typed.

    What nobody is called is only counted, as one row for everybody: strangers fill no log that is kept for a year. It
    takes as many statements: the time does not tell which identifiers there are.
    """
    named = StaffRole.objects.alias(lowered=Lower("user__identifier")).filter(lowered=typed.lower())
    found = set(named.values_list("user_id", "store_id"))
    whose = _only({user_id for user_id, _store_id in found})
    if whose is None:
        attempt(limit=NOBODYS, of="")
        return None
    return AuditEntry.objects.create(
        actor=None,
        store_id=_only({store_id for _user_id, store_id in found}),
        action="sign_in.failed",
        subject=f"user:{whose}",
    )


def read_entries(
    *, store: Store, with_group: bool, person_id: int | None, day: date | None, before_id: int | None
) -> QuerySet[AuditEntry]:
    """What was done at a store, and by its people at none; with the group's, everything that is of no store. Newest first."""
    here = StaffRole.objects.filter(user=OuterRef("actor"), store=store)
    of_no_store = Q(store=None) if with_group else Q(store=None) & Exists(here)
    found = AuditEntry.objects.filter(Q(store=store) | of_no_store).select_related("actor").order_by("-id")
    if person_id:
        found = found.filter(Q(actor=person_id) | Q(subject=f"user:{person_id}"))
    if day:
        begins = timezone.make_aware(datetime.combine(day, time.min))
        found = found.filter(at__gte=begins, at__lt=begins + timedelta(days=1))
    return found.filter(id__lt=before_id) if before_id else found


def entries_about(*, subject: str) -> QuerySet[AuditEntry]:
    """What was done to something (`order:P-4F7K2`), and to what belongs to it, oldest first."""
    found = AuditEntry.objects.filter(Q(subject=subject) | Q(subject__startswith=f"{subject} "))
    return found.select_related("actor").order_by("id")


def people_in(*, store: Store) -> QuerySet[User]:
    """Whoever works at the store, or did something there that is still written: by name."""
    written = AuditEntry.objects.filter(store=store, actor__isnull=False).values("actor")
    works = StaffRole.objects.filter(store=store).values("user")
    return User.objects.filter(Q(pk__in=works) | Q(pk__in=written)).order_by("first_name", "last_name", "pk")


def forget_old_entries(*, before: datetime) -> int:
    """Delete what was written before; how many entries there were. The database refuses what is younger than 6 months."""
    deleted, _by_model = AuditEntry.objects.filter(at__lt=before).delete()
    return deleted


def forget_entries_of_long_ago(*, months: int, at: datetime) -> int:
    """Delete what was written more than so many months before the month of `at`; how many entries there were."""
    of_now = timezone.localdate(at).replace(day=1)
    counted = of_now.year * 12 + of_now.month - 1 - months
    first = date(counted // 12, counted % 12 + 1, 1)
    return forget_old_entries(before=timezone.make_aware(datetime.combine(first, time.min)))


def _only(keys: Collection[int | None]) -> int | None:
    """The key, when there is one alone."""
    return next(iter(keys)) if len(keys) == 1 else None
