"""A mail leaves in the end: whatever the mail server does, whoever dies of it, and without keeping other jobs waiting."""

from datetime import timedelta
from typing import ClassVar

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.db.models import F
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from pizzeria.accounts import sending
from pizzeria.accounts.mails import write
from pizzeria.accounts.models import Mail
from pizzeria.accounts.sending import send_due
from pizzeria.accounts.tasks import send_mail

pytestmark = pytest.mark.django_db

SMTP = "django.core.mail.backends.smtp.EmailBackend"
MEMORY = "django.core.mail.backends.locmem.EmailBackend"
PATIENCE = timedelta(days=1, hours=22)


def due(to: str = "alice@example.org") -> None:
    write(kind="account/email/password_changed", to=to, site="https://pizza.example")


def later(by: timedelta) -> None:
    Mail.objects.update(next_at=F("next_at") - by)


class Meanwhile(EmailBackend):
    """A mail server that takes its time: meanwhile another job of the same worker is told to send."""

    others: ClassVar[list[int]] = []

    def send_messages(self, messages: list[EmailMessage]) -> int:  # type: ignore[override]
        self.others.append(send_due())
        return super().send_messages(messages)


def test_a_mail_is_tried_for_two_days_and_leaves_when_the_server_is_back(settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", 9
    due()
    waited = timedelta(0)
    while waited < PATIENCE:
        assert (send_due(), send_due()) == (0, 0)  # it fails, and then it has its pause
        later(timedelta(hours=3))
        waited += timedelta(hours=3)
    assert Mail.objects.get().attempts > 10
    settings.EMAIL_BACKEND = MEMORY
    assert send_due() == 1
    assert [letter.to for letter in mail.outbox] == [["alice@example.org"]]
    assert not Mail.objects.exists()


def test_a_mail_whose_worker_was_killed_is_sent_a_minute_later() -> None:
    due()
    sending._claim()  # and then nothing more
    assert send_due() == 0
    later(timedelta(minutes=1))
    assert send_due() == 1


def test_a_worker_sends_one_at_a_time_and_who_leaves_theirs_to_it_is_not_forgotten(settings: Settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Meanwhile"
    Meanwhile.others.clear()
    due()
    due("bruno@example.org")
    assert send_due() == 2
    assert Meanwhile.others == [0, 0]


def test_all_other_jobs_go_before_a_mail() -> None:
    due()
    assert ProcrastinateJob.objects.get(task_name=send_mail.name).priority < 0
