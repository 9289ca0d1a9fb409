"""Writing the demo group's cities, points of sale, first stock, staff and clients."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from django.contrib.auth.hashers import make_password

from pizzeria.accounts.models import Address, Role, StaffRole, User
from pizzeria.operations.demo.catalogue import PIZZAS, Menu
from pizzeria.operations.demo.ingredients import DOUGH, FOODS
from pizzeria.operations.demo.people import CLIENTS, demo_password, staff
from pizzeria.operations.demo.rows import Food, StoreRow
from pizzeria.operations.demo.sides import SIDES, SIZES
from pizzeria.operations.demo.stores import CITIES, STORES
from pizzeria.stock.models import StockItem
from pizzeria.stock.services import open_stock
from pizzeria.stores.models import City, DeliveryZone, OpeningHours, Store

PORTIONS = 40
"""A full shelf makes this many of the pizza that needs the most of an ingredient, more if several do."""
ALERT_SHARE = 5
"""The alert rings at a fifth of a full shelf."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point of sale with what a day there needs: its row, its people, its clients and its zones."""

    store: Store
    row: StoreRow
    team: dict[str, list[User]]
    clients: list[User]
    zones: list[DeliveryZone]


def write_places(*, menu: Menu, opened_at: datetime) -> list[Place]:
    """Cities, stores and people, with full shelves since `opened_at`."""
    stores = _write_stores()
    teams = _write_staff(stores)
    clients = _write_clients()
    for store in stores.values():
        _fill_shelves(store, menu, opened_at)
    return [
        Place(
            store=stores[row.slug],
            row=row,
            team=teams[row.slug],
            clients=[user for user in clients if _lives_near(user, row)],
            zones=list(stores[row.slug].delivery_zones.all()),
        )
        for row in STORES
    ]


def full_shelves() -> dict[str, int]:
    """How much of each ingredient a store keeps, in whole delivered units."""
    most: Counter[str] = Counter()
    uses: Counter[str] = Counter()
    for pizza in PIZZAS:
        for slug, quantity in pizza.recipe.items():
            most[slug] = max(most[slug], quantity)
            uses[slug] += 1
    most[DOUGH.slug], uses[DOUGH.slug] = SIZES[1].dough_grams, len(PIZZAS)
    foods: tuple[Food, ...] = (*FOODS, *(side.piece for side in SIDES))
    return {
        food.slug: _whole_units(food, PORTIONS * (most[food.slug] or 1) * (4 + uses[food.slug]) // 5) for food in foods
    }


def _whole_units(food: Food, quantity: int) -> int:
    return -(-quantity // food.unit_quantity) * food.unit_quantity


def _write_stores() -> dict[str, Store]:
    cities = {code: City.objects.get_or_create(code=code, defaults={"name": name})[0] for code, name in CITIES.items()}
    stores = {row.slug: _store(row, cities[row.city]) for row in STORES}
    Store.objects.bulk_create(stores.values())
    OpeningHours.objects.bulk_create(
        OpeningHours(
            store=stores[row.slug],
            weekday=int(day),
            opens=time.fromisoformat(opens),
            closes=time.fromisoformat(closes),
        )
        for row in STORES
        for days, opens, closes in row.hours
        for day in days
    )
    DeliveryZone.objects.bulk_create(
        DeliveryZone(
            store=stores[row.slug],
            postal_code=postal_code,
            fee=Decimal(fee),
            minimum_order=Decimal(minimum),
            minutes=minutes,
        )
        for row in STORES
        for postal_code, fee, minimum, minutes in row.zones
    )
    # Their hours and zones are asked for at every order: read once.
    read = (
        Store.objects.filter(slug__in=stores).select_related("city").prefetch_related("opening_hours", "delivery_zones")
    )
    return {store.slug: store for store in read}


def _store(row: StoreRow, city: City) -> Store:
    return Store(
        city=city,
        slug=row.slug,
        name=row.name,
        street=row.street,
        postal_code=row.postal_code,
        town=row.town,
        phone=row.phone,
        email=f"{row.slug}@oc-pizza.example",
        legal_line=f"{row.name}, établissement de démonstration, SIRET 000 000 000 {row.siret} (fictif)",
        preparation_minutes=row.preparation_minutes,
    )


def _fill_shelves(store: Store, menu: Menu, at: datetime) -> None:
    shelves = full_shelves()
    open_stock(store=store, quantities={menu.ingredients[slug].pk: held for slug, held in shelves.items()}, at=at)
    items = list(StockItem.objects.filter(store=store).select_related("ingredient"))
    for item in items:
        item.alert_below = shelves[item.ingredient.slug] // ALERT_SHARE
    StockItem.objects.bulk_update(items, ["alert_below"])


def _write_staff(stores: dict[str, Store]) -> dict[str, dict[str, list[User]]]:
    """The staff's accounts and roles; gives back who holds which role at which store."""
    people = staff()
    password = make_password(demo_password())  # Hashed once: the demo's people share it, and so may its hash.
    users = User.objects.bulk_create(
        User(
            identifier=person.identifier,
            first_name=person.first_name,
            last_name=person.last_name,
            email=f"{person.identifier}@oc-pizza.example",
            phone=f"01 99 00 90 {number:02d}",
            password=password,
        )
        for number, person in enumerate(people)
    )
    teams: dict[str, dict[str, list[User]]] = {slug: {role: [] for role in Role.values} for slug in stores}
    roles = []
    for user, person in zip(users, people, strict=True):
        for slug in person.stores:
            teams[slug][person.role].append(user)
            roles.append(StaffRole(user=user, store=stores[slug], role=person.role))
        if not person.stores:
            roles.append(StaffRole(user=user, role=person.role))
    StaffRole.objects.bulk_create(roles)
    return teams


def _write_clients() -> list[User]:
    password = make_password(demo_password())
    users = User.objects.bulk_create(
        User(
            identifier=row.email,
            email=row.email,
            first_name=row.first_name,
            last_name=row.last_name,
            phone=row.phone,
            birthday=date.fromisoformat(row.birthday),
            password=password,
        )
        for row in CLIENTS
    )
    addresses = []
    for user, row in zip(users, CLIENTS, strict=True):
        addresses.append(
            Address(user=user, street=row.street, complement=row.complement, postal_code=row.postal_code, town=row.town)
        )
        if row.second_address:
            street, postal_code, town = row.second_address
            addresses.append(Address(user=user, street=street, postal_code=postal_code, town=town))
    Address.objects.bulk_create(addresses)
    return list(User.objects.filter(pk__in=[user.pk for user in users]).prefetch_related("addresses").order_by("pk"))


def _lives_near(user: User, row: StoreRow) -> bool:
    delivered = {zone[0] for zone in row.zones}
    return any(address.postal_code in delivered for address in user.addresses.all())
