"""What the API answers."""

from datetime import date

from pydantic import ConfigDict

from pizzeria.api.fields import (
    AllergenOut,
    Answered,
    KindOut,
    MeansOut,
    ModeOut,
    Moment,
    Money,
    PaymentOut,
    Percent,
    PromiseReasonOut,
    RoleOut,
    SignedMoney,
    StatusOut,
    StockStateOut,
    UnitOut,
    WallTime,
)


class Problem(Answered):
    """A problem document (RFC 9457). `code` never changes; `title` and `detail` are in the reader's language.

    Other members say more: `fields`, `products`, `total`, `minimum`, `order_status`.
    """

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str


class CityOut(Answered):
    code: str
    name: str


class AddressOut(Answered):
    street: str
    postal_code: str
    town: str


class HoursOut(Answered):
    """An opening period, in Paris time; `weekday` 1 is Monday. It ends the next day when `closes` is not later."""

    weekday: int
    opens: WallTime
    closes: WallTime


class ZoneOut(Answered):
    """What a delivery to a postal code costs, asks for at least, and takes on the road."""

    postal_code: str
    fee: Money
    minimum_order: Money
    minutes: int


class StoreOut(Answered):
    """`next_opening` is null while the store is open."""

    slug: str
    name: str
    city: CityOut
    address: AddressOut
    phone: str
    email: str
    is_open: bool
    next_opening: Moment | None
    preparation_minutes: int
    hours: list[HoursOut]
    delivery_zones: list[ZoneOut]


class StoresOut(Answered):
    stores: list[StoreOut]


class SizeOut(Answered):
    code: str
    name: str
    diameter_cm: int


class VariantOut(Answered):
    """A product in a size. `makeable` is how many can still be made, counted up to 99."""

    id: int
    size: SizeOut | None
    price: Money
    makeable: int


class IngredientOut(Answered):
    id: int
    name: str
    removable: bool
    allergens: list[AllergenOut]


class ProductOut(Answered):
    slug: str
    kind: KindOut
    name: str
    description: str
    tags: list[str]
    allergens: list[AllergenOut]
    ingredients: list[IngredientOut]
    variants: list[VariantOut]


class ExtraOut(Answered):
    """An ingredient that can be put on any pizza, for a price."""

    id: int
    name: str
    price: Money
    allergens: list[AllergenOut]


class MenuOut(Answered):
    store: str
    products: list[ProductOut]
    extras: list[ExtraOut]


class PricedLineOut(Answered):
    label: str
    quantity: int
    unit_price: Money
    amount: Money
    discount: Money


class OfferOut(Answered):
    """An offer that was applied, and what it takes off the lines and the delivery together."""

    label: str
    amount: Money


class CodeOut(Answered):
    """What became of the promotion's code that was sent, in words."""

    is_applied: bool
    words: str


class PromiseOut(Answered):
    """Send `promised_at` as `expected_promise` when ordering. At the door for a delivery, at the counter else."""

    promised_at: Moment
    wanted_at: Moment | None
    road_minutes: int


class SlotOut(Answered):
    """A quarter of an hour that can be asked for (`wanted_at` is its `starts_at`); `room` in orders like this one, 0 when it is
    full, counted up to 20.
    """

    starts_at: Moment
    ends_at: Moment
    room: int


class SlotsOut(Answered):
    """The slots of a `day`, and the days for which the store takes orders."""

    day: date
    days: list[date]
    slots: list[SlotOut]


class QuoteOut(Answered):
    """Send `total` as `expected_total` when ordering. A line's `amount` is before its `discount`, `subtotal` after all of them.
    `promise` is null when the store cannot make it at that time: `refusal` is then the code that ordering would answer.
    """

    lines: list[PricedLineOut]
    fulfilment: ModeOut
    offers: list[OfferOut]
    code: CodeOut | None
    discount: Money
    subtotal: Money
    delivery_fee: Money
    total: Money
    promise: PromiseOut | None
    refusal: str | None


class PayingOut(Answered):
    """How the payment stands. `pay_url` is the page where it is paid, and secret as the token is; null when nothing waits
    to be paid online. After `payable_until` the order is let go.
    """

    status: PaymentOut
    pay_url: str | None
    payable_until: Moment | None


class PlacedOut(Answered):
    """The order that was placed. `token` alone opens it: keep it secret. `number` is for people."""

    number: str
    token: str
    store: str
    status: StatusOut
    fulfilment: ModeOut
    payment_method: MeansOut
    payment_status: PaymentOut
    payment: PayingOut
    discount: Money
    subtotal: Money
    delivery_fee: Money
    total: Money
    placed_at: Moment
    wanted_at: Moment | None
    promised_at: Moment


class ContactOut(Answered):
    first_name: str
    last_name: str
    phone: str
    email: str
    street: str
    complement: str
    postal_code: str
    town: str


class ChangeOut(Answered):
    ingredient: str
    price: Money


class LineOut(PricedLineOut):
    vat_percent: Percent
    comment: str
    removed: list[str]
    extras: list[ChangeOut]


class EventOut(Answered):
    """A move of the order: when, from which status to which, in which role, why."""

    at: Moment
    from_status: StatusOut | None
    to_status: StatusOut
    role: RoleOut
    reason: str


class PromiseChangeOut(Answered):
    """A promise that reality moved: when it was told, from which hour to which, and why."""

    at: Moment
    before: Moment
    after: Moment
    reason: PromiseReasonOut


class OrderOut(Answered):
    """`promised_at` is what stands; `first_promised_at` what was promised at first, `promise_changes` what moved it."""

    number: str
    store: str
    status: StatusOut
    status_label: str
    fulfilment: ModeOut
    payment_method: MeansOut
    payment_status: PaymentOut
    contact: ContactOut
    comment: str
    lines: list[LineOut]
    offers: list[OfferOut]
    discount: Money
    subtotal: Money
    delivery_fee: Money
    total: Money
    placed_at: Moment
    wanted_at: Moment | None
    first_promised_at: Moment | None
    promised_at: Moment
    promise_changes: list[PromiseChangeOut]
    ready_at: Moment | None
    delivered_at: Moment | None
    events: list[EventOut]


class OrderChangeOut(Answered):
    """That the order was changed: when, in which role, and what its total grew by (less than nothing: it got cheaper)."""

    at: Moment
    role: RoleOut
    difference: SignedMoney


class ClientOrderOut(OrderOut):
    """`cancellable` until preparation starts, and `changeable` too, once it is in the kitchen: send `version` with a change."""

    payment: PayingOut
    cancellable: bool
    changeable: bool
    version: int
    changes: list[OrderChangeOut]


class StaffOrderOut(OrderOut):
    """`next` are the statuses to which the bearer may move this order now."""

    next: list[StatusOut]


class StaffOrdersOut(Answered):
    """Newest first. Send `cursor` to read on; it is null on the last page."""

    orders: list[StaffOrderOut]
    cursor: str | None


class StockLineOut(Answered):
    """An ingredient at a store: quantities in its unit. `off_sale_since` is null while it is on sale."""

    ingredient: str
    name: str
    unit: UnitOut
    unit_quantity: int
    available: int
    alert_below: int
    state: StockStateOut
    off_sale_since: Moment | None


class StockOut(Answered):
    store: str
    lines: list[StockLineOut]


class MakeableOut(Answered):
    """How many of a variant can still be made, counted up to 99, and once what was proposed has been delivered.

    `limited_by` is the ingredient that keeps it from being more; null where it is plenty.
    """

    product: str
    size: str | None
    variant: int
    count: int
    limited_by: str | None
    after_delivery: int


class MakeablesOut(Answered):
    store: str
    variants: list[MakeableOut]
