"""What money refuses, in words that the house understands."""

from pizzeria.errors import BusinessError


class NotToGiveBack(BusinessError):
    """Given back already, on its way, or no refund of this kind."""

    code = "not_to_give_back"
    status = 409


class MoreThanWasPaid(BusinessError):
    """`details["left"]` is what may still be given back, in euros."""

    code = "more_than_was_paid"
    status = 422


class WordsMissing(BusinessError):
    """Money that leaves without its usual way leaves with an explanation."""

    code = "words_missing"
    status = 422


class NotToExplain(BusinessError):
    """Explained already, or gone since: what differed has come right."""

    code = "not_to_explain"
    status = 409
