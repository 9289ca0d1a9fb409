"""A shared screen watches its store's board while somebody has it in hand; staff who have yet to choose a password watch nothing."""

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.accounts.pins import choose_pin
from pizzeria.accounts.screens import leave_screen, open_screen, screen_of, take_screen
from pizzeria.live.access import may_watch
from pizzeria.live.services import store_topic
from tests.cast import House, People

PIN = "482917"


@pytest.mark.django_db(transaction=True)
def test_the_board_is_live_for_who_stands_there_and_for_no_other_store(house: House, people: People) -> None:
    now = timezone.now()
    choose_pin(user=people.driver, pin=PIN)
    secret = open_screen(actor=people.manager, store=house.bastille, label="four", at=now)
    screen = screen_of(secret=secret, at=now)
    assert screen
    own, other, cookie = (
        store_topic(house.bastille.pk),
        store_topic(house.croix_rousse.pk),
        f"{settings.SCREEN_COOKIE_NAME}={secret}",
    )
    assert not may_watch(cookie_header=cookie, topics=[own])
    take_screen(screen=screen, person=people.driver, pin=PIN, at=now)
    assert may_watch(cookie_header=cookie, topics=[own])
    for topics in ([own, other], ["group:supervision"]):
        assert not may_watch(cookie_header=cookie, topics=topics)
    User.objects.filter(pk=people.driver.pk).update(is_active=False)
    assert not may_watch(cookie_header=cookie, topics=[own])
    User.objects.filter(pk=people.driver.pk).update(is_active=True)
    leave_screen(screen=screen)
    assert not may_watch(cookie_header=cookie, topics=[own])


@pytest.mark.django_db(transaction=True)
def test_nothing_is_live_before_the_first_password_is_changed(house: House, people: People) -> None:
    browser = Client()
    browser.force_login(people.pizzaiolo)
    cookie, own = f"sessionid={browser.cookies['sessionid'].value}", store_topic(house.bastille.pk)
    assert may_watch(cookie_header=cookie, topics=[own])
    User.objects.filter(pk=people.pizzaiolo.pk).update(must_change_password=True)
    assert not may_watch(cookie_header=cookie, topics=[own])
