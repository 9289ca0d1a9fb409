"""Who may act where."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import QuerySet

from pizzeria.accounts.models import StaffRole, User
from pizzeria.accounts.permissions import GROUP_ROLES
from pizzeria.stores.models import Store


def roles_at(*, user: User | AnonymousUser | None, store_id: int) -> frozenset[str]:
    """The roles that the user holds at this store; group roles hold at every store."""
    if user is None or not user.is_authenticated or not user.is_active:
        return frozenset()
    held = StaffRole.objects.filter(user=user).values_list("role", "store_id")
    return frozenset(role for role, at in held if at == store_id or role in GROUP_ROLES)


def roles_for_a_deed(*, user: User, store_id: int) -> frozenset[str]:
    """As `roles_at`, and so until the caller's transaction ends: a suspension or a removal waits for it, or came first."""
    # A key share, which writing down who did it takes anyway; `accounts.staff` locks the person, and a role that is
    # taken away is locked by its deletion.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT held.role FROM accounts_staffrole AS held JOIN accounts_user AS person ON person.id = held.user_id
            WHERE person.id = %s AND person.is_active AND (held.store_id = %s OR held.store_id IS NULL)
            FOR KEY SHARE
            """,
            [user.pk, store_id],
        )
        return frozenset(role for (role,) in cursor.fetchall())


def group_roles_of(*, user: User | AnonymousUser) -> frozenset[str]:
    """The roles that the user holds for the whole group, whether it has stores or not."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    held = StaffRole.objects.filter(user=user, store=None, role__in=GROUP_ROLES)
    return frozenset(held.values_list("role", flat=True))


def works_somewhere(*, user: User) -> bool:
    """Whether the user is of the staff, and signs in at their door."""
    return user.is_active and StaffRole.objects.filter(user=user).exists()


def stores_of(*, user: User | AnonymousUser) -> QuerySet[Store]:
    """The stores at which the user works; all of them for a group role, none for who has left."""
    if not user.is_authenticated or not user.is_active:
        return Store.objects.none()
    roles = StaffRole.objects.filter(user=user)
    if roles.filter(role__in=GROUP_ROLES).exists():
        return Store.objects.select_related("city").all()
    return Store.objects.select_related("city").filter(staff__user=user).distinct()


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """A store and the roles that a person holds there."""

    store: Store
    roles: frozenset[str]


def workplaces_of(*, user: User) -> list[Workplace]:
    """Every store where the user works, with their roles there: two queries, whatever their number.

    A group role holds at every store; who has left works nowhere.
    """
    if not user.is_active:
        return []
    held = list(StaffRole.objects.filter(user=user).values_list("role", "store_id"))
    group = frozenset(role for role, _ in held if role in GROUP_ROLES)
    stores = Store.objects.select_related("city")
    if not group:
        stores = stores.filter(pk__in={store_id for _, store_id in held})
    return [
        Workplace(store=store, roles=group | {role for role, store_id in held if store_id == store.pk})
        for store in stores
    ]
