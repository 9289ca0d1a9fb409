"""What an entry of the audit log says, as a sentence whose subject is who did it."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pizzeria.accounts.models import AuditEntry

SENTENCES: dict[str, str | Promise] = {
    # Orders and the kitchen.
    "backoffice:advance": gettext_lazy("a fait avancer la commande %(of)s"),
    "api:advance_order": gettext_lazy("a fait avancer la commande %(of)s, par un appareil"),
    "backoffice:delay": gettext_lazy("a annoncé un retard de la commande %(of)s"),
    "backoffice:cancel": gettext_lazy("a annulé la commande %(of)s"),
    "backoffice:change": gettext_lazy("a modifié la commande %(of)s"),
    "backoffice:take": gettext_lazy("a encaissé la commande %(of)s"),
    "backoffice:gesture": gettext_lazy("a fait un geste sur la commande %(of)s"),
    "backoffice:answer_review": gettext_lazy("a répondu à l’avis n° %(of)s"),
    "backoffice:take_caller": gettext_lazy("a cherché un client par son téléphone, sans en trouver"),
    "client.looked_up": gettext_lazy("a trouvé par son téléphone le client n° %(of)s"),
    "backoffice:take_place": gettext_lazy("a enregistré une commande"),
    # Money.
    "backoffice:hand_back": gettext_lazy("a rendu le remboursement n° %(of)s"),
    "backoffice:call_off_refund": gettext_lazy("a annulé le remboursement n° %(of)s"),
    "backoffice:retry_refund": gettext_lazy("a relancé le remboursement n° %(of)s"),
    "backoffice:settle_refund": gettext_lazy("a réglé autrement le remboursement n° %(of)s"),
    "backoffice:explain": gettext_lazy("a expliqué l’écart n° %(of)s"),
    "backoffice:rounds": gettext_lazy("a donné un fond de caisse"),
    "backoffice:close_round": gettext_lazy("a clôturé le fond de caisse n° %(of)s"),
    "backoffice:receipt": gettext_lazy("a demandé le reçu de la commande %(of)s"),
    # The service.
    "backoffice:rush": gettext_lazy("a lancé un coup de feu"),
    "backoffice:calm": gettext_lazy("a arrêté le coup de feu"),
    "backoffice:move_promises": gettext_lazy("a décalé des commandes promises"),
    "backoffice:oven_lost": gettext_lazy("a noté une panne de four"),
    "backoffice:oven_mended": gettext_lazy("a noté le four réparé"),
    "backoffice:hours": gettext_lazy("a modifié les horaires"),
    "backoffice:capacity": gettext_lazy("a modifié la capacité du four"),
    "backoffice:zones": gettext_lazy("a modifié une zone de livraison"),
    "backoffice:identity": gettext_lazy("a modifié les mentions légales"),
    # Prices and stock.
    "backoffice:prices": gettext_lazy("a prévu un prix"),
    "backoffice:cancel_price": gettext_lazy("a annulé le prix prévu n° %(of)s"),
    "backoffice:add_offer": gettext_lazy("a ajouté une offre"),
    "backoffice:offer": gettext_lazy("a modifié l’offre n° %(of)s"),
    "backoffice:end_offer": gettext_lazy("a terminé l’offre n° %(of)s"),
    "backoffice:receive_stock": gettext_lazy("a reçu le réassort du %(of)s"),
    "backoffice:change_stock": gettext_lazy("a modifié le stock (ligne n° %(of)s)"),
    "backoffice:delivery": gettext_lazy("a écrit une livraison reçue"),
    "backoffice:inventory": gettext_lazy("a écrit un inventaire"),
    "backoffice:off_sale": gettext_lazy("a mis un ingrédient hors vente (ligne de stock n° %(of)s)"),
    "backoffice:on_sale": gettext_lazy("a remis un ingrédient en vente (ligne de stock n° %(of)s)"),
    # Recipes and ingredients, of the group.
    "backoffice:change_recipe": gettext_lazy("a essayé ou modifié la recette du produit n° %(of)s"),
    "backoffice:add_ingredient": gettext_lazy("a ajouté un ingrédient"),
    "backoffice:ingredient": gettext_lazy("a modifié l’ingrédient n° %(of)s"),
    # People.
    "staff.added": gettext_lazy("a ajouté %(of)s à l’équipe"),
    "staff.joined": gettext_lazy("a fait entrer %(of)s dans l’équipe"),
    "staff.changed": gettext_lazy("a modifié le compte de %(of)s"),
    "staff.suspended": gettext_lazy("a suspendu %(of)s"),
    "staff.brought_back": gettext_lazy("a fait revenir %(of)s"),
    "staff.removed": gettext_lazy("a retiré %(of)s de l’équipe"),
    "staff.password_reissued": gettext_lazy("a donné un nouveau mot de passe à %(of)s"),
    "staff.identifier_reissued": gettext_lazy("a donné un nouvel identifiant à %(of)s"),
    "staff.password_chosen": gettext_lazy("a choisi son mot de passe"),
    "staff.pin_chosen": gettext_lazy("a choisi son code pour les écrans partagés"),
    "staff.pin_dropped": gettext_lazy("a retiré son code pour les écrans partagés"),
    "staff.pin_locked": gettext_lazy("trop de codes faux pour %(of)s : son code est bloqué"),
    "backoffice:add_staff": gettext_lazy("a voulu ajouter quelqu’un à l’équipe"),
    "backoffice:join_staff": gettext_lazy("a voulu faire entrer quelqu’un dans l’équipe"),
    "backoffice:person": gettext_lazy("a voulu modifier le compte de %(of)s"),
    "backoffice:suspend": gettext_lazy("a voulu suspendre %(of)s"),
    "backoffice:bring_back": gettext_lazy("a voulu faire revenir %(of)s"),
    "backoffice:remove": gettext_lazy("a voulu retirer %(of)s de l’équipe"),
    "backoffice:new_password": gettext_lazy("a voulu donner un nouveau mot de passe à %(of)s"),
    "backoffice:new_identifier": gettext_lazy("a voulu donner un nouvel identifiant à %(of)s"),
    "backoffice:first_password": gettext_lazy("a voulu choisir son mot de passe"),
    "backoffice:me": gettext_lazy("a voulu choisir son code pour les écrans partagés"),
    "backoffice:no_pin": gettext_lazy("a voulu retirer son code pour les écrans partagés"),
    "backoffice:new_client": gettext_lazy("a voulu créer un compte client"),
    "client.invited": gettext_lazy("a créé un compte client (n° %(of)s)"),
    # Screens, devices, other programs.
    "screen.opened": gettext_lazy("a ouvert l’écran partagé n° %(of)s"),
    "screen.revoked": gettext_lazy("a fermé l’écran partagé n° %(of)s"),
    "screen.taken": gettext_lazy("a pris l’écran partagé n° %(of)s"),
    "backoffice:screens": gettext_lazy("a voulu ouvrir un écran partagé"),
    "backoffice:revoke_screen": gettext_lazy("a voulu fermer l’écran partagé n° %(of)s"),
    "backoffice:screen_enter": gettext_lazy("a voulu prendre l’écran partagé"),
    "backoffice:screen_leave": gettext_lazy("a quitté l’écran partagé"),
    "backoffice:devices": gettext_lazy("a voulu donner un jeton d’appareil"),
    "backoffice:revoke_device": gettext_lazy("a voulu retirer le jeton d’appareil n° %(of)s"),
    "backoffice:webhooks": gettext_lazy("a voulu ajouter un webhook"),
    "backoffice:webhook": gettext_lazy("a modifié le webhook n° %(of)s"),
    "backoffice:rotate_webhook": gettext_lazy("a voulu changer le secret du webhook n° %(of)s"),
    "backoffice:try_webhook": gettext_lazy("a voulu essayer le webhook n° %(of)s"),
    "backoffice:pause_webhook": gettext_lazy("a voulu arrêter le webhook n° %(of)s"),
    "backoffice:resume_webhook": gettext_lazy("a voulu reprendre le webhook n° %(of)s"),
    "backoffice:remove_webhook": gettext_lazy("a voulu retirer le webhook n° %(of)s"),
    "backoffice:resend_webhook": gettext_lazy("a voulu renvoyer un message du webhook n° %(of)s"),
    "token.issued": gettext_lazy("a donné le jeton d’appareil n° %(of)s"),
    "token.revoked": gettext_lazy("a retiré le jeton d’appareil n° %(of)s"),
    "webhook.added": gettext_lazy("a ajouté le webhook n° %(of)s"),
    "webhook.paused": gettext_lazy("a arrêté le webhook n° %(of)s"),
    "webhook.resumed": gettext_lazy("a repris le webhook n° %(of)s"),
    "webhook.rotated": gettext_lazy("a changé le secret du webhook n° %(of)s"),
    "webhook.removed": gettext_lazy("a retiré le webhook n° %(of)s"),
    "webhook.tried": gettext_lazy("a essayé le webhook n° %(of)s"),
    "webhook.sent_again": gettext_lazy("a renvoyé un message du webhook n° %(of)s"),
    # One's own account.
    "sign_in.done": gettext_lazy("a ouvert sa session"),
    "sign_in.ended": gettext_lazy("a fermé sa session"),
    "sign_in.failed": gettext_lazy("mot de passe faux pour %(of)s"),
    "password.changed": gettext_lazy("a changé son mot de passe"),
    "password.reset": gettext_lazy("a choisi un nouveau mot de passe, par le lien reçu"),
    "email.changed": gettext_lazy("a changé d’adresse électronique"),
    "second_factor.added": gettext_lazy("a ajouté un second facteur"),
    "second_factor.removed": gettext_lazy("a retiré un second facteur"),
    "second_factor.reset": gettext_lazy("a refait ses codes de secours"),
    "second_factor.failed": gettext_lazy("second facteur faux"),
    "table.exported": gettext_lazy("a exporté un tableau"),
    "backoffice:export": gettext_lazy("a voulu exporter un tableau"),
    "audit.exported": gettext_lazy("a exporté le journal d’activité"),
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
