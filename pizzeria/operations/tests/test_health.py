"""Alive, and ready: what the engines ask before they switch to a release, and after."""

from unittest.mock import patch

import pytest
from django.db import InterfaceError, OperationalError
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings


def test_a_process_that_lives_says_so_and_asks_nothing_of_the_database(
    db: None, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_a_ready_site_names_its_release(db: None, client: Client, settings: Settings) -> None:
    settings.RELEASE_ID = "2026-11-24_a1b2c3"
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert {"ready": True, "release": "2026-11-24_a1b2c3", "problems": {}}.items() <= answer.json().items()


def test_a_site_whose_migrations_are_not_applied_is_not_ready_and_names_them(db: None, client: Client) -> None:
    last = MigrationRecorder.Migration.objects.filter(app="ordering").latest("name")
    last.delete()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert f"ordering.{last.name}" in answer.json()["problems"]["migrations"]


def test_asking_again_costs_one_query_and_sees_what_has_changed_since(
    db: None, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/readyz")
    with django_assert_num_queries(1):
        assert client.get("/readyz").status_code == 200
    last = MigrationRecorder.Migration.objects.filter(app="ordering").latest("name")
    name = last.name
    last.delete()
    assert client.get("/readyz").status_code == 503
    MigrationRecorder.Migration.objects.create(app="ordering", name=name)
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("failure", [OperationalError, InterfaceError])
def test_a_site_without_its_database_is_not_ready_and_tells_no_secret(
    db: None, client: Client, failure: type[Exception]
) -> None:
    with patch("pizzeria.operations.health.MigrationRecorder", side_effect=failure("password=secret")):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["problems"] == {"database": failure.__name__}
    assert client.get("/healthz").status_code == 200
