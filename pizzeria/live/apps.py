from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "pizzeria.live"
    label = "live"
    verbose_name = "Suivi en direct"
    default_auto_field = "django.db.models.BigAutoField"
