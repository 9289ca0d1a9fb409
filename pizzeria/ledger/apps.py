from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "pizzeria.ledger"
    label = "ledger"
    verbose_name = "Journal"
    default_auto_field = "django.db.models.BigAutoField"
