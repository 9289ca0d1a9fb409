from django.apps import AppConfig


class City003Config(AppConfig):
    name = "city_003"
    verbose_name = "Marseille"
