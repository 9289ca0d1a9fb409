"""Nothing on the site takes a file: no form offers it, and one that is sent is refused with words."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client

from pizzeria.shop.tests.conftest import words
from tests.cast import House

pytestmark = pytest.mark.django_db

OFFERS = re.compile(r"""type=["']?file|multipart/form-data|hx-encoding""", re.IGNORECASE)


def picture() -> SimpleUploadedFile:
    return SimpleUploadedFile("portrait.png", b"\x89PNG\r\n\x1a\n<?php", content_type="image/png")


def every(kind: type[Any]) -> Iterator[type[Any]]:
    for sub in kind.__subclasses__():
        yield sub
        yield from every(sub)


def test_no_page_offers_to_take_a_file() -> None:
    root = Path(settings.BASE_DIR)
    pages = [*root.glob("pizzeria/**/*.html"), *root.glob("city_*/**/*.html")]
    assert len(pages) > 50
    assert [page.name for page in pages if OFFERS.search(page.read_text())] == []


def test_no_form_and_no_table_of_ours_has_a_place_for_one() -> None:
    import_module(settings.ROOT_URLCONF)  # and with it every page's forms
    ours = [form for form in every(forms.BaseForm) if form.__module__.startswith("pizzeria.")]
    assert len(ours) > 5
    fields = [(form, field) for form in ours for field in getattr(form, "base_fields", {}).values()]
    assert [form for form, field in fields if isinstance(field, forms.FileField)] == []
    kept = [model for model in every(models.Model) if not model._meta.abstract]
    assert [model for model in kept for field in model._meta.fields if isinstance(field, models.FileField)] == []


@pytest.mark.parametrize("address", ["/equipe/connexion/", "/suivre/", "/panier/ajouter/", "/compte/connexion/"])
def test_a_file_that_is_sent_to_a_form_is_refused_and_says_why(house: House, address: str) -> None:
    browser = Client(headers={"sec-fetch-site": "same-origin"})
    answer: Any = browser.post(address, {"identifier": "luca", "number": picture(), "store": house.bastille.slug})
    assert answer.status_code == 415
    assert "Elle contenait un fichier, et aucune page de ce site n’en prend" in words(answer)


def test_a_file_that_is_sent_to_the_api_is_refused_as_its_errors_are(house: House) -> None:
    answer = Client().post("/api/v1/orders", {"file": picture(), "store": house.bastille.slug})
    assert (answer.status_code, answer["Content-Type"]) == (415, "application/problem+json")


def test_a_form_without_a_file_may_still_come_in_parts(house: House) -> None:
    assert Client(headers={"sec-fetch-site": "same-origin"}).post("/suivre/", {"number": "P-22222"}).status_code == 422
    assert house.bastille.pk
