"""The audit log is added to; nothing in it is changed, or deleted before its time, whatever statement somebody types."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.utils import timezone

from pizzeria.accounts.audit import forget_old_entries, record
from pizzeria.accounts.models import AuditEntry, User
from tests.cast import House, People

pytestmark = pytest.mark.django_db

CHANGES = (
    "UPDATE accounts_auditentry SET action = 'nothing'",
    "UPDATE accounts_auditentry SET at = now() - interval '7 months'",
    "UPDATE accounts_auditentry SET actor_id = NULL",
    "INSERT INTO accounts_auditentry SELECT * FROM accounts_auditentry ON CONFLICT (id) DO UPDATE SET subject = 'x'",
    "TRUNCATE accounts_auditentry",
)
# As `ledger/tests/test_rights.py` has it: the tests' own role is a superuser, whom no right binds.
AS_ON_A_SERVER = """
SET CONSTRAINTS ALL IMMEDIATE;
CREATE ROLE owner_of_an_audited_site NOLOGIN;
GRANT ALL ON ALL TABLES IN SCHEMA public TO owner_of_an_audited_site;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO owner_of_an_audited_site;
REVOKE ALL ON accounts_auditentry FROM owner_of_an_audited_site;
ALTER TABLE accounts_auditentry OWNER TO owner_of_an_audited_site;
SET LOCAL ROLE owner_of_an_audited_site;
"""


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def entry(house: House, people: People) -> AuditEntry:
    written = record(actor=people.manager, action="staff.suspended", store=house.bastille, subject="user:1")
    # As at the end of a transaction: PostgreSQL empties no table that it still has to check.
    run("SET CONSTRAINTS ALL IMMEDIATE")
    return written


@pytest.mark.parametrize("statement", [*CHANGES, "DELETE FROM accounts_auditentry"])
def test_no_statement_changes_or_deletes_what_is_written(entry: AuditEntry, statement: str) -> None:
    with pytest.raises(DatabaseError, match="is the audit log: nothing in it is changed"):
        run(statement)
    assert AuditEntry.objects.filter(pk=entry.pk, action="staff.suspended").exists()


def test_an_entry_goes_once_it_is_old_and_not_before(entry: AuditEntry, people: People, house: House) -> None:
    old = AuditEntry.objects.create(
        at=timezone.now() - timedelta(days=200), actor=people.manager, store=house.bastille, action="staff.added"
    )
    assert forget_old_entries(before=timezone.now() - timedelta(days=190)) == 1
    assert list(AuditEntry.objects.all()) == [entry]
    assert old.pk != entry.pk


def test_the_sites_role_has_no_right_to_change_it_and_still_writes_and_forgets_it(
    entry: AuditEntry, house: House, people: People
) -> None:
    lonely = User.objects.create_user("lonely", first_name="Lo", last_name="Nely")
    AuditEntry.objects.create(at=timezone.now() - timedelta(days=200), actor=people.manager, action="staff.added")
    run(AS_ON_A_SERVER)
    for statement in CHANGES:
        with pytest.raises(ProgrammingError, match="permission denied for table accounts_auditentry"):
            run(statement)
    with pytest.raises(DatabaseError, match="is the audit log"):
        run("UPDATE accounts_auditentry SET id = id + 1")
    assert record(actor=people.manager, action="staff.added", store=house.bastille).pk > entry.pk
    assert forget_old_entries(before=timezone.now() - timedelta(days=190)) == 1
    # PostgreSQL looks for entries that point to them, with the rights of this role.
    assert lonely.delete()[0] == 1
