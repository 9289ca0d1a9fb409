"""What a client may send. Prices are never among it: only the total that it saw, to be compared."""

from typing import Annotated

from pydantic import Field

from pizzeria.api.fields import (
    Amount,
    Asked,
    Cash,
    Day,
    DoorMeans,
    Id,
    Instant,
    Means,
    Mode,
    PostalCode,
    Step,
    longest,
    text,
)
from pizzeria.ordering.cart import CODE_TYPED
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.lines import MAX_LINES, MAX_QUANTITY, LineRequest

MOST_CHANGES = 40
LINE_COMMENT = 120
LONGEST_SLUG = 60


class LineAsked(Asked):
    """`variant` and `second_half` are ids of the menu's variants, `removed` and `extras` ids of its ingredients."""

    variant: Id
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)] = 1
    second_half: Id | None = None
    removed: list[Id] = Field(default_factory=list, max_length=MOST_CHANGES)
    extras: list[Id] = Field(default_factory=list, max_length=MOST_CHANGES)
    comment: Annotated[str, text(LINE_COMMENT)] = ""

    def request(self) -> LineRequest:
        return LineRequest(
            variant_id=self.variant,
            quantity=self.quantity,
            second_half_id=self.second_half,
            removed=tuple(self.removed),
            extras=tuple(self.extras),
            comment=self.comment,
        )


Lines = Annotated[list[LineAsked], Field(max_length=MAX_LINES)]


class QuoteAsked(Asked):
    """A basket to price; `postal_code` is needed for a delivery, `code` is a promotion's; `wanted_at` is a slot's `starts_at`, null
    for as soon as possible.
    """

    lines: Lines
    fulfilment: Mode
    postal_code: PostalCode | None = None
    code: Annotated[str, text(CODE_TYPED)] = ""
    wanted_at: Instant | None = None


class SlotsAsked(Asked):
    """A basket whose slots are asked for, of a day in Paris: today when none is told. `postal_code` is needed for a delivery."""

    lines: Lines
    fulfilment: Mode
    postal_code: PostalCode | None = None
    day: Day | None = None


class ContactAsked(Asked):
    """A telephone or an e-mail is needed; an address, for a delivery."""

    first_name: Annotated[str, text(longest("first_name"))]
    last_name: Annotated[str, text(longest("last_name"))]
    phone: Annotated[str, text(longest("phone"))] = ""
    email: Annotated[str, text(longest("email"))] = ""
    street: Annotated[str, text(longest("street"))] = ""
    complement: Annotated[str, text(longest("complement"))] = ""
    postal_code: Annotated[str, text(longest("postal_code"))] = ""
    town: Annotated[str, text(longest("town"))] = ""

    def contact(self, comment: str) -> Contact:
        return Contact(**self.__dict__, comment=comment)


class OrderAsked(Asked):
    """An order. `expected_total` is the total, in euros, that the client saw in a quote; `change_for`, with `cash` only,
    the cash that will be handed over, so that the change is ready. `code` is the promotion's that the quote was given;
    `wanted_at` a slot's `starts_at`, null for as soon as possible; `expected_promise` the `promised_at` that the client saw, to be
    asked again should it have become more than five minutes later.
    """

    store: Annotated[str, text(LONGEST_SLUG)]
    lines: Lines
    fulfilment: Mode
    payment_method: Means
    contact: ContactAsked
    comment: Annotated[str, text(longest("comment"))] = ""
    expected_total: Amount
    change_for: Cash | None = None
    wanted_at: Instant | None = None
    expected_promise: Instant | None = None
    code: Annotated[str, text(CODE_TYPED)] = ""


class ChangeAsked(Asked):
    """All of an order as it should be, not only what is new. `version` is that of the order which was read;
    `expected_total` the new total, in euros; `pay_by` how a difference is paid at the door beside what was paid already.
    `code` as for an order; `wanted_at` is a slot's `starts_at`, null for as soon as possible; left out, the order keeps its own. `expected_promise` is the
    `promised_at` that the client saw, to be asked again should it have become more than five minutes later.
    """

    version: Id
    lines: Lines
    fulfilment: Mode
    contact: ContactAsked
    comment: Annotated[str, text(longest("comment"))] = ""
    expected_total: Amount
    change_for: Cash | None = None
    wanted_at: Instant | None = None
    expected_promise: Instant | None = None
    pay_by: DoorMeans = "terminal"
    code: Annotated[str, text(CODE_TYPED)] = ""


class AdvanceAsked(Asked):
    """Where to: one of the order's `next` statuses. A cancellation is not a step forward."""

    to: Step
