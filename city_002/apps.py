from django.apps import AppConfig


class City002Config(AppConfig):
    name = "city_002"
    verbose_name = "Lyon"
