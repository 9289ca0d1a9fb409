"""Who manages whom: read before every deed on an account, and by the pages that offer them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from pizzeria.accounts.models import Role, StaffRole, User
from pizzeria.stores.models import Store

STORE_ROLES = (Role.CASHIER, Role.PIZZAIOLO, Role.DRIVER, Role.MANAGER)
"""What a responsable gives at their points of sale."""
MANAGING = frozenset({Role.MANAGER, Role.DIRECTION})
"""The roles by which somebody manages a team."""

Held = tuple[str, int | None]
"""A role, and the store where it is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What somebody manages: these stores, or with the direction the whole group."""

    store_ids: frozenset[int]
    whole_group: bool

    def has_store(self, store_id: int) -> bool:
        return self.whole_group or store_id in self.store_ids

    def covers(self, held: Iterable[Held]) -> bool:
        """Whether everything that a person holds lies within; an exploitant is made by command only."""
        if self.whole_group:
            return all(role != Role.OPERATOR for role, _store in held)
        return all(store_id in self.store_ids for _role, store_id in held)

    @property
    def gives(self) -> tuple[Role, ...]:
        return (*STORE_ROLES, Role.DIRECTION) if self.whole_group else STORE_ROLES


def reach_of(*, user: User) -> Reach:
    """What this person manages now; nothing for who is suspended."""
    held = roles_of(user=user) if user.is_active else frozenset()
    return Reach(
        store_ids=frozenset(store_id for role, store_id in held if role == Role.MANAGER and store_id is not None),
        whole_group=any(role == Role.DIRECTION for role, _store in held),
    )


def roles_of(*, user: User) -> frozenset[Held]:
    return frozenset(StaffRole.objects.filter(user=user).values_list("role", "store_id"))


def manages(*, reach: Reach, person: User, held: Collection[Held]) -> bool:
    """Whether names, password and standing of this person are theirs to change, not only a role of theirs."""
    return bool(held) and not person.is_superuser and reach.covers(held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody as the page of a team shows them."""

    person: User
    roles: tuple[Role, ...]
    """At this store, or for the whole group."""
    elsewhere: tuple[Store, ...]
    is_managed: bool

    @property
    def role_names(self) -> str:
        return ", ".join(str(role.label) for role in self.roles)


def team_of(*, store: Store, reach: Reach) -> list[Member]:
    """Who works at this store, and, for the direction, who holds a role of the group: two queries."""
    here = StaffRole.objects.filter(store=store).values("user_id")
    shown = StaffRole.objects.filter(user_id__in=here)
    if reach.whole_group:
        shown = shown | StaffRole.objects.filter(store=None)
    held: dict[int, list[StaffRole]] = {}
    for role in shown.select_related("user", "store").order_by("user__first_name", "user__last_name", "user_id"):
        held.setdefault(role.user_id, []).append(role)
    return [_member(store, reach, roles) for roles in held.values()]


def member_of(*, store: Store, reach: Reach, pk: int) -> Member | None:
    """Somebody of this store, or of the group for the direction; None for everybody else."""
    return next((member for member in team_of(store=store, reach=reach) if member.person.pk == pk), None)


def namesakes(*, store: Store, first_name: str, last_name: str) -> list[User]:
    """Who of this name works at the store already."""
    found = User.objects.filter(
        roles__store=store, first_name__iexact=first_name, last_name__iexact=last_name
    ).distinct()
    return list(found)


def _member(store: Store, reach: Reach, held: list[StaffRole]) -> Member:
    person = held[0].user
    here = {role.role for role in held if role.store_id in {store.pk, None}}
    elsewhere = {role.store for role in held if role.store is not None and role.store_id != store.pk}
    return Member(
        person=person,
        roles=tuple(role for role in Role if role in here),
        elsewhere=tuple(sorted(elsewhere, key=str)),
        is_managed=manages(reach=reach, person=person, held=[(role.role, role.store_id) for role in held]),
    )
