"""`disk`: the fullest disk that the site writes to."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.conf import settings

from pizzeria.supervision.alerts.problems import CannotTell, Problem
from pizzeria.supervision.models import Sample

DISK = "disk"
FRESH = timedelta(minutes=5)


def disk(*, at: datetime, open_keys: Collection[str]) -> Iterator[Problem]:
    """Begins above one threshold of the settings, ends below the other."""
    newest = Sample.objects.filter(at__gt=at - FRESH, at__lte=at).order_by("-at").first()
    if newest is None:
        raise CannotTell("no sample of the last minutes")
    if newest.disk > settings.ALERT_DISK_FULL or (DISK in open_keys and newest.disk >= settings.ALERT_DISK_FINE):
        yield Problem(
            key=DISK,
            subject=f"Disque rempli à {newest.disk:.0f} %",
            detail="À 100 %, PostgreSQL s’arrête et plus aucune commande ne passe.",
        )
