"""Menus and orders are open to who knows their address; a store's board is for its staff."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from pizzeria.accounts.models import User
from pizzeria.live.tests.pages import Page, happen, live
from tests.cast import House, People


@pytest.mark.parametrize(
    ("topics", "method", "status"),
    [
        ([], "GET", 400),
        (["menu:1"] * 1 + [f"menu:{n}" for n in range(20)] + ["menu:x"], "GET", 400),
        (["menu:%00"], "GET", 400),
        (["%ff%fe"], "GET", 400),
        (["secret:1"], "GET", 400),
        (["menu:" + "1" * 61], "GET", 400),
        (["menu:1"], "POST", 405),
        (["store:1"], "GET", 403),
        (["menu:1", "store:1"], "GET", 403),
        (["group:supervision"], "GET", 403),
        (["menu:1", "group:supervision"], "GET", 403),
    ],
)
def test_what_cannot_be_watched_is_refused(topics: list[str], method: str, status: int) -> None:
    async def scenario() -> None:
        async with live() as application:
            page = await Page(topics, application, method=method).open()
            await page.end()
            assert (page.status, page.ended) == (status, True)

    asyncio.run(scenario())


def _cookie(user: User) -> str:
    client = Client()
    client.force_login(user)
    # Beside a cookie of somebody else that is none at all.
    return f"strange={{a:b}}; sessionid={client.cookies['sessionid'].value}"


@pytest.mark.django_db(transaction=True)
def test_staff_watch_their_stores_board_and_nobody_else_does(house: House, people: People) -> None:
    board = f"store:{house.bastille.pk}"
    staff = [_cookie(user) for user in (people.pizzaiolo, people.driver, people.manager, people.direction)]
    others = ["", "sessionid=abcdefghijklmnop\x01; sessionid=", _cookie(people.outsider), _cookie(people.alice)]
    others.append(_cookie(people.cashier))
    User.objects.filter(pk=people.cashier.pk).update(is_active=False)

    async def scenario() -> None:
        async with live() as application:
            pages = [await Page([board], application, cookie=cookie).open() for cookie in staff]
            for page in pages:
                await page.hello()
            for cookie in others:
                refused = await Page([board], application, cookie=cookie).open()
                await refused.end()
                assert (refused.status, refused.ended) == (403, True)
            two = [board, f"store:{house.croix_rousse.pk}"]
            refused = await Page(two, application, cookie=staff[0]).open()
            await refused.end()
            assert refused.status == 403
            await sync_to_async(house.order)()
            for page in pages:
                seen = await page.next()
                assert (seen.kind, seen.data["to"]) == ("order", "to_prepare")
                await page.close()

    asyncio.run(scenario())


@pytest.mark.django_db(transaction=True)
def test_the_groups_own_watch_how_the_site_is_and_nobody_else_does(house: House, people: People) -> None:
    group = [_cookie(user) for user in (people.direction, people.operator)]
    others = [_cookie(user) for user in (people.manager, people.pizzaiolo, people.cashier, people.alice)]

    async def scenario() -> None:
        async with live() as application:
            pages = [await Page(["group:supervision"], application, cookie=cookie).open() for cookie in group]
            for page in pages:
                await page.hello()
            for cookie in others:
                refused = await Page(["group:supervision"], application, cookie=cookie).open()
                await refused.end()
                assert (refused.status, refused.ended) == (403, True)
            for topic in ("group:secret", "group:supervisionx"):
                refused = await Page([topic], application, cookie=group[0]).open()
                await refused.end()
                assert refused.status == 403
            await happen("group:supervision", kind="sample", at="now")
            for page in pages:
                assert (await page.next()).data == {"topic": "group:supervision", "at": "now"}
                await page.close()

    asyncio.run(scenario())
