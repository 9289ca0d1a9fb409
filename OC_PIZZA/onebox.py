"""Pages and live events on one port, for `make run`, which has no nginx in front.

The pages run as WSGI in a pool of threads, as gunicorn runs them in production; only /live/ is
asynchronous.
"""

from typing import Any

from a2wsgi import WSGIMiddleware

from OC_PIZZA.asgi import application as live
from OC_PIZZA.wsgi import application as pages

_pages = WSGIMiddleware(pages, workers=16)  # type: ignore[arg-type]


async def application(scope: Any, receive: Any, send: Any) -> None:
    app: Any = live if scope["type"] == "lifespan" or scope.get("path", "").startswith("/live/") else _pages
    await app(scope, receive, send)
