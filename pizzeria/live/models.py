"""The outbox: what happened, written in the transaction that made it happen."""

from django.db import models
from django.db.models.expressions import RawSQL


class LiveEvent(models.Model):
    """One thing that happened, for whoever watches `topic`.

    Readers go by (`xact`, `id`) and resume from before the oldest transaction that was still
    running: an identity value is given before its transaction commits, so that `id` alone would
    let a slow transaction's event appear behind a reader that has already passed it. See `hub`.
    """

    xact = models.BigIntegerField(db_default=RawSQL("(pg_current_xact_id()::text::bigint)", []), editable=False)
    topic = models.CharField(max_length=80)
    kind = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["xact", "id"]
        indexes = [models.Index(fields=["xact", "id"]), models.Index(fields=["created_at"])]

    def __str__(self) -> str:
        return f"{self.topic} {self.kind}"
