"""The demo group: three cities, eight points of sale, their menu, their people and a month of orders."""

from pizzeria.operations.demo.people import demo_logins, demo_password

__all__ = ["demo_logins", "demo_password"]
