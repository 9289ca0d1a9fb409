"""Who may watch a store's board, and how the site is."""

from collections.abc import Collection

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from django.http import HttpRequest, parse_cookie
from django.utils import timezone

from pizzeria.accounts.gates import barrier
from pizzeria.accounts.models import User
from pizzeria.accounts.permissions import Action, allows
from pizzeria.accounts.screens import floor_roles, screen_of, standing_at
from pizzeria.accounts.selectors import group_roles_of, roles_at, stores_of, workplaces_of
from pizzeria.live.services import SUPERVISION_TOPIC, store_topic


def may_watch(*, cookie_header: str, topics: Collection[str]) -> bool:
    """Whether all these topics are for the staff whose browser sends this Cookie header: signed in, or at a shared screen."""
    cookies = parse_cookie(cookie_header)
    close_old_connections()
    try:
        user = _signed_in(cookies.get(settings.SESSION_COOKIE_NAME))
        allowed = _for_user(user) if user else _for_screen(cookies.get(settings.SCREEN_COOKIE_NAME))
        return set(topics) <= allowed
    finally:
        close_old_connections()


def _signed_in(session_key: str | None) -> User | None:
    """Who is signed in, if nothing stands before the pages that they would watch."""
    if not session_key:
        return None
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    if not isinstance(user, User):
        return None
    roles = [role for place in workplaces_of(user=user) for role in place.roles]
    stands_before = barrier(user=user, roles=[*roles, *group_roles_of(user=user)], session=request.session)
    return None if stands_before else user


def _for_user(user: User) -> set[str]:
    allowed = {store_topic(store.pk) for store in stores_of(user=user)}
    if allows(roles=group_roles_of(user=user), action=Action.SEE_SUPERVISION):
        allowed.add(SUPERVISION_TOPIC)
    return allowed


def _for_screen(secret: str | None) -> set[str]:
    """The store of a shared screen, while somebody who works there has it in hand."""
    now = timezone.now()
    screen = screen_of(secret=secret, at=now) if secret else None
    if screen is None:
        return set()
    held = roles_at(user=standing_at(screen=screen, at=now), store_id=screen.store_id)
    return {store_topic(screen.store_id)} if floor_roles(roles=held) else set()
