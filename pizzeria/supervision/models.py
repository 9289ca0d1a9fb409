"""How the site was, minute by minute, and what went wrong."""

from django.db import models
from django.db.models import F, Q


class Sample(models.Model):
    """One minute of the host and of the site; kept for as long as the graphs go back."""

    at = models.DateTimeField(unique=True, help_text="The minute's end.")
    cpu = models.FloatField(help_text="Percent of all cores.")
    memory = models.FloatField(help_text="Percent that is in use.")
    disk = models.FloatField(help_text="Percent of the fullest disk that the site writes to.")
    received = models.FloatField(help_text="Bytes a second from the network.")
    sent = models.FloatField(help_text="Bytes a second to the network.")
    requests = models.IntegerField(help_text="Answered in this minute.")
    errors = models.IntegerField(help_text="Answered with a 5xx in this minute.")
    p50 = models.FloatField(null=True, help_text="Seconds; none without a request.")
    p95 = models.FloatField(null=True, help_text="Seconds; none without a request.")
    orders = models.IntegerField(help_text="Placed in this minute.")
    refused = models.IntegerField(help_text="Orders refused in this minute.")
    connections = models.IntegerField(help_text="Open streams of live events.")

    class Meta:
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    requests__gte=F("errors"), errors__gte=0, orders__gte=0, refused__gte=0, connections__gte=0
                ),
                name="sample_counts_are_counts",
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class Alert(models.Model):
    """Something that somebody must look at: one row from when it began to when it ended."""

    key = models.CharField(
        max_length=200, help_text="What it is about: `disk`, `job-failed:city_001.cron.cyclic_update`."
    )
    subject = models.CharField(max_length=200)
    text = models.TextField(help_text="What it means, and what to type.")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    told_start_at = models.DateTimeField(null=True, blank=True)
    told_end_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            # However many watch: it begins once, and is told once.
            models.UniqueConstraint(fields=["key"], condition=Q(ended_at__isnull=True), name="one_open_alert_a_key"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")), name="alert_ends_after_it_began"
            ),
            models.CheckConstraint(
                condition=Q(told_end_at__isnull=True) | Q(ended_at__isnull=False), name="alert_end_is_told_once_ended"
            ),
        ]

    def __str__(self) -> str:
        return self.key
