"""Asking the provider of payments while a client waits: briefly, and never with all of a process's threads."""

import logging
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import TypeVar

from django.utils.translation import gettext as _

from pizzeria.ordering.errors import PaymentUnavailable
from pizzeria.payments.providers import Provider, ProviderError, provider_of_a_page

logger = logging.getLogger(__name__)

T = TypeVar("T")

LINES, QUEUE_SECONDS = BoundedSemaphore(1), 1.0
"""How many threads of a process wait for the provider, and how long others wait for their turn: a process has two (deploy.conf),
and a provider that hangs must not take the menu's pages with it."""


def ask(request: Callable[[Provider], T]) -> T:
    """What the provider answers. Raises PaymentUnavailable, also when too many already wait for its answer."""
    found = provider_of_a_page()
    if found is None or not LINES.acquire(timeout=QUEUE_SECONDS):
        raise _unavailable()
    try:
        return request(found)
    except ProviderError as error:
        logger.warning("the provider of payments: %s", error)
        raise _unavailable() from error
    finally:
        LINES.release()


def _unavailable() -> PaymentUnavailable:
    return PaymentUnavailable(
        _("Le paiement en ligne ne répond pas. Réessayez dans un instant, ou choisissez de payer à la livraison.")
    )
