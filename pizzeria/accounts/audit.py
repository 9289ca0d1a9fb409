"""What the staff did, and what was done to accounts: written in the transaction of the deed, never changed."""

from collections.abc import Collection, Mapping
from datetime import datetime

from pizzeria.accounts.models import AuditEntry, User
from pizzeria.accounts.selectors import roles_at
from pizzeria.stores.models import Store


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
    return AuditEntry.objects.create(
        actor=actor,
        roles=sorted(roles),
        store=store,
        action=action,
        subject=subject,
        details=dict(details or {}),
    )


def forget_old_entries(*, before: datetime) -> int:
    """Delete what was written before; how many entries there were. The database refuses what is younger than 6 months."""
    deleted, _by_model = AuditEntry.objects.filter(at__lt=before).delete()
    return deleted
