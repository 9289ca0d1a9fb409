"""What the journal is told, by whoever is above it: it knows neither orders nor payments.

An order's `VatRow` is such a value as it stands.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

from pizzeria.money import CENT


class Taxed(Protocol):
    """What is taxed at one rate: the rate in percent, the amount VAT included and the VAT in it, in euros."""

    @property
    def percent(self) -> Decimal: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def vat(self) -> Decimal: ...


class Sold(Protocol):
    """A line of what was sold, VAT included, in euros. The delivery's has no rate of its own: it follows what is delivered.

    `amount` is what was paid for it; `discount` what offers had taken off before.
    """

    @property
    def label(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def unit_price(self) -> Decimal: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def discount(self) -> Decimal: ...
    @property
    def vat_percent(self) -> Decimal | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxedPart:
    percent: Decimal
    amount: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldLine:
    label: str
    quantity: int
    unit_price: Decimal
    amount: Decimal
    vat_percent: Decimal | None = None
    discount: Decimal = Decimal("0.00")


def euros(amount: Decimal) -> str:
    """`12.50`. Raises ValueError for an amount that is not one in cents: the journal rounds nothing."""
    if amount != amount.quantize(CENT):
        raise ValueError(f"{amount} € is not an amount in cents")
    return f"{amount:.2f}"


def moment(at: datetime) -> str:
    """`2026-11-29T11:45:43.123456Z`: in UTC, to the microsecond, as PostgreSQL keeps it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def vat_document(parts: Iterable[Taxed]) -> list[dict[str, Any]]:
    """As an entry holds them, the lowest rate first."""
    return [
        {"rate": euros(part.percent), "amount": euros(part.amount), "vat": euros(part.vat)}
        for part in sorted(parts, key=lambda part: part.percent)
    ]


def lines_document(lines: Iterable[Sold]) -> list[dict[str, Any]]:
    """As an entry holds them; a discount stands there where there was one."""
    return [
        {
            "label": line.label,
            "quantity": line.quantity,
            "unit_price": euros(line.unit_price),
            "amount": euros(line.amount),
            "rate": None if line.vat_percent is None else euros(line.vat_percent),
            **({"discount": euros(line.discount)} if line.discount else {}),
        }
        for line in lines
    ]
