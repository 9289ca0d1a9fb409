"""UC 3.1: a client's orders, and those placed as a guest that are added to them by proof."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from pizzeria.errors import BusinessError
from pizzeria.ordering.claiming import claim, claimable_orders, in_month, months_of, orders_of
from pizzeria.ordering.errors import OrderNotFound
from pizzeria.ordering.reviews import to_review
from pizzeria.ordering.selectors import order_by_number
from pizzeria.shop.views.account import signed_in
from pizzeria.shop.views.order import order_or_404
from pizzeria.words import one_line

A_PAGE = 10
OFFERED = 5
"""How many guest orders are proposed at a time: the newest; adding one shows the next."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def orders(request: HttpRequest) -> HttpResponse:
    """The history; a POST looks for a guest's order by number and proof (B5), and adds it."""
    values = {name: one_line(request.POST.get(name, "")) for name in ("number", "proof")}
    if request.method != "POST":
        return _page(request, values, {})
    wrong = {name: _("Remplissez ce champ.") for name, value in values.items() if not value}
    if wrong:
        return _page(request, values, wrong)
    try:
        return _added(request, **values)
    except BusinessError as refusal:
        return _page(request, values, {}, refusal)


@require_POST
@login_required
def add(request: HttpRequest, token: str) -> HttpResponse:
    """Add the order whose link somebody holds: the link is the proof."""
    order = order_or_404(token)
    try:
        claim(order=order, user=signed_in(request))
    except BusinessError as refusal:
        messages.error(request, refusal.message)
        return redirect("shop:account_orders")
    _say(request, order.number)
    return redirect("shop:order", order.token)


def _added(request: HttpRequest, *, number: str, proof: str) -> HttpResponse:
    """Raises OrderNotFound and NotClaimable."""
    order = order_by_number(number=number, proof=proof)
    if order is None:
        raise OrderNotFound(_("Commande introuvable"))
    claim(order=order, user=signed_in(request))
    _say(request, order.number)
    return redirect("shop:account_orders")


def _say(request: HttpRequest, number: str) -> None:
    messages.success(request, _("La commande %(number)s est dans votre compte") % {"number": number})


def _page(
    request: HttpRequest, values: dict[str, str], wrong: dict[str, str], refusal: BusinessError | None = None
) -> HttpResponse:
    user = signed_in(request)
    mine = orders_of(user=user)
    months = months_of(user=user)
    month = next((first for first in months if f"{first:%Y-%m}" == request.GET.get("mois")), None)
    shown = in_month(mine, month) if month else mine
    context = {
        "page": Paginator(shown.select_related("review").prefetch_related("lines"), A_PAGE).get_page(
            request.GET.get("page")
        ),
        "has_any": bool(months),
        "months": [(f"{first:%Y-%m}", date_format(first, "YEAR_MONTH_FORMAT")) for first in months],
        "month": f"{month:%Y-%m}" if month else "",
        "to_review": to_review(user=user),
        "offered": claimable_orders(user=user)[:OFFERED],
        "values": values,
        "wrong": wrong,
        "refusal": refusal,
    }
    status = refusal.status if refusal else 422 if wrong else 200
    return render(request, "shop/account_orders.html", context, status=status)
