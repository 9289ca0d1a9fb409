"""The scheduled jobs of Lyon, named in CRONJOBS. A failure is raised, never silenced."""

from django.core.management import call_command

from pizzeria.operations.schedule import refresh_city

CITY = "city_002"


def cyclic_update() -> None:
    refresh_city(code=CITY)


def cyclic_backup() -> None:
    call_command("backup_ocpizza", "--cyclic")
