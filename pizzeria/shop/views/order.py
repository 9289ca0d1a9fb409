"""The order after it is placed: its page, its progress, its receipts, its cancellation, and finding it again."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pizzeria.catalogue.models import Variant
from pizzeria.catalogue.selectors import offer
from pizzeria.errors import BusinessError
from pizzeria.live.services import order_topic
from pizzeria.notifications import pushing
from pizzeria.ordering.cancelling import cancel_as_client
from pizzeria.ordering.claiming import is_claimable
from pizzeria.ordering.differences import told_changes
from pizzeria.ordering.errors import OrderNotFound
from pizzeria.ordering.lines import label_of
from pizzeria.ordering.models import Fulfilment, Order, OrderLine, RecapDelivery
from pizzeria.ordering.money_back import money_back
from pizzeria.ordering.recap import note_delivered
from pizzeria.ordering.receipts import RECEIVED, receipt_of, received_payment
from pizzeria.ordering.reviews import is_reviewable, review_of
from pizzeria.ordering.selectors import OPEN, order_by_number, receipt_by_token
from pizzeria.ordering.transitions import CHANGEABLE, CUSTOMER
from pizzeria.ordering.vat import vat_of_order
from pizzeria.payments.models import Payment, PaymentStatus
from pizzeria.shop.editions import of_one_moment
from pizzeria.shop.pictures import picture_url
from pizzeria.shop.tracking import said_of, title_of, tracking_of
from pizzeria.words import one_line

Status = Order.Status
NO_CONTENT = 204


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the order's life: when it was reached, and whether the order stands there now."""

    name: str
    reached_at: datetime | None = None
    hint: str = ""
    is_current: bool = False
    is_cancelled: bool = False


@never_cache
@require_safe
@of_one_moment
def order(request: HttpRequest, token: str) -> HttpResponse:
    """The récapitulatif (B2) and the live progress."""
    found = order_or_404(token)
    if request.method == "GET":
        note_delivered(order=found, medium=RecapDelivery.Medium.SCREEN)
    return _page(request, found)


@never_cache
@require_safe
@of_one_moment
def progress(request: HttpRequest, token: str) -> HttpResponse:
    """The part of the order's page that moves; 204 when nothing has (`?seen=` is what is shown)."""
    found = order_or_404(token)
    moving = _moving(found)
    if request.GET.get("seen") == moving["seen"]:
        return HttpResponse(status=NO_CONTENT)
    return render(request, "shop/_progress.html", moving | {"is_fragment": True})


@require_POST
def cancel_order(request: HttpRequest, token: str) -> HttpResponse:
    """UC 1.4, by whoever holds the token: refused once preparation started."""
    found = order_or_404(token)
    try:
        cancel_as_client(order=found, reason=one_line(request.POST.get("reason", "")))
    except BusinessError as refusal:
        return _page(request, order_or_404(token), refusal)
    owed = money_back(order_or_404(token))
    messages.success(request, _("Votre commande est annulée. %(money)s") % {"money": owed})
    return redirect("shop:order", token)


@never_cache
@require_safe
def receipt(request: HttpRequest, token: str, payment: int) -> HttpResponse:
    """The receipt of one payment, to be read or printed."""
    found = received_payment(order=order_or_404(token), pk=payment)
    if found is None:
        raise Http404
    told = receipt_of(payment=found)
    return render(request, "shop/receipt.html", {"receipt": told, "order": told.order, "store": told.store})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def find_order(request: HttpRequest) -> HttpResponse:
    """B5: by number, with a proof that it is theirs."""
    values = {name: one_line(request.POST.get(name, "")) for name in ("number", "proof")}
    if request.method != "POST":
        return render(request, "shop/find_order.html", {"values": values, "wrong": {}})
    wrong = {name: _("Remplissez ce champ.") for name, value in values.items() if not value}
    found = None if wrong else order_by_number(**values)
    if found:
        return redirect("shop:order", found.token)
    refusal = None if wrong else OrderNotFound(_("Commande introuvable"))
    context = {"values": values, "wrong": wrong, "refusal": refusal}
    return render(request, "shop/find_order.html", context, status=refusal.status if refusal else 422)


def order_or_404(token: str) -> Order:
    found = receipt_by_token(token=token)
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, order: Order, refusal: BusinessError | None = None) -> HttpResponse:
    context = _moving(order) | {"refusal": refusal, "store": order.store, "vat": vat_of_order(order=order)}
    context |= {"changes": told_changes(order=order)}
    context |= {"pictured": pictured_lines(order), "late_in": _late_in(order), "may_claim": is_claimable(order=order)}
    context |= {"can_be_told": pushing.is_offered(), "push_key": pushing.public_key()}
    review = review_of(order=order)
    context |= {"review": review, "may_review": is_reviewable(order=order, review=review, at=timezone.now())}
    return render(request, "shop/order.html", context, status=refusal.status if refusal else 200)


def was_let_go(order: Order) -> bool:
    """Whether this order ended unpaid although it was to be paid on its page: its lines may go back into a cart."""
    is_unpaid = not any(payment.status in RECEIVED for payment in order.payments.all())
    return order.status == Status.CANCELLED and order.payable_until is not None and is_unpaid


def pictured_lines(order: Order) -> list[tuple[OrderLine, str, str]]:
    """The lines with their words and the address of their picture, empty for what has left the menu since."""
    variants = offer().variants
    pictured = []
    for line in order.lines.all():
        variant, second = variants.get(line.variant_id), variants.get(line.second_half_id or 0)
        picture = picture_url(variant=variant, second_half=second) if variant else ""
        pictured.append((line, _words(line, variant, second), picture))
    return pictured


def _words(line: OrderLine, variant: Variant | None, second_half: Variant | None) -> str:
    """The line as it was sold, in French; for other readers in the menu's words, while it has them."""
    if variant is None or get_language() == settings.LANGUAGE_CODE:
        return line.label
    return label_of(variant, second_half)


def _moving(order: Order) -> dict[str, object]:
    tracking = tracking_of(order=order, at=timezone.now())
    received = [payment for payment in order.payments.all() if payment.status in RECEIVED]
    return {
        "order": order,
        # Time alone makes an order late: that too is something new. So is what was paid, or given back.
        "seen": f"{order.version}{tracking.seen if tracking else ''}{_money_seen(received)}",
        "received": received,
        "difference": _difference(order) if received else None,
        "money_back": money_back(order),
        "was_let_go": was_let_go(order),
        "is_awaiting": order.status == Status.AWAITING_PAYMENT,
        "tracking": tracking,
        "tab": title_of(order),
        "said": said_of(order, tracking),
        "cancelled_because": _house_reason(order),
        "steps": _steps(order),
        "topic": order_topic(order.token),
        "can_change": order.status in CHANGEABLE,
        "can_cancel": order.status in (Status.AWAITING_PAYMENT, *CHANGEABLE),
        "is_over": order.status in (Status.DELIVERED, Status.CANCELLED),
    }


def _difference(order: Order) -> Payment | None:
    """What a change has made due beside what was paid already; nothing once the order is over."""
    return next((each for each in order.payments.all() if each.status == PaymentStatus.UNPAID), None)


def _money_seen(received: list[Payment]) -> str:
    """A word for how the payments and their refunds stand: another one when any of them has changed."""
    return "".join(
        f"-{payment.status}{payment.pk}" + "".join(f"-{refund.status}" for refund in payment.refunds.all())
        for payment in received
    )


def _house_reason(order: Order) -> str:
    """Why the house cancelled the order; empty for one that stands, or that the client cancelled."""
    moves = [event for event in order.events.all() if event.to_status == Status.CANCELLED and event.role != CUSTOMER]
    return moves[-1].reason if moves else ""


def _late_in(order: Order) -> int | None:
    """The seconds after which the page looks whether its order is late; None for one that is, or is over."""
    seconds = (order.promised_at - timezone.now()).total_seconds()
    return int(seconds) + 1 if order.status in OPEN and seconds > 0 else None


def _steps(order: Order) -> list[Step]:
    reached = {event.to_status: event.at for event in order.events.all()}
    names = _step_names(order)
    if Status.AWAITING_PAYMENT in reached:
        names = {Status.AWAITING_PAYMENT: _("En attente de paiement"), **names}
    if order.status == Status.CANCELLED:
        done = [Step(name=name, reached_at=reached[status]) for status, name in names.items() if status in reached]
        last = Step(name=_("Annulée"), reached_at=reached.get(Status.CANCELLED), is_current=True, is_cancelled=True)
        return [*done, last]
    here = order.status
    return [
        Step(
            name=name,
            reached_at=reached.get(status),
            hint=_hint(order) if status == here else "",
            is_current=status == here,
        )
        for status, name in names.items()
    ]


def _hint(order: Order) -> str:
    """What happens at the step where the order stands, for who has never waited for a pizza."""
    is_delivery = order.fulfilment == Fulfilment.DELIVERY
    hints = {
        Status.AWAITING_PAYMENT: _("Elle part en cuisine dès qu’elle est payée."),
        Status.TO_PREPARE: _("La cuisine l’a reçue : un pizzaiolo va s’en charger."),
        Status.TAKEN: _("Un pizzaiolo s’en charge."),
        Status.PREPARING: _("Vos pizzas sont garnies, puis passent au four."),
        Status.READY: _("Elle attend le livreur.") if is_delivery else _("Elle vous attend au comptoir."),
        Status.DELIVERING: _("Le livreur est en route vers vous."),
    }
    return hints.get(Status(order.status), "")


def _step_names(order: Order) -> dict[str, str]:
    names: dict[str, str] = {
        Status.TO_PREPARE: _("Reçue"),
        Status.TAKEN: _("Prise en charge"),
        Status.PREPARING: _("En préparation"),
        Status.READY: _("Prête"),
    }
    if order.fulfilment == Fulfilment.DELIVERY:
        return {**names, Status.DELIVERING: _("En livraison"), Status.DELIVERED: _("Livrée")}
    return {**names, Status.DELIVERED: _("Servie") if order.fulfilment == Fulfilment.ON_SITE else _("Remise")}
