"""The driver's phone and the counter: where an order leaves the house (UC 4.1)."""

from django.http import HttpResponse

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.live_pages import Context, live_answer
from pizzeria.ordering.models import Order
from pizzeria.ordering.order_list import looked_for
from pizzeria.ordering.staff_selectors import counter_orders, delivery_orders, fingerprint
from pizzeria.payments.money_selectors import refunds_to_hand_back
from pizzeria.payments.round_selectors import mark_of, round_standing
from pizzeria.words import one_line

Status = Order.Status
MOST_WORDS = 80


def answer_driver(request: StaffRequest, place: Place) -> HttpResponse:
    orders = delivery_orders(store_id=place.store.pk)
    standing = round_standing(store_id=place.store.pk, driver=place.user)

    def read() -> Context:
        found = list(orders)
        on_the_road = [order for order in found if order.status == Status.DELIVERING]
        return {
            "mine": [order for order in on_the_road if order.driver_id == place.user.pk],
            "ready": [order for order in found if order.status == Status.READY],
            "others": [order for order in on_the_road if order.driver_id != place.user.pk],
            "standing": standing,
        }

    mark = f"{fingerprint(orders)} {mark_of([standing] if standing else [])}"
    return live_answer(request, name="driver", fingerprint=mark, read=read, place=place)


def answer_counter(request: StaffRequest, place: Place) -> HttpResponse:
    orders = counter_orders(store_id=place.store.pk)
    words = one_line(request.GET.get("q", ""))[:MOST_WORDS]
    if words:
        orders = orders.filter(pk__in=looked_for(store_ids=[place.store.pk], words=words).values("pk"))
    to_hand = list(refunds_to_hand_back(store_id=place.store.pk))

    def read() -> Context:
        found = list(orders)
        return {
            "to_hand": to_hand,
            "words": words,
            "ready": [order for order in found if order.status == Status.READY],
            "waiting": [order for order in found if order.status != Status.READY],
        }

    mark = f"{fingerprint(orders)} {[refund.pk for refund in to_hand]}"
    return live_answer(request, name="counter", fingerprint=mark, read=read, place=place)


@staff_page(Action.SEE_DELIVERIES)
def driver(request: StaffRequest, place: Place) -> HttpResponse:
    return answer_driver(request, place)


@staff_page(Action.SEE_COUNTER)
def counter(request: StaffRequest, place: Place) -> HttpResponse:
    return answer_counter(request, place)
