"""Orders that were not taken: told to the log, and counted."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from pizzeria.errors import BusinessError
from pizzeria.ordering.counted import count_refusal
from pizzeria.ordering.telling import tell_refusal
from pizzeria.stores.models import Store

P = ParamSpec("P")
T = TypeVar("T")


def noting_refusals(place: Callable[P, T]) -> Callable[P, T]:
    """Note what `place` refuses at its `store`; not counted while history is written (`at`)."""

    @wraps(place)
    def placing(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return place(*args, **kwargs)
        except BusinessError as refusal:
            tell_refusal(refusal, store=cast("Store", kwargs["store"]))
            if kwargs.get("at") is None:
                count_refusal(refusal)
            raise

    return placing
