"""Alerts begin and end. However many look at the same moment, each begins once: the database says so."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import translation

from pizzeria.supervision.alerts.problems import CannotTell, Problem, Rule, kind_of
from pizzeria.supervision.alerts.rules import RULES
from pizzeria.supervision.alerts.telling import tell
from pizzeria.supervision.alerts.watched import SERVICE
from pizzeria.supervision.alerts.words import in_full
from pizzeria.supervision.models import Alert

logger = logging.getLogger(__name__)

FRENCH = "fr"
"""Of what is kept and sent: see SUPERVISION_ENGINE/watch/sending.py."""
SUBJECT_LENGTH = 200
LIFE = timedelta(days=400)
"""As long as the runs of the jobs: this year's can be compared with last year's."""


def check_alerts(*, at: datetime, rules: Sequence[Rule] = RULES) -> None:
    """Ask every rule what is wrong at a moment, begin and end alerts accordingly, and send what has to be told.

    A rule that fails is logged; what it looks at stays as it was, and the others are asked all the same.
    """
    with translation.override(FRENCH):
        for rule in rules:
            if not connection.in_atomic_block:
                # The rule before may have failed of its connection.
                connection.close_if_unusable_or_obsolete()
            try:
                _follow(rule, at)
            except CannotTell as reason:
                logger.info("%s cannot be told: %s", rule.kind, reason)
            except Exception:
                logger.exception("the rule %s failed", rule.kind)
        _end_what_nobody_asks_for(at)
        Alert.objects.filter(ended_at__lt=at - LIFE).delete()
        tell(at=at)


def _follow(rule: Rule, at: datetime) -> None:
    alerts = {alert.key: alert for alert in Alert.objects.filter(ended_at=None) if rule.owns(alert.key)}
    found = {problem.key: problem for problem in rule.find(at=at, open_keys=frozenset(alerts))}
    _begin([problem for key, problem in found.items() if key not in alerts and problem.subject], at)
    _end([alert for key, alert in alerts.items() if key not in found], at)
    for key in found.keys() & alerts.keys():
        _say_anew(alerts[key], found[key])


def _begin(problems: Sequence[Problem], at: datetime) -> None:
    alerts = [_alert(problem, at) for problem in problems]
    # Whoever comes second does nothing: of a key, one alert is open.
    Alert.objects.bulk_create(alerts, ignore_conflicts=True)
    for alert in alerts:
        logger.warning("alert begins: %s, %s", alert.key, alert.subject)


def _alert(problem: Problem, at: datetime) -> Alert:
    return Alert(
        key=problem.key,
        subject=_subject(problem),
        text=_text(problem),
        started_at=min(at, problem.since or at),
        told_start_at=at if _is_told_by_the_watch(problem.key) else None,
    )


def _end(alerts: Sequence[Alert], at: datetime) -> None:
    for alert in alerts:
        told = at if _is_told_by_the_watch(alert.key) else None
        # A clock may have been set back since it began.
        end = Greatest(F("started_at"), at)
        Alert.objects.filter(pk=alert.pk, ended_at=None).update(ended_at=end, told_end_at=told)
        logger.warning("alert ends: %s, %s", alert.key, alert.subject)


def _end_what_nobody_asks_for(at: datetime) -> None:
    """Alerts of a kind that only another release knows. Nobody is told that they are over: nobody knows whether."""
    known = {rule.kind for rule in RULES}
    for alert in Alert.objects.filter(ended_at=None):
        if kind_of(alert.key) not in known:
            end = Greatest(F("started_at"), at)
            Alert.objects.filter(pk=alert.pk, ended_at=None).update(ended_at=end, told_end_at=at)
            logger.warning("alert of a kind that this release does not know, no longer followed: %s", alert.key)


def _say_anew(alert: Alert, problem: Problem) -> None:
    """The page shows how it is now; the mail of its beginning was how it was then."""
    new = {"subject": _subject(problem), "text": _text(problem)}
    if problem.subject and (alert.subject, alert.text) != (new["subject"], new["text"]):
        Alert.objects.filter(pk=alert.pk, ended_at=None).update(**new)


def _subject(problem: Problem) -> str:
    return problem.subject[:SUBJECT_LENGTH]


def _text(problem: Problem) -> str:
    return problem.detail if _is_told_by_the_watch(problem.key) else in_full(problem.key, problem.detail)


def _is_told_by_the_watch(key: str) -> bool:
    return kind_of(key) == SERVICE
