"""Sessions of the site and of the back office."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from pizzeria.accounts.models import User


def forget_expired_sessions(*, at: datetime) -> int:
    """Delete the sessions that had expired by then, and what is known of their devices; how many sessions there were."""
    deleted, _by_model = Session.objects.filter(expire_date__lt=at).delete()
    there = Session.objects.filter(session_key=OuterRef("session_key"))
    UserSession.objects.filter(~Exists(there)).delete()
    return deleted


def end_sessions(*, user: User) -> int:
    """Sign somebody out of every browser; how many there were."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)
