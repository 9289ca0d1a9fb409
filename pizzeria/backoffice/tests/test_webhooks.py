"""Addresses that are told of a store's orders (Équipe → Webhooks)."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from pizzeria.accounts.models import AuditEntry, User
from pizzeria.webhooks.delivering import send_due
from pizzeria.webhooks.messages import secret_of
from pizzeria.webhooks.models import Delivery, Endpoint
from tests.cast import House, People
from tests.hooked import receiving

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
PAGE = "/equipe/bastille/equipe/webhooks/"
SECRET = re.compile(r'value="(whsec_[A-Za-z0-9+/=]+)"')


def test_an_address_is_added_tried_paused_given_another_secret_and_removed(
    house: House, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.manager)
    with receiving() as there:
        added = browser.post(PAGE, {"url": there.url, "statuses": ["ready", "delivered"]})
        endpoint = Endpoint.objects.get()
        [secret] = SECRET.findall(added.content.decode())
        assert secret == secret_of(endpoint)
        own = f"{PAGE}{endpoint.pk}/"
        page = browser.get(own).content.decode()
        assert not SECRET.findall(page)
        assert "prête, livrée" in page.lower()

        browser.post(f"{own}essayer/")
        assert 'hx-trigger="load delay:2s"' in browser.get(own).content.decode()
        send_due(endpoint_id=endpoint.pk)
        assert there.messages[0].is_signed_with(secret)
        assert re.search(r"tag--ok\">reçu</span> <small>204", browser.get(own).content.decode())
        browser.post(f"{own}messages/{Delivery.objects.get().pk}/")
        send_due(endpoint_id=endpoint.pk)
        assert there.messages[1].id == there.messages[0].id

        [other] = SECRET.findall(browser.post(f"{own}secret/").content.decode())
        assert other != secret
        browser.post(f"{own}pause/")
        assert not Endpoint.objects.get().is_active
        browser.post(f"{own}reprendre/")
        assert Endpoint.objects.get().is_active
        browser.post(f"{own}retirer/")
    assert not Endpoint.objects.exists()
    assert [entry.action for entry in AuditEntry.objects.order_by("pk") if entry.action.startswith("webhook.")] == [
        f"webhook.{deed}" for deed in ("added", "tried", "sent_again", "rotated", "paused", "resumed", "removed")
    ]


def test_what_failed_is_told_on_the_page(house: House, people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.manager)
    browser.post(PAGE, {"url": "http://127.0.0.1:9/"})
    endpoint = Endpoint.objects.get()
    number = house.order().number
    send_due(endpoint_id=endpoint.pk)
    page = browser.get(f"{PAGE}{endpoint.pk}/").content.decode()
    assert "ne répond pas" in page
    assert number in page
    assert "nouvel essai le" in page
    assert "1 échec" in browser.get(PAGE).content.decode()
    Delivery.objects.update(status="failed", next_at=None)
    assert "abandonné" in browser.get(f"{PAGE}{endpoint.pk}/").content.decode()


def test_an_address_that_we_do_not_send_to_is_refused_beside_its_field(
    house: House, people: People, signed_in: SignedIn
) -> None:
    for url in ("http://10.0.0.1/", "https://169.254.169.254/latest/", "", "recepteur"):
        page = signed_in(people.manager).post(PAGE, {"url": url})
        assert page.status_code == 422
        assert "field__error" in page.content.decode()
    assert not Endpoint.objects.exists()


def test_the_groups_addresses_are_the_directions_alone(house: House, people: People, signed_in: SignedIn) -> None:
    asked = {"url": "http://127.0.0.1:9/", "whole_group": "on"}
    assert signed_in(people.manager).post(PAGE, asked).status_code == 422
    direction = signed_in(people.direction)
    assert direction.post(PAGE, asked).status_code == 200
    endpoint = Endpoint.objects.get()
    assert endpoint.store is None
    for deed in ("", "essayer/", "retirer/", "secret/"):
        method = "post" if deed else "get"
        assert getattr(signed_in(people.manager), method)(f"{PAGE}{endpoint.pk}/{deed}").status_code == 404
    assert direction.get(f"/equipe/croix-rousse/equipe/webhooks/{endpoint.pk}/").status_code == 200
