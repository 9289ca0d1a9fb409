"""The scheduled jobs of Lyon, named in CRONJOBS. A failure is raised, never silenced."""

from pizzeria.operations.schedule import refresh_city

CITY = "city_002"


def cyclic_update() -> None:
    refresh_city(code=CITY)
