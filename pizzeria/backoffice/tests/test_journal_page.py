"""The page of the audit log: who reads which entries, in sentences, and as a file that no spreadsheet computes."""

import ast
import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pizzeria
from pizzeria.accounts.audit import record, record_own
from pizzeria.accounts.hearing import TOLD
from pizzeria.accounts.models import AuditEntry, User
from pizzeria.backoffice.audit_words import SENTENCES
from pizzeria.shop.tests.conftest import words
from pizzeria.tables import csv_of, harmless
from tests.cast import House, People

pytestmark = pytest.mark.django_db

ADDRESS = "/equipe/bastille/equipe/journal/"
WRITERS = {"record", "record_own", "_record", "_audit"}


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def read(browser: Client, **asked: object) -> str:
    """What the page says for these filters."""
    page: Any = browser.get(ADDRESS, {name: str(value) for name, value in asked.items()})
    assert page.status_code == 200
    return words(page)


def codes() -> Iterator[str]:
    """Every code that a service gives to what writes the log."""
    for file in Path(pizzeria.__file__).parent.rglob("*.py"):
        text = file.read_text()
        if "tests" in file.parts or "audit" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in WRITERS:
                said = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "action")]
                yield from (
                    value.value
                    for value in said
                    if isinstance(value, ast.Constant) and isinstance(value.value, str) and "." in value.value
                )


def test_every_code_that_is_written_has_words() -> None:
    written = {*codes(), *(action for _signal, action in TOLD), "sign_in.failed"}
    assert len(written) > 10
    assert sorted(written - set(SENTENCES)) == []


def test_the_responsable_reads_sentences_with_names_and_the_newest_comes_first(house: House, people: People) -> None:
    record(actor=people.manager, action="staff.suspended", store=house.bastille, subject=f"user:{people.driver.pk}")
    record(
        actor=people.driver, action="backoffice:cancel", store=house.bastille, subject="order:P-22222",
        details={"status": 403},
    )  # fmt: skip
    record_own(user=people.pizzaiolo, action="sign_in.done", subject=f"user:{people.pizzaiolo.pk}")
    page: Any = browser_of(people.manager).get(ADDRESS)
    said = words(page)
    assert "Renata Dupont (responsable) a suspendu Karim Dupont" in said
    assert "Karim Dupont (livreur) a annulé la commande P-22222 refusé : pas de son rôle" in said
    assert "Luca Dupont (pizzaiolo) a ouvert sa session" in said
    assert said.index("Luca Dupont (pizzaiolo)") < said.index("a suspendu")
    assert 'href="/equipe/bastille/commandes/P-22222/"' in page.content.decode()


def test_each_store_reads_its_own_and_the_direction_the_groups_beside(house: House, people: People) -> None:
    record(actor=people.outsider, action="screen.opened", store=house.croix_rousse, subject="screen:41")
    record(actor=None, action="sign_in.failed")
    record_own(user=people.direction, action="sign_in.done", subject=f"user:{people.direction.pk}")
    of_the_manager = read(browser_of(people.manager))
    of_the_direction = read(browser_of(people.direction))
    assert "n° 41" not in of_the_manager + of_the_direction
    assert "Diane Dupont (direction) a ouvert sa session" not in of_the_manager
    assert "Diane Dupont (direction) a ouvert sa session" in of_the_direction
    assert "mot de passe faux pour quelqu’un d’inconnu" in of_the_direction
    assert browser_of(people.cashier).get(ADDRESS).status_code == 403


def test_the_entries_are_found_by_person_and_by_day(house: House, people: People) -> None:
    record(actor=people.manager, action="staff.suspended", store=house.bastille, subject=f"user:{people.driver.pk}")
    record(actor=people.cashier, action="screen.opened", store=house.bastille, subject="screen:41")
    AuditEntry.objects.create(
        at=timezone.localtime() - timedelta(days=3), actor=people.cashier, store=house.bastille, action="screen.revoked",
        subject="screen:42",
    )  # fmt: skip
    browser = browser_of(people.manager)
    of_karim = read(browser, who=people.driver.pk)
    assert ("a suspendu" in of_karim, "n° 41" in of_karim) == (True, False)
    day = timezone.localdate() - timedelta(days=3)
    of_the_day = read(browser, day=day, who=people.cashier.pk)
    assert ("n° 42" in of_the_day, "n° 41" in of_the_day) == (True, False)
    for nonsense in (
        {"who": "x"},
        {"day": "hier"},
        {"before": "-1"},
        {"who": "9" * 30},
        {"day": "0001-01-01"},
        {"day": "9999-12-31"},
    ):
        assert "n° 41" in read(browser, **nonsense)


def test_a_long_log_goes_page_by_page_at_a_constant_number_of_queries(house: House, people: People) -> None:
    browser = browser_of(people.manager)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            browser.get(ADDRESS)
        return len(captured)

    record(actor=people.manager, action="staff.changed", store=house.bastille, subject=f"user:{people.driver.pk}")
    queries()  # and what signing in costs
    few = queries()
    AuditEntry.objects.bulk_create(
        AuditEntry(
            actor=actor, store=house.bastille, action="staff.changed", subject=f"user:{subject.pk}", roles=["manager"]
        )
        for actor, subject in [(people.manager, people.cashier), (people.cashier, people.pizzaiolo)] * 40
    )
    assert queries() == few
    first = browser.get(ADDRESS).content.decode()
    assert first.count("<time") == 50
    older: Any = browser.get(ADDRESS, {"before": AuditEntry.objects.order_by("-id")[49].pk})
    assert older.content.decode().count("<time") >= 31
    assert "Les plus récentes" in words(older)


def test_the_file_holds_the_same_is_written_down_itself_and_computes_nothing(house: House, people: People) -> None:
    User.objects.filter(pk=people.driver.pk).update(first_name='=HYPERLINK("http://mal.example")')
    record(actor=people.driver, action="screen.opened", store=house.bastille, subject="screen:41")
    answer = browser_of(people.manager).get(f"{ADDRESS}export.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:2] == ["Date", "Personne"]
    (line,) = [row for row in rows if row[5] == "screen.opened"]
    assert line[1] == '\'=HYPERLINK("http://mal.example") Dupont'
    assert AuditEntry.objects.filter(action="audit.exported", actor=people.manager).count() == 1


@pytest.mark.parametrize("typed", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "\u00a0=1"])
def test_what_somebody_typed_is_no_formula(typed: str) -> None:
    assert str(harmless(typed)).startswith("'")
    assert csv_of(head=["a"], rows=[[typed]]).count("'") == 1


def test_what_is_no_formula_and_what_is_a_number_stay_as_they_are() -> None:
    assert [harmless(cell) for cell in ("Renata", "a=b", -3, 2.5, "")] == ["Renata", "a=b", -3, 2.5, ""]
