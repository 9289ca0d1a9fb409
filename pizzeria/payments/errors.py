"""What money refuses, in words that say what to do."""

from pizzeria.errors import BusinessError


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
