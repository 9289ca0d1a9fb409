"""The cyclic update forgets what nobody needs any more, each at the end of its own time, and not before."""

import json
from datetime import datetime, timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from pizzeria.accounts.audit import record
from pizzeria.accounts.limits import Limit, attempt
from pizzeria.accounts.models import ApiToken, Attempt, AuditEntry, Scope, SharedScreen, User, new_client_identifier
from pizzeria.accounts.tokens import issue
from pizzeria.ordering.models import OrderEvent
from pizzeria.webhooks.models import Delivery, Endpoint
from pizzeria.webhooks.retention import forget_old_deliveries
from tests.cast import House, People

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def update() -> str:
    told = StringIO()
    call_command("update_ocpizza", "city_001", stdout=told)
    return told.getvalue()


def ago(days: int) -> datetime:
    return timezone.now() - days * DAY


def begun(name: str, *, days: float, verified: bool = False, identifier: str = "") -> User:
    user = User.objects.create_user(
        identifier or new_client_identifier(),
        "un-mot-de-passe",
        first_name=name,
        last_name="X",
        email=f"{name}@example.org",
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
    User.objects.filter(pk=user.pk).update(created_at=timezone.now() - timedelta(days=days))
    return user


def test_an_account_that_nobody_confirmed_goes_and_one_that_somebody_uses_stays(house: House) -> None:
    life = settings.UNCONFIRMED_ACCOUNT_DAYS
    gone, young, confirmed = (
        begun("a", days=life + 1),
        begun("b", days=life - 1),
        begun("c", days=life + 1, verified=True),
    )
    used, buyer = begun("d", days=life + 1), begun("e", days=life + 1)
    User.objects.filter(pk=used.pk).update(last_login=timezone.now())
    house.order(customer=buyer)
    assert "comptes jamais confirmés : 1 expiré, supprimé" in update()
    assert set(User.objects.values_list("pk", flat=True)) == {young.pk, confirmed.pk, used.pk, buyer.pk}
    assert not EmailAddress.objects.filter(email=gone.email).exists()


def test_an_account_that_history_points_to_is_made_anonymous_and_the_others_go_all_the_same(house: House) -> None:
    long_ago = settings.UNCONFIRMED_ACCOUNT_DAYS + 1
    pointed_to, gone = begun("a", days=long_ago), begun("b", days=long_ago)
    record(actor=pointed_to, action="staff.signed_in", store=house.bastille)
    assert "comptes jamais confirmés : 2 expirés, supprimés" in update()
    assert not User.objects.filter(pk=gone.pk).exists()
    pointed_to.refresh_from_db()
    assert (pointed_to.identifier, pointed_to.email) == (f"anonyme-{pointed_to.pk}", "")


@pytest.mark.parametrize("identifier", ["luigi.verdi", "alba@example.org"])
def test_who_has_worked_here_and_an_account_of_before_confirmations_stay(house: House, identifier: str) -> None:
    stays = begun("a", days=settings.UNCONFIRMED_ACCOUNT_DAYS + 1, identifier=identifier)
    assert "comptes jamais confirmés : 0" in update()
    assert User.objects.filter(pk=stays.pk).exists()


def test_what_is_known_of_a_device_goes_with_its_session(people: People) -> None:
    for agent, life in (("fini", -HOUR), ("ouvert", HOUR)):
        session = SessionStore()
        session.create()
        Session.objects.filter(session_key=session.session_key).update(expire_date=timezone.now() + life)
        UserSession.objects.create(
            user=people.alice, ip="203.0.113.7", user_agent=agent, session_key=session.session_key
        )
    update()
    assert [device.user_agent for device in UserSession.objects.all()] == ["ouvert"]


def test_tokens_and_screens_go_a_while_after_their_end(house: House, people: People) -> None:
    life = settings.TOKEN_RETENTION_DAYS
    for label, days in (("vieux", life + 1), ("récent", life - 1)):
        issue(user=people.pizzaiolo, label=label, life=DAY, scopes=[Scope.READ_ORDERS])
        ApiToken.objects.filter(label=label).update(expires_at=ago(days))
        SharedScreen.objects.create(store=house.bastille, digest=label, label=label, expires_at=ago(days))
    update()
    assert [token.label for token in ApiToken.objects.all()] == ["récent"]
    assert [screen.label for screen in SharedScreen.objects.all()] == ["récent"]


@pytest.mark.usefixtures("house")
def test_counted_attempts_go_once_their_window_is_over() -> None:
    limit = Limit(name="essai", most=3, window=HOUR)
    attempt(limit=limit, of="203.0.113.7")
    Attempt.objects.update(until=ago(settings.ATTEMPT_RETENTION_DAYS) - HOUR)
    attempt(limit=limit, of="203.0.113.8")
    update()
    assert Attempt.objects.count() == 1


def job(status: str, days: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('default', 'lettre', %s) RETURNING id",
            [json.dumps({"status": status})],
        )
        (key,) = cursor.fetchone()
        cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [status, key])
        cursor.execute("UPDATE procrastinate_events SET at = %s WHERE job_id = %s", [ago(days), key])


@pytest.mark.usefixtures("house")
def test_a_job_that_is_over_goes_with_what_it_was_given_and_one_that_waits_stays() -> None:
    life = settings.JOB_RETENTION_DAYS
    for status, days in (("succeeded", life + 1), ("failed", life + 1), ("succeeded", life - 1), ("todo", life + 30)):
        job(status, days)
    update()
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'status' FROM procrastinate_jobs WHERE task_name = 'lettre' ORDER BY id")
        assert [status for (status,) in cursor.fetchall()] == ["succeeded", "todo"]


def test_what_an_address_was_told_is_forgotten_and_what_is_still_due_is_not(house: House) -> None:
    endpoint = Endpoint.objects.create(store=house.bastille, url="https://recoit.example.org/")
    event = OrderEvent.objects.get(order=house.order())
    delivery, _is_new = Delivery.objects.get_or_create(endpoint=endpoint, event=event)
    later = timezone.now() + (settings.WEBHOOK_RETENTION_DAYS + 1) * DAY
    assert forget_old_deliveries(before=later) == 0
    Delivery.objects.filter(pk=delivery.pk).update(status=Delivery.Status.FAILED)
    assert forget_old_deliveries(before=timezone.now() - DAY) == 0
    assert forget_old_deliveries(before=later) == 1


def test_the_audit_log_is_kept_for_its_months(house: House, people: People) -> None:
    young = record(actor=people.manager, action="staff.added", store=house.bastille)
    days = settings.AUDIT_RETENTION_MONTHS * 31
    AuditEntry.objects.create(at=ago(days + 32), actor=people.manager, action="staff.added")
    AuditEntry.objects.create(at=ago(days - 40), actor=people.manager, action="staff.added")
    assert "journal d’activité : 1 expiré, supprimé" in update()
    assert AuditEntry.objects.count() == 2
    assert AuditEntry.objects.filter(pk=young.pk).exists()
