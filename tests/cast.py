"""The cast of the tests: two cities, two points of sale, a small menu and the people of the use cases."""

from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

import pytest
from allauth.account.models import EmailAddress

from pizzeria.accounts.models import Role, StaffRole, User
from pizzeria.api import menus
from pizzeria.catalogue.models import Ingredient, Product, Size, Variant, VatRate
from pizzeria.catalogue.services import set_recipe
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.lines import LineRequest
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.ordering.placing import place_order
from pizzeria.ordering.pricing import quote
from pizzeria.shop import frozen
from pizzeria.stock.services import open_stock
from pizzeria.stores.models import City, DeliveryZone, OpeningHours, Store
from tests.snapshot import Snapshot

PASSWORD = "une-phrase-pour-les-tests"
GRAMS = 1_000_000
"""Stock that no test empties by accident."""

GUEST = Contact(
    first_name="Gaspard",
    last_name="Visiteur",
    phone="06 39 98 12 34",
    street="3 rue de la Roquette",
    postal_code="75011",
    town="Paris",
)


@dataclass
class House:
    """What every test may refer to by name."""

    paris: City
    lyon: City
    bastille: Store
    croix_rousse: Store
    ingredients: dict[str, Ingredient] = field(default_factory=dict)

    def variant(self, product: str, size: str | None = "m") -> Variant:
        return Variant.objects.get(product__slug=product, size__code=size)

    def line(self, product: str = "margherita", size: str | None = "m", **fields: object) -> LineRequest:
        return LineRequest(variant_id=self.variant(product, size).pk, **fields)  # type: ignore[arg-type]

    def order(
        self,
        *,
        store: Store | None = None,
        lines: list[LineRequest] | None = None,
        fulfilment: str = Fulfilment.DELIVERY,
        customer: User | None = None,
        contact: Contact = GUEST,
    ) -> Order:
        """Place an order as a guest, or as `customer`, at the price that the menu says."""
        store = store or self.bastille
        lines = lines or [self.line()]
        priced = quote(store=store, requests=lines, fulfilment=fulfilment, postal_code=contact.postal_code)
        return place_order(
            store=store,
            lines=lines,
            contact=contact,
            fulfilment=fulfilment,
            payment_method="cash",
            expected_total=priced.total,
            customer=customer,
            acting_user=customer,
        )


@dataclass
class People:
    """Alice is a client; the others work at Bastille, except Oscar, the outsider, who works in Lyon."""

    alice: User
    pizzaiolo: User
    driver: User
    cashier: User
    manager: User
    direction: User
    operator: User
    outsider: User


def build_house() -> House:
    paris = City.objects.create(code="city_001", name="Paris")
    lyon = City.objects.create(code="city_002", name="Lyon")
    house = House(
        paris=paris,
        lyon=lyon,
        bastille=_store(paris, "bastille", "OC Pizza Bastille", "75011"),
        croix_rousse=_store(lyon, "croix-rousse", "OC Pizza Croix-Rousse", "69004"),
    )
    _menu(house)
    for store in (house.bastille, house.croix_rousse):
        open_stock(store=store, quantities={item.pk: GRAMS for item in house.ingredients.values()})
    return house


def build_people(house: House) -> People:
    def staff(identifier: str, first: str, role: str, store: Store | None = house.bastille) -> User:
        user = User.objects.create_user(identifier, PASSWORD, first_name=first, last_name="Dupont")
        StaffRole.objects.create(user=user, role=role, store=store)
        return user

    alice = User.objects.create_user(
        "alice@example.org", PASSWORD, first_name="Alice", last_name="Martin", email="alice@example.org"
    )
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    return People(
        alice=alice,
        pizzaiolo=staff("luca", "Luca", Role.PIZZAIOLO),
        driver=staff("karim", "Karim", Role.DRIVER),
        cashier=staff("chloe", "Chloé", Role.CASHIER),
        manager=staff("renata", "Renata", Role.MANAGER),
        direction=staff("diane", "Diane", Role.DIRECTION, None),
        operator=staff("edgar", "Edgar", Role.OPERATOR, None),
        outsider=staff("oscar", "Oscar", Role.PIZZAIOLO, house.croix_rousse),
    )


def _store(city: City, slug: str, name: str, postal_code: str) -> Store:
    store = Store.objects.create(
        city=city,
        slug=slug,
        name=name,
        street="1 place du Test",
        postal_code=postal_code,
        town=city.name,
        phone="01 99 00 12 34",
        email=f"{slug}@example.org",
    )
    # Round the clock: what a test says of opening hours, it says itself.
    OpeningHours.objects.bulk_create(
        OpeningHours(store=store, weekday=day, opens=time(0), closes=time(0)) for day in range(7)
    )
    DeliveryZone.objects.create(
        store=store, postal_code=postal_code, fee=Decimal("2.50"), minimum_order=Decimal("5.00"), minutes=10
    )
    return store


def _menu(house: House) -> None:
    for category, percent in (("immediate", "10.00"), ("sealed", "5.50"), ("alcohol", "20.00")):
        VatRate.objects.create(category=category, percent=Decimal(percent), valid_from=date(2014, 1, 1))
    for slug, name, name_en, allergens, extra in (
        ("pate", "pâte", "dough", ["gluten"], None),
        ("sauce-tomate", "sauce tomate", "tomato sauce", [], None),
        ("mozzarella", "mozzarella", "mozzarella", ["milk"], "1.50"),
        ("jambon", "jambon blanc", "ham", [], "2.00"),
        ("champignons", "champignons", "mushrooms", [], "1.20"),
        ("chevre", "chèvre", "goat cheese", ["milk"], "1.80"),
    ):
        house.ingredients[slug] = Ingredient.objects.create(
            slug=slug,
            name=name,
            name_en=name_en,
            unit="g",
            unit_quantity=500,
            allergens=allergens,
            extra_price=Decimal(extra) if extra else None,
        )
    Ingredient.objects.filter(slug="jambon").update(meat_origin="Porc, France", meat_origin_en="Pork, France")
    house.ingredients["jambon"].refresh_from_db()
    house.ingredients["canette-cola"] = Ingredient.objects.create(
        slug="canette-cola", name="canette de cola", name_en="can of cola", unit="piece"
    )
    sizes = [
        Size.objects.create(
            code=code,
            name=name,
            name_en=name_en,
            diameter_cm=diameter,
            dough=house.ingredients["pate"],
            dough_grams=grams,
            factor=Decimal(factor),
            position=position,
        )
        for position, (code, name, name_en, diameter, grams, factor) in enumerate(
            (("s", "Petite", "Small", 26, 180, "0.70"), ("m", "Moyenne", "Medium", 33, 260, "1.00"))
        )
    ]
    recipes: dict[str, tuple[str, dict[str, int], str]] = {
        "margherita": ("Margherita", {"sauce-tomate": 80, "mozzarella": 100}, "9.00"),
        "reine": ("Reine", {"sauce-tomate": 80, "mozzarella": 90, "jambon": 60, "champignons": 50}, "12.00"),
        "chevre-miel": ("Chèvre", {"mozzarella": 70, "chevre": 80}, "13.00"),
    }
    for position, (slug, (name, recipe, price)) in enumerate(recipes.items()):
        pizza = Product.objects.create(
            kind="pizza",
            slug=slug,
            name=name,
            description=f"{name}, comme il se doit",
            description_en=f"{name}, as it should be",
            preparation="Étaler, garnir, cuire 90 secondes.",
            vat_category="immediate",
            position=position,
        )
        for size in sizes:
            Variant.objects.create(
                product=pizza, size=size, price=Decimal(price) * (1 if size.code == "m" else Decimal("0.8"))
            )
        set_recipe(product=pizza, recipe=[(house.ingredients[item], grams) for item, grams in recipe.items()])
    cola = Product.objects.create(kind="drink", slug="cola", name="Cola 33 cl", vat_category="sealed", position=10)
    Variant.objects.create(product=cola, price=Decimal("2.50"))
    set_recipe(product=cola, recipe=[(house.ingredients["canette-cola"], 1)])


_house = Snapshot(build_house)
_people = Snapshot(lambda: build_people(_house.built))


@pytest.fixture
def house(db: None) -> House:
    # The house begins in each test under the same editions, by which pages are kept: those of another test are not this one's.
    frozen.forget_all()
    menus.forget_all()
    return _house.take()


@pytest.fixture
def people(house: House) -> People:
    return _people.take()
