"""Points of sale, menus and quotes, as a programme reads them."""

from datetime import UTC, datetime, time
from decimal import Decimal
from unittest.mock import patch

from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from pizzeria.api.tests.conftest import Api
from pizzeria.catalogue.models import Product, Variant
from pizzeria.catalogue.services import set_recipe
from pizzeria.stock.models import StockItem
from pizzeria.stock.services import lower_quantity
from pizzeria.stores.models import City, DeliveryZone, OpeningHours, Store
from tests.cast import GRAMS, House


def test_stores_say_where_they_are_and_what_they_deliver_to(house: House, api: Api) -> None:
    stores = api.get("/stores").body["stores"]
    assert [store["slug"] for store in stores] == ["bastille", "croix-rousse"]
    bastille = stores[0]
    assert bastille["city"] == {"code": "city_001", "name": "Paris"}
    assert bastille["address"] == {"street": "1 place du Test", "postal_code": "75011", "town": "Paris"}
    assert bastille["is_open"] is True
    assert bastille["next_opening"] is None
    assert bastille["hours"][0] == {"weekday": 1, "opens": "00:00", "closes": "00:00"}
    assert bastille["delivery_zones"] == [
        {"postal_code": "75011", "fee": "2.50", "minimum_order": "5.00", "minutes": 10}
    ]


def test_a_closed_store_says_when_it_opens_in_paris_time(house: House, api: Api) -> None:
    house.bastille.opening_hours.all().delete()
    OpeningHours.objects.create(store=house.bastille, weekday=2, opens=time(18, 30), closes=time(22, 30))
    monday = datetime(2026, 7, 6, 10, 0, tzinfo=UTC)
    with patch("pizzeria.api.stores.timezone.now", return_value=monday):
        bastille = api.get("/stores/bastille").body
    assert bastille["is_open"] is False
    assert bastille["next_opening"] == "2026-07-08T18:30:00+02:00"


def test_a_postal_code_finds_the_stores_that_deliver_there(house: House, api: Api) -> None:
    assert [store["slug"] for store in api.get("/stores?postal_code=69004").body["stores"]] == ["croix-rousse"]
    assert api.get("/stores?postal_code=13001").body == {"stores": []}


def test_a_postal_code_that_is_none_is_refused(house: House, api: Api) -> None:
    for wrong in ("7501", "75011x", "٧٥٠١١", "%00", ""):
        answer = api.get(f"/stores?postal_code={wrong}")
        assert answer.status == 422
        assert answer.code == "invalid_request"
        assert "postal_code" in answer.body["fields"]


def test_the_list_of_stores_costs_as_many_queries_for_twenty_as_for_two(house: House, api: Api) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert api.get("/stores").status == 200
        return len(seen)

    few = queries()
    _more_stores(18)
    assert queries() == few


def test_an_unknown_store_is_not_found(house: House, api: Api) -> None:
    for path in ("/stores/nulle-part", "/stores/nulle-part/menu"):
        assert api.get(path).code == "store_not_found"
    Store.objects.filter(slug="bastille").update(is_active=False)
    assert api.get("/stores/bastille").code == "store_not_found"


def test_the_menu_says_what_can_be_made_and_for_how_much(house: House, api: Api) -> None:
    menu = api.get("/stores/bastille/menu").body
    products = {product["slug"]: product for product in menu["products"]}
    assert list(products) == ["margherita", "reine", "chevre-miel", "cola"]
    margherita = products["margherita"]
    assert margherita["allergens"] == ["gluten", "milk"]
    assert [item["name"] for item in margherita["ingredients"]] == ["pâte", "sauce tomate", "mozzarella"]
    assert [item["removable"] for item in margherita["ingredients"]] == [False, True, True]
    medium = margherita["variants"][1]
    assert medium["size"] == {"code": "m", "name": "Moyenne", "diameter_cm": 33}
    assert medium["price"] == "9.00"
    assert medium["makeable"] == 99
    assert products["cola"]["variants"][0]["size"] is None
    extras = {extra["name"]: extra for extra in menu["extras"]}
    assert (extras["mozzarella"]["price"], extras["mozzarella"]["allergens"]) == ("1.50", ["milk"])


def test_the_menu_speaks_english_to_who_asks_for_it(house: House, api: Api) -> None:
    answer = api.get("/stores/bastille/menu", accept_language="en-GB")
    margherita = answer.body["products"][0]
    assert margherita["description"] == "Margherita, as it should be"
    assert [item["name"] for item in margherita["ingredients"]] == ["dough", "tomato sauce", "mozzarella"]
    assert "Accept-Language" in answer.response["Vary"]


def test_an_unchanged_menu_answers_304_without_a_body(house: House, api: Api) -> None:
    first = api.get("/stores/bastille/menu")
    again = api.get("/stores/bastille/menu", if_none_match=first.response["ETag"])
    assert again.status == 304
    assert again.response.content == b""
    assert again.response["ETag"] == first.response["ETag"]


def test_a_menu_that_runs_out_is_another_menu(house: House, api: Api) -> None:
    first = api.get("/stores/bastille/menu")
    _leave(house, "jambon", 130)
    second = api.get("/stores/bastille/menu", if_none_match=first.response["ETag"])
    assert second.status == 200
    reine = next(product for product in second.body["products"] if product["slug"] == "reine")
    assert [variant["makeable"] for variant in reine["variants"]] == [3, 2]


def test_a_new_price_is_another_menu(house: House, api: Api) -> None:
    first = api.get("/stores/bastille/menu")
    Variant.objects.filter(pk=house.variant("reine").pk).update(price=Decimal("12.40"))
    second = api.get("/stores/bastille/menu", if_none_match=first.response["ETag"])
    assert second.status == 200
    assert "12.40" in second.response.content.decode()


def test_a_menu_in_another_language_has_another_etag(house: House, api: Api) -> None:
    french = api.get("/stores/bastille/menu").response["ETag"]
    assert api.get("/stores/bastille/menu", accept_language="en", if_none_match=french).status == 200


def test_a_menu_costs_as_many_queries_for_forty_products_as_for_five(
    house: House, api: Api, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    # A menu that was changed is read anew: so are both that are compared.
    _one_more_pizza(house, 0)
    with CaptureQueriesContext(connection) as few:
        api.get("/stores/bastille/menu")
    for number in range(1, 36):
        _one_more_pizza(house, number)
    with django_assert_max_num_queries(len(few)):
        assert len(api.get("/stores/bastille/menu").body["products"]) == 40


def test_a_menu_that_is_known_costs_three_small_queries(
    house: House, api: Api, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    etag = api.get("/stores/bastille/menu").response["ETag"]
    with django_assert_num_queries(3):
        assert api.get("/stores/bastille/menu", if_none_match=etag).status == 304
    with django_assert_num_queries(3):
        assert api.get("/stores/bastille/menu").status == 200


def test_a_basket_is_priced_line_by_line(house: House, api: Api) -> None:
    mozzarella = house.ingredients["mozzarella"].pk
    answer = api.post(
        "/stores/bastille/quote",
        {
            "lines": [
                {"variant": house.variant("margherita").pk, "quantity": 2, "extras": [mozzarella]},
                {"variant": house.variant("reine").pk, "second_half": house.variant("chevre-miel").pk},
                {"variant": house.variant("cola", None).pk},
            ],
            "fulfilment": "delivery",
            "postal_code": "75011",
        },
    )
    assert answer.status == 200
    assert [line["amount"] for line in answer.body["lines"]] == ["21.00", "13.00", "2.50"]
    assert answer.body["lines"][1]["label"] == "½ Reine + ½ Chèvre — Moyenne"
    assert (answer.body["subtotal"], answer.body["delivery_fee"], answer.body["total"]) == ("36.50", "2.50", "39.00")


def test_a_quote_refuses_what_an_order_would_refuse(house: House, api: Api) -> None:
    variant = house.variant("margherita").pk
    cola = house.variant("cola", None).pk
    for body, code in (
        ({"lines": []}, "empty_cart"),
        ({"lines": [{"variant": 999_999}]}, "invalid_line"),
        ({"lines": [{"variant": variant}], "postal_code": "13001"}, "not_deliverable"),
        ({"lines": [{"variant": cola}], "postal_code": "75011"}, "below_minimum"),
    ):
        answer = api.post("/stores/bastille/quote", {"fulfilment": "delivery"} | body)
        assert (answer.status, answer.code) == (422, code)
    answer = api.post("/stores/nulle-part/quote", {"fulfilment": "delivery", "lines": [{"variant": variant}]})
    assert answer.code == "store_not_found"


def _more_stores(count: int) -> None:
    city = City.objects.create(code="city_003", name="Marseille")
    for number in range(count):
        store = Store.objects.create(
            city=city,
            slug=f"port-{number}",
            name=f"Port {number}",
            street="1 quai",
            postal_code="13001",
            town="Marseille",
        )
        OpeningHours.objects.create(store=store, weekday=1, opens=time(11), closes=time(14))
        DeliveryZone.objects.create(store=store, postal_code="13001")


def _leave(house: House, ingredient: str, quantity: int) -> None:
    item = StockItem.objects.get(store=house.bastille, ingredient=house.ingredients[ingredient])
    lower_quantity(item_id=item.pk, quantity=GRAMS - quantity, acting_user=None)


def _one_more_pizza(house: House, number: int) -> None:
    pizza = Product.objects.create(
        kind="pizza", slug=f"pizza-{number}", name=f"Pizza {number}", vat_category="immediate", position=100 + number
    )
    Variant.objects.create(product=pizza, size=house.variant("reine").size, price=Decimal("10.00"))
    set_recipe(product=pizza, recipe=[(house.ingredients["mozzarella"], 100), (house.ingredients["chevre"], 50)])
