"""What the journal refuses."""

from pizzeria.errors import BusinessError


class PeriodNotOver(BusinessError):
    """A day, month or year that has not ended yet."""

    code = "period_not_over"


class NotItsTurn(BusinessError):
    """A period that cannot be closed before another one, or in which there was no journal."""

    code = "closing_not_its_turn"
