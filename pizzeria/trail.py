"""What the present request, or the job that is running, is about: what the lines of the log and reported errors say of it.

Never who somebody is: a number and slugs, by which whoever may see the rest finds it.
"""

import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from procrastinate import JobContext
    from procrastinate.middleware import AsyncCallNext
    from procrastinate.worker import Worker

REQUEST_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(slots=True, kw_only=True)
class Trail:
    """`request_id` is nginx's, `order` a number, `store` and `city` a slug and a code; empty where there is none."""

    request_id: str = ""
    order: str = ""
    store: str = ""
    city: str = ""


_present: ContextVar[Trail | None] = ContextVar("trail", default=None)


def begin(request_id: str = "") -> Trail:
    """Begin the trail of a request or a job. One that brings no id that we could have given gets a new one."""
    trail = Trail(request_id=request_id if REQUEST_ID.fullmatch(request_id) else secrets.token_hex(16))
    _present.set(trail)
    return trail


def present() -> Trail:
    """The trail that this thread or task is on; an empty one outside of requests and jobs."""
    return _present.get() or Trail()


def concerns(*, order: str = "", store: str = "", city: str = "") -> None:
    """Note what the present request or job turns out to be about; what is empty stays as it was."""
    trail = _present.get()
    if trail is None:
        return
    trail.order, trail.store, trail.city = order or trail.order, store or trail.store, city or trail.city


def cause() -> dict[str, str]:
    """What a job that is deferred now is given besides, so that its lines follow from the request: `defer(…, **cause())`.

    A task takes these two as keywords, `request_id` and `order`, and needs to do nothing with them.
    """
    trail = present()
    return {"request_id": trail.request_id, "order": trail.order}


async def follow(call_next: "AsyncCallNext", context: "JobContext", _worker: "Worker") -> Any:
    """Run a job of the worker on the trail of what has caused it, or on one of its own (PROCRASTINATE_WORKER_DEFAULTS)."""
    told = context.job.task_kwargs
    begin(str(told.get("request_id", ""))).order = str(told.get("order", ""))
    return await call_next()
