"""Taking money for an order, at the door and at the counter: one means after the other, each on record at once (B32)."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from pizzeria.accounts.models import Role
from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, refused, staff_page
from pizzeria.backoffice.forms import TakeForm
from pizzeria.errors import BusinessError
from pizzeria.ordering.errors import DueChanged, NothingDue
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.ordering.paying import NOT_TAKEABLE, Means, may_take
from pizzeria.ordering.paying import take as take_money
from pizzeria.ordering.staff_selectors import order_of_store
from pizzeria.payments.models import AT_DOOR, Method, Payment, PaymentStatus
from pizzeria.payments.vouchers import ceiling_on

UNPROCESSABLE = 422
ROUND_SUMS = (Decimal(10), Decimal(20), Decimal(50), Decimal(100))
RECEIVED = (PaymentStatus.PAID, PaymentStatus.REFUNDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One means and its form; `ceiling` is the most that one person's titres-restaurant pay, where it is less than due."""

    method: Method
    form: TakeForm
    amount: Decimal
    notes: list[Decimal]
    ceiling: Decimal | None


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.TAKE_PAYMENTS)
def take(request: StaffRequest, place: Place, number: str) -> HttpResponse:
    """A page of its own, that no refresh takes away while one counts."""
    order = order_of_store(store_id=place.store.pk, number=number)
    if order is None:
        raise Http404
    if not may_take(order=order, user=place.user, roles=place.roles):
        return refused(request, status=403, place=place)
    form = TakeForm(request.POST) if request.method == "POST" else None
    if form and form.is_valid():
        answer = _take(request, place, order, form)
        if answer:
            return answer
    return _page(request, place, order, form)


def _take(request: StaffRequest, place: Place, order: Order, form: TakeForm) -> HttpResponse | None:
    """Back to the page, that says what to give back; None when the form has to be corrected."""
    asked = form.cleaned_data
    means = Means(method=asked["method"], amount=asked["amount"], tendered=asked["tendered"])
    here = reverse("backoffice:take", args=[place.store.slug, order.number])
    try:
        [payment] = take_money(order=order, means=[means], expected_due=asked["due"], acting_user=place.user)
    except (DueChanged, NothingDue) as error:
        # A second tap, another phone, an answer that got lost: the page shows what was taken.
        messages.info(request, error.message)
        return redirect(here)
    except BusinessError as error:
        form.add_error(None, error.message)
        return None
    return redirect(f"{here}?recu={payment.pk}")


def _page(request: StaffRequest, place: Place, order: Order, form: TakeForm | None) -> HttpResponse:
    payments = list(order.payments.all())
    due = next((payment for payment in payments if payment.status == PaymentStatus.UNPAID), None)
    received = [payment for payment in payments if payment.status in RECEIVED]
    context = {
        "place": place,
        "current": _page_of(place, order),
        "order": order,
        "due": due,
        "boxes": _boxes(order, due, form) if due else [],
        "received": received,
        "not_takeable": NOT_TAKEABLE,
        "just": next((payment for payment in received if str(payment.pk) == request.GET.get("recu")), None),
    }
    return render(request, "backoffice/taking.html", context, status=UNPROCESSABLE if form else 200)


def _page_of(place: Place, order: Order) -> str:
    """The page that this person goes on with."""
    if order.fulfilment == Fulfilment.DELIVERY:
        return "driver" if Role.DRIVER in place.roles else "order"
    return "counter"


def _boxes(order: Order, due: Payment, asked: TakeForm | None) -> list[Box]:
    """The means that the client chose first."""
    means = sorted(AT_DOOR, key=lambda method: method != due.method)
    return [_box(order, due, method, asked) for method in means]


def _box(order: Order, due: Payment, method: Method, asked: TakeForm | None) -> Box:
    ceiling = ceiling_on(day=timezone.localdate()) if method == Method.VOUCHER else None
    most = min(due.amount, ceiling) if ceiling else due.amount
    notes = _notes(due.amount) if method == Method.CASH else []
    if asked and asked.data.get("method") == method:
        form = asked
    else:
        form = TakeForm(initial={"due": due.amount, "method": method, "amount": most, "note": _note(order, due, notes)})
    form.auto_id = f"{method}-%s"
    return Box(method=method, form=form, amount=most, notes=notes, ceiling=ceiling if most < due.amount else None)


def _notes(due: Decimal) -> list[Decimal]:
    """What a client is likely to hand over for a sum, in whole notes."""
    up = {(due / each).to_integral_value(ROUND_CEILING) * each for each in ROUND_SUMS}
    return sorted(up - {due})


def _note(order: Order, due: Payment, notes: list[Decimal]) -> str:
    """What the client said that they will hand over, when it is among the notes: it is chosen already."""
    said = order.change_for
    return f"{said:.0f}" if said in notes and due.amount == order.total else "exact"
