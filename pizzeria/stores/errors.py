"""What a point of sale refuses, in words that a client understands."""

from typing import Any

from pizzeria.errors import BusinessError


class StoreClosed(BusinessError):
    code = "store_closed"
    status = 409


class NotDeliverable(BusinessError):
    code = "not_deliverable"
    status = 422


class BelowMinimum(BusinessError):
    code = "below_minimum"
    status = 422


class InvalidRush(BusinessError):
    code = "invalid_rush"
    status = 422


class InvalidService(BusinessError):
    code = "invalid_service"
    status = 422


class ServiceChanged(BusinessError):
    """Somebody else changed it after it was looked at: `now` is what stands, with its mark (see `planning.Seen`)."""

    code = "service_changed"
    status = 409

    def __init__(self, message: str, now: Any) -> None:
        super().__init__(message)
        self.now = now
