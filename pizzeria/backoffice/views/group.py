"""The whole group on one live page, for the direction: every point of sale, trouble on top."""

from django.http import HttpResponse
from django.utils import timezone

from pizzeria.accounts.permissions import Action
from pizzeria.accounts.selectors import group_roles_of
from pizzeria.backoffice.access import Place, StaffRequest, group_page, wide_tabs
from pizzeria.backoffice.live_pages import Context, live_answer
from pizzeria.live.services import MAX_TOPICS, store_topic
from pizzeria.money import NOTHING
from pizzeria.ordering.group import mark_of, stores_now
from pizzeria.ordering.staff_selectors import total_of
from pizzeria.stores.models import Store


@group_page(Action.SEE_GROUP)
def group(request: StaffRequest, places: list[Place]) -> HttpResponse:
    cities = sorted({place.store.city for place in places}, key=lambda city: city.code)
    city = next((city for city in cities if city.code == request.GET.get("city")), None)
    ids = [place.store.pk for place in places if city in (None, place.store.city)]
    rows = stores_now(stores=Store.objects.filter(pk__in=ids).select_related("city"), at=timezone.now())

    def read() -> Context:
        return {
            "rows": rows,
            "cities": cities if len(cities) > 1 else [],
            "city": city,
            "total": total_of(row.figures for row in rows),
            "usual": sum((row.usual for row in rows), NOTHING),
            "open_stores": sum(row.opening.is_open for row in rows),
            "wide": wide_tabs(places=places, group_roles=group_roles_of(user=request.user)),
            # One stream carries so many stores, those in trouble first; a larger group's page looks for the rest by itself.
            "topics": " ".join(store_topic(row.store.pk) for row in rows[:MAX_TOPICS]),
        }

    return live_answer(request, name="group", fingerprint=mark_of(rows), read=read, place=None)
