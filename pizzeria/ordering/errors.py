"""What an order refuses, in words that a client understands."""

from collections.abc import Sequence
from typing import Any

from pizzeria.errors import BusinessError


class EmptyCart(BusinessError):
    code = "empty_cart"
    status = 422


class InvalidLine(BusinessError):
    code = "invalid_line"
    status = 422


class InvalidChoice(BusinessError):
    """`details["field"]` names the choice that does not exist."""

    code = "invalid_choice"
    status = 422


class NotAllowed(BusinessError):
    code = "not_allowed"
    status = 403


class InvalidContact(BusinessError):
    """`details["fields"]` maps field names to what is wrong with each."""

    code = "invalid_contact"
    status = 422


class TotalChanged(BusinessError):
    """`details` holds the total computed now, in euros."""

    code = "total_changed"
    status = 409


class SlotFull(BusinessError):
    """The ovens have no room for this order then. `details["alternatives"]` are the next slots that have, the first ones first."""

    code = "slot_full"
    status = 409


class KitchenPaused(BusinessError):
    """Nothing is taken for as soon as possible until `details["until"]`; `alternatives` as in SlotFull."""

    code = "kitchen_paused"
    status = 409


class PromiseMoved(BusinessError):
    """What the client saw cannot be kept any more: `details["promised_at"]` is what can."""

    code = "promise_changed"
    status = 409


class TransitionRefused(BusinessError):
    code = "transition_refused"
    status = 409


class OrderChanged(BusinessError):
    """Somebody else changed the order first: `details` hold its `version` now, and what `standing` and `asked` say differently."""

    code = "order_changed"
    status = 409


class NoPizzaLeft(BusinessError):
    """A change must leave a pizza in the order (UC 1.3)."""

    code = "no_pizza_left"
    status = 422


class ReasonMissing(BusinessError):
    """Staff cancel with a reason: the client will ask."""

    code = "reason_missing"
    status = 422


class NothingDue(BusinessError):
    """There is nothing to take for this order, as it stands."""

    code = "nothing_due"
    status = 409


class DueChanged(BusinessError):
    """`details["due"]` is what is due now, in euros: somebody took some of it meanwhile."""

    code = "due_changed"
    status = 409


class AboveVoucherCeiling(BusinessError):
    """`details["ceiling"]` is the most that one person may pay with titres-restaurant today, in euros."""

    code = "above_voucher_ceiling"
    status = 422


class SeveralMeansNeeded(BusinessError):
    """What is due cannot be taken in one tap: the person at the door says by which means."""

    code = "several_means_needed"
    status = 409


class OrderNotFound(BusinessError):
    code = "order_not_found"
    status = 404


class InvalidKey(BusinessError):
    code = "invalid_idempotency_key"
    status = 422


class IdempotencyConflict(BusinessError):
    code = "idempotency_conflict"
    status = 422


class NotPayable(BusinessError):
    """`details["status"]` says why: paid, processing, cancelled, expired, or at the door."""

    code = "not_payable"
    status = 409


class StillWaits(BusinessError):
    """An order that is not in the kitchen yet: what was paid for it has just come, and it goes there within a minute."""

    code = "still_waits"
    status = 409


class PaymentUnavailable(BusinessError):
    """The provider does not answer, or takes nothing from us."""

    code = "payment_unavailable"
    status = 503


class OrdersInTheWay(BusinessError):
    """Orders are promised to a time that would close: `orders`. Whoever has seen them may close it all the same."""

    code = "orders_in_the_way"
    status = 409

    def __init__(self, message: str, orders: Sequence[Any]) -> None:
        super().__init__(message)
        self.orders = orders
