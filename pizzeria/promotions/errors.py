"""What offers refuse, in words that people understand."""

from pizzeria.errors import BusinessError


class OfferGone(BusinessError):
    """Used up, by others or by this client, since the price was worked out. `details["offer"]` is its key."""

    code = "offer_gone"
    status = 409

    @property
    def offer(self) -> int:
        return int(str(self.details["offer"]))


class InvalidOffer(BusinessError):
    """`details["fields"]` maps the names of fields to what is wrong with each."""

    code = "invalid_offer"
    status = 422


class OfferChanged(BusinessError):
    """Somebody else changed the offer meanwhile: the one that stands is to be looked at first."""

    code = "offer_changed"
    status = 409
