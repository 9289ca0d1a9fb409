"""A body of unknown length is refused, not read as empty."""

import pytest
from django.test import Client

CHUNKED = {"transfer-encoding": "chunked"}


@pytest.fixture
def chunked() -> Client:
    """A client that sends its bodies in chunks: the server then knows no length."""
    return Client(headers=CHUNKED)


def test_a_chunked_order_is_told_to_bring_its_length(db: None, chunked: Client) -> None:
    answer = chunked.generic("POST", "/api/v1/orders", b"", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")
    assert answer["Content-Type"] == "application/problem+json"


def test_a_chunked_form_is_refused_with_a_page_that_leads_back_to_the_cart(db: None, chunked: Client) -> None:
    answer = chunked.generic("POST", "/panier/ajouter/", b"")
    assert answer.status_code == 411
    assert "Retour au panier" in answer.content.decode()
