"""The people of the points of sale (UC 7.1): added, changed, suspended, removed, and given what they sign in with.

Every deed locks who does it and whom it is done to, and asks again who manages whom: two who suspend one another do not
both win. The lock also waits for what the person is doing at that moment, and after it they do nothing more
(`selectors.roles_for_a_deed`).
"""

import hashlib
import json
import re
from collections.abc import Collection
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _

from pizzeria.accounts.audit import record
from pizzeria.accounts.errors import NoRole, NotTheirs, OwnRight, StaffChanged, UnknownColleague
from pizzeria.accounts.models import ApiToken, Role, StaffRole, User
from pizzeria.accounts.people import MANAGING, Held, Reach, manages, reach_of, roles_of
from pizzeria.accounts.screens import close_left_behind
from pizzeria.accounts.services import issue_identifier, new_password, reissue_password
from pizzeria.accounts.sessions import end_sessions
from pizzeria.stores.models import Store

NOT_STAFF = re.compile(r"client-[0-9a-f]{16}\Z|anonyme-[0-9]+\Z|.*@")
"""Identifiers that the system gives to clients, or to who was forgotten: no colleague has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What the page of a person shows and changes; `roles` are those at its store, and the direction."""

    first_name: str
    last_name: str
    phone: str
    email: str
    roles: frozenset[str]

    @property
    def fingerprint(self) -> str:
        """Two who see the same see the same fingerprint: by it a page says what it has shown."""
        told = [self.first_name, self.last_name, self.phone, self.email, *sorted(self.roles)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is handed to a person, once. Without a password, theirs has not changed."""

    person: User
    password: str = ""


def details_of(*, person: User, store: Store) -> Details:
    return Details(
        first_name=person.first_name,
        last_name=person.last_name,
        phone=person.phone,
        email=person.email,
        roles=_shown_roles(roles_of(user=person), store),
    )


@transaction.atomic
def add_person(*, actor: User, store: Store, wanted: Details) -> Sheet:
    """An account for somebody new, with its first password. Raises NoRole and NotTheirs."""
    reach = _reach(actor, store)
    _require_given(reach, wanted.roles)
    password = new_password()
    person = User.objects.create_user(
        issue_identifier(first_name=wanted.first_name, last_name=wanted.last_name),
        password,
        first_name=wanted.first_name,
        last_name=wanted.last_name,
        phone=wanted.phone,
        must_change_password=True,
    )
    write_email(person=person, email=wanted.email)
    _give(person, store, wanted.roles)
    _record(actor, "staff.added", store, person, roles=sorted(wanted.roles))
    return Sheet(person=person, password=password)


@transaction.atomic
def join_person(*, actor: User, store: Store, identifier: str, roles: Collection[str]) -> Sheet:
    """A role here for somebody who has an account: they work elsewhere in the group, or have left and come back.

    Whom others manage, the direction alone brings here: two teams share what only both together could do to the account.
    Who comes back gets a new password. Raises UnknownColleague, NoRole and NotTheirs.
    """
    found = None if NOT_STAFF.match(identifier) else User.objects.filter(identifier=identifier).first()
    if found is None or found.anonymised_at or found.is_superuser:
        raise UnknownColleague(_("Aucun compte du personnel n’a cet identifiant."))
    person, reach = _locked(actor, store, found)
    _require_given(reach, roles)
    held = roles_of(user=person)
    if not (reach.whole_group or reach.covers(held)):
        raise NotTheirs(_("Cette personne travaille dans un autre point de vente : la direction peut l’ajouter ici."))
    _give(person, store, roles)
    _record(actor, "staff.joined", store, person, roles=sorted(roles))
    if held:
        return Sheet(person=person)
    person.is_active = True
    person.save(update_fields=["is_active"])
    return Sheet(person=person, password=reissue_password(user=person))


@transaction.atomic
def change_person(*, actor: User, store: Store, person: User, shown: str, wanted: Details) -> None:
    """Change what the page has shown (`shown`: its fingerprint). Raises StaffChanged, NoRole, OwnRight and NotTheirs."""
    person, reach = _managed(actor, store, person)
    now = details_of(person=person, store=store)
    if now.fingerprint != shown:
        raise StaffChanged(_("Quelqu’un d’autre a modifié cette personne pendant ce temps."), now=now)
    _require_given(reach, wanted.roles)
    if person == actor and (now.roles & MANAGING) - wanted.roles:
        raise OwnRight(_("Vous gérez l’équipe par ce rôle : une autre personne peut vous le retirer, pas vous-même."))
    _take(person, store, now.roles - wanted.roles)
    _give(person, store, wanted.roles - now.roles)
    close_left_behind(actor=actor, opener=person)
    person.first_name, person.last_name, person.phone = wanted.first_name, wanted.last_name, wanted.phone
    person.save(update_fields=["first_name", "last_name", "phone"])
    write_email(person=person, email=wanted.email)
    changed = [
        name for name in ("first_name", "last_name", "phone", "email") if getattr(now, name) != getattr(wanted, name)
    ]
    _record(
        actor, "staff.changed", store, person,
        fields=changed, given=sorted(wanted.roles - now.roles), taken=sorted(now.roles - wanted.roles),
    )  # fmt: skip


@transaction.atomic
def suspend(*, actor: User, store: Store, person: User) -> None:
    """Out at once, everywhere, until they are brought back. Raises OwnRight and NotTheirs."""
    person, _reach = _managed(actor, store, person)
    _require_another(actor, person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    end_sessions(user=person)
    close_left_behind(actor=actor, opener=person)
    _record(actor, "staff.suspended", store, person)


@transaction.atomic
def bring_back(*, actor: User, store: Store, person: User) -> None:
    """End a suspension: their roles and their password are what they were. Raises NotTheirs."""
    person, _reach = _managed(actor, store, person)
    person.is_active = True
    person.save(update_fields=["is_active"])
    _record(actor, "staff.brought_back", store, person)


@transaction.atomic
def remove(*, actor: User, store: Store, person: User) -> None:
    """Take away every role here; without another one anywhere the account opens nothing any more.

    Whoever manages the store may, whatever the person holds elsewhere. The account stays: orders and history point to it.
    Raises OwnRight and NotTheirs.
    """
    person, reach = _locked(actor, store, person)
    _require_another(actor, person)
    held = roles_of(user=person)
    here = {role for role, store_id in held if store_id == store.pk}
    if not here and reach.whole_group:
        # Nothing at a store: it is the direction that they leave.
        here = {role for role, _store in held if role == Role.DIRECTION}
    if not here:
        raise _not_theirs()
    _take(person, store, here)
    if not roles_of(user=person):
        _close(person)
    close_left_behind(actor=actor, opener=person)
    _record(actor, "staff.removed", store, person, roles=sorted(here))


@transaction.atomic
def issue_password(*, actor: User, store: Store, person: User) -> Sheet:
    """A new first password; no other way in stays (`services.reissue_password`). Raises OwnRight and NotTheirs."""
    person, _reach = _managed(actor, store, person)
    _require_another(actor, person)
    password = reissue_password(user=person)
    _record(actor, "staff.password_reissued", store, person)
    return Sheet(person=person, password=password)


@transaction.atomic
def issue_new_identifier(*, actor: User, store: Store, person: User) -> Sheet:
    """Another identifier, by the name that they have now; the password stays. Raises NotTheirs."""
    person, _reach = _managed(actor, store, person)
    person.identifier = issue_identifier(first_name=person.first_name, last_name=person.last_name)
    person.save(update_fields=["identifier"])
    _record(actor, "staff.identifier_reissued", store, person)
    return Sheet(person=person)


def write_email(*, person: User, email: str) -> None:
    """The one address of a member of the staff: whoever wrote it has not shown that it is theirs."""
    email = email.lower()
    if email == person.email.lower():
        return
    EmailAddress.objects.filter(user=person).delete()
    if email:
        EmailAddress.objects.create(user=person, email=email, primary=True)
    person.email = email
    person.save(update_fields=["email"])


def _locked(actor: User, store: Store, person: User) -> tuple[User, Reach]:
    """The person as they are now, and what the actor manages now; nobody changes either before the transaction ends."""
    # In the order of their keys: two who do it to one another wait, and do not lock one another out.
    locked = User.objects.select_for_update().filter(pk__in={actor.pk, person.pk}).order_by("pk")
    found = {user.pk: user for user in locked}
    reach = reach_of(user=found[actor.pk])
    if not reach.has_store(store.pk):
        raise _not_theirs()
    return found[person.pk], reach


def _managed(actor: User, store: Store, person: User) -> tuple[User, Reach]:
    locked, reach = _locked(actor, store, person)
    if not manages(reach=reach, person=locked, held=roles_of(user=locked)):
        raise _not_theirs()
    return locked, reach


def _reach(actor: User, store: Store) -> Reach:
    return _locked(actor, store, actor)[1]


def _require_given(reach: Reach, roles: Collection[str]) -> None:
    if not roles:
        raise NoRole(_("Choisissez au moins un rôle."))
    if not set(roles) <= set(reach.gives):
        raise NotTheirs(_("Ce rôle n’est pas à vous de donner."))


def _require_another(actor: User, person: User) -> None:
    if actor == person:
        raise OwnRight(_("Il s’agit de vous : une autre personne peut le faire, pas vous-même."))


def _not_theirs() -> NotTheirs:
    return NotTheirs(_("Cette personne a un rôle que vous ne gérez pas : seule la direction peut modifier son compte."))


def _shown_roles(held: Collection[Held], store: Store) -> frozenset[str]:
    return frozenset(role for role, store_id in held if store_id == store.pk or role == Role.DIRECTION)


def _give(person: User, store: Store, roles: Collection[str]) -> None:
    # What they have already, they keep: a second tap gives it no second time.
    StaffRole.objects.bulk_create(
        [StaffRole(user=person, role=role, store=_where(role, store)) for role in sorted(roles)], ignore_conflicts=True
    )


def _take(person: User, store: Store, roles: Collection[str]) -> None:
    for role in roles:
        StaffRole.objects.filter(user=person, role=role, store=_where(role, store)).delete()


def _where(role: str, store: Store) -> Store | None:
    return None if role == Role.DIRECTION else store


def _close(person: User) -> None:
    """Nothing opens any more: no password, no device, no screen."""
    ApiToken.objects.filter(user=person).delete()
    person.is_active, person.pin = False, ""
    person.save(update_fields=["is_active", "pin"])
    end_sessions(user=person)


def _record(actor: User, action: str, store: Store, person: User, **details: object) -> None:
    record(actor=actor, action=action, store=store, subject=f"user:{person.pk}", details=details)
