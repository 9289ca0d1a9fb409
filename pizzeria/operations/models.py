"""What the scheduled jobs did."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class JobRun(models.Model):
    """One run of a job of CRONJOBS: when, where, by which release, and what became of it."""

    class Outcome(models.TextChoices):
        RUNNING = "running", _("en cours")
        DONE = "done", _("terminée")
        FAILED = "failed", _("échouée")
        ABANDONED = "abandoned", _("abandonnée")
        SKIPPED = "skipped", _("sautée")

    path = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome, default=Outcome.RUNNING)
    host = models.CharField(max_length=255)
    release = models.CharField(max_length=100)
    message = models.CharField(max_length=300, blank=True, help_text="The last line of what went wrong.")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["path", "-id"], name="jobrun_last_of_a_path")]
        constraints = [
            # When a process was killed is not known.
            models.CheckConstraint(
                condition=Q(outcome__in=["running", "abandoned"], ended_at__isnull=True)
                | Q(outcome__in=["done", "failed", "skipped"], ended_at__isnull=False),
                name="job_run_has_ended_or_not",
            )
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.outcome}"
