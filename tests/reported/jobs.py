"""Jobs that tests put into CRONJOBS, in the settings of processes of their own."""

from OC_PIZZA.settings import *  # noqa: F403 - the site's, but for its jobs

WORKS = "tests.reported.jobs.works"
FAILS = "tests.reported.jobs.fails"
OFTEN = "pizzeria.operations.tests.jobs.works"
CRONJOBS = [("0 6 * * *", WORKS), ("30 5 1 * *", FAILS), ("0 6 * * *", OFTEN), ("0 18 * * *", OFTEN)]


def works() -> None:
    """Nothing to do."""


def fails() -> None:
    raise ValueError("plus de farine pour gaspard@visiteur.example")
