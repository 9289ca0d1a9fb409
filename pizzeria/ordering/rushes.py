"""A rush begins or ends: what is promised from now on changes, and whoever looks at it is told at once."""

from datetime import datetime

from django.db import transaction

from pizzeria.accounts.models import User
from pizzeria.live.services import happened, promise_topic, store_topic
from pizzeria.rows import insert_all
from pizzeria.stores import rush
from pizzeria.stores.models import Rush, Store


@transaction.atomic
def start_rush(*, store: Store, minutes: int | None, until: datetime, acting_user: User | None) -> Rush:
    """As `rush.start_rush`, which says what it raises; every open menu and the staff's pages follow."""
    begun = rush.start_rush(store=store, minutes=minutes, until=until, acting_user=acting_user)
    tell_promise(store_id=store.pk)
    return begun


@transaction.atomic
def end_rush(*, store: Store, acting_user: User | None) -> bool:
    """As `rush.end_rush`; every open page follows."""
    ended = rush.end_rush(store=store, acting_user=acting_user)
    if ended:
        tell_promise(store_id=store.pk)
    return ended


def tell_promise(*, store_id: int) -> None:
    """The news that a store promises otherwise now, in the caller's transaction."""
    insert_all(*happened(topics=[promise_topic(store_id), store_topic(store_id)], kind="promise", payload={}))
