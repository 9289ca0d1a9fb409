"""Which offers a basket has, what they take off its lines, and the uses that an order makes of them (decision 22)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from django.db.models import Count, Max
from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.languages import in_house, localized
from pizzeria.money import CENT, NOTHING, in_cents
from pizzeria.ordering.models import AppliedOffer, Order
from pizzeria.promotions import selectors, services, words
from pizzeria.promotions.best import Saving, best_savings
from pizzeria.promotions.models import Audience
from pizzeria.promotions.rules import Circumstances, Client, Deal, Obstacle, Unit, known_obstacle, obstacle
from pizzeria.rows import Row, row

BY_HISTORY = frozenset({Audience.NEW, Audience.NTH, Audience.ABSENT})
MAY_PASS = frozenset({Obstacle.NOT_HERE, Obstacle.NOT_THIS_WAY, Obstacle.NOT_NOW, Obstacle.SIGN_IN, Obstacle.MINIMUM})
"""What another basket, another hour or another pizzeria would change: such a code is kept."""
LABEL_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedQuote:
    """An offer that makes this basket cheaper: by how much, in euros, on its lines and on the delivery."""

    deal: Deal
    amount: Decimal
    delivery: Decimal = NOTHING

    @property
    def offer_id(self) -> int:
        return self.deal.pk

    @property
    def label(self) -> str:
        """Its name, in the reader's language."""
        return localized(self.deal, "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeAnswer:
    """What became of the code that was typed."""

    code: str
    is_applied: bool
    words: str
    is_of_use: bool = True
    """False for one that does nothing whatever is in the basket: it is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What offers do to a basket: for each of its lines what is taken off it, in euros, and by which offers."""

    discounts: Sequence[Decimal] = ()
    reasons: Sequence[Sequence[str]] = ()
    applied: Sequence[AppliedQuote] = ()
    hints: Sequence[str] = ()
    code: CodeAnswer | None = None

    @property
    def delivery(self) -> Decimal:
        """What is taken off the delivery."""
        return sum((each.delivery for each in self.applied), NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a basket is ordered, as far as offers ask. `held` are the offers that an order being changed has already."""

    store_id: int
    fulfilment: str = ""
    """Empty while it is not known yet: offers that ask for one wait."""
    channel: str
    code: str = ""
    customer: User | None = None
    at: datetime | None = None
    held: Collection[int] = ()


def offered(*, basket: Sequence[tuple[Unit, int]], fee: Decimal, asked: Asked) -> Offered:
    """The best offers for a basket, its lines as units and how many of each; `fee` is what its delivery costs without them."""
    known = selectors.deals_with(keys=asked.held)
    code = selectors.normal_code(asked.code)
    gross = Decimal(sum(unit.price * count for unit, count in basket)) * CENT
    found = Circumstances(
        at=timezone.localtime(asked.at),
        store=asked.store_id,
        fulfilment=asked.fulfilment,
        channel=asked.channel,
        gross=gross,
        held=asked.held,
    )
    wanted = [deal for deal in known if not deal.code or deal.code == code or deal.pk in asked.held]
    near = [deal for deal in wanted if deal.pk in asked.held or not known_obstacle(deal, found)]
    found = _with_facts(found, near, asked.customer)
    stopped = {deal.pk: obstacle(deal, found) for deal in wanted}
    usable = [deal for deal in near if stopped[deal.pk] is None]
    savings = best_savings(basket=basket, deals=usable, fee=in_cents(fee))
    short = [deal for deal in near if stopped[deal.pk] == Obstacle.MINIMUM and not deal.code]
    typed = next((deal for deal in wanted if deal.code and deal.code == code), None)
    return Offered(
        discounts=_by_line(savings, len(basket)),
        reasons=_reasons(savings, len(basket)),
        applied=[_applied(saving) for saving in savings],
        hints=words.hints(basket=basket, deals=usable, short=short, gross=gross) if basket else [],
        code=_answer(asked.code, typed, _outcome(typed, stopped, savings, basket, fee), found) if asked.code else None,
    )


def client_of(*, customer: User, deals: Collection[Deal], at: datetime) -> Client:
    """What these offers ask of a client: nothing is read that none of them asks for."""
    client = Client(pk=customer.pk, birthday=customer.birthday)
    if any(deal.audience in BY_HISTORY for deal in deals):
        placed = Order.objects.filter(customer=customer, placed_at__lt=at).exclude(status=Order.Status.CANCELLED)
        counted = placed.order_by().aggregate(orders=Count("pk"), last=Max("placed_at"))
        client = replace(client, orders=counted["orders"], last_order_at=counted["last"])
    if any(deal.most_each is not None for deal in deals):
        client = replace(client, uses=selectors.uses_by(customer=customer))
    return client


def rows_of(*, order: Order, applied: Sequence[AppliedQuote]) -> list[Row]:
    """The order's offers as rows, in the house's language, whoever buys."""
    return [
        row(
            AppliedOffer,
            order_id=order.pk,
            offer_id=each.offer_id,
            label=in_house(each.deal, "name")[:LABEL_LENGTH],
            amount=each.amount,
        )
        for each in applied
    ]


def use(*, order: Order, applied: Sequence[AppliedQuote]) -> None:
    """Count the order's use of its offers. Raises OfferGone. Before any oven and any stock."""
    deals = [each.deal for each in applied]
    services.take(deals=deals, customer=order.customer, reference=order.token, at=order.placed_at)


Outcome = Obstacle | Literal["applied", "outdone", "waiting"]


def _outcome(
    deal: Deal | None,
    stopped: Mapping[int, Obstacle | None],
    savings: Sequence[Saving],
    basket: Sequence[tuple[Unit, int]],
    fee: Decimal,
) -> Outcome:
    """What became of the offer of a code: applied, kept away, good for less than the others, or waiting for something."""
    if deal is None:
        return Obstacle.OVER
    if any(saving.deal.pk == deal.pk for saving in savings):
        return "applied"
    why = stopped[deal.pk]
    if why:
        return why
    return "outdone" if best_savings(basket=basket, deals=[deal], fee=in_cents(fee)) else "waiting"


def _answer(typed: str, deal: Deal | None, outcome: Outcome, found: Circumstances) -> CodeAnswer:
    if deal is None:
        code = selectors.normal_code(typed)
        former = bool(code) and selectors.is_a_former_code(code=code)
        told = words.ended_code() if former else words.unknown_code()
        return CodeAnswer(code=typed, is_applied=False, words=told, is_of_use=False)
    if isinstance(outcome, Obstacle):
        told, of_use = words.kept_away(deal, outcome, found), outcome in MAY_PASS
        return CodeAnswer(code=deal.code, is_applied=False, words=told, is_of_use=of_use)
    say = {"applied": words.applied_code, "outdone": words.outdone_code, "waiting": words.waiting_code}[outcome]
    return CodeAnswer(code=deal.code, is_applied=outcome == "applied", words=say(deal))


def _with_facts(found: Circumstances, deals: Collection[Deal], customer: User | None) -> Circumstances:
    counted = [deal.pk for deal in deals if deal.most is not None]
    asking = [deal for deal in deals if deal.knows_clients]
    return replace(
        found,
        used=selectors.used_of(keys=counted) if counted else {},
        client=client_of(customer=customer, deals=asking, at=found.at) if customer and asking else None,
    )


def _by_line(savings: Sequence[Saving], lines: int) -> list[Decimal]:
    return [sum(saving.by_line.get(line, 0) for saving in savings) * CENT for line in range(lines)]


def _reasons(savings: Sequence[Saving], lines: int) -> list[list[str]]:
    return [[localized(saving.deal, "name") for saving in savings if line in saving.by_line] for line in range(lines)]


def _applied(saving: Saving) -> AppliedQuote:
    return AppliedQuote(deal=saving.deal, amount=saving.amount * CENT, delivery=saving.delivery * CENT)
