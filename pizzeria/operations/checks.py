"""`./manage.py check`: CRONJOBS is right, before a timer fails at six in the morning."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from pizzeria.operations.cronjobs import problems


@register("cronjobs")
def check_cronjobs(**_options: Any) -> list[CheckMessage]:
    return [Error(problem, id="operations.E001") for problem in problems()]
