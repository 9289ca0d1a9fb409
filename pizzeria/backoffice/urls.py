"""The back office, under /equipe/."""

from datetime import date

from django.urls import path, register_converter

from pizzeria.backoffice.views import (
    audit,
    changing,
    clients,
    day,
    deliveries,
    devices,
    exports,
    first_password,
    group,
    handing_over,
    home,
    identity,
    ingredients,
    kitchen,
    me,
    money,
    movements,
    moves,
    offers,
    orders,
    prices,
    promises,
    receipt,
    recipes,
    reviews,
    rounds,
    sales,
    screens,
    service,
    service_plans,
    sign_in,
    staff,
    stock,
    stock_item,
    take_order,
    taking,
    webhooks,
)


class OrderNumber:
    """An order's number in a URL; anything else is no page, and is not asked of the database."""

    regex = "P-[0-9A-Z]{5}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class IsoDate:
    """A day in a URL."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(OrderNumber, "number")
register_converter(IsoDate, "isodate")

app_name = "backoffice"
urlpatterns = [
    path("", home.home, name="home"),
    path("connexion/", sign_in.sign_in, name="login"),
    path("deconnexion/", sign_in.sign_out, name="logout"),
    path("mot-de-passe/", first_password.first_password, name="first_password"),
    path("second-facteur/", first_password.second_factor, name="second_factor"),
    path("moi/", me.me, name="me"),
    path("moi/code/retirer/", me.no_pin, name="no_pin"),
    path("groupe/", group.group, name="group"),
    path("commandes/", orders.all_orders, name="all_orders"),
    path("ventes/", sales.group_sales, name="group_sales"),
    path("<slug:store>/journee/", day.day, name="day"),
    path("<slug:store>/exports/", exports.exports, name="exports"),
    path("<slug:store>/exports/fichier/", exports.export, name="export"),
    path("<slug:store>/cuisine/", kitchen.board, name="board"),
    path("<slug:store>/realisables/", kitchen.makeable, name="makeable"),
    path("<slug:store>/livraisons/", handing_over.driver, name="driver"),
    path("<slug:store>/comptoir/", handing_over.counter, name="counter"),
    path("<slug:store>/comptoir/commande/", take_order.take_order, name="take_order"),
    path("<slug:store>/comptoir/produits/", take_order.take_found, name="take_found"),
    path("<slug:store>/comptoir/commande/<slug:draft>/", take_order.take_draft, name="take_draft"),
    path("<slug:store>/comptoir/commande/<slug:draft>/client/", take_order.take_caller, name="take_caller"),
    path("<slug:store>/comptoir/commande/<slug:draft>/enregistrer/", take_order.take_place, name="take_place"),
    path("<slug:store>/clients/nouveau/", clients.new_client, name="new_client"),
    path("<slug:store>/ventes/", sales.sales, name="sales"),
    path("<slug:store>/encaissements/", money.money, name="money"),
    path("<slug:store>/encaissements/remboursements/<int:refund>/rendu/", money.hand, name="hand_back"),
    path("<slug:store>/encaissements/remboursements/<int:refund>/annuler/", money.call_off, name="call_off_refund"),
    path("<slug:store>/encaissements/remboursements/<int:refund>/relancer/", money.send_again, name="retry_refund"),
    path("<slug:store>/encaissements/remboursements/<int:refund>/autrement/", money.settle, name="settle_refund"),
    path("<slug:store>/encaissements/ecarts/<int:difference>/", money.explain_difference, name="explain"),
    path("<slug:store>/prix/", prices.prices, name="prices"),
    path("<slug:store>/prix/<int:plan>/annuler/", prices.cancel, name="cancel_price"),
    path("<slug:store>/stock/", stock.stock, name="stock"),
    path("<slug:store>/stock/<int:item>/", stock_item.stock_item, name="stock_item"),
    path("<slug:store>/stock/<int:item>/modifier/", stock_item.change, name="change_stock"),
    path("<slug:store>/stock/<int:item>/hors-vente/", stock.off_sale, name="off_sale"),
    path("<slug:store>/stock/<int:item>/en-vente/", stock.on_sale, name="on_sale"),
    path("<slug:store>/stock/livraison/", deliveries.delivery, name="delivery"),
    path("<slug:store>/stock/inventaire/", deliveries.inventory, name="inventory"),
    path("<slug:store>/stock/mouvements/", movements.movements, name="movements"),
    path("<slug:store>/recettes/", recipes.recipes, name="recipes"),
    path("<slug:store>/recettes/<int:product>/", recipes.recipe_sheet, name="recipe_sheet"),
    path("<slug:store>/recettes/<int:product>/modifier/", recipes.change_recipe, name="change_recipe"),
    path("<slug:store>/ingredients/", ingredients.ingredients, name="ingredients"),
    path("<slug:store>/ingredients/ajouter/", ingredients.add, name="add_ingredient"),
    path("<slug:store>/ingredients/<int:pk>/", ingredients.ingredient, name="ingredient"),
    path("<slug:store>/offres/", offers.offers, name="offers"),
    path("<slug:store>/offres/ajouter/<slug:sort>/", offers.add, name="add_offer"),
    path("<slug:store>/offres/<int:pk>/", offers.offer, name="offer"),
    path("<slug:store>/offres/<int:pk>/terminer/", offers.end, name="end_offer"),
    path("<slug:store>/stock/commande/", stock.stock_order, name="stock_order"),
    path("<slug:store>/stock/commande/<isodate:day>/recue/", stock.receive, name="receive_stock"),
    path("<slug:store>/service/four/", service.oven, name="oven"),
    path("<slug:store>/service/four/affluence/", service.rush, name="rush"),
    path("<slug:store>/service/four/affluence/fin/", service.calm, name="calm"),
    path("<slug:store>/service/four/promesses/", service.move_promises, name="move_promises"),
    path("<slug:store>/service/four/panne/", service.oven_lost, name="oven_lost"),
    path("<slug:store>/service/four/repare/", service.oven_mended, name="oven_mended"),
    path("<slug:store>/service/horaires/", service_plans.hours, name="hours"),
    path("<slug:store>/service/capacite/", service_plans.capacity, name="capacity"),
    path("<slug:store>/service/zones/", service_plans.zones, name="zones"),
    path("<slug:store>/service/identite/", identity.identity, name="identity"),
    path("<slug:store>/commandes/", orders.orders, name="orders"),
    path("<slug:store>/commandes/<number:number>/", orders.order, name="order"),
    path("<slug:store>/commandes/<number:number>/retard/", promises.delay, name="delay"),
    path("<slug:store>/commandes/<number:number>/avancer/", moves.advance, name="advance"),
    path("<slug:store>/commandes/<number:number>/annuler/", moves.cancel, name="cancel"),
    path("<slug:store>/commandes/<number:number>/modifier/", changing.change, name="change"),
    path("<slug:store>/commandes/<number:number>/geste/", money.gesture, name="gesture"),
    path("<slug:store>/commandes/<number:number>/encaisser/", taking.take, name="take"),
    path("<slug:store>/commandes/<number:number>/recus/<int:payment>/", receipt.receipt, name="receipt"),
    path("<slug:store>/commandes/<number:number>/recapitulatif.pdf", receipt.recap, name="recap_pdf"),
    path("<slug:store>/commandes/<number:number>/ticket.pdf", receipt.ticket, name="ticket_pdf"),
    path("<slug:store>/avis/", reviews.reviews, name="reviews"),
    path("<slug:store>/avis/<int:pk>/", reviews.answer_review, name="answer_review"),
    path("<slug:store>/fonds/", rounds.rounds, name="rounds"),
    path("<slug:store>/fonds/<int:pk>/", rounds.close, name="close_round"),
    path("<slug:store>/equipe/", staff.staff, name="staff"),
    path("<slug:store>/equipe/ajouter/", staff.add, name="add_staff"),
    path("<slug:store>/equipe/rattacher/", staff.join, name="join_staff"),
    path("<slug:store>/equipe/<int:pk>/", staff.person, name="person"),
    path("<slug:store>/equipe/<int:pk>/suspendre/", staff.suspend, name="suspend"),
    path("<slug:store>/equipe/<int:pk>/reprendre/", staff.bring_back, name="bring_back"),
    path("<slug:store>/equipe/<int:pk>/retirer/", staff.remove, name="remove"),
    path("<slug:store>/equipe/<int:pk>/mot-de-passe/", staff.new_password, name="new_password"),
    path("<slug:store>/equipe/<int:pk>/identifiant/", staff.new_identifier, name="new_identifier"),
    path("<slug:store>/equipe/ecrans/", screens.screens, name="screens"),
    path("<slug:store>/equipe/ecrans/<int:pk>/retirer/", screens.revoke, name="revoke_screen"),
    path("<slug:store>/ecran/", screens.faces, name="screen"),
    path("<slug:store>/ecran/<int:pk>/", screens.enter, name="screen_enter"),
    path("<slug:store>/ecran/changer/", screens.leave, name="screen_leave"),
    path("<slug:store>/equipe/appareils/", devices.devices, name="devices"),
    path("<slug:store>/equipe/appareils/<int:token>/revoquer/", devices.revoke, name="revoke_device"),
    path("<slug:store>/equipe/webhooks/", webhooks.webhooks, name="webhooks"),
    path("<slug:store>/equipe/webhooks/<int:pk>/", webhooks.webhook, name="webhook"),
    path("<slug:store>/equipe/webhooks/<int:pk>/secret/", webhooks.rotate, name="rotate_webhook"),
    path("<slug:store>/equipe/webhooks/<int:pk>/essayer/", webhooks.try_out, name="try_webhook"),
    path("<slug:store>/equipe/webhooks/<int:pk>/pause/", webhooks.pause, name="pause_webhook"),
    path("<slug:store>/equipe/webhooks/<int:pk>/reprendre/", webhooks.resume, name="resume_webhook"),
    path("<slug:store>/equipe/webhooks/<int:pk>/retirer/", webhooks.remove, name="remove_webhook"),
    path("<slug:store>/equipe/webhooks/<int:pk>/messages/<int:delivery>/", webhooks.send_again, name="resend_webhook"),
    path("<slug:store>/equipe/journal/", audit.journal, name="journal"),
    path("<slug:store>/equipe/journal/export.csv", audit.journal_file, name="journal_file"),
    path("<slug:store>/commandes/<number:number>/lignes/<int:line>/", kitchen.recipe, name="recipe"),
]
