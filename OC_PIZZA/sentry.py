"""Errors and check-ins, told to Sentry or GlitchTip: what failed, where, in which release and city; never whose order it was.

Imported only where SENTRY_DSN is set: the library costs each process 0.25 s at its start and 20 MB. It sends from a
thread of its own, so that a server that does not answer delays no page; a command waits for it at its end, for
FLUSH_SECONDS at most.
"""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sentry_sdk
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, SuspiciousOperation
from django.http import Http404
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration, ignore_logger
from sentry_sdk.integrations.threading import ThreadingIntegration
from sentry_sdk.utils import BadDsn

from OC_PIZZA.discretion import discreet
from OC_PIZZA.logs import SPOKEN
from pizzeria.errors import BusinessError
from pizzeria.trail import present

if TYPE_CHECKING:
    from sentry_sdk._types import Breadcrumb, DataCollectionUserOptions, Event, Hint

FLUSH_SECONDS = 2
NO_ERRORS = (BusinessError, Http404, PermissionDenied, SuspiciousOperation)
"""What is said to whoever asked, in words: nobody has to put it right."""
NOBODY: "DataCollectionUserOptions" = {
    "user_info": False,
    "cookies": {"mode": "off"},
    "http_headers": {"request": {"mode": "off"}},
    "http_bodies": [],
    "url_query_params": {"mode": "off"},
    "database_query_data": False,
    "queues": False,
    "stack_frame_variables": False,
}
"""What the library may collect of a request beside its method and its address: nothing (`send_default_pii=False`, and more)."""
NEVER_TOLD = ("user", "extra", "modules", "threads")
"""Who asked; what libraries hang on log records (a job's arguments); and what nobody reads."""
KEPT_OF_A_CRUMB = ("type", "category", "level", "timestamp", "message")


def start(*, dsn: str, release: str, environment: str, traces_sample_rate: float) -> None:
    """Report from here on. Raises ImproperlyConfigured for a DSN that is none."""
    try:
        sentry_sdk.init(
            dsn=dsn,
            release=release,
            environment=environment,
            traces_sample_rate=traces_sample_rate or None,
            # Chosen one by one: the default ones report arguments of commands, and every HTTP request and process.
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[
                DjangoIntegration(signals_spans=False),
                LoggingIntegration(sentry_logs_level=None),
                ExcepthookIntegration(),
                ThreadingIntegration(),
                DedupeIntegration(),
                AtexitIntegration(callback=_wait_in_silence),
            ],
            ignore_errors=NO_ERRORS,
            data_collection=NOBODY,
            max_request_body_size="never",
            before_send=_discreet_event,
            before_send_transaction=_discreet_event,
            before_breadcrumb=_short_crumb,
            in_app_include=["OC_PIZZA", "pizzeria", "city_001", "city_002", "city_003"],
            auto_session_tracking=False,
            enable_metrics=False,
            shutdown_timeout=FLUSH_SECONDS,
            # With brotli installed, which serves static files here, it would send what not every server reads. The
            # library types an enum, and compares texts.
            _experiments={"transport_compression_algo": "gzip"},  # type: ignore[typeddict-item]
        )
    except BadDsn as error:
        raise ImproperlyConfigured(f"SENTRY_DSN is https://<public key>@<host>/<project>: {error}.") from error
    sentry_sdk.get_global_scope().set_tag("process", process_of(sys.argv))
    # Told already as what they were: an answer's line, and a command that says why it failed.
    for name in ("gunicorn.access", SPOKEN):
        ignore_logger(name)


def process_of(command: Sequence[str]) -> str:
    """Which of the site's processes this is: web, live, worker or command."""
    if "OC_PIZZA.asgi:application" in command:
        return "live"
    if any(word.endswith(":application") for word in command):
        return "web"
    return "worker" if "procrastinate" in command and "worker" in command else "command"


def _wait_in_silence(_pending: int, _timeout: float) -> None:
    """The library would write to a command's error output that it waits."""


def _discreet_event(event: "Event", _hint: "Hint") -> "Event":
    if event.get("type") == "check_in":
        return event
    told: dict[str, Any] = dict(event)
    for name in NEVER_TOLD:
        told.pop(name, None)
    if request := told.get("request"):
        # Neither headers, nor cookies, nor what was asked or sent: the method, and the address without its secret.
        told["request"] = {name: request[name].partition("?")[0] for name in ("method", "url") if name in request}
    if entry := told.get("logentry"):
        entry.pop("params", None)
    trail = present()
    about = {name: getattr(trail, name) for name in ("request_id", "order", "store", "city")}
    told["tags"] = dict(told.get("tags") or {}) | {name: value for name, value in about.items() if value}
    return {name: value if name in _AS_THEY_ARE else _hushed(value) for name, value in told.items()}  # type: ignore[return-value]


_AS_THEY_ARE = ("event_id", "timestamp", "start_timestamp", "release", "environment", "sdk", "tags", "_meta")


def _short_crumb(crumb: "Breadcrumb", _hint: "Hint") -> "Breadcrumb":
    """A crumb without its data. Its words are made discreet with the event, if there is one: most are never sent."""
    return {name: crumb[name] for name in KEPT_OF_A_CRUMB if name in crumb}


def _hushed(told: Any) -> Any:
    """The same, with every text in it made discreet."""
    if isinstance(told, str):
        return discreet(told)
    if isinstance(told, dict):
        return {name: _hushed(value) for name, value in told.items()}
    return [_hushed(each) for each in told] if isinstance(told, list | tuple) else told
