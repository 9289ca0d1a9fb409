"""Writing the demo group's catalogue: ingredients, sizes, VAT, products with their recipes and prices."""

from dataclasses import dataclass
from decimal import Decimal

from pizzeria.catalogue.models import Ingredient, Product, Size, Variant, VatRate
from pizzeria.catalogue.services import set_recipe
from pizzeria.operations.demo.ingredients import DOUGH, FOODS, ORIGINS
from pizzeria.operations.demo.pizzas_classic import CLASSICS
from pizzeria.operations.demo.pizzas_house import SPECIALS
from pizzeria.operations.demo.rows import Food, Pizza, Side
from pizzeria.operations.demo.sides import SIDES, SIZES, VAT_RATES

PIZZAS = (*CLASSICS, *SPECIALS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """The catalogue by the names of these tables. Drinks and desserts have the size ''."""

    ingredients: dict[str, Ingredient]
    variants: dict[tuple[str, str], Variant]


def read_menu() -> Menu:
    variants = Variant.objects.select_related("product", "size")
    return Menu(
        ingredients=Ingredient.objects.in_bulk(field_name="slug"),
        variants={(row.product.slug, row.size.code if row.size else ""): row for row in variants},
    )


def write_catalogue() -> None:
    for category, percent, since, source in VAT_RATES:
        VatRate.objects.create(category=category, percent=Decimal(percent), valid_from=since, source=source)
    foods = [*FOODS, *(side.piece for side in SIDES)]
    ingredients = {row.slug: row for row in Ingredient.objects.bulk_create(map(_ingredient, foods))}
    sizes = _write_sizes(ingredients[DOUGH.slug])
    products = Product.objects.bulk_create(
        [_pizza(row, number) for number, row in enumerate(PIZZAS, start=1)]
        + [_side(row, number) for number, row in enumerate(SIDES, start=len(PIZZAS) + 1)]
    )
    _write_variants({product.slug: product for product in products}, sizes)
    recipes = {pizza.slug: pizza.recipe for pizza in PIZZAS} | {side.slug: {side.piece.slug: 1} for side in SIDES}
    for product in products:
        recipe = recipes[product.slug]
        set_recipe(product=product, recipe=[(ingredients[slug], quantity) for slug, quantity in recipe.items()])


def _ingredient(row: Food) -> Ingredient:
    price, quantity = row.extra or (None, 30)
    return Ingredient(
        slug=row.slug,
        name=row.name,
        name_en=row.name_en,
        comment=row.comment,
        unit=row.unit,
        unit_quantity=row.unit_quantity,
        allergens=list(row.allergens),
        meat_origin=row.origin,
        meat_origin_en=ORIGINS[row.origin],
        extra_price=Decimal(price) if price else None,
        extra_quantity=quantity,
        look=row.look,
    )


def _write_sizes(dough: Ingredient) -> dict[str, Size]:
    sizes = Size.objects.bulk_create(
        Size(
            code=row.code,
            name=row.name,
            name_en=row.name_en,
            diameter_cm=row.diameter_cm,
            dough=dough,
            dough_grams=row.dough_grams,
            factor=Decimal(row.factor),
            position=position,
        )
        for position, row in enumerate(SIZES)
    )
    return {size.code: size for size in sizes}


def _pizza(row: Pizza, position: int) -> Product:
    return Product(
        kind=Product.Kind.PIZZA,
        slug=row.slug,
        name=row.name,
        description=row.description,
        description_en=row.description_en,
        preparation=row.preparation,
        vat_category="immediate",
        tags=list(row.tags),
        position=position,
    )


def _side(row: Side, position: int) -> Product:
    return Product(
        kind=row.kind,
        slug=row.slug,
        name=row.name,
        name_en=row.name_en,
        description=row.description,
        description_en=row.description_en,
        vat_category=row.vat_category,
        tags=list(row.tags),
        position=position,
    )


def _write_variants(products: dict[str, Product], sizes: dict[str, Size]) -> None:
    rows = [
        Variant(product=products[pizza.slug], size=sizes[code], price=Decimal(price))
        for pizza in PIZZAS
        for code, price in zip(sizes, pizza.prices, strict=True)
    ]
    rows += [Variant(product=products[side.slug], price=Decimal(side.price)) for side in SIDES]
    Variant.objects.bulk_create(rows)
