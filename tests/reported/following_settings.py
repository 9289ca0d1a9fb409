"""The site's settings, with a job of the tests for the worker to find."""

from OC_PIZZA.settings import *  # noqa: F403 - the site's, and one more place

PROCRASTINATE_IMPORT_PATHS = ["tests.reported.following"]
