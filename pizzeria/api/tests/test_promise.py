"""The hour of an order, as a programme asks for it and reads it."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from pizzeria.api.tests.conftest import Api
from pizzeria.ordering.models import Order, OvenSlot
from pizzeria.stores.models import Store
from pizzeria.stores.rush import start_rush
from tests.cast import House


def basket(house: House, **more: object) -> dict[str, Any]:
    return {"lines": [{"variant": house.variant("margherita").pk}], "fulfilment": "collection"} | more


def order_of(house: House, **more: object) -> dict[str, Any]:
    contact = {"first_name": "Gaspard", "last_name": "Visiteur", "phone": "06 39 98 12 34"}
    told = {"store": "bastille", "payment_method": "cash", "contact": contact, "expected_total": "9.00"}
    return basket(house) | told | more


def tomorrow_at_seven() -> str:
    day = timezone.localtime() + timedelta(days=1)
    return day.replace(hour=19, minute=0, second=0, microsecond=0).isoformat()


def test_a_quote_says_for_when_and_the_order_keeps_it(house: House, api: Api) -> None:
    quoted = api.post("/stores/bastille/quote", basket(house)).body
    assert quoted["refusal"] is None
    promised = quoted["promise"]["promised_at"]
    placed = api.order(order_of(house, expected_promise=promised)).body
    assert abs(datetime.fromisoformat(placed["promised_at"]) - datetime.fromisoformat(promised)) <= timedelta(minutes=1)
    read = api.get(f"/orders/{placed['token']}").body
    assert (read["first_promised_at"], read["promise_changes"], read["wanted_at"]) == (read["promised_at"], [], None)


def test_a_slot_is_asked_for_by_its_beginning_and_full_it_names_others(house: House, api: Api) -> None:
    wanted = tomorrow_at_seven()
    day = wanted[:10]
    listed = api.post("/stores/bastille/slots", basket(house, day=day)).body
    assert (listed["day"], day in listed["days"]) == (day, True)
    slot = next(slot for slot in listed["slots"] if slot["starts_at"] == wanted)
    assert slot["room"] > 1
    placed = api.order(order_of(house, wanted_at=wanted)).body
    assert slot["starts_at"] <= placed["promised_at"] < slot["ends_at"]
    assert placed["wanted_at"] == wanted
    moment = datetime.fromisoformat(wanted)
    near = OvenSlot.objects.filter(
        starts_at__gte=moment - timedelta(hours=2), starts_at__lt=moment + timedelta(minutes=15)
    )
    near.update(minutes=6)
    Store.objects.update(oven_minutes=23)
    OvenSlot.objects.filter(reserved=0).update(minutes=0)
    full = api.order(order_of(house, wanted_at=wanted), key="autre-cle-1234")
    assert (full.status, full.body["code"]) == (409, "slot_full")
    assert full.body["alternatives"]
    assert Order.objects.count() == 1


def test_what_cannot_be_promised_is_said_by_its_code(house: House, api: Api) -> None:
    start_rush(store=house.bastille, minutes=None, until=timezone.now() + timedelta(hours=1), acting_user=None)
    quoted = api.post("/stores/bastille/quote", basket(house)).body
    assert (quoted["promise"], quoted["refusal"]) == (None, "kitchen_paused")
    refused = api.order(order_of(house))
    assert (refused.status, refused.body["code"]) == (409, "kitchen_paused")


def test_an_hour_that_has_become_much_later_is_asked_again(house: House, api: Api) -> None:
    seen = (timezone.localtime() - timedelta(minutes=1)).isoformat(timespec="seconds")
    refused = api.order(order_of(house, expected_promise=seen))
    assert (refused.status, refused.body["code"]) == (409, "promise_changed")
    again = api.order(order_of(house, expected_promise=refused.body["promised_at"]), key="autre-cle-1234")
    assert again.status == 201


def test_a_moment_that_is_none_is_refused(house: House, api: Api) -> None:
    for wanted in ("demain", "2026-13-01T19:00+01:00", "2026-02-30T19:00+01:00", "2026-11-30T19:00", 7):
        assert api.order(order_of(house, wanted_at=wanted)).status == 422


def _read(api: Api, *, house: House, wanted_at: str) -> dict[str, Any]:
    token = api.order(order_of(house, wanted_at=wanted_at)).body["token"]
    body: dict[str, Any] = api.get(f"/orders/{token}").body
    return body | {"token": token}


def _change(placed: dict[str, Any], house: House, **more: object) -> dict[str, Any]:
    asked = {name: order_of(house)[name] for name in ("lines", "fulfilment", "contact", "expected_total")}
    return asked | {"version": placed["version"]} | more


def test_a_change_that_says_nothing_of_the_hour_keeps_the_slot(house: House, api: Api) -> None:
    wanted = tomorrow_at_seven()
    placed = _read(api, wanted_at=wanted, house=house)
    changed = api.put(f"/orders/{placed['token']}", _change(placed, house, comment="Sans serviettes")).body
    assert (changed["version"], changed["wanted_at"], changed["promised_at"]) == (2, wanted, placed["promised_at"])
    later = (datetime.fromisoformat(wanted) + timedelta(minutes=30)).isoformat()
    moved = api.put(f"/orders/{placed['token']}", _change(changed, house, wanted_at=later)).body
    assert (moved["wanted_at"], moved["promised_at"][:16]) == (later, later[:16])
    soon = api.put(f"/orders/{placed['token']}", _change(moved, house, wanted_at=None)).body
    assert soon["wanted_at"] is None
    assert soon["promised_at"] < wanted


def test_a_change_to_an_hour_that_has_become_later_or_is_full_is_refused_by_its_code(house: House, api: Api) -> None:
    placed = _read(api, wanted_at=tomorrow_at_seven(), house=house)
    seen = (timezone.localtime() - timedelta(minutes=1)).isoformat(timespec="seconds")
    asked = _change(placed, house, wanted_at=None, expected_promise=seen)
    refused = api.put(f"/orders/{placed['token']}", asked)
    assert (refused.status, refused.body["code"]) == (409, "promise_changed")
    OvenSlot.objects.filter(reserved=0).update(minutes=0)
    Store.objects.update(oven_minutes=0)
    later = (datetime.fromisoformat(tomorrow_at_seven()) + timedelta(hours=2)).isoformat()
    full = api.put(f"/orders/{placed['token']}", _change(placed, house, wanted_at=later))
    assert (full.status, full.body["code"]) == (409, "slot_full")
    assert Order.objects.get().version == placed["version"]
