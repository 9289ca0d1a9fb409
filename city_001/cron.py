"""The scheduled jobs of Paris, named in CRONJOBS. A failure is raised, never silenced."""

from pizzeria.operations.schedule import refresh_city

CITY = "city_001"


def cyclic_update() -> None:
    refresh_city(code=CITY)
