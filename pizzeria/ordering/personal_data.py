"""Every column that may tell who somebody is: what for, by what right, for how long, and what becomes of it then.

The one list. The privacy page prints it, a client's export reads by it, deletion is measured by it, and a test fails on
a column that can hold words, a person or an address and stands neither here nor in `impersonal`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db.models import Field, Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

Words = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Columns of one table.

    `whose` leads from a row to the client whose it is, as a query does; empty where it is nobody's account. `whose_work`
    leads to who of the staff it is about: theirs to take away, not deleted with their account. `columns`
    are what an export shows; `secret` is what would open something, so that none does; `staff` points to who had to do
    with it. `stays` is what outlives a deleted account, because the law wants it kept.
    """

    model: str
    whose: str = ""
    whose_work: str = ""
    columns: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()

    @property
    def table(self) -> type[Model]:
        return apps.get_model(self.model)

    @property
    def fields(self) -> list["Field[object, object]"]:
        """What an export shows, in this order."""
        return [self.table._meta.get_field(name) for name in self.columns]  # type: ignore[misc]  # noqa: SLF001


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How long something is kept: a setting, and what it counts. Without one, for as long as the account is there."""

    setting: str = ""
    unit: str = ""

    def __str__(self) -> str:
        if not self.setting:
            return str(_("tant que le compte existe"))
        count: int = getattr(settings, self.setting)
        if self.unit == "seconds":
            count //= 24 * 3600
        return _counted(self.unit, count)


def _counted(unit: str, count: int) -> str:
    if unit == "years":
        return ngettext("%(count)s an", "%(count)s ans", count) % {"count": count}
    if unit == "months":
        return ngettext("%(count)s mois", "%(count)s mois", count) % {"count": count}
    return ngettext("%(count)s jour", "%(count)s jours", count) % {"count": count}


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """Why we hold something: in the words of the privacy page."""

    code: str
    title: Words
    what: Words
    why: Words
    basis: Words
    term: Term
    then: Words
    held: tuple[Held, ...]


CONTRACT = _("l’exécution de votre commande ou de votre compte (RGPD, article 6.1.b)")
LAW = _("une obligation légale (RGPD, article 6.1.c)")
INTEREST = _("notre intérêt légitime (RGPD, article 6.1.f)")

ACCOUNT_TERM = Term(setting="CLIENT_RETENTION_YEARS", unit="years")
ANONYMOUS = _("anonymes après ce temps sans connexion ni commande, ou dès que vous supprimez votre compte")

ORDER_COLUMNS = (
    "number", "placed_at", "source", "status", "fulfilment", "payment_method", "payment_status", "change_for", "discount", "subtotal", "delivery_fee", "total",
    "first_name", "last_name", "phone", "email", "street", "complement", "postal_code", "town", "comment", "language",
    "wanted_at", "first_promised_at", "promised_at", "ready_at", "delivered_at",
)  # fmt: skip
WHO_ORDERED = ("first_name", "last_name", "street", "complement", "postal_code", "town")

PURPOSES: tuple[Purpose, ...] = (
    Purpose(
        code="account",
        title=_("Votre compte"),
        what=_("Nom, prénom, adresse électronique, téléphone, anniversaire s’il est donné, mot de passe (son empreinte seulement), dernière connexion."),
        why=_("Vous reconnaître, remplir vos commandes à votre place, vous écrire au sujet de votre compte."),
        basis=CONTRACT,
        term=ACCOUNT_TERM,
        then=ANONYMOUS,
        held=(
            Held(
                model="accounts.User",
                whose="pk",
                columns=("identifier", "email", "first_name", "last_name", "phone", "birthday", "created_at", "last_login"),
                secret=("password",),
            ),
            Held(model="account.EmailAddress", whose="user", columns=("email", "verified", "primary")),
            Held(model="account.EmailConfirmation", secret=("key",)),
        ),
    ),
    Purpose(
        code="addresses",
        title=_("Vos adresses"),
        what=_("Les adresses de livraison et de facturation que vous gardez."),
        why=_("Vous livrer sans que vous les tapiez à nouveau."),
        basis=CONTRACT,
        term=ACCOUNT_TERM,
        then=_("supprimées avec le compte, ou quand vous les retirez"),
        held=(
            Held(
                model="accounts.Address",
                whose="user",
                columns=("street", "complement", "postal_code", "town", "kind", "is_usual"),
            ),
        ),
    ),
    Purpose(
        code="sign_in",
        title=_("Vos façons de vous connecter"),
        what=_("Les comptes Google ou Facebook que vous liez, avec ce qu’ils disent de vous ; vos clés d’accès et votre application de codes."),
        why=_("Vous laisser entrer, et personne d’autre."),
        basis=CONTRACT,
        term=ACCOUNT_TERM,
        then=_("supprimées avec le compte, ou quand vous les retirez"),
        held=(
            Held(
                model="socialaccount.SocialAccount",
                whose="user",
                columns=("provider", "uid", "extra_data", "date_joined", "last_login"),
            ),
            Held(model="socialaccount.SocialToken", secret=("token", "token_secret")),
            Held(model="mfa.Authenticator", whose="user", columns=("type", "created_at", "last_used_at"), secret=("data",)),
        ),
    ),
    Purpose(
        code="devices",
        title=_("Vos appareils connectés"),
        what=_("L’adresse du réseau et le navigateur de chaque appareil où vous êtes connecté."),
        why=_("Vous montrer qui est connecté à votre compte, pour que vous puissiez le déconnecter."),
        basis=INTEREST,
        term=Term(setting="SESSION_COOKIE_AGE", unit="seconds"),
        then=_("supprimés quand la session finit"),
        held=(
            Held(
                model="usersessions.UserSession",
                whose="user",
                columns=("ip", "user_agent", "created_at", "last_seen_at"),
                secret=("session_key", "data"),
            ),
            Held(model="sessions.Session", secret=("session_key", "session_data")),
        ),
    ),
    Purpose(
        code="orders",
        title=_("Vos commandes"),
        what=_("Ce qui a été commandé, quand, pour qui et à quelle adresse, les commentaires, les étapes, les paiements et les remboursements. Jamais un numéro de carte."),
        why=_("Préparer, livrer et encaisser la commande ; tenir les comptes, dont elle est une pièce."),
        basis=LAW,
        term=Term(setting="ORDER_RETENTION_YEARS", unit="years"),
        then=_("anonymes : le montant reste, la personne est retirée. Les pièces comptables sont gardées jusqu’à la fin de ce délai, même sans compte (Code de commerce, article L123-22)"),
        held=(
            Held(
                model="ordering.Order",
                whose="customer",
                columns=ORDER_COLUMNS,
                secret=("token",),
                staff=("customer", "taken_by", "pizzaiolo", "driver"),
                stays=WHO_ORDERED,
            ),
            Held(model="ordering.OrderLine", whose="order__customer", columns=("label", "quantity", "amount", "discount", "comment")),
            Held(model="promotions.Use", whose="customer", columns=("offer", "at"), secret=("reference",)),
            Held(model="ordering.LineChange", whose="line__order__customer", columns=("kind", "ingredient", "price")),
            Held(
                model="ordering.OrderEvent",
                whose="order__customer",
                columns=("to_status", "at", "reason"),
                staff=("acting_user",),
                stays=("reason",),
            ),
            Held(
                model="ordering.OrderChange",
                whose="order__customer",
                columns=("at", "before", "after", "difference"),
                staff=("acting_user",),
                stays=("before", "after"),
            ),
            Held(model="ordering.PromiseChange", whose="order__customer", columns=("at", "before", "after", "reason"), staff=("acting_user",)),
            Held(model="ordering.RecapDelivery", whose="order__customer", columns=("medium", "at")),
            Held(
                model="ordering.Review",
                whose="order__customer",
                columns=("stars", "words", "at", "reply", "replied_at"),
                staff=("replied_by",),
            ),
            Held(
                model="payments.Payment",
                whose="order__customer",
                columns=("amount", "method", "status", "received_at", "reference"),
                staff=("received_by",),
                stays=("reference",),
            ),
            Held(
                model="payments.Refund",
                whose="payment__order__customer",
                columns=("amount", "reason", "words", "status", "asked_at", "done_at", "reference"),
                staff=("asked_by", "done_by"),
                stays=("words", "reference"),
            ),
            Held(
                model="payments.Discrepancy",
                whose="payment__order__customer",
                columns=("day", "kind", "explanation", "reference"),
                staff=("explained_by",),
                stays=("explanation", "reference"),
            ),
        ),
    ),
    Purpose(
        code="cards",
        title=_("Vos cartes chez Stripe"),
        what=_("Le nom que Stripe donne à votre compte. Les cartes que vous gardez sont chez Stripe, jamais ici."),
        why=_("Vous proposer vos cartes au moment de payer."),
        basis=CONTRACT,
        term=ACCOUNT_TERM,
        then=_("Stripe les efface à notre demande quand le compte est supprimé"),
        held=(Held(model="payments.ProviderCustomer", whose="user", columns=("reference",)),),
    ),
    Purpose(
        code="carts",
        title=_("Votre panier"),
        what=_("Ce que vous êtes en train de choisir, ou ce qu’un caissier note pour vous pendant que vous parlez, avec vos commentaires."),
        why=_("Le retrouver d’une page à l’autre."),
        basis=CONTRACT,
        term=Term(setting="CART_RETENTION_DAYS", unit="days"),
        then=_("supprimé"),
        held=(
            Held(model="ordering.Cart", columns=("comment",), secret=("token",)),
            Held(model="ordering.CartLine", columns=("comment",)),
            Held(model="ordering.Draft", columns=("values", "lines"), staff=("cashier",)),
            Held(model="ordering.IdempotencyKey", secret=("key",)),
        ),
    ),
    Purpose(
        code="jobs",
        title=_("Les messages que nous vous envoyons"),
        what=_("À qui un message part, et ce qu’il dit."),
        why=_("L’envoyer, et l’envoyer à nouveau s’il n’est pas parti."),
        basis=CONTRACT,
        term=Term(setting="JOB_RETENTION_DAYS", unit="days"),
        then=_("supprimés"),
        held=(
            Held(model="accounts.Mail", whose="user", columns=("to", "created_at", "details")),
            Held(model="procrastinate.ProcrastinateJob", columns=("args", "lock", "queueing_lock")),
        ),
    ),
    Purpose(
        code="notices",
        title=_("Ce qui vous est dit de vos commandes"),
        what=_("Ce que vous voulez savoir, et comment ; les navigateurs que vous faites prévenir ; l’empreinte d’une adresse qui ne veut plus de messages."),
        why=_("Vous dire où en est votre commande, et vous laisser en paix quand vous le demandez."),
        basis=CONTRACT,
        term=ACCOUNT_TERM,
        then=_("supprimés avec le compte, ou un mois après la commande pour laquelle vous les aviez demandés ; la demande de silence reste"),
        held=(
            Held(model="notifications.Choice", whose="customer", columns=("wanted",)),
            Held(
                model="notifications.Subscription",
                whose="customer",
                columns=("made_at",),
                secret=("endpoint", "p256dh", "auth"),
            ),
            Held(model="notifications.Stop", secret=("digest",)),
        ),
    ),
    Purpose(
        code="told",
        title=_("Ce qui vous a été dit"),
        what=_("Ce que nous vous avons dit de chaque commande, par quel moyen, quand, et si c’est bien parti. Ni le texte, ni l’adresse."),
        why=_("Vous répondre quand un message n’est pas arrivé, et ne pas vous dire deux fois la même chose."),
        basis=CONTRACT,
        term=Term(setting="NOTICE_RETENTION_DAYS", unit="days"),
        then=_("supprimé"),
        held=(
            Held(
                model="notifications.Notice",
                whose="order__customer",
                columns=("kind", "channel", "status", "made_at", "ended_at", "answered"),
                stays=("answered",),
            ),
        ),
    ),
    Purpose(
        code="attempts",
        title=_("Les essais répétés"),
        what=_("Combien de fois une adresse du réseau ou un compte a essayé quelque chose, sous une empreinte qui ne se lit pas."),
        why=_("Arrêter qui essaie des mots de passe ou des numéros au hasard."),
        basis=INTEREST,
        term=Term(setting="ATTEMPT_RETENTION_DAYS", unit="days"),
        then=_("supprimés"),
        held=(Held(model="accounts.Attempt", secret=("key",)),),
    ),
    Purpose(
        code="logs",
        title=_("Le journal du serveur"),
        what=_("L’adresse du réseau, le navigateur et la page demandée, sans ce qui ouvre une commande ou un compte."),
        why=_("Trouver d’où vient une panne ou une attaque."),
        basis=INTEREST,
        term=Term(setting="ACCESS_LOG_DAYS", unit="days"),
        then=_("supprimé"),
        # Files of nginx, no table.
        held=(),
    ),
    Purpose(
        code="staff",
        title=_("L’équipe"),
        what=_("Pour les membres de l’équipe : leur compte, leurs rôles, leurs appareils, ce qu’ils ont fait sur une commande, le stock ou la caisse."),
        why=_("Donner à chacun ce qui est de son travail, et savoir qui a fait quoi."),
        basis=INTEREST,
        term=ACCOUNT_TERM,
        then=_("le compte de qui est parti devient anonyme après ce temps : l’historique ne nomme alors plus personne"),
        held=(
            Held(model="accounts.User", secret=("pin",)),
            Held(model="accounts.StaffRole", whose_work="user", columns=("role", "store"), staff=("user",)),
            Held(model="accounts.User_groups", staff=("user",)),
            Held(model="accounts.User_user_permissions", staff=("user",)),
            Held(model="accounts.ApiToken", columns=("label",), secret=("digest",), staff=("user", "issued_by")),
            Held(model="accounts.SharedScreen", columns=("label",), secret=("digest",), staff=("opened_by", "person")),
            Held(model="payments.CashRound", columns=("explanation",), staff=("driver", "received_by")),
            # Its reference is the token of the order that took it.
            Held(model="stock.Movement", secret=("reference",), staff=("acting_user",)),
            Held(model="stock.StockItem", staff=("off_sale_by",)),
            Held(model="catalogue.RecipeChange", staff=("acting_user",)),
            Held(model="stock.Proposal", staff=("received_by",)),
            Held(model="catalogue.PlannedPrice", staff=("planned_by",)),
            Held(model="stores.Rush", staff=("set_by",)),
            Held(model="promotions.Offer", staff=("written_by",)),
            Held(model="webhooks.Endpoint", secret=("salt",), staff=("created_by",)),
        ),
    ),
    Purpose(
        code="audit",
        title=_("Le journal d’activité de l’équipe"),
        what=_("Qui de l’équipe a fait quoi, quand, où et dans quel rôle, par son numéro ; les connexions de l’équipe et celles qui ont échoué. Rien sur les connexions des clients."),
        why=_("Trouver qui a fait quoi quand quelque chose s’est mal passé."),
        basis=INTEREST,
        term=Term(setting="AUDIT_RETENTION_MONTHS", unit="months"),
        then=_("supprimé"),
        held=(
            Held(
                model="accounts.AuditEntry",
                whose_work="actor",
                columns=("at", "action", "subject", "details"),
                staff=("actor",),
            ),
        ),
    ),
)  # fmt: skip

OTHER_LABELS: dict[str, Words] = {
    "created_at": _("créé le"),
    "last_login": _("dernière connexion"),
    "verified": _("confirmée"),
    "primary": _("principale"),
    "email": _("adresse électronique"),
    "kind": _("nature"),
    "provider": _("chez"),
    "uid": _("numéro chez eux"),
    "extra_data": _("ce qu’ils ont dit"),
    "date_joined": _("lié le"),
    "type": _("nature"),
    "last_used_at": _("dernier usage"),
    "ip": _("adresse du réseau"),
    "user_agent": _("navigateur"),
    "last_seen_at": _("vu le"),
    "payment_status": _("état du paiement"),
    "language": _("langue"),
    "delivered_at": _("remise le"),
    "label": _("article"),
    "to_status": _("étape"),
    "at": _("quand"),
    "method": _("moyen de paiement"),
    "status": _("statut"),
    "amount": _("montant"),
    "received_at": _("reçu le"),
    "reference": _("référence chez Stripe"),
    "asked_at": _("demandé le"),
    "done_at": _("rendu le"),
    "day": _("jour"),
    "total": pgettext_lazy("montant", "total"),
    "reason": _("motif"),
    "identifier": _("identifiant"),
    "to": pgettext_lazy("message", "à"),
    "details": _("précisions"),
    "is_usual": _("Habituelle"),
    "subtotal": _("Sous-total"),
    "delivery_fee": _("livraison"),
    "discount": _("remise"),
    "offer": _("offre"),
    "ingredient": _("ingrédient"),
    "price": _("prix"),
    "role": _("rôle"),
    "store": _("point de vente"),
    "action": _("Action"),
    "subject": _("Objet"),
    "wanted": _("ce qui est voulu"),
    "made_at": _("depuis le"),
    "change_for": _("Monnaie prévue sur"),
    "first_promised_at": _("promise d’abord pour"),
    "ready_at": _("prête le"),
    "before": _("avant"),
    "after": _("après"),
    "difference": _("différence"),
    "replied_at": _("répondu le"),
    "ended_at": _("fini le"),
    "medium": _("support"),
    "channel": _("moyen"),
    "answered": _("réponse du service"),
}
"""Of columns whose own label is missing, or is the library's."""


def held_of_clients() -> Iterator[tuple[Purpose, Held]]:
    """What leads to a client's account, with what it is held for."""
    for purpose in PURPOSES:
        for held in purpose.held:
            if held.whose:
                yield purpose, held


def held_of_staff() -> Iterator[tuple[Purpose, Held]]:
    """What leads to a member of the staff beside that."""
    for purpose in PURPOSES:
        for held in purpose.held:
            if held.whose_work:
                yield purpose, held


def label_of(field: "Field[object, object]") -> str:
    return str(OTHER_LABELS.get(field.name) or field.verbose_name)
