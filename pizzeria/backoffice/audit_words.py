"""What an entry of the audit log says, as a sentence whose subject is who did it."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as later

from pizzeria.accounts.models import AuditEntry

SENTENCES: dict[str, str | Promise] = {
    # Orders and the kitchen.
    "backoffice:advance": later("a fait avancer la commande %(of)s"),
    "api:advance_order": later("a fait avancer la commande %(of)s, par un appareil"),
    "backoffice:cancel": later("a annulé la commande %(of)s"),
    "backoffice:take": later("a encaissé la commande %(of)s"),
    "backoffice:gesture": later("a fait un geste sur la commande %(of)s"),
    # Money.
    "backoffice:hand_back": later("a rendu le remboursement n° %(of)s"),
    "backoffice:call_off_refund": later("a annulé le remboursement n° %(of)s"),
    "backoffice:retry_refund": later("a relancé le remboursement n° %(of)s"),
    "backoffice:settle_refund": later("a réglé autrement le remboursement n° %(of)s"),
    "backoffice:explain": later("a expliqué l’écart n° %(of)s"),
    "backoffice:rounds": later("a donné un fond de caisse"),
    "backoffice:close_round": later("a clôturé le fond de caisse n° %(of)s"),
    "backoffice:receipt": later("a demandé le reçu de la commande %(of)s"),
    # Prices and stock.
    "backoffice:prices": later("a prévu un prix"),
    "backoffice:cancel_price": later("a annulé le prix prévu n° %(of)s"),
    "backoffice:receive_stock": later("a reçu le réassort du %(of)s"),
    # People.
    "staff.added": later("a ajouté %(of)s à l’équipe"),
    "staff.joined": later("a fait entrer %(of)s dans l’équipe"),
    "staff.changed": later("a modifié le compte de %(of)s"),
    "staff.suspended": later("a suspendu %(of)s"),
    "staff.brought_back": later("a fait revenir %(of)s"),
    "staff.removed": later("a retiré %(of)s de l’équipe"),
    "staff.password_reissued": later("a donné un nouveau mot de passe à %(of)s"),
    "staff.second_factor_taken": later("a retiré le second facteur de %(of)s"),
    "staff.identifier_reissued": later("a donné un nouvel identifiant à %(of)s"),
    "staff.password_chosen": later("a choisi son mot de passe"),
    "staff.pin_chosen": later("a choisi son code pour les écrans partagés"),
    "staff.pin_dropped": later("a retiré son code pour les écrans partagés"),
    "staff.pin_locked": later("trop de codes faux pour %(of)s : son code est bloqué"),
    "backoffice:add_staff": later("a voulu ajouter quelqu’un à l’équipe"),
    "backoffice:join_staff": later("a voulu faire entrer quelqu’un dans l’équipe"),
    "backoffice:person": later("a voulu modifier le compte de %(of)s"),
    "backoffice:suspend": later("a voulu suspendre %(of)s"),
    "backoffice:bring_back": later("a voulu faire revenir %(of)s"),
    "backoffice:remove": later("a voulu retirer %(of)s de l’équipe"),
    "backoffice:new_password": later("a voulu donner un nouveau mot de passe à %(of)s"),
    "backoffice:lost_second_factor": later("a voulu retirer le second facteur de %(of)s"),
    "backoffice:new_identifier": later("a voulu donner un nouvel identifiant à %(of)s"),
    "backoffice:first_password": later("a voulu choisir son mot de passe"),
    "backoffice:me": later("a voulu choisir son code pour les écrans partagés"),
    "backoffice:no_pin": later("a voulu retirer son code pour les écrans partagés"),
    "backoffice:new_client": later("a voulu créer un compte client"),
    "client.invited": later("a créé un compte client (n° %(of)s)"),
    # Screens, devices, other programs.
    "screen.opened": later("a ouvert l’écran partagé n° %(of)s"),
    "screen.revoked": later("a fermé l’écran partagé n° %(of)s"),
    "screen.taken": later("a pris l’écran partagé n° %(of)s"),
    "backoffice:screens": later("a voulu ouvrir un écran partagé"),
    "backoffice:revoke_screen": later("a voulu fermer l’écran partagé n° %(of)s"),
    "backoffice:screen_enter": later("a voulu prendre l’écran partagé"),
    "backoffice:screen_leave": later("a quitté l’écran partagé"),
    "backoffice:devices": later("a voulu donner un jeton d’appareil"),
    "backoffice:revoke_device": later("a voulu retirer le jeton d’appareil n° %(of)s"),
    "backoffice:webhooks": later("a voulu ajouter un webhook"),
    "backoffice:webhook": later("a modifié le webhook n° %(of)s"),
    "backoffice:rotate_webhook": later("a voulu changer le secret du webhook n° %(of)s"),
    "backoffice:try_webhook": later("a voulu essayer le webhook n° %(of)s"),
    "backoffice:pause_webhook": later("a voulu arrêter le webhook n° %(of)s"),
    "backoffice:resume_webhook": later("a voulu reprendre le webhook n° %(of)s"),
    "backoffice:remove_webhook": later("a voulu retirer le webhook n° %(of)s"),
    "backoffice:resend_webhook": later("a voulu renvoyer un message du webhook n° %(of)s"),
    "token.issued": later("a donné le jeton d’appareil n° %(of)s"),
    "token.revoked": later("a retiré le jeton d’appareil n° %(of)s"),
    "webhook.added": later("a ajouté le webhook n° %(of)s"),
    "webhook.paused": later("a arrêté le webhook n° %(of)s"),
    "webhook.resumed": later("a repris le webhook n° %(of)s"),
    "webhook.rotated": later("a changé le secret du webhook n° %(of)s"),
    "webhook.removed": later("a retiré le webhook n° %(of)s"),
    "webhook.tried": later("a essayé le webhook n° %(of)s"),
    "webhook.sent_again": later("a renvoyé un message du webhook n° %(of)s"),
    # One's own account.
    "sign_in.done": later("a ouvert sa session"),
    "sign_in.ended": later("a fermé sa session"),
    "sign_in.failed": later("mot de passe faux pour %(of)s"),
    "password.changed": later("a changé son mot de passe"),
    "password.reset": later("a choisi un nouveau mot de passe, par le lien reçu"),
    "email.changed": later("a changé d’adresse électronique"),
    "second_factor.added": later("a ajouté un second facteur"),
    "second_factor.removed": later("a retiré un second facteur"),
    "second_factor.reset": later("a refait ses codes de secours"),
    "second_factor.failed": later("second facteur faux"),
    "audit.exported": later("a exporté le journal d’activité"),
}
"""By the URL name of what was asked for, or the code that a service writes. A test fails on one that is missing.

Where a service writes what was done, the address is written only for what was refused: it was wanted.
"""

OUTCOMES: dict[int, str | Promise] = {
    403: gettext_lazy("refusé : pas de son rôle"),
    404: gettext_lazy("introuvable"),
    429: gettext_lazy("refusé : trop d’essais"),
}
REFUSED, BROKEN = 400, 500


def sentence_of(entry: AuditEntry, *, names: Mapping[str, str]) -> str:
    """What was done; `names` says who `user:12` is. An action without words is told by its code."""
    _kind, _colon, of = entry.subject.partition(":")
    of = names.get(entry.subject) or of.partition(" ")[0] or _("quelqu’un d’inconnu")
    words = SENTENCES.get(entry.action)
    deed = str(words) % {"of": of} if words else entry.action
    token = entry.details.get("token")
    return _("%(deed)s (jeton n° %(token)s)") % {"deed": deed, "token": token} if token else deed


def outcome_of(entry: AuditEntry) -> str:
    """How it ended, where it was refused or failed; empty where it was done."""
    status = int(entry.details.get("status", 200))
    if status >= BROKEN:
        return _("en panne")
    if status < REFUSED:
        return ""
    return str(OUTCOMES.get(status) or _("refusé"))
