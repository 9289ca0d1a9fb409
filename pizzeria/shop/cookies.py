"""Every cookie that this site sets: only such as what was asked for needs, which is why nobody is asked (CNIL).

The privacy page prints this list; a test walks the site and fails on a cookie that is not in it.
"""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pizzeria.accounts import known_browsers, screens
from pizzeria.shop import carts, remembered
from pizzeria.shop.views.frame import YEAR_SECONDS

DAY_SECONDS = 24 * 3600
STRIPE_SECONDS = 365 * DAY_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """`seconds` is None for one that goes when the browser is closed."""

    name: str
    why: str | Promise
    seconds: int | None

    @property
    def life(self) -> str:
        if self.seconds is None:
            return _("jusqu’à la fermeture du navigateur")
        if self.seconds < DAY_SECONDS:
            return ngettext("%(count)s minute", "%(count)s minutes", self.seconds // 60) % {"count": self.seconds // 60}
        days = self.seconds // DAY_SECONDS
        return ngettext("%(count)s jour", "%(count)s jours", days) % {"count": days}


OURS = (
    Cookie(
        name=carts.COOKIE,
        why=gettext_lazy("retrouve votre panier d’une page à l’autre"),
        seconds=carts.LIFE_SECONDS,
    ),
    Cookie(
        name=carts.CHANGE_COOKIE,
        why=gettext_lazy("retient la commande que vous êtes en train de modifier"),
        seconds=carts.CHANGE_SECONDS,
    ),
    Cookie(
        name=remembered.COOKIE,
        why=gettext_lazy(
            "remplit votre prochaine commande comme la dernière, et la retrouve ; il n’est lu que par nous, et reste chez vous"
        ),
        seconds=remembered.LIFE_SECONDS,
    ),
    Cookie(
        name=settings.LANGUAGE_COOKIE_NAME,
        why=gettext_lazy("garde la langue que vous avez choisie"),
        seconds=YEAR_SECONDS,
    ),
    Cookie(
        name=settings.SESSION_COOKIE_NAME,
        why=gettext_lazy("vous garde connecté à votre compte"),
        seconds=settings.SESSION_COOKIE_AGE,
    ),
    Cookie(
        name=settings.CSRF_COOKIE_NAME,
        why=gettext_lazy("empêche un autre site d’envoyer un formulaire à votre place"),
        seconds=settings.CSRF_COOKIE_AGE,
    ),
    Cookie(
        name=settings.KNOWN_BROWSER_COOKIE_NAME,
        why=gettext_lazy(
            "reconnaît ce navigateur : si quelqu’un d’autre essaie des mots de passe, le vôtre entre toujours"
        ),
        seconds=int(known_browsers.LIFE.total_seconds()),
    ),
    Cookie(name="messages", why=gettext_lazy("porte un message d’une page à la suivante"), seconds=None),
    Cookie(
        name=settings.SCREEN_COOKIE_NAME,
        why=gettext_lazy("pour l’équipe : reconnaît l’écran partagé d’un point de vente"),
        seconds=int(screens.LIFE.total_seconds()),
    ),
)
OF_STRIPE = (
    Cookie(
        name="__stripe_mid",
        why=gettext_lazy("de Stripe, à la page de paiement en ligne : protège votre carte contre la fraude"),
        seconds=STRIPE_SECONDS,
    ),
    Cookie(
        name="__stripe_sid",
        why=gettext_lazy("de Stripe, à la page de paiement en ligne : protège votre carte contre la fraude"),
        seconds=30 * 60,
    ),
)
"""Set by the script of the payment provider, which a client's card is typed into."""

COOKIES = OURS + OF_STRIPE
