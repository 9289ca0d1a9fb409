"""Reading what a form sends: whatever it is, a number or a text comes out; services say what is wrong."""

import re
from decimal import Decimal

WHOLE = re.compile(r"-?[0-9]{1,12}")
AMOUNT = re.compile(r"[0-9]{1,8}(\.[0-9]{1,2})?")
NOWHERE = 0
"""No row has this id, no quantity is allowed to be it."""


def whole_number(text: str | None, *, default: int = NOWHERE) -> int:
    """The whole number in a field; `default` for an empty one, NOWHERE for what is no number."""
    if not text:
        return default
    return int(text) if WHOLE.fullmatch(text) else NOWHERE


def ids(texts: list[str]) -> tuple[int, ...]:
    return tuple(whole_number(text) for text in texts)


def amount(text: str | None) -> Decimal:
    """An amount in euros; −1, which no total is, for anything else."""
    return Decimal(text) if text and AMOUNT.fullmatch(text) else Decimal(-1)
