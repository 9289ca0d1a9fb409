"""Pages and API."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "OC_PIZZA.settings")
application = get_wsgi_application()
# Every view with it: what cannot be imported is found by who tries the release, not by the first who opens a page.
import_module(settings.ROOT_URLCONF)
import_module("OC_PIZZA.warm").warm()
