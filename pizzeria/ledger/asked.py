"""What the journal's commands are asked for."""

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from pizzeria.stores.models import Store


def stores_asked(slug: str | None) -> list[Store]:
    """The store of this name, or all of them. Raises CommandError for a name that none has."""
    stores = Store.objects.order_by("pk") if slug is None else Store.objects.filter(slug=slug)
    found = list(stores)
    if slug is not None and not found:
        raise CommandError(_("Aucun point de vente ne s’appelle %(slug)s.") % {"slug": slug})
    return found
