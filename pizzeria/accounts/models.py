"""People: clients, staff and the roles that staff hold at points of sale."""

import secrets
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pizzeria.stores.models import Store
from pizzeria.words import one_line

CLIENT_PREFIX = "client-"


def new_client_identifier() -> str:
    """What a client's account is called: nothing that says whose it is, or that anybody types. They sign in by e-mail."""
    return f"{CLIENT_PREFIX}{secrets.token_hex(8)}"


class UserManager(BaseUserManager["User"]):
    def create_user(self, identifier: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user; `identifier` is what they type to sign in: an e-mail or a staff identifier."""
        user = self.model(identifier=identifier.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, identifier: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(identifier, password, is_superuser=True, is_staff=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        # As the unique index has it, in whatever case it was typed: what cannot be stored is nobody's.
        typed = one_line(username or "").lower()
        return self.alias(lowered=Lower("identifier")).get(lowered=typed)


class User(AbstractBaseUser, PermissionsMixin):
    """A client or a member of the staff; staff are those who hold a role."""

    identifier = models.CharField(_("identifiant"), max_length=254, unique=True)
    email = models.EmailField(_("adresse électronique"), blank=True)
    first_name = models.CharField(_("prénom"), max_length=80)
    last_name = models.CharField(pgettext_lazy("personne", "nom"), max_length=80)
    phone = models.CharField(_("téléphone"), max_length=20, blank=True)
    birthday = models.DateField(_("anniversaire"), null=True, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    anonymised_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When what told who this was went: see `retention`."
    )

    must_change_password = models.BooleanField(
        default=False, db_default=False, help_text="The password is one that the system issued: theirs comes first."
    )
    pin = models.CharField(
        max_length=128, blank=True, default="", db_default="", help_text="Hashed; opens a store's shared screen only."
    )
    pin_failures = models.PositiveSmallIntegerField(default=0, db_default=0)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "identifier"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["first_name", "last_name"]

    class Meta:
        verbose_name = _("utilisateur")
        constraints = [models.UniqueConstraint(Lower("identifier"), name="user_identifier_once_in_any_case")]
        # As `email__iexact` asks for it, at every sign-in by e-mail.
        indexes = [models.Index(Upper("email"), name="user_by_email_in_any_case")]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.identifier


class Role(models.TextChoices):
    CASHIER = "cashier", _("caissier")
    PIZZAIOLO = "pizzaiolo", _("pizzaiolo")
    DRIVER = "driver", _("livreur")
    MANAGER = "manager", _("responsable")
    DIRECTION = "direction", _("direction")
    OPERATOR = "operator", _("exploitant")


class StaffRole(models.Model):
    """A role of a person at a store; direction and exploitant hold theirs for the whole group."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles")
    store = models.ForeignKey(Store, on_delete=models.CASCADE, null=True, blank=True, related_name="staff")
    role = models.CharField(max_length=10, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "store", "role"], name="staff_role_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=Q(role__in=["direction", "operator"], store__isnull=True)
                | (~Q(role__in=["direction", "operator"]) & Q(store__isnull=False)),
                name="staff_role_group_roles_have_no_store",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.store or ''}".strip()


class Address(models.Model):
    """An address that a client keeps for the next order, or for their invoices."""

    class Kind(models.TextChoices):
        DELIVERY = "delivery", _("livraison")
        BILLING = "billing", _("facturation")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    street = models.CharField(_("adresse"), max_length=120)
    complement = models.CharField(_("complément"), max_length=120, blank=True)
    postal_code = models.CharField(_("code postal"), max_length=5)
    town = models.CharField(_("commune"), max_length=80)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.DELIVERY, db_default="delivery")
    is_usual = models.BooleanField(
        default=False, db_default=False, help_text="Where the next order goes, unless they say otherwise."
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(kind="billing"), name="address_one_for_billing"),
            models.UniqueConstraint(fields=["user"], condition=Q(is_usual=True), name="address_one_is_usual"),
        ]

    def __str__(self) -> str:
        return f"{self.street}, {self.postal_code} {self.town}"


class Mail(models.Model):
    """A mail that is due: written with the deed that it tells of, sent by a job, then forgotten.

    It holds no secret: the link that somebody follows is made when it is sent (`sending.LINKS`).
    """

    kind = models.CharField(max_length=60, help_text="Where its words are: `account/email/email_changed`.")
    to = models.EmailField()
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    site = models.CharField(max_length=300, help_text="The address of the site that its links begin with.")
    language = models.CharField(max_length=5)
    details = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_at = models.DateTimeField(
        db_default=Now(), help_text="When it is tried next; who sends it has put it off, should they die of it."
    )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Scope(models.TextChoices):
    """What a device may do with its token, beside what its bearer's roles allow."""

    READ_ORDERS = "orders:read", _("lire les commandes")
    MOVE_ORDERS = "orders:move", _("faire avancer les commandes")
    READ_SUPERVISION = "supervision:read", _("lire la supervision")
    READ_STOCK = "stock:read", _("lire le stock")


class ApiToken(models.Model):
    """A bearer token of a staff device; only its SHA-256 is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=60)
    scopes = ArrayField(
        models.CharField(max_length=20, choices=Scope),
        default=list,
        db_default=["orders:read", "orders:move"],
        help_text="Nothing is allowed that is not named here.",
    )
    store = models.ForeignKey(
        Store,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Where alone it opens anything.",
    )
    issued_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.label


class SharedScreen(models.Model):
    """A screen of a store that its people share and change hands on by PIN; its browser holds a secret of its own."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="screens")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of what the browser's cookie holds.")
    label = models.CharField(_("nom de l’écran"), max_length=60)
    opened_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    person = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", help_text="Who has it in hand, by their PIN."
    )
    active_at = models.DateTimeField(null=True, help_text="When it was last touched.")

    def __str__(self) -> str:
        return self.label


class Attempt(models.Model):
    """How often something was tried in a window of time: what rate limits count, for all processes alike.

    The table is unlogged: a crash forgets it, and a count costs no wait for the disk. `key` is a digest: the
    table names neither addresses nor people.
    """

    key = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField()
    until = models.DateTimeField(help_text="When the window ends, and the count with it.")

    class Meta:
        indexes = [models.Index(fields=["until"])]

    def __str__(self) -> str:
        return f"{self.count} until {self.until}"


class AuditEntry(models.Model):
    """Something that a member of the staff did, or that was done to an account. Never changed: a trigger refuses it.

    It names people by their key, which stays when the law takes the name.
    """

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", help_text="None: the system."
    )
    roles = ArrayField(
        models.CharField(max_length=10), default=list, help_text="Those that the actor held there, then."
    )
    store = models.ForeignKey(Store, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=40)
    subject = models.CharField(max_length=60, blank=True, help_text="What it was done to: `user:12`, `order:P-4F7K2`.")
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["store", "-id"]),
            models.Index(fields=["at"]),
            # What was done to one thing, whatever its name goes on with.
            models.Index(fields=["subject"], name="audit_subject", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
