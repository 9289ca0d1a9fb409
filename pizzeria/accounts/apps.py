from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "pizzeria.accounts"
    label = "accounts"
    verbose_name = "Comptes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from pizzeria.accounts.hearing import listen  # noqa: PLC0415 - its models are there now

        listen()
