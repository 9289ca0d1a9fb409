"""A journal that was backed up and restored is whole, goes on, and still refuses to be changed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from pizzeria.ledger.closings import close_due
from pizzeria.ledger.models import Closing, Entry
from pizzeria.ledger.tests.conftest import PIZZA, sell
from pizzeria.ledger.tests.test_appending import STATEMENTS
from pizzeria.ledger.verification import extent, verify
from pizzeria.operations.tests.test_backups import made, root, said
from pizzeria.stores.models import Store
from tests.cast import House

__all__ = ["root"]

pytestmark = [pytest.mark.backup, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def restored(house: House) -> Iterator[Store]:
    """Sales of three days and their closings, in a database that a restore has made."""
    long_ago = timezone.now() - timedelta(days=40)
    with transaction.atomic():
        for day in range(3):
            sell(house.bastille, f"P-{day}", at=long_ago + timedelta(days=day))
    close_due(store=house.bastille, at=timezone.now())
    made()
    said("dbrestore")
    yield house.bastille
    said("dbrestore", "--discard-previous")


def test_it_is_whole_goes_on_and_refuses_what_it_refused(restored: Store) -> None:
    entries = Entry.objects.count()
    assert Closing.objects.count() >= 40
    with transaction.atomic():
        assert sell(restored, "P-AFTER2", at=timezone.now()).number == entries + 1
    assert list(verify(store=restored, extent=extent(store=restored))) == []
    for statement in STATEMENTS:
        with pytest.raises(IntegrityError, match=r"journal|audit log"), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(IntegrityError, match="vat_adds_up"), transaction.atomic():
        sell(restored, "P-AFTER3", vat=[replace(PIZZA, vat=Decimal("1.02"))], at=timezone.now())


def test_the_rights_that_were_revoked_stay_so(restored: Store) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, relacl::text FROM pg_class WHERE relname IN ('ledger_entry', 'ledger_closing')")
        rights = dict(cursor.fetchall())
    assert set(rights) == {"ledger_entry", "ledger_closing"}
    for table, acl in rights.items():
        # Of the owner: a(ppend), r(ead), x, t and, since PostgreSQL 17, m(aintain); no w(rite), d(elete), D (truncate).
        assert acl is not None, table
        assert not set(acl.split("=")[1].split("/")[0]) & set("wdD"), (table, acl)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relacl::text FROM pg_class WHERE relname = 'accounts_auditentry'")
        (acl,) = cursor.fetchone()
    # The audit log's: old entries are deleted.
    assert set(acl.split("=")[1].split("/")[0]) & set("wdD") == {"d"}
