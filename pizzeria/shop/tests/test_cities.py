"""A city's own templates, static files and style stand before the shared ones, on its stores' pages alone."""

from pathlib import Path

from django.contrib.staticfiles import finders
from pytest_django import Settings

from pizzeria.shop import frozen
from pizzeria.shop.tests.conftest import Shopper, words


def test_a_city_shows_its_own_banner_and_style(shopper: Shopper) -> None:
    for store, code, other in (("bastille", "city_001", "city_002"), ("croix-rousse", "city_002", "city_001")):
        page = shopper.get(f"/carte/{store}/").content.decode()
        assert f"{code}/city.css" in page
        assert f"{code}/banner.svg" in page
        assert other not in page


def test_a_page_of_the_citys_own_takes_the_place_of_the_shared_one_there_alone(
    shopper: Shopper, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "city_001").mkdir()
    (tmp_path / "city_001" / "menu.html").write_text(
        '{% extends "shop/menu.html" %}{% block main %}Paris fait sa carte{% endblock %}'
    )
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    frozen.forget_all()
    assert "Paris fait sa carte" in words(shopper.get("/carte/bastille/"))
    assert "Paris fait sa carte" not in words(shopper.get("/carte/croix-rousse/"))
    frozen.forget_all()


def test_the_cities_come_before_the_shop(settings: Settings) -> None:
    """Django looks for templates and static files in this order: a city may replace any shared one."""
    apps = settings.INSTALLED_APPS
    assert max(apps.index(code) for code in ("city_001", "city_002", "city_003")) < apps.index("pizzeria.shop")
    assert str(finders.find("city_001/city.css")).endswith("city_001/static/city_001/city.css")
