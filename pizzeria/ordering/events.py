"""What an order's move leaves behind: its history, and the news of it."""

from datetime import datetime

from pizzeria.accounts.models import User
from pizzeria.live.services import about_order
from pizzeria.ordering.models import Order, OrderEvent
from pizzeria.rows import Row, row


def event_rows(
    order: Order, *, from_status: str, role: str, acting_user: User | None, reason: str, at: datetime
) -> list[Row]:
    """The move that brought the order where it stands, and the news of it for whoever watches."""
    event = row(
        OrderEvent,
        order_id=order.pk,
        from_status=from_status,
        to_status=order.status,
        at=at,
        acting_user_id=acting_user.pk if acting_user else None,
        role=role,
        reason=reason,
    )
    told = {"number": order.number, "from": from_status, "to": order.status}
    return [event, *about_order(token=order.token, store_id=order.store_id, payload=told)]
