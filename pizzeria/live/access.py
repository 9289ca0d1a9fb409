"""Who may watch a store's board."""

from collections.abc import Collection
from http.cookies import SimpleCookie

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from django.http import HttpRequest

from pizzeria.accounts.selectors import stores_of
from pizzeria.live.services import store_topic


def may_watch_stores(*, cookie_header: str, topics: Collection[str]) -> bool:
    """Whether the session in this Cookie header belongs to staff of all these store topics."""
    cookies: SimpleCookie = SimpleCookie(cookie_header)
    session = cookies.get(settings.SESSION_COOKIE_NAME)
    if session is None:
        return False
    close_old_connections()
    try:
        request = HttpRequest()
        request.session = SessionStore(session.value)
        user = get_user(request)
        if not user.is_authenticated:
            return False
        allowed = {store_topic(store.pk) for store in stores_of(user=user)}
        return set(topics) <= allowed
    finally:
        close_old_connections()
