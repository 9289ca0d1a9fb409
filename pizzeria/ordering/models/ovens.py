"""The minutes of a store’s ovens, and who holds them (decision 21)."""

from django.db import models
from django.db.models import Q

from pizzeria.ordering.models.orders import Order
from pizzeria.stores.models import Store


class OvenSlot(models.Model):
    """A quarter of an hour of a store's ovens: its minutes, and how many of them orders hold.

    Never more than there are: a constraint. A row is made when it is first asked for.
    """

    # Found by `oven_slot_once_a_store`, which begins with it.
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="oven_slots", db_index=False)
    starts_at = models.DateTimeField()
    minutes = models.IntegerField(help_text="Not below what is reserved and gone, which are not below zero.")
    reserved = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(
        default=0, db_default=0, help_text="What had passed unasked when somebody took the rest."
    )
    lost = models.PositiveIntegerField(
        default=0, db_default=0, help_text="What ovens that are out of order would have given."
    )

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["store", "starts_at"], name="oven_slot_once_a_store"),
            models.CheckConstraint(
                condition=Q(minutes__gte=models.F("reserved") + models.F("gone")), name="oven_slot_not_overbooked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.starts_at}: {self.reserved}/{self.minutes}"


class OvenReservation(models.Model):
    """The minutes of a slot that an order holds. Those of a slot add up to its `reserved`."""

    # Found by `oven_reservation_once`, which begins with it.
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="oven_reservations", db_index=False)
    slot = models.ForeignKey(OvenSlot, on_delete=models.PROTECT, related_name="reservations")
    minutes = models.IntegerField(help_text="One at least.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "slot"], name="oven_reservation_once"),
            models.CheckConstraint(condition=Q(minutes__gte=1), name="oven_reservation_holds_something"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.slot_id}: {self.minutes}"
