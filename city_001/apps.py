from django.apps import AppConfig


class City001Config(AppConfig):
    name = "city_001"
    verbose_name = "Paris"
