"""People: clients, staff and the roles that staff hold at points of sale."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pizzeria.stores.models import Store
from pizzeria.words import one_line


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

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "identifier"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["first_name", "last_name"]

    class Meta:
        verbose_name = _("utilisateur")
        constraints = [models.UniqueConstraint(Lower("identifier"), name="user_identifier_once_in_any_case")]

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
    """An address that a client keeps for the next order."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    street = models.CharField(_("adresse"), max_length=120)
    complement = models.CharField(_("complément"), max_length=120, blank=True)
    postal_code = models.CharField(_("code postal"), max_length=5)
    town = models.CharField(_("commune"), max_length=80)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.street}, {self.postal_code} {self.town}"


class ApiToken(models.Model):
    """A bearer token of a staff device; only its SHA-256 is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.label
