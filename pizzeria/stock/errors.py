"""What the stock refuses."""

from pizzeria.errors import BusinessError


class OutOfStock(BusinessError):
    """Not enough of some ingredients; `details["ingredients"]` holds their ids."""

    code = "out_of_stock"
    status = 409


class InvalidQuantity(BusinessError):
    code = "invalid_quantity"
    status = 422


class StockChanged(BusinessError):
    """Somebody else has changed the line; `details` hold its `item`, and `available` and `version` as they are now."""

    code = "stock_changed"


class UnknownStock(BusinessError):
    code = "unknown_stock"
    status = 404
