"""An alert from its beginning to its end: one row, one message when it begins, one when it ends."""

import logging
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from pizzeria.supervision.alerts import telling
from pizzeria.supervision.alerts.problems import CannotTell, Problem, Rule
from pizzeria.supervision.alerts.services import check_alerts
from pizzeria.supervision.models import Alert

from .conftest import LOCAL, MINUTE, Operator, Watch, sample

pytestmark = [pytest.mark.django_db, pytest.mark.story]


def found(*problems: Problem) -> Rule:
    """A rule of the kind `disk` that finds these."""

    def find(*, at: datetime, open_keys: Collection[str]) -> Iterator[Problem]:
        yield from problems

    return Rule(kind="disk", find=find)


FULL = found(Problem(key="disk", subject="Disque plein à 91 %", detail="À 100 %, tout s’arrête."))
FULLER = found(Problem(key="disk", subject="Disque plein à 95 %", detail="À 100 %, tout s’arrête."))
ERRORS = Rule(
    kind="error-rate", find=lambda **_: [Problem(key="error-rate", subject="9 % des requêtes échouent", detail="…")]
)
GOES_ON = found(Problem(key="disk"))
FINE = found()


def raises(error: Exception) -> Rule:
    def find(*, at: datetime, open_keys: Collection[str]) -> Iterator[Problem]:
        raise error

    return Rule(kind="disk", find=find)


def rows() -> list[tuple[str, str, bool]]:
    return [(alert.key, alert.subject, alert.ended_at is not None) for alert in Alert.objects.order_by("pk")]


# --- The rows.


def test_an_alert_is_one_row_from_its_beginning_to_its_end(at: datetime) -> None:
    for minute in range(3):
        check_alerts(at=at + minute * MINUTE, rules=[FULL])
    assert rows() == [("disk", "Disque plein à 91 %", False)]
    check_alerts(at=at + 3 * MINUTE, rules=[FINE])
    alert = Alert.objects.get()
    assert (alert.started_at, alert.ended_at) == (at, at + 3 * MINUTE)


def test_one_that_comes_back_is_another(at: datetime) -> None:
    for minute, rule in enumerate((FULL, FINE, FULL)):
        check_alerts(at=at + minute * MINUTE, rules=[rule])
    assert [ended for _key, _subject, ended in rows()] == [True, False]


def test_its_words_are_those_of_now(at: datetime) -> None:
    check_alerts(at=at, rules=[FULL])
    check_alerts(at=at + MINUTE, rules=[FULLER])
    check_alerts(at=at + 2 * MINUTE, rules=[GOES_ON])
    assert rows() == [("disk", "Disque plein à 95 %", False)]


def test_its_text_says_what_it_means_and_what_to_type(at: datetime) -> None:
    check_alerts(at=at, rules=[FULL])
    text = Alert.objects.get().text
    assert text.startswith("À 100 %, tout s’arrête.\n\nRegardez ce qui prend la place.")
    assert "\n  sudo journalctl --vacuum-size=200M\n" in text


def test_a_rule_that_cannot_tell_begins_nothing_and_ends_nothing(
    at: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    check_alerts(at=at, rules=[raises(CannotTell("no sample"))])
    assert rows() == []
    check_alerts(at=at, rules=[FULL])
    check_alerts(at=at + MINUTE, rules=[raises(CannotTell("no sample"))])
    assert rows() == [("disk", "Disque plein à 91 %", False)]
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_rule_that_fails_is_logged_and_the_others_are_asked(at: datetime, caplog: pytest.LogCaptureFixture) -> None:
    other = Rule(kind="error-rate", find=lambda **_: [Problem(key="error-rate", subject="9 % des requêtes échouent")])
    check_alerts(at=at, rules=[raises(ZeroDivisionError("of a rule")), other])
    assert [key for key, _subject, _ended in rows()] == ["error-rate"]
    assert "the rule disk failed" in caplog.text
    assert "of a rule" in caplog.text


def test_a_rule_ends_no_alert_of_another_kind(at: datetime) -> None:
    check_alerts(at=at, rules=[FULL])
    check_alerts(at=at + MINUTE, rules=[Rule(kind="error-rate", find=lambda **_: [])])
    assert rows() == [("disk", "Disque plein à 91 %", False)]


def test_a_clock_that_was_set_back_ends_no_alert_before_it_began(at: datetime) -> None:
    check_alerts(at=at, rules=[FULL])
    check_alerts(at=at - timedelta(hours=1), rules=[FINE])
    assert Alert.objects.get().ended_at == at


def test_one_of_a_kind_that_only_another_release_knows_is_ended_and_nobody_is_told_that_it_is_over(
    operator: Operator, at: datetime
) -> None:
    Alert.objects.create(key="comet:1", subject="Une comète", text="…", started_at=at - MINUTE, told_start_at=at)
    check_alerts(at=at, rules=[FULL])
    assert rows() == [("comet:1", "Une comète", True), ("disk", "Disque plein à 91 %", False)]
    assert operator.told() == [("began", "disk")]


def test_the_rules_of_the_site_find_a_disk_that_fills_and_is_emptied(at: datetime) -> None:
    for minute, percent in enumerate((84, 86, 83, 79)):
        sample(at + minute * MINUTE, disk=percent)
        check_alerts(at=at + minute * MINUTE)
    [alert] = Alert.objects.filter(key="disk")
    assert (alert.started_at, alert.ended_at) == (at + MINUTE, at + 3 * MINUTE)


def test_alerts_of_more_than_a_year_ago_are_forgotten(at: datetime) -> None:
    for days in (399, 401):
        moment = at - timedelta(days=days)
        check_alerts(at=moment, rules=[FULL])
        check_alerts(at=moment, rules=[FINE])
    check_alerts(at=at, rules=[])
    assert Alert.objects.get().started_at == at - timedelta(days=399)


# --- The messages.


def test_one_message_when_it_begins_and_one_when_it_ends(operator: Operator, at: datetime) -> None:
    for minute, rule in enumerate((FULL, FULL, FULLER, FINE, FINE)):
        check_alerts(at=at + minute * MINUTE, rules=[rule])
    assert operator.told() == [("began", "disk"), ("ended", "disk")]
    assert operator.subjects() == [
        "[OC Pizza] ALERTE : Disque plein à 91 %",
        "[OC Pizza] FIN : Disque plein à 95 %",
    ]
    assert operator.mails[0]["To"] == "edgar@example.org, garde@example.org"
    words = [mail.get_payload(decode=True).decode() for mail in operator.mails]  # type: ignore[union-attr]
    assert "sudo journalctl --vacuum-size=200M" in words[0]
    assert "Cela a duré 3 min." in words[1]
    alert = Alert.objects.get()
    assert alert.told_start_at
    assert alert.told_end_at


def test_what_could_not_be_sent_is_sent_the_next_minute(
    operator: Operator, settings: Settings, at: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    port, settings.EMAIL_PORT, operator.chat_is_down = settings.EMAIL_PORT, 1, True
    check_alerts(at=at, rules=[FULL])
    assert Alert.objects.get().told_start_at is None
    assert "alert disk could not be sent: courriel" in caplog.text
    settings.EMAIL_PORT, operator.chat_is_down = port, False
    for minute in (1, 2):
        check_alerts(at=at + minute * MINUTE, rules=[FULL])
    assert operator.told() == [("began", "disk")]
    assert len(operator.mails) == 1


def test_a_mail_server_that_is_down_does_not_repeat_the_webhook(
    operator: Operator, settings: Settings, at: datetime
) -> None:
    settings.EMAIL_PORT = 1
    for minute in range(3):
        check_alerts(at=at + minute * MINUTE, rules=[FULL])
    assert operator.told() == [("began", "disk")]


def test_a_message_that_is_refused_keeps_no_other_from_being_sent(
    operator: Operator, settings: Settings, at: datetime
) -> None:
    settings.ALERT_EMAILS, operator.refused_by_chat = "", "disk"
    check_alerts(at=at, rules=[FULL, ERRORS])
    assert operator.told() == [("began", "error-rate")]


def test_where_a_minute_has_time_for_one_message_a_new_one_goes_before_one_that_failed(
    operator: Operator, settings: Settings, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALERT_EMAILS, operator.refused_by_chat = "", "disk"
    check_alerts(at=at, rules=[FULL])
    seconds = iter(range(0, 1000, 20))
    monkeypatch.setattr(telling, "clock", lambda: next(seconds))
    check_alerts(at=at + MINUTE, rules=[FULL, ERRORS])
    assert operator.told() == [("began", "error-rate")]


def test_a_mail_that_failed_is_sent_later_although_the_webhook_worked(
    operator: Operator, settings: Settings, at: datetime
) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    for minute in range(2):
        check_alerts(at=at + minute * MINUTE, rules=[FULL])
    assert operator.mails == []
    settings.EMAIL_PORT = port
    for minute in (2, 3):
        check_alerts(at=at + minute * MINUTE, rules=[FULL])
    assert operator.subjects() == ["[OC Pizza] ALERTE : Disque plein à 91 %"]
    assert operator.told() == [("began", "disk")]


def test_a_mail_that_failed_for_a_day_is_given_up(
    operator: Operator, settings: Settings, at: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    check_alerts(at=at, rules=[FULL])
    settings.EMAIL_PORT = port
    check_alerts(at=at + timedelta(days=1, minutes=2), rules=[FULL])
    assert operator.mails == []
    assert "alert disk given up: courriel" in caplog.text


def test_one_that_was_over_before_anybody_could_be_told_is_told_from_beginning_to_end(
    operator: Operator, settings: Settings, at: datetime
) -> None:
    port, settings.EMAIL_PORT, operator.chat_is_down = settings.EMAIL_PORT, 1, True
    check_alerts(at=at, rules=[FULL])
    check_alerts(at=at + MINUTE, rules=[FINE])
    settings.EMAIL_PORT, operator.chat_is_down = port, False
    check_alerts(at=at + 2 * MINUTE, rules=[FINE])
    assert operator.told() == [("began", "disk"), ("ended", "disk")]


def test_where_nobody_was_to_be_told_what_is_long_over_is_not_told_later(
    operator: Operator, settings: Settings, at: datetime
) -> None:
    emails, webhook = settings.ALERT_EMAILS, settings.ALERT_WEBHOOK
    settings.ALERT_EMAILS = settings.ALERT_WEBHOOK = ""
    check_alerts(at=at - timedelta(days=3), rules=[FULL])
    check_alerts(at=at - timedelta(days=2), rules=[FINE])
    check_alerts(at=at, rules=[FULL])
    settings.ALERT_EMAILS, settings.ALERT_WEBHOOK = emails, webhook
    check_alerts(at=at + MINUTE, rules=[FULL])
    assert operator.told() == [("began", "disk")]


def test_what_the_watch_has_told_is_written_down_and_not_told_again(
    operator: Operator, watch: Watch, at: datetime
) -> None:
    alert = {"key": "service:live", "subject": "live ne répond pas", "text": "…", "started_at": at.isoformat()}
    watch.says_that_all_run(at=at)
    watch.says("live", "failing", at=at, alert=alert)
    check_alerts(at=at + timedelta(seconds=30))
    watch.says_that_all_run(at=at + MINUTE)
    check_alerts(at=at + MINUTE)
    written = Alert.objects.get(key="service:live")
    assert (written.started_at, written.ended_at) == (at, at + MINUTE)
    assert "service:live" not in [key for _event, key in operator.told()]


# --- The command.


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("alerts", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_lists_what_is_open_with_what_to_type(at: datetime) -> None:
    assert run() == "Aucune alerte en cours.\n"
    check_alerts(at=at, rules=[FULL])
    said = run()
    assert said.startswith("Disque plein à 91 %  (disk)\n  depuis le ")
    assert timezone.localtime(at).strftime("%H:%M") in said
    assert "\n    sudo ./manage.py backups\n" in said


def test_the_test_message_proves_both_ways(operator: Operator) -> None:
    said = run("--test")
    assert "edgar@example.org, garde@example.org" in said
    assert "Webhook appelé." in said
    assert "sudo systemctl restart oc-pizza-worker" in said
    assert operator.subjects() == ["[OC Pizza] ALERTE : essai"]
    assert operator.told() == [("began", "test")]


def test_the_test_message_that_does_not_leave_says_by_which_way(operator: Operator, settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = LOCAL, 1
    with pytest.raises(CommandError, match="n’est pas parti : courriel"):
        run("--test")


def test_where_nobody_would_be_told_the_command_says_what_to_write_where(settings: Settings) -> None:
    settings.ALERT_EMAILS = settings.ALERT_WEBHOOK = ""
    with pytest.raises(CommandError, match=r"ALERT_EMAILS.*OC_PIZZA_shared/environment"):
        run("--test")
