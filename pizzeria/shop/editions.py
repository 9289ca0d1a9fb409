"""Pages that read the catalogue, the offers and the stores: asked for all three at once."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse

from pizzeria.catalogue.selectors import EDITION as CATALOGUE
from pizzeria.kept import editions, just_seen
from pizzeria.promotions.selectors import EDITION as OFFERS
from pizzeria.stores.selectors import EDITION as STORES

P = ParamSpec("P")
READING = ("GET", "HEAD")


def of_one_moment(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page that is read shows what is kept as it stood when the page was begun: one question, where each part asked its own.

    What is sent asks as it goes on: it may wait for somebody else's change.
    """

    @wraps(view)
    def seen(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method not in READING:
            return view(request, *args, **kwargs)
        with just_seen(editions(CATALOGUE, OFFERS, STORES)):
            return view(request, *args, **kwargs)

    return seen
