"""The site's role, which is no superuser on a server, has no right to change the journal, its own though it is."""

import pytest
from django.db import ProgrammingError, connection, transaction

from pizzeria.ledger.models import Entry
from pizzeria.ledger.tests.conftest import sell
from pizzeria.ledger.tests.test_appending import STATEMENTS
from tests.cast import House

pytestmark = pytest.mark.django_db

# The tests' own role is a superuser, whom no right binds: the tables, and with them what was revoked of their owner, go to another.
AS_ON_A_SERVER = """
SET CONSTRAINTS ALL IMMEDIATE;
CREATE ROLE owner_of_a_site NOLOGIN;
GRANT ALL ON ALL TABLES IN SCHEMA public TO owner_of_a_site;
REVOKE ALL ON ledger_entry, ledger_closing, ledger_head FROM owner_of_a_site;
ALTER TABLE ledger_entry OWNER TO owner_of_a_site;
ALTER TABLE ledger_closing OWNER TO owner_of_a_site;
ALTER TABLE ledger_head OWNER TO owner_of_a_site;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO owner_of_a_site;
SET LOCAL ROLE owner_of_a_site;
"""


def test_the_role_adds_to_the_journal_and_has_no_right_to_change_it(house: House) -> None:
    sell(house.bastille, "P-FIRST")
    with connection.cursor() as cursor:
        cursor.execute(AS_ON_A_SERVER)
    for statement in STATEMENTS:
        if "stores_store" in statement or statement.startswith("UPDATE ledger_head"):
            continue  # those are the triggers' to refuse
        with (
            pytest.raises(ProgrammingError, match="permission denied for table ledger"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert sell(house.bastille, "P-AFTER2").number == 2
    assert Entry.objects.filter(store=house.bastille).count() == 2
