"""The scheduled jobs of Marseille, named in CRONJOBS. A failure is raised, never silenced."""

from pizzeria.operations.schedule import refresh_city

CITY = "city_003"


def cyclic_update() -> None:
    refresh_city(code=CITY)
