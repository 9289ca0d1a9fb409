"""What clients are told of their orders: each notice, what each of them chose, and where they are reached by push."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from pizzeria.ordering.models import Order


class Channel(models.TextChoices):
    """How a client is told."""

    MAIL = "mail", _("e-mail")
    SMS = "sms", _("SMS")
    PUSH = "push", _("notification")


class Kind(models.TextChoices):
    """What a client is told, in the order in which it happens."""

    RECEIVED = "received", _("Votre commande est reçue")
    CHANGED = "changed", _("Votre commande est modifiée")
    MOVED = "moved", _("L’heure promise change de plus de 5 minutes")
    REMINDER = "reminder", _("Votre commande prévue approche")
    READY = "ready", _("Votre commande est prête")
    ON_THE_ROAD = "on_the_road", _("Le livreur est en route")
    CANCELLED = "cancelled", _("Votre commande est annulée")
    REFUNDED = "refunded", _("Une somme vous est rendue")
    REVIEW = "review", _("Une heure après, votre avis")


ANSWERS = {
    "no_answer": _("le serveur ne répond pas"),
    "connection_ended": _("le serveur a raccroché"),
    "login_refused": _("le serveur refuse le mot de passe du site"),
    "sender_refused": _("le serveur refuse l’expéditeur du site"),
    "smtp_550": _("adresse inconnue"),
    "no_mobile": _("ce n’est pas un mobile"),
    "not_offered": _("ce moyen n’est pas réglé"),
    "bad_setting": _("le réglage des SMS n’est pas lisible"),
    "not_taken": _("le service a refusé"),
    "not_confirmed": _("le service n’a pas confirmé"),
    "nobody_there": _("l’appareil ne veut plus être prévenu"),
    "too_late": _("trop tard pour le dire"),
    "error": _("une erreur du site"),
    "timeout": _("le serveur ne répond pas"),
}


class Notice(models.Model):
    """One thing to be told of an order by one channel: written by the database in the transaction of what happened.

    `source_id` is the key of what it tells: an OrderChange for `changed`, a PromiseChange for `moved`, a Refund for `refunded`,
    an OrderEvent else.
    What each status says of a worker that is killed: decision 25.
    """

    class Status(models.TextChoices):
        DUE = "due", _("à envoyer")
        SENDING = "sending", _("en cours d’envoi")
        LEAVING = "leaving", _("en train de partir")
        SENT = "sent", _("envoyé")
        UNCONFIRMED = "unconfirmed", _("parti, sans confirmation")
        FAILED = "failed", _("abandonné")
        DROPPED = "dropped", _("sans objet")

    kind = models.CharField(max_length=11, choices=Kind)
    source_id = models.BigIntegerField()
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="notices")
    channel = models.CharField(max_length=4, choices=Channel)
    status = models.CharField(max_length=11, choices=Status, default=Status.DUE, db_default="due")
    made_at = models.DateTimeField(db_default=Now())
    due_since = models.DateTimeField(db_default=Now(), help_text="Since when it is to be sent.")
    next_at = models.DateTimeField(
        null=True,
        db_default=Now(),
        help_text="When it is tried next, or taken from whoever sends it; none once it is over.",
    )
    attempts = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Grows with each: whoever was overtaken finds another number, and stops."
    )
    ended_at = models.DateTimeField(null=True)
    answered = models.CharField(
        max_length=60, blank=True, default="", db_default="", help_text="How it went, in a word."
    )

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["kind", "source_id", "channel"], name="notice_once")]
        indexes = [
            models.Index(fields=["channel", "next_at"], condition=Q(next_at__isnull=False), name="notice_due"),
            models.Index(fields=["order"], name="notice_of_order"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.channel} {self.status}"

    @property
    def answer_words(self) -> str:
        """Why it did not leave, for people; a server's own code as it is."""
        return str(ANSWERS.get(self.answered, self.answered.replace("_", " ").upper()))


class Choice(models.Model):
    """What a client wants to be told, by which channel; who has none is told what the house tells (`choices.DEFAULTS`).

    Of one order, for whoever holds its token, or of all those of an account.
    """

    customer = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="notice_choice"
    )
    order = models.OneToOneField(Order, on_delete=models.CASCADE, null=True, related_name="notice_choice")
    wanted = ArrayField(
        models.CharField(max_length=16), default=list, help_text="`kind.channel`, such as `received.mail`."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=True, order__isnull=False) | Q(customer__isnull=False, order__isnull=True),
                name="notice_choice_is_ones",
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer_id or self.order_id}: {len(self.wanted)}"


class Stop(models.Model):
    """An address that asked for no more, by one tap: nothing goes there by this channel until it asks again.

    `digest` tells the same address again, and not which it is.
    """

    channel = models.CharField(max_length=4, choices=Channel)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "digest"], name="notice_stop_once")]

    def __str__(self) -> str:
        return f"{self.channel} {self.at}"


class Subscription(models.Model):
    """A browser that shows what we push to it (RFC 8030), of an account or for one order."""

    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="push_subscriptions"
    )
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="push_subscriptions")
    endpoint = models.TextField(
        unique=True, help_text="The address of its push service: whoever has it and our key may push."
    )
    p256dh = models.CharField(max_length=100, help_text="Its public key.")
    auth = models.CharField(max_length=40)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False) | Q(order__isnull=False), name="push_subscription_is_somebodys"
            )
        ]

    def __str__(self) -> str:
        return f"subscription {self.pk}"
