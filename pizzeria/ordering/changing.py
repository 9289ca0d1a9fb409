"""Changing an order until its preparation starts (UC 1.3): what it is made of, where it goes, when; never silently.

A change is one transaction under the order's lock: lines, ovens, money, stock and journal say the same before and after.
The pizzaiolo's start compares what it moves with what it read, so that of the two one wins and the other is told.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from pizzeria.accounts.models import Role, User
from pizzeria.accounts.permissions import Action, allows
from pizzeria.accounts.selectors import roles_for_a_deed
from pizzeria.catalogue.models import Product, Variant
from pizzeria.live.services import about_order
from pizzeria.ordering.as_sold import as_it_stands, sold_of
from pizzeria.ordering.change import require_change
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.differences import Seen, changed_since, differing, offers_of_quote, seen_of, seen_of_quote
from pizzeria.ordering.errors import (
    InvalidChoice,
    NoPizzaLeft,
    NotAllowed,
    OrderChanged,
    TransitionRefused,
)
from pizzeria.ordering.lines import LineRequest
from pizzeria.ordering.models import Channel, Order, OrderChange, PromiseChange
from pizzeria.ordering.offers import rows_of, use
from pizzeria.ordering.ovens import rebook, require_expected, would_rebook
from pizzeria.ordering.paying import lock
from pizzeria.ordering.planning import Promise
from pizzeria.ordering.pricing import Delivered, Quote, quote
from pizzeria.ordering.promise import oven_minutes_of
from pizzeria.ordering.settling import Balance, balance_of, correct_sale, settle_change
from pizzeria.ordering.sold_lines import lines_of, out_of_stock
from pizzeria.ordering.telling import tell_change
from pizzeria.ordering.total import require_total, told_as_a_total
from pizzeria.ordering.transitions import CHANGEABLE, CUSTOMER
from pizzeria.payments.models import AT_DOOR, Method
from pizzeria.payments.selectors import due_of
from pizzeria.promotions.models import Quota, Use
from pizzeria.promotions.services import give_back
from pizzeria.rows import insert_all
from pizzeria.stock.errors import OutOfStock
from pizzeria.stock.swapping import hold_instead
from pizzeria.stores.selectors import informed

Status = Order.Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An order as somebody wants it: all of it, not only what is new.

    `wanted_at` is a slot (none: as soon as possible), `change_for` the cash that will be handed over, in euros, where what is
    due is paid in cash, `code` a promotion's.
    """

    lines: Sequence[LineRequest]
    contact: Contact
    fulfilment: str
    wanted_at: datetime | None = None
    change_for: Decimal | None = None
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a change would make of an order: before and after, in the reader's words, and what happens to the money."""

    wish: Wish
    quote: Quote
    before: Seen
    after: Seen
    balance: Balance

    @property
    def difference(self) -> Decimal:
        """What the total grows by, in euros."""
        return self.after.total - self.before.total

    @property
    def changes_nothing(self) -> bool:
        return not any(differing(self.before, self.after))


def require_changeable(order: Order) -> None:
    """Refuse, kindly, what cannot be changed any more, or not here. Raises TransitionRefused."""
    if order.status in CHANGEABLE:
        return
    told = {"number": order.number, "store": order.store.name, "phone": order.store.phone}
    words = {
        Status.AWAITING_PAYMENT: _(
            "La commande %(number)s attend son paiement : pour la modifier, revenez à votre panier depuis la page de paiement."
        ),
        Status.CANCELLED: _("La commande %(number)s est annulée : passez-en une nouvelle."),
        Status.DELIVERED: _("La commande %(number)s est déjà remise : elle ne se modifie plus."),
    }
    begun = _(
        "La préparation de la commande %(number)s a commencé : elle ne peut plus être modifiée. "
        "Appelez %(store)s au %(phone)s : on verra ensemble ce qui est encore possible."
    )
    raise TransitionRefused(words.get(Status(order.status), begun) % told, status=order.status)


def plan_change(*, order: Order, wish: Wish, at: datetime | None = None) -> Plan:
    """What this change would make of the order, before anybody confirms it.

    Raises EmptyCart, InvalidLine, InvalidChoice, InvalidContact, NoPizzaLeft, NotDeliverable, BelowMinimum, and for what
    the ovens cannot promise SlotFull, KitchenPaused and StoreClosed.
    """
    wish = replace(wish, contact=wish.contact.cleaned(fulfilment=wish.fulfilment))
    priced = price_change(order=order, wish=wish)
    before = seen_of(order=order)
    after = Seen(
        lines=seen_of_quote(quote=priced),
        contact=asdict(wish.contact),
        fulfilment=wish.fulfilment,
        wanted_at=wish.wanted_at,
        promised_at=_would_promise(order, priced, wish, at or timezone.now()),
        change_for=wish.change_for if _is_due_in_cash(order) else order.change_for,
        delivery_fee=priced.delivery_fee,
        offers=offers_of_quote(quote=priced),
        total=priced.total,
    )
    return Plan(
        wish=wish, quote=priced, before=before, after=after, balance=balance_of(order=order, total=priced.total)
    )


def price_change(*, order: Order, wish: Wish) -> Quote:
    """The basket at today's prices, but no line dearer than it was sold; offers as of the moment when it was ordered.

    Where the same goes to the same place, all of it stays as it was agreed.
    """
    _require_a_pizza(order, wish.lines)
    sold = sold_of(order=order)
    there = (wish.fulfilment, wish.contact.postal_code) == (order.fulfilment, order.postal_code)
    priced = quote(
        store=informed(store=order.store),
        requests=wish.lines,
        fulfilment=wish.fulfilment,
        postal_code=wish.contact.postal_code,
        code=wish.code,
        customer=order.customer,
        channel=Channel.COUNTER if order.taken_by_id else Channel.ONLINE,
        at=order.placed_at,
        held=order.offers.values_list("offer_id", flat=True),
        on_sale=sold.on_sale(),
        sold_at=sold.prices,
        delivered=Delivered(fee=order.delivery_fee, gross=sold.gross) if there else None,
    )
    return as_it_stands(sold=sold, priced=priced) if there and not wish.code and sold.is_all_of(wish.lines) else priced


@transaction.atomic
def change_order(
    *,
    order: Order,
    version: int,
    lines: Sequence[LineRequest],
    contact: Contact,
    fulfilment: str,
    expected_total: Decimal,
    wanted_at: datetime | None = None,
    expected_promise: datetime | None = None,
    change_for: Decimal | None = None,
    code: str = "",
    pay_by: str = Method.TERMINAL,
    acting_user: User | None = None,
    at: datetime | None = None,
) -> Order:
    """Change an order that is not yet in preparation (UC 1.3): what differs alone is replaced, and its history says by what.

    `version` is that of the order which whoever changes it has seen, `expected_total` the new total, in euros, that they
    saw, `expected_promise` the hour (none: it was shown none); `pay_by` is how a difference is paid beside what was paid already. Somebody who changes another's order
    (`acting_user`) is a cashier of its store. A change that changes nothing leaves no trace.
    Raises TransitionRefused once preparation started, OrderChanged when somebody else changed it first, NotAllowed,
    TotalChanged, PromiseMoved, OutOfStock, and what `plan_change` raises; nothing is kept of what is refused.
    """
    _require_theirs(order, acting_user)
    standing = _locked(order)
    require_changeable(standing)
    wish = Wish(
        lines=lines,
        contact=contact,
        fulfilment=fulfilment,
        wanted_at=wanted_at,
        change_for=change_for,
        code=code,
    )
    now = at or timezone.now()
    # As the house says it: the history is read by everybody.
    with translation.override(settings.LANGUAGE_CODE):
        plan = plan_change(order=standing, wish=wish, at=now)
    _require_unchanged(standing, plan, version)
    if plan.changes_nothing:
        return standing
    require_total(priced=plan.quote, expected_total=expected_total)
    _require_means(standing, plan, pay_by)
    _use_offers(standing, plan.quote, again=lambda: price_change(order=standing, wish=wish))
    promise = _rebook(standing, plan, expected_promise, now)
    plan = replace(plan, after=replace(plan.after, promised_at=promise.promised_at))
    _replace(standing, plan, promise)
    settle_change(order=standing, method=pay_by, acting_user=acting_user, at=at)
    _write_down(standing, plan, acting_user, now)
    # The stock's rows are those that other orders wait for, and the journal's head is the last of all.
    _hold(standing, plan.quote, acting_user, now)
    correct_sale(order=standing, acting_user=acting_user, at=at)
    return standing


def _require_theirs(order: Order, acting_user: User | None) -> None:
    """Whoever holds its token may change it, and a cashier of its store, who is held by this until the end."""
    if acting_user is None:
        return
    roles = roles_for_a_deed(user=acting_user, store_id=order.store_id)
    if not allows(roles=roles, action=Action.CHANGE_ORDERS):
        raise NotAllowed(_("Seul un caissier de ce point de vente modifie la commande de quelqu’un d’autre."))


def _locked(order: Order) -> Order:
    """The order as it stands under its lock: the pizzaiolo's start waits, or has been."""
    lock(order)
    return Order.objects.select_related("store", "customer").get(pk=order.pk)


def _require_unchanged(order: Order, plan: Plan, version: int) -> None:
    """Refuse to overwrite what somebody else changed meanwhile; a move of the order is no change. Raises OrderChanged."""
    others = changed_since(order=order, version=version)
    if not others or plan.changes_nothing:
        return
    standing, asked = differing(plan.before, plan.after)
    by = _("par le point de vente") if others[-1].role != CUSTOMER else _("par vous ou quelqu’un qui en a le lien")
    raise OrderChanged(
        _("La commande %(number)s vient d’être modifiée %(by)s : comparez, puis confirmez de nouveau.")
        % {"number": order.number, "by": by},
        version=order.version,
        standing=standing,
        asked=asked,
    )


def _require_a_pizza(order: Order, lines: Sequence[LineRequest]) -> None:
    """Never an order with no pizza; one that had none when it was placed may go without."""
    pizza = Product.Kind.PIZZA
    asked = [line.variant_id for line in lines]
    if not asked or Variant.objects.filter(pk__in=asked, product__kind=pizza).exists():
        return
    if order.lines.filter(variant__product__kind=pizza).exists():
        raise NoPizzaLeft(_("Une commande garde au moins une pizza. Pour ne rien garder, annulez la commande."))


def _would_promise(order: Order, priced: Quote, wish: Wish, at: datetime) -> datetime:
    """What the client would be promised: as before where no more of the ovens is needed, and for the same hour."""
    return would_rebook(
        order=order,
        oven_minutes=oven_minutes_of(priced.lines),
        zone=priced.zone,
        at=at,
        wanted_at=wish.wanted_at,
    ).promised_at


def _rebook(order: Order, plan: Plan, expected: datetime | None, at: datetime) -> Promise:
    """Take the ovens' minutes that it needs now. Raises SlotFull, KitchenPaused, StoreClosed and PromiseMoved."""
    promise = rebook(
        order=order,
        oven_minutes=oven_minutes_of(plan.quote.lines),
        zone=plan.quote.zone,
        at=at,
        wanted_at=plan.wish.wanted_at,
    )
    require_expected(promise=promise, expected=expected)
    return promise


def _require_means(order: Order, plan: Plan, pay_by: str) -> None:
    """Refuse a means by which no difference is paid, and cash that would not do for what is due."""
    if plan.balance.is_begun and plan.balance.due and pay_by not in AT_DOOR:
        raise InvalidChoice(_("Choisissez un moyen de paiement."), field="pay_by")
    if _is_due_in_cash(order):
        require_change(change_for=plan.after.change_for, payment_method=Method.CASH, total=plan.balance.due)


def _is_due_in_cash(order: Order) -> bool:
    """Whether a note may be kept ready for: what is paid already, or otherwise, needs none."""
    due = due_of(order=order)
    return due is not None and due.method == Method.CASH


def _replace(order: Order, plan: Plan, promise: Promise) -> None:
    """Put the new lines and words in the place of the old; the version grows. Raises TransitionRefused for who was too late."""
    values: dict[str, object] = {
        **asdict(plan.wish.contact),
        "fulfilment": plan.wish.fulfilment,
        "wanted_at": plan.wish.wanted_at,
        "start_at": promise.start_at,
        "promised_at": promise.promised_at,
        "change_for": plan.after.change_for,
        "discount": plan.quote.discount,
        "subtotal": plan.quote.subtotal,
        "delivery_fee": plan.quote.delivery_fee,
        "total": plan.quote.total,
        "version": order.version + 1,
    }
    won = Order.objects.filter(pk=order.pk, status=order.status, version=order.version).update(**values)
    if not won:
        order.refresh_from_db()
        require_changeable(order)
    for name, value in values.items():
        setattr(order, name, value)
    order.offers.all().delete()
    order.lines.all().delete()
    insert_all(*lines_of(order=order, priced=plan.quote), *rows_of(order=order, applied=plan.quote.offers))


def _use_offers(order: Order, priced: Quote, *, again: Callable[[], Quote]) -> None:
    """Count the uses of its offers anew. Raises TotalChanged when somebody else has just had the last one."""
    keys = {*Use.objects.filter(reference=order.token).values_list("offer_id", flat=True)}
    keys |= {each.offer_id for each in priced.offers}
    # All of them by their key first: what is given back is another offer than what is taken.
    list(Quota.objects.select_for_update(no_key=True).filter(offer__in=keys).order_by("offer_id").values_list("pk"))
    give_back(reference=order.token)
    with told_as_a_total(again=again):
        use(order=order, applied=priced.offers)


def _write_down(order: Order, plan: Plan, acting_user: User | None, at: datetime) -> None:
    before, after = differing(plan.before, plan.after)
    role = CUSTOMER if acting_user is None else Role.CASHIER
    moved = plan.before.promised_at != plan.after.promised_at
    promise = PromiseChange(
        order_id=order.pk,
        at=at,
        before=plan.before.promised_at,
        after=plan.after.promised_at,
        reason=PromiseChange.Reason.CHANGED,
        acting_user=acting_user,
    )
    change = OrderChange(
        order_id=order.pk,
        at=at,
        acting_user=acting_user,
        role=role,
        before=before,
        after=after | {"version": order.version},
        difference=plan.difference,
    )
    told = {"number": order.number, "changed": order.version}
    news = about_order(token=order.token, store_id=order.store_id, payload=told)
    insert_all(change, *([promise] if moved else []), *news)
    tell_change(order, role=role, acting_user=acting_user, what=sorted(before))


def _hold(order: Order, priced: Quote, acting_user: User | None, at: datetime) -> None:
    try:
        hold_instead(store=order.store, needs=priced.needs(), reference=order.token, acting_user=acting_user, at=at)
    except OutOfStock as error:
        raise out_of_stock(error, priced=priced) from error
