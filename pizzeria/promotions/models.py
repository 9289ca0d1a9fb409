"""Offers: rules as data, edited by the responsable."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Offer(models.Model):
    """Something that takes a part off an order's price."""

    name = models.CharField(_("nom"), max_length=80)
    name_en = models.CharField(_("nom anglais"), max_length=80, blank=True)
    is_active = models.BooleanField(_("en cours"), default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("offre")

    def __str__(self) -> str:
        return self.name
