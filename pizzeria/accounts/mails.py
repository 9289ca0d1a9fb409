"""Writing to somebody: the mail is due with the deed that it tells of, and a job sends it."""

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language

from pizzeria.accounts.models import Mail, User
from pizzeria.trail import cause


@transaction.atomic
def write(*, kind: str, to: str, site: str, user: User | None = None, details: Mapping[str, str] | None = None) -> None:
    """Have a mail sent once the caller's transaction has committed, in the language of who acts now.

    `kind` names its templates, `<kind>_subject.txt` and `<kind>_message.txt`; a link that is a secret is not among
    `details`: it is made when the mail is sent (`sending.links`). `site` is the address of the site: `https://…`,
    without a slash at its end.
    """
    # Imported here: the job calls what sends.
    from pizzeria.accounts.tasks import send_mail  # noqa: PLC0415

    mail = Mail.objects.create(
        kind=kind,
        to=to,
        user=user,
        site=site,
        language=get_language() or settings.LANGUAGE_CODE,
        details=dict(details or {}),
    )
    # The number alone: what a job is given stands in its line of the log.
    send_mail.defer(mail_id=mail.pk, **cause())
