from django.urls import path

from pizzeria.api.site import api

urlpatterns = [path("", api.urls)]
