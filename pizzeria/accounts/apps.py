from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "pizzeria.accounts"
    label = "accounts"
    verbose_name = "Comptes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # They read models, which are not there before.
        from pizzeria.accounts import gates, hearing, seen  # noqa: PLC0415

        gates.listen()
        hearing.listen()
        seen.listen()
