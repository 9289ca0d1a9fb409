"""`error-rate`: too many requests are answered with an error of ours."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.conf import settings

from pizzeria.supervision.alerts.problems import CannotTell, Problem, goes_on
from pizzeria.supervision.models import Sample

ERROR_RATE = "error-rate"
SAMPLES = 5
LOOKED_AT = timedelta(minutes=SAMPLES + 1)
"""A sample is written a little after its minute."""


def error_rate(*, at: datetime, open_keys: Collection[str]) -> Iterator[Problem]:
    """Begins at the share and the number of requests of the settings, ends below half of that share.

    When nobody asks any more, nothing says that it is over.
    """
    samples = list(Sample.objects.filter(at__gt=at - LOOKED_AT, at__lte=at).order_by("-at")[:SAMPLES])
    if not samples:
        raise CannotTell("no sample of the last minutes")
    requests = sum(sample.requests for sample in samples)
    errors = sum(sample.errors for sample in samples)
    if not requests:
        yield from goes_on(ERROR_RATE, open_keys=open_keys)
        return
    share = errors / requests
    begins = share >= settings.ALERT_ERROR_SHARE and requests >= settings.ALERT_ERROR_REQUESTS
    if begins or (ERROR_RATE in open_keys and share >= settings.ALERT_ERROR_SHARE / 2):
        yield Problem(
            key=ERROR_RATE,
            subject=f"{share * 100:.0f} % des requêtes échouent",
            detail=f"Sur les cinq dernières minutes, {errors} requêtes sur {requests} ont reçu une erreur 5xx.",
        )
