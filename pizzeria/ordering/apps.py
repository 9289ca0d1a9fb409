from django.apps import AppConfig


class OrderingConfig(AppConfig):
    name = "pizzeria.ordering"
    label = "ordering"
    verbose_name = "Commandes"
    default_auto_field = "django.db.models.BigAutoField"
