"""Writing the demo group's cities, points of sale, first stock, staff and clients."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from pizzeria.accounts.models import Address, Role, StaffRole, User
from pizzeria.catalogue.models import Ingredient
from pizzeria.operations.demo.catalogue import PIZZAS
from pizzeria.operations.demo.ingredients import DOUGH, FOODS
from pizzeria.operations.demo.people import CLIENTS, demo_password
from pizzeria.operations.demo.rows import Food, Person, StoreRow
from pizzeria.operations.demo.sides import SIDES, SIZES
from pizzeria.operations.demo.stores import CITIES, STORES
from pizzeria.stock.models import StockItem
from pizzeria.stock.services import open_stock
from pizzeria.stores.models import City, DeliveryZone, OnHolidays, OpeningHours, RoadHour, Store
from pizzeria.stores.selectors import hours_of

PLACES_OF_THE_GROUP = 100
"""In its ovens together, a store's by its share. On a Friday evening 1,500 orders of two pizzas come in, three tenths of them in the
busiest hour: 900 pizzas of six minutes are 90 places that never rest.
"""
NEAR_MINUTES, FREE_NEAR, FREE_FAR = 13, Decimal("30.00"), Decimal("45.00")
"""Delivery is free from these euros on, next door and further away."""
SLOW_CITY, SLOW_HOURS, MORE_MINUTES = "city_001", (18, 19), 4
ON_HOLIDAYS = {"croix-rousse": OnHolidays.CLOSED, "canal": OnHolidays.SUNDAY, "batignolles": OnHolidays.SUNDAY}
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


def write_places(*, opened_at: datetime) -> None:
    """Cities, and stores with full shelves since `opened_at`."""
    stores = _write_stores()
    ingredients = Ingredient.objects.in_bulk(field_name="slug")
    for store in stores:
        _fill_shelves(store, ingredients, opened_at)


def read_places() -> list[Place]:
    """The stores, in the order of the table; their hours and zones, asked for at every order, are read once."""
    read = Store.objects.select_related("city").prefetch_related(*hours_of(), "delivery_zones", "staff__user")
    stores = {store.slug: store for store in read}
    identifiers = [row.email for row in CLIENTS]
    clients = list(User.objects.filter(identifier__in=identifiers).prefetch_related("addresses").order_by("pk"))
    return [_place(stores[row.slug], row, clients) for row in STORES]


def _place(store: Store, row: StoreRow, clients: list[User]) -> Place:
    team: dict[str, list[User]] = {role: [] for role in Role.values}
    for held in sorted(store.staff.all(), key=lambda role: role.pk):
        team[held.role].append(held.user)
    zones = list(store.delivery_zones.all())
    near = [user for user in clients if _lives_near(user, zones)]
    return Place(store=store, row=row, team=team, clients=near, zones=zones)


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


def _write_stores() -> list[Store]:
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
            free_from=FREE_NEAR if minutes <= NEAR_MINUTES else FREE_FAR,
            minutes=minutes,
        )
        for row in STORES
        for postal_code, fee, minimum, minutes in row.zones
    )
    _write_roads(stores)
    return list(stores.values())


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
        legal_line=f"{row.name}, établissement de démonstration (fictif)",
        company="OC Pizza SAS au capital de 40 000 € (démonstration)",
        # No company has these: nine zeros are nobody’s SIREN, though the sum of their digits holds.
        siret=f"000000000{row.siret}",
        vat_number="FR00000000000",
        preparation_minutes=row.preparation_minutes,
        oven_minutes=round(row.share * PLACES_OF_THE_GROUP) * 60,
        on_holidays=ON_HOLIDAYS.get(row.slug, OnHolidays.USUAL),
    )


def _write_roads(stores: Mapping[str, Store]) -> None:
    """At the hours at which everybody drives home, every road of Paris takes longer."""
    zones = DeliveryZone.objects.filter(store__city__code=SLOW_CITY, store__in=stores.values())
    RoadHour.objects.bulk_create(
        RoadHour(zone=zone, hour=hour, minutes=zone.minutes + MORE_MINUTES) for zone in zones for hour in SLOW_HOURS
    )


def _fill_shelves(store: Store, ingredients: Mapping[str, Ingredient], at: datetime) -> None:
    shelves = full_shelves()
    open_stock(store=store, quantities={ingredients[slug].pk: held for slug, held in shelves.items()}, at=at)
    items = list(StockItem.objects.filter(store=store).select_related("ingredient"))
    for item in items:
        item.alert_below = shelves[item.ingredient.slug] // ALERT_SHARE
    StockItem.objects.bulk_update(items, ["alert_below"])


def write_staff(*, people: list[Person]) -> None:
    """Accounts and roles. The password is hashed once: these people share it, and so may its hash."""
    password = make_password(demo_password())
    users = User.objects.bulk_create(
        User(
            identifier=person.identifier,
            first_name=person.first_name,
            last_name=person.last_name,
            email=f"{person.identifier}@oc-pizza.example",
            password=password,
        )
        for person in people
    )
    stores = Store.objects.in_bulk(field_name="slug")
    StaffRole.objects.bulk_create(
        StaffRole(user=user, store=stores[slug] if slug else None, role=person.role)
        for user, person in zip(users, people, strict=True)
        for slug in person.stores or ("",)
    )


def confirm_addresses() -> None:
    """The demo's clients sign in with the printed password at once, also where a release before has written them."""
    emails = [row.email for row in CLIENTS]
    EmailAddress.objects.bulk_create(
        [
            EmailAddress(user=user, email=user.email, verified=True, primary=True)
            for user in User.objects.filter(identifier__in=emails, email__in=emails, emailaddress=None)
        ]
    )
    EmailAddress.objects.filter(user__identifier__in=emails, email__in=emails, verified=False).update(verified=True)


def write_clients() -> None:
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
    confirm_addresses()
    addresses = []
    for user, row in zip(users, CLIENTS, strict=True):
        home = {"street": row.street, "complement": row.complement, "postal_code": row.postal_code, "town": row.town}
        addresses.append(Address(user=user, is_usual=True, **home))
        if row.second_address:
            street, postal_code, town = row.second_address
            addresses.append(Address(user=user, street=street, postal_code=postal_code, town=town))
    Address.objects.bulk_create(addresses)


def _lives_near(user: User, zones: list[DeliveryZone]) -> bool:
    delivered = {zone.postal_code for zone in zones}
    return any(address.postal_code in delivered for address in user.addresses.all())
