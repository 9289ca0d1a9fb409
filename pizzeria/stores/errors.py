"""What a point of sale refuses, in words that a client understands."""

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
