"""A job as a request would defer it."""

import logging

from procrastinate.contrib.django import app

logger = logging.getLogger("pizzeria.following")


@app.task
def deferred_by_a_request(request_id: str, order: str) -> None:
    logger.info("done")
