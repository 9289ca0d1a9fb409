from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "pizzeria.shop"
    label = "shop"
    verbose_name = "Boutique en ligne"
    default_auto_field = "django.db.models.BigAutoField"
