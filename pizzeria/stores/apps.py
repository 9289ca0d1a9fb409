from django.apps import AppConfig


class StoresConfig(AppConfig):
    name = "pizzeria.stores"
    label = "stores"
    verbose_name = "Points de vente"
    default_auto_field = "django.db.models.BigAutoField"
