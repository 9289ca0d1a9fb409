"""Orders paid on the page, and whether what Stripe took is what is on record: the invariant of every fault."""

from decimal import Decimal

from django.db.models import Sum

from pizzeria.accounts.models import User
from pizzeria.ledger.models import Entry
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.ordering.placing import place_order
from pizzeria.ordering.pricing import quote
from pizzeria.payments.models import Method, Payment, PaymentStatus, Refund
from pizzeria.stock.models import StockItem
from tests.cast import GRAMS, GUEST, House
from tests.stripe_double import StripeDouble

NOTHING = Decimal("0.00")


def order_online(house: House, *, customer: User | None = None) -> Order:
    """A margherita to take away, which waits for its payment."""
    lines = [house.line()]
    priced = quote(store=house.bastille, requests=lines, fulfilment=Fulfilment.COLLECTION, postal_code="")
    return place_order(
        store=house.bastille,
        lines=lines,
        contact=GUEST,
        fulfilment=Fulfilment.COLLECTION,
        payment_method=Method.ONLINE,
        expected_total=priced.total,
        customer=customer,
        acting_user=customer,
    )


def books_of(stripe: StripeDouble) -> tuple[Decimal, Decimal, Decimal]:
    """Money received at Stripe; received here; orders that stand and are paid by it, and refunds due or done."""
    online = Payment.objects.filter(method=Method.ONLINE, status__in=(PaymentStatus.PAID, PaymentStatus.REFUNDED))
    standing = Order.objects.exclude(status=Order.Status.CANCELLED).filter(
        pk__in=online.filter(status=PaymentStatus.PAID).values("order")
    )
    refunds = Refund.objects.filter(payment__method=Method.ONLINE)
    orders = standing.aggregate(all=Sum("total", default=NOTHING))["all"]
    owed = refunds.aggregate(all=Sum("amount", default=NOTHING))["all"]
    return stripe.received(), online.aggregate(all=Sum("amount", default=NOTHING))["all"], orders + owed


def assert_books_balance(stripe: StripeDouble) -> None:
    """Money received = orders paid + refunds due, and the journal says so."""
    there, here, explained = books_of(stripe)
    assert there == here == explained
    entries = Entry.objects.filter(kind="payment", means=Method.ONLINE)
    assert entries.aggregate(all=Sum("amount", default=NOTHING))["all"] == there
    # What is sold is what stands, once an order.
    numbers = list(Entry.objects.filter(kind="sale").values_list("order", flat=True))
    assert len(numbers) == len(set(numbers))


def fresh(order: Order) -> Order:
    return Order.objects.select_related("store").get(pk=order.pk)


def stands(order: Order) -> tuple[str, str]:
    """Where an order stands, and whether it is paid."""
    now = fresh(order)
    return now.status, now.payment_status


def cheese_taken(house: House) -> int:
    """The grams of mozzarella that orders hold."""
    return GRAMS - StockItem.objects.get(store=house.bastille, ingredient__slug="mozzarella").available
