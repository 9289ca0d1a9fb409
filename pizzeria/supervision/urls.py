"""How the site is."""

from django.urls import path

from pizzeria.supervision.views import status

app_name = "supervision"
urlpatterns = [
    path("supervision/", status.page, name="status"),
    path("supervision/state", status.state, name="state"),
]
