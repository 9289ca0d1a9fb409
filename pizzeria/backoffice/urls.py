"""The back office, under /equipe/."""

from datetime import date

from django.urls import path, register_converter

from pizzeria.backoffice.views import (
    audit,
    handing_over,
    home,
    kitchen,
    money,
    moves,
    orders,
    prices,
    receipt,
    rounds,
    sales,
    screens,
    sign_in,
    staff,
    stock,
    taking,
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
    path("ventes/", sales.group_sales, name="group_sales"),
    path("<slug:store>/cuisine/", kitchen.board, name="board"),
    path("<slug:store>/realisables/", kitchen.makeable, name="makeable"),
    path("<slug:store>/livraisons/", handing_over.driver, name="driver"),
    path("<slug:store>/comptoir/", handing_over.counter, name="counter"),
    path("<slug:store>/ventes/", sales.sales, name="sales"),
    path("<slug:store>/encaissements/", money.money, name="money"),
    path("<slug:store>/encaissements/remboursements/<int:refund>/rendu/", money.hand, name="hand_back"),
    path("<slug:store>/encaissements/remboursements/<int:refund>/annuler/", money.call_off, name="call_off_refund"),
    path("<slug:store>/encaissements/remboursements/<int:refund>/relancer/", money.send_again, name="retry_refund"),
    path("<slug:store>/encaissements/remboursements/<int:refund>/autrement/", money.settle, name="settle_refund"),
    path("<slug:store>/encaissements/ecarts/<int:difference>/", money.explain_difference, name="explain"),
    path("<slug:store>/prix/", prices.prices, name="prices"),
    path("<slug:store>/prix/<int:plan>/annuler/", prices.cancel, name="cancel_price"),
    path("<slug:store>/stock/commande/", stock.stock_order, name="stock_order"),
    path("<slug:store>/stock/commande/<isodate:day>/recue/", stock.receive, name="receive_stock"),
    path("<slug:store>/commandes/", orders.orders, name="orders"),
    path("<slug:store>/commandes/<number:number>/", orders.order, name="order"),
    path("<slug:store>/commandes/<number:number>/avancer/", moves.advance, name="advance"),
    path("<slug:store>/commandes/<number:number>/annuler/", moves.cancel, name="cancel"),
    path("<slug:store>/commandes/<number:number>/geste/", money.gesture, name="gesture"),
    path("<slug:store>/commandes/<number:number>/encaisser/", taking.take, name="take"),
    path("<slug:store>/commandes/<number:number>/recus/<int:payment>/", receipt.receipt, name="receipt"),
    path("<slug:store>/fonds/", rounds.rounds, name="rounds"),
    path("<slug:store>/fonds/<int:pk>/", rounds.close, name="close_round"),
    path("<slug:store>/equipe/", staff.staff, name="staff"),
    path("<slug:store>/equipe/ecrans/", screens.screens, name="screens"),
    path("<slug:store>/equipe/journal/", audit.journal, name="journal"),
    path("<slug:store>/equipe/journal/export.csv", audit.journal_file, name="journal_file"),
    path("<slug:store>/commandes/<number:number>/lignes/<int:line>/", kitchen.recipe, name="recipe"),
]
