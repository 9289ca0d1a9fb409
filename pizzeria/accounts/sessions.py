"""Sessions of the site and of the back office."""

from datetime import datetime

from django.contrib.sessions.models import Session


def forget_expired_sessions(*, at: datetime) -> int:
    """Delete the sessions that had expired by then; how many there were."""
    deleted, _by_model = Session.objects.filter(expire_date__lt=at).delete()
    return deleted
