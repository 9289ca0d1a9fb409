from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "pizzeria.accounts"
    label = "accounts"
    verbose_name = "Comptes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from pizzeria.accounts import gates  # noqa: PLC0415 - it reads models, which are not there before

        gates.listen()
