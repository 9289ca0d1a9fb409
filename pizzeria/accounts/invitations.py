"""An account that the counter has made: the link by which its owner opens it (UC 2.1)."""

from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import transaction
from django.utils.crypto import salted_hmac

from pizzeria.accounts import audit
from pizzeria.accounts.clients import prove_mailbox, require_free
from pizzeria.accounts.mails import write
from pizzeria.accounts.models import Address, User, new_client_identifier
from pizzeria.stores.models import Store

SALT = "pizzeria.accounts.invitation"
LIFE = timedelta(days=7)


@transaction.atomic
def invite_client(
    *, email: str, details: dict[str, Any], address: Address | None, store: Store, actor: User, site: str
) -> User:
    """Make a client's account for them, and write to them how to open it. Raises AccountExists.

    `details` are the fields of a `forms.DetailsForm`; `address`, which is not saved yet, becomes their usual one.
    """
    require_free(email=email)
    user = User.objects.create_user(new_client_identifier(), None, email=email, **details)
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
    if address:
        address.user, address.is_usual = user, True
        address.save()
    audit.record(actor=actor, action="client.invited", store=store, subject=f"user:{user.pk}")
    write(kind="account/email/invitation", to=email, user=user, site=site, details={"store": store.name})
    return user


def invitation_of(*, user: User) -> str:
    """The key of a link that opens this account once: it is worth nothing when a password was chosen, or seven days passed."""
    return signing.dumps([user.pk, _state(user)], salt=SALT)


def invited(*, key: str) -> User | None:
    """Whom this key was made for; None for one that is used, too old or not ours."""
    try:
        pk, state = signing.loads(key, salt=SALT, max_age=LIFE)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    return user if user and state == _state(user) else None


@transaction.atomic
def accept(*, user: User, password: str) -> bool:
    """Their first password, and the address is theirs; False when somebody was faster with the same link."""
    current = User.objects.select_for_update().get(pk=user.pk)
    if _state(current) != _state(user):
        return False
    user.set_password(password)
    user.save(update_fields=["password"])
    prove_mailbox(user=user)
    return True


def _state(user: User) -> str:
    """Another one as soon as the account has been opened, or its address is another."""
    return salted_hmac(SALT, f"{user.pk} {user.password} {user.last_login} {user.email}").hexdigest()[:20]
