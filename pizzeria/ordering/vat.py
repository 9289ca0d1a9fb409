"""The VAT inside an order, rate by rate, as the law wants it on a receipt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from pizzeria.catalogue.selectors import vat_percents
from pizzeria.money import CENT
from pizzeria.ordering.models import Order
from pizzeria.ordering.pricing import Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class VatRow:
    """What is taxed at one rate: the rate in percent, the amount VAT included and the VAT in it, in euros."""

    percent: Decimal
    amount: Decimal
    vat: Decimal


def vat_included(*, amount: Decimal, percent: Decimal) -> Decimal:
    """The VAT inside an amount in euros, to the cent, half up (CGI, ann. II, art. 242 nonies A)."""
    return (amount * percent / (100 + percent)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def vat_of_quote(*, quote: Quote, on: date) -> list[VatRow]:
    percents = vat_percents(on=on)
    amounts = [(percents[line.variant.product.vat_category], line.net) for line in quote.lines]
    return vat_rows(amounts=amounts, delivery_fee=quote.delivery_fee)


def vat_of_order(*, order: Order) -> list[VatRow]:
    amounts = [(line.vat_percent, line.net) for line in order.lines.all()]
    return vat_rows(amounts=amounts, delivery_fee=order.delivery_fee)


def vat_rows(*, amounts: Iterable[tuple[Decimal, Decimal]], delivery_fee: Decimal) -> list[VatRow]:
    """The VAT by rate, lowest first; the delivery follows what is delivered, in proportion (BOI-TVA-BASE-10-20-40)."""
    by_rate: dict[Decimal, Decimal] = {}
    for percent, amount in amounts:
        by_rate[percent] = by_rate.get(percent, Decimal("0.00")) + amount
    rates = sorted(by_rate)
    shares = in_proportion(delivery_fee, [by_rate[rate] for rate in rates])
    return [
        VatRow(percent=rate, amount=amount, vat=vat_included(amount=amount, percent=rate))
        for rate, amount in ((rate, by_rate[rate] + share) for rate, share in zip(rates, shares, strict=True))
    ]


def in_proportion(fee: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """`fee` split to the cent by weight; the heaviest takes what rounding leaves."""
    whole = sum(weights, Decimal(0))
    if not whole:
        return [Decimal("0.00") for _ in weights]
    shares = [(fee * weight / whole).quantize(CENT, ROUND_HALF_UP) for weight in weights]
    heaviest = max(range(len(weights)), key=lambda index: weights[index])
    shares[heaviest] += fee - sum(shares, Decimal(0))
    return shares
