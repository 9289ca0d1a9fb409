from django.conf import settings
from django.urls import path, re_path

from pizzeria.shop.views import account, cart, checkout, frame, home, menu, order, payment, pictures, privacy, stripe

app_name = "shop"
urlpatterns = [
    path("", home.home, name="home"),
    path("carte/<slug:store>/", menu.menu, name="menu"),
    path("carte/<slug:store>/restant/", menu.makeable, name="makeable"),
    path("carte/<slug:store>/<slug:product>/", menu.product, name="product"),
    re_path(r"^images/(?P<name>[-a-z0-9_]+)\.(?P<digest>[0-9a-f]{12})\.svg$", pictures.picture, name="picture"),
    path("panier/", cart.cart, name="cart"),
    path("panier/ajouter/", cart.add, name="cart_add"),
    path("panier/ligne/<int:line>/", cart.line, name="cart_line"),
    path("commander/", checkout.checkout, name="checkout"),
    # Before the orders' own addresses: no token is so short.
    path("commande/retour/", payment.came_back, name="pay_came_back"),
    path("commande/<slug:token>/", order.order, name="order"),
    path("commande/<slug:token>/annuler/", order.cancel_order, name="order_cancel"),
    path("commande/<slug:token>/suivi/", order.progress, name="order_progress"),
    path("commande/<slug:token>/recu/<int:payment>/", order.receipt, name="receipt"),
    path("commande/<slug:token>/payer/", payment.pay, name="pay"),
    path("commande/<slug:token>/payer/commencer/", payment.begin, name="pay_begin"),
    path("commande/<slug:token>/payer/cartes/", payment.cards, name="pay_cards"),
    path("commande/<slug:token>/payer/retour/", payment.pay_return, name="pay_return"),
    path("commande/<slug:token>/payer/suivi/", payment.state, name="pay_state"),
    path("commande/<slug:token>/payer/a-la-livraison/", payment.at_door, name="pay_at_door"),
    path("commande/<slug:token>/payer/panier/", payment.give_up, name="pay_give_up"),
    path("stripe/webhook", stripe.webhook, name="stripe_webhook"),
    path("compte/", account.account, name="account"),
    path("compte/securite/", account.security, name="account_security"),
    path("compte/donnees/", privacy.my_data, name="my_data"),
    path("compte/donnees/voir/", privacy.my_data_shown, name="my_data_shown"),
    path("compte/donnees/fichier/", privacy.my_data_file, name="my_data_file"),
    path("compte/donnees/supprimer/", privacy.delete_me, name="delete_me"),
    path("confidentialite/", privacy.privacy, name="privacy"),
    path("suivre/", order.find_order, name="find_order"),
    path("langue/<slug:code>/", frame.language, name="language"),
    path("moi/", frame.me, name="me"),
    path("robots.txt", frame.robots, name="robots"),
]
if settings.DEBUG:
    urlpatterns.append(path("style/", frame.style, name="style"))
