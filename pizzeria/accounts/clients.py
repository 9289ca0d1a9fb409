"""Accounts of clients: whose an address is, and what proves it (UC 2.1, A1)."""

from datetime import date

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from pizzeria.accounts.models import StaffRole, User
from pizzeria.errors import BusinessError


class AccountExists(BusinessError):
    code = "account_exists"


def accounts_at(*, email: str) -> QuerySet[User]:
    """The accounts whose address this is, confirmed or not.

    One that somebody has asked to change to, and has not confirmed, is not theirs: whoever it belongs to must be able
    to make their own account.
    """
    theirs = EmailAddress.objects.filter(Q(verified=True) | Q(primary=True), email=email).values("user")
    # Each half by an index of its own: joined by OR, both would be looked for in every account.
    named = User.objects.filter(email__iexact=email).values("pk")
    return User.objects.filter(pk__in=theirs.union(named), anonymised_at=None)


def reachable_at(*, email: str) -> QuerySet[User]:
    """The accounts that a mail to this address may open.

    It must be confirmed, or the only one that a client's account has ever had. What a manager typed for a member of the
    staff may be somebody else's: until it is confirmed, their password is reissued by hand.
    """
    confirmed = EmailAddress.objects.filter(user=OuterRef("user"), verified=True)
    of_staff = StaffRole.objects.filter(user=OuterRef("user"))
    first = Q(primary=True) & ~Exists(confirmed) & ~Exists(of_staff)
    theirs = EmailAddress.objects.filter(Q(verified=True) | first, email=email)
    return User.objects.filter(pk__in=theirs.values("user"), is_active=True)


def require_free(*, email: str) -> None:
    """Raise AccountExists for an address that is an account's.

    Inside of a transaction nobody else takes the address before its end: of two who sign up with it at once, one is told.
    """
    _hold(email)
    if accounts_at(email=email).exists():
        raise AccountExists(_("Un compte existe déjà"))


def _hold(email: str) -> None:
    """No row stands for an address that nobody has yet: what is locked is its name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('accounts.email'), hashtext(%s))", [email])


@transaction.atomic
def prove_mailbox(*, user: User) -> None:
    """Whoever has followed a link that was sent to the account's only address holds it: it is confirmed.

    They may have found an account that somebody else had opened in their name: no other way into it stays.
    """
    addresses = EmailAddress.objects.select_for_update().filter(user=user)
    if any(address.verified for address in addresses):
        return
    first = next((address for address in addresses if address.primary), None)
    if first and first.can_set_verified():
        SocialAccount.objects.filter(user=user).delete()
        first.set_verified()


def is_confirmed(*, user: User, email: str) -> bool:
    """Whether this account has proved that the address is theirs."""
    return EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists()


def confirmed_addresses(*, user: User) -> list[str]:
    return list(EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True))


def change_details(*, user: User, first_name: str, last_name: str, phone: str, birthday: date | None) -> None:
    """What somebody says of themselves, checked by `forms.DetailsForm`."""
    User.objects.filter(pk=user.pk).update(first_name=first_name, last_name=last_name, phone=phone, birthday=birthday)
