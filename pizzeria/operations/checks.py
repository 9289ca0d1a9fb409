"""`./manage.py check`: CRONJOBS is right, before a timer fails at six in the morning; and so are the keys of others."""

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's name for it
from django.utils.translation import gettext as _

from pizzeria.accounts.elsewhere import KEYS, NAMES
from pizzeria.operations.cronjobs import problems

STRIPE_KEYS = ("STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRET")
SECRET_KIND = re.compile(r"\A[sr]k_(test|live)_")
PUBLIC_KIND = re.compile(r"\Apk_(test|live)_")


@register("cronjobs")
def check_cronjobs(**_options: Any) -> list[CheckMessage]:
    return [Error(problem, id="operations.E001") for problem in problems()]


@register("payments")
def check_payments(**_options: Any) -> list[CheckMessage]:
    """All three keys, or none, of one mode of the account; that a server has none is said by the command itself."""
    missing = missing_stripe_keys()
    if missing and len(missing) < len(STRIPE_KEYS):
        told = _("Le paiement en ligne ne se propose pas : il manque %(keys)s.") % {"keys": ", ".join(missing)}
        return [Warning(told, id="operations.W001")]
    if missing:
        return []
    secret, public = SECRET_KIND.match(settings.STRIPE_SECRET_KEY), PUBLIC_KIND.match(settings.STRIPE_PUBLISHABLE_KEY)
    if not secret or not public:
        # The publishable one is on the page: it must not be the other.
        return [
            Error("STRIPE_SECRET_KEY commence par sk_ ou rk_, STRIPE_PUBLISHABLE_KEY par pk_.", id="operations.E002")
        ]
    if secret[1] != public[1]:
        told = _("STRIPE_SECRET_KEY et STRIPE_PUBLISHABLE_KEY ne vont pas ensemble : l’une est d’essai, l’autre non.")
        return [Warning(told, id="operations.W002")]
    if settings.ON_SERVER and secret[1] == "test":
        told = _("Les clés de Stripe sont celles des essais : les commandes payées en ligne ne rapportent rien.")
        return [Warning(told, id="operations.W003")]
    return []


@register("sign_in")
def check_sign_in(**_options: Any) -> list[CheckMessage]:
    """Both keys of a provider, or none."""
    found: list[CheckMessage] = []
    for provider, names in KEYS.items():
        missing = [name for name in names if not getattr(settings, name)]
        if len(missing) == 1:
            told = _("%(name)s ne se propose pas à la connexion : il manque %(key)s.")
            found.append(Warning(told % {"name": NAMES[provider], "key": missing[0]}, id="operations.W004"))
    return found


@register("sign_in", deploy=True)
def check_sign_in_addresses(**_options: Any) -> list[CheckMessage]:
    """A server signs people in by Google and Facebook themselves: whoever stands at another address could be anybody."""
    return [
        Error(
            f"{name} est l’adresse d’un double : elle ne sert qu’aux tests, pas sur un serveur.", id="operations.E003"
        )
        for name in ("GOOGLE_API", "FACEBOOK_API")
        if getattr(settings, name)
    ]


def missing_stripe_keys() -> list[str]:
    return [name for name in STRIPE_KEYS if not getattr(settings, name)]
