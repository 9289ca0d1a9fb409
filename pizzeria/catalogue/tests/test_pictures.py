"""Pictures drawn from recipes: the same for the same recipe, safe to serve, small enough for a phone."""

import xml.etree.ElementTree as ET

import pytest

from pizzeria.catalogue.pictures import DESSERTS, DRAWINGS, DRINKS, Topping, dessert_svg, drink_svg, pizza_svg

SVG = "{http://www.w3.org/2000/svg}"
TOMATO = Topping("sauce-tomate", "sauce", "#c23a1e", "#8f1f10", 10, 1)
MOZZARELLA = Topping("mozzarella", "cheese", "#f8dc94", "#e0a24a", 8, 1)
PEPPERONI = Topping("pepperoni", "round", "#c7402a", "#8e2014", 6, 14)
BASIL = Topping("basilic", "leaf", "#3f7f35", "#24551f", 5, 8)
SCRIPT = "</title><script>alert(1)</script>"


def shapes_drawn(svg: str) -> set[str]:
    return {element.attrib["href"] for element in ET.fromstring(svg).iter(f"{SVG}use")}


def test_the_same_recipe_gives_the_same_picture() -> None:
    recipe = [[TOMATO, MOZZARELLA, PEPPERONI]]
    assert pizza_svg(parts=recipe, title="Pepperoni") == pizza_svg(parts=recipe, title="Pepperoni")


def test_another_recipe_gives_another_picture() -> None:
    first = pizza_svg(parts=[[TOMATO, PEPPERONI]], title="Pizza")
    assert first != pizza_svg(parts=[[TOMATO, BASIL]], title="Pizza")


def test_half_and_half_shows_both_halves_each_on_its_side() -> None:
    svg = pizza_svg(parts=[[TOMATO, PEPPERONI], [TOMATO, BASIL]], title="Moitié-moitié")
    left, right = [g for g in ET.fromstring(svg).iter(f"{SVG}g") if "clip-path" in g.attrib]
    for half, topping, is_its_side in ((left, PEPPERONI, range(200)), (right, BASIL, range(201, 400))):
        places = [use.attrib["transform"].split("(")[1] for use in half.iter(f"{SVG}use")]
        assert len(places) == topping.count / 2
        assert all(int(place.split()[0]) in is_its_side for place in places)
    assert PEPPERONI.colour in svg
    assert BASIL.colour in svg


def test_a_whole_pizza_carries_every_piece_of_its_toppings() -> None:
    svg = pizza_svg(parts=[[TOMATO, PEPPERONI, BASIL]], title="Pizza")
    assert svg.count("<use ") == PEPPERONI.count + BASIL.count


@pytest.mark.parametrize("shape", sorted(DRAWINGS))
def test_every_shape_is_valid_xml_on_the_pizza(shape: str) -> None:
    root = ET.fromstring(pizza_svg(parts=[[Topping("x", shape, "#aabbcc", "#112233", 5, 6)]], title=shape))
    assert root.tag == f"{SVG}svg"
    assert root.attrib["role"] == "img"
    assert len(list(root.iter(f"{SVG}use"))) == 6


@pytest.mark.parametrize("title", [SCRIPT, "Crème & œuf « fermier »", "a\x00b\x0c\ud800", "🍕]]>"])
def test_any_title_is_escaped_and_leaves_valid_xml_without_a_script(title: str) -> None:
    pictures = [
        pizza_svg(parts=[[TOMATO]], title=title),
        drink_svg(colour="#c0271c", kind="can", title=title),
        dessert_svg(colour="#5b2d18", kind="slice", title=title),
    ]
    for svg in pictures:
        root = ET.fromstring(svg.encode())
        assert not list(root.iter(f"{SVG}script"))
        assert "<script" not in svg


def test_a_colour_or_a_shape_that_is_not_one_is_refused() -> None:
    with pytest.raises(ValueError, match="colour"):
        Topping("x", "round", '"/><script>', "#112233", 5, 5)
    with pytest.raises(ValueError, match="shape"):
        Topping("x", "triangle", "#aabbcc", "#112233", 5, 5)
    with pytest.raises(ValueError, match="colour"):
        drink_svg(colour="red", kind="can", title="x")


def test_two_pictures_in_one_page_share_no_id() -> None:
    first = pizza_svg(parts=[[TOMATO, PEPPERONI]], title="Pizza")
    second = pizza_svg(parts=[[TOMATO, BASIL]], title="Pizza")
    assert not shapes_drawn(first) & shapes_drawn(second)


def test_a_usual_pizza_weighs_less_than_twelve_kilobytes() -> None:
    assert len(pizza_svg(parts=[[TOMATO, MOZZARELLA, PEPPERONI, BASIL]], title="Pepperoni").encode()) < 12_000


def test_every_drink_and_dessert_has_its_drawing() -> None:
    for kind in DRINKS:
        ET.fromstring(drink_svg(colour="#3f7a5a", kind=kind, title=kind))
    for kind in DESSERTS:
        ET.fromstring(dessert_svg(colour="#e88fa0", kind=kind, title=kind))
