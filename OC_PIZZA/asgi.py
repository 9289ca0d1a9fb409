"""Live events only: everything else is served by wsgi.py, four times faster."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "OC_PIZZA.settings")
django.setup()

from pizzeria.live.stream import application  # noqa: E402

__all__ = ["application"]
