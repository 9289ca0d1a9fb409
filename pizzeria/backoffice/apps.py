from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "pizzeria.backoffice"
    label = "backoffice"
    verbose_name = "Gestionnaire centralisé"
    default_auto_field = "django.db.models.BigAutoField"
