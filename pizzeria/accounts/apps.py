from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "pizzeria.accounts"
    label = "accounts"
    verbose_name = "Comptes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from pizzeria.accounts import second_factor  # noqa: F401, PLC0415 - hears the library's signals
