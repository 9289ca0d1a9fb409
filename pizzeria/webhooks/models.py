"""Addresses of others that are told what happens to a store's orders."""

import secrets

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from pizzeria.ordering.models import OrderEvent
from pizzeria.stores.models import Store


def new_salt() -> str:
    return secrets.token_urlsafe(24)


class Endpoint(models.Model):
    """An address that is told of the orders of a store, or of all of them where none is named.

    What signs a message is derived from the site's secret key and `salt`: the database and its backups hold nothing
    that signs.
    """

    store = models.ForeignKey(Store, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    url = models.URLField(_("adresse"), max_length=300)
    statuses = ArrayField(
        models.CharField(max_length=16),
        default=list,
        blank=True,
        help_text="Order.Status; all of them where none is named.",
    )
    salt = models.CharField(max_length=40, default=new_salt, editable=False)
    is_active = models.BooleanField(default=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    rests_until = models.DateTimeField(
        null=True, help_text="Nothing is sent before: somebody is at it, or it has just failed."
    )
    failures = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="How often in a row it failed.")

    class Meta:
        indexes = [models.Index(fields=["store"], condition=models.Q(is_active=True), name="webhooks_active_of_store")]

    def __str__(self) -> str:
        return self.url


class Delivery(models.Model):
    """One event for one address: written by the database in the transaction of the event itself, so that none is missed.

    One without an event is a trial, that somebody asked for.
    """

    class Status(models.TextChoices):
        DUE = "due", _("à envoyer")
        DELIVERED = "delivered", _("reçu")
        FAILED = "failed", _("abandonné")

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(OrderEvent, on_delete=models.CASCADE, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    due_since = models.DateTimeField(
        db_default=Now(), help_text="Since when it is to be sent: it is given up a day later."
    )
    status = models.CharField(max_length=9, choices=Status, default=Status.DUE, db_default="due")
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_at = models.DateTimeField(null=True, help_text="When it is tried next; none once it is delivered or failed.")
    answered = models.CharField(
        max_length=60, blank=True, default="", db_default="", help_text="The last answer, in a word."
    )
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["endpoint", "event"], name="webhooks_delivery_once")]
        indexes = [models.Index(fields=["next_at"], condition=models.Q(status="due"), name="webhooks_delivery_due")]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.event_id} {self.status}"
