"""The site's own settings, and one more address: a constant answer out of the same gunicorn."""

from OC_PIZZA.settings import *  # noqa: F403 - these are those settings

ROOT_URLCONF = "benchmarks.urls"
