from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "pizzeria.operations"
    label = "operations"
    verbose_name = "Exploitation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from pizzeria.operations import checks  # noqa: F401, PLC0415 - registers itself
