"""What money refuses, in words that say what to do."""

from pizzeria.errors import BusinessError


class NotToGiveBack(BusinessError):
    """Given back already, on its way, or no refund of this kind."""

    code = "not_to_give_back"
    status = 409


class MoreThanWasPaid(BusinessError):
    """`details["left"]` is what may still be given back, in euros."""

    code = "more_than_was_paid"
    status = 422


class LeftChanged(BusinessError):
    """`details["left"]` is what is still paid now, in euros: somebody gave some of it back meanwhile."""

    code = "left_changed"
    status = 409


class WordsMissing(BusinessError):
    """Money that leaves without its usual way leaves with an explanation."""

    code = "words_missing"
    status = 422


class NotToExplain(BusinessError):
    """Explained already, or gone since: what differed has come right."""

    code = "not_to_explain"
    status = 409


class InvalidAmount(BusinessError):
    """An amount that cannot be; `details["field"]` names it."""

    code = "invalid_amount"
    status = 422


class RoundRefused(BusinessError):
    """Somebody who may not open or close this driver's float."""

    code = "round_refused"
    status = 403


class RoundChanged(BusinessError):
    """A float that somebody else opened or closed first."""

    code = "round_changed"
    status = 409


class ExplanationMissing(BusinessError):
    """`details` hold what was expected and the difference (handed over, less what was expected), in euros."""

    code = "explanation_missing"
    status = 422
