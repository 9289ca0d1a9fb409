"""How the site is, for people and for machines."""

from django.urls import path

from pizzeria.supervision.views import status
from pizzeria.supervision.views.metrics import metrics

app_name = "supervision"
urlpatterns = [
    path("supervision/", status.page, name="status"),
    path("supervision/state", status.state, name="state"),
    path("metrics", metrics, name="metrics"),
]
