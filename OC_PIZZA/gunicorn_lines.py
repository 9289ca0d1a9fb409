"""gunicorn's own lines, in the form of the site's."""

import logging

from gunicorn.config import Config
from gunicorn.glogging import Logger

from OC_PIZZA.logs import AnswerLine, JsonLine, is_read_by_the_journal


class Lines(Logger):  # type: ignore[misc]
    """gunicorn's logger, each of its lines a JSON object where the journal reads them."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        if is_read_by_the_journal():
            _write(self.error_log, JsonLine())
            _write(self.access_log, AnswerLine())


def _write(log: logging.Logger, formatter: logging.Formatter) -> None:
    for handler in log.handlers:
        handler.setFormatter(formatter)
