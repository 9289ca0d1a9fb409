"""Who may watch a store's board, and how the site is."""

from collections.abc import Collection

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from django.http import HttpRequest, parse_cookie

from pizzeria.accounts.permissions import Action, allows
from pizzeria.accounts.selectors import group_roles_of, stores_of
from pizzeria.live.services import SUPERVISION_TOPIC, store_topic


def may_watch(*, cookie_header: str, topics: Collection[str]) -> bool:
    """Whether the session in this Cookie header belongs to staff whom all these topics are for."""
    session = parse_cookie(cookie_header).get(settings.SESSION_COOKIE_NAME)
    if not session:
        return False
    close_old_connections()
    try:
        request = HttpRequest()
        request.session = SessionStore(session)
        user = get_user(request)
        if not user.is_authenticated:
            return False
        allowed = {store_topic(store.pk) for store in stores_of(user=user)}
        if allows(roles=group_roles_of(user=user), action=Action.SEE_SUPERVISION):
            allowed.add(SUPERVISION_TOPIC)
        return set(topics) <= allowed
    finally:
        close_old_connections()
