"""The types of the API's fields: money as text, Paris time, text without control characters, bounds on all."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Literal, cast, get_args

from django.db.models import CharField
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema

from pizzeria.accounts.models import Role
from pizzeria.catalogue.models import Allergen, Ingredient, Product
from pizzeria.ordering.models import Order, PromiseChange
from pizzeria.ordering.transitions import CUSTOMER, SYSTEM
from pizzeria.payments.models import PaymentStatus
from pizzeria.stores.hours import PARIS

LARGEST_ID = 2**53 - 1
"""The largest whole number that every JSON reader keeps exact."""

AMOUNT = r"^[0-9]{1,6}\.[0-9]{2}$"
CASH = r"^[0-9]{1,4}\.[0-9]{2}$"
CLEAN = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$"
"""No control character but tabulation and line ends."""

POSTAL_CODE = r"^[0-9]{5}$"
DAY = r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
INSTANT = DAY[:-1] + r"T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])$"
"""With its offset from Greenwich: a moment, whoever reads it where."""


class Asked(BaseModel):
    """A request's body. Unknown fields, a price for instance, are refused; types are not guessed."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Answered(BaseModel):
    """An answer's body, built by us: nothing of it needs to be validated twice."""

    model_config = ConfigDict(arbitrary_types_allowed=True)


def longest(name: str) -> int:
    """How many characters the order keeps of a field."""
    field = cast("CharField[str, str]", Order._meta.get_field(name))  # noqa: SLF001
    return field.max_length or 0


def text(most: int) -> StringConstraints:
    return StringConstraints(max_length=most, pattern=CLEAN)


def _paris(moment: datetime) -> str:
    return moment.astimezone(PARIS).isoformat(timespec="seconds")


Money = Annotated[
    Decimal,
    PlainSerializer(lambda amount: f"{amount:.2f}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+\.[0-9]{2}$", "examples": ["11.50"]}),
]
"""Euros, VAT included, with two decimals: a string, since a JSON number may become a float."""

SignedMoney = Annotated[
    Decimal,
    PlainSerializer(lambda amount: f"{amount:.2f}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "examples": ["-5.00"]}),
]

Percent = Annotated[
    Decimal,
    PlainSerializer(lambda percent: f"{percent:.2f}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+\.[0-9]{2}$", "examples": ["10.00"]}),
]

Moment = Annotated[
    datetime,
    PlainSerializer(_paris, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-24T20:42:00+01:00"]}),
]

WallTime = Annotated[
    time,
    PlainSerializer(lambda at: f"{at:%H:%M}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$", "examples": ["18:30"]}),
]

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Amount = Annotated[str, StringConstraints(pattern=AMOUNT), WithJsonSchema({"type": "string", "pattern": AMOUNT})]
Cash = Annotated[str, StringConstraints(pattern=CASH), WithJsonSchema({"type": "string", "pattern": CASH})]
PostalCode = Annotated[str, StringConstraints(pattern=POSTAL_CODE)]


def _day(text: str) -> str:
    date.fromisoformat(text)
    return text


def _instant(text: str) -> str:
    datetime.fromisoformat(text)
    return text


# They end as text: the request's digest is that of what was sent. A day that no calendar has is refused.
Day = Annotated[
    str,
    StringConstraints(pattern=DAY),
    AfterValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": DAY}),
]
Instant = Annotated[
    str,
    StringConstraints(pattern=INSTANT),
    AfterValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": INSTANT}),
]

Mode = Literal["delivery", "collection", "on_site"]
Means = Literal["online", "cash", "terminal", "voucher"]
DoorMeans = Literal["cash", "terminal", "voucher"]
Status = Literal[
    "awaiting_payment", "to_prepare", "taken", "preparing", "ready", "delivering", "delivered", "cancelled"
]
Step = Literal["taken", "preparing", "ready", "delivering", "delivered"]

# What we answer is ours: said in the document, not checked anew.
ModeOut = Annotated[str, WithJsonSchema({"type": "string", "enum": list(get_args(Mode))})]
MeansOut = Annotated[str, WithJsonSchema({"type": "string", "enum": list(get_args(Means))})]
StatusOut = Annotated[str, WithJsonSchema({"type": "string", "enum": list(get_args(Status))})]
PaymentOut = Annotated[str, WithJsonSchema({"type": "string", "enum": PaymentStatus.values})]
PromiseReasonOut = Annotated[str, WithJsonSchema({"type": "string", "enum": PromiseChange.Reason.values})]
RoleOut = Annotated[str, WithJsonSchema({"type": "string", "enum": [*Role.values, CUSTOMER, SYSTEM]})]
AllergenOut = Annotated[str, WithJsonSchema({"type": "string", "enum": Allergen.values})]
KindOut = Annotated[str, WithJsonSchema({"type": "string", "enum": Product.Kind.values})]
UnitOut = Annotated[str, WithJsonSchema({"type": "string", "enum": Ingredient.Unit.values})]
StockStateOut = Annotated[str, WithJsonSchema({"type": "string", "enum": ["off_sale", "out", "low", "fine"]})]
