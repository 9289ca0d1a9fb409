"""Offers in words: what one gives, what it waits for, what keeps a code from a basket, what is nearly reached."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from pizzeria.languages import localized
from pizzeria.money import euros
from pizzeria.promotions.models import Audience, Kind
from pizzeria.promotions.rules import BIRTHDAY_DAYS, Circumstances, Client, Deal, Obstacle, Part, Unit, nearest

MOST_HINTS = 2
ALL_OF_IT = 100
"""Percent."""


def part_words(part: Part) -> str:
    """`une pizza`, `une pizza (Moyenne)`, `un produit (Tiramisu, Panna cotta)`."""
    kinds = {"pizza": _("une pizza"), "drink": _("une boisson"), "dessert": _("un dessert")}
    kind = kinds.get(part.kind, _("un produit"))
    english = (get_language() or "fr").startswith("en")
    names = ", ".join(name_en or name if english else name for name, name_en in part.names)
    return f"{kind} ({names})" if names else kind


def gives(deal: Deal) -> str:
    """What the offer gives, as a list of offers says it."""
    fits = " + ".join(part_words(part) for part in deal.parts)
    if deal.kind == Kind.PERCENT and deal.percent == ALL_OF_IT:
        return _("offert : %(fits)s") % {"fits": fits}
    if deal.kind == Kind.PERCENT:
        off = _("%(percent)s %% de moins") % {"percent": deal.percent}
    elif deal.kind == Kind.AMOUNT:
        off = _("%(amount)s de moins") % {"amount": euros(deal.amount)}
    elif deal.kind == Kind.SET:
        words = ngettext(
            "%(bought)s achetées, %(given)s offerte", "%(bought)s achetées, %(given)s offertes", deal.given
        )
        off = words % {"bought": deal.bought, "given": deal.given}
    elif deal.kind == Kind.FORMULA:
        return _("%(fits)s à %(price)s") % {"fits": fits, "price": euros(deal.price)}
    else:
        return _("la livraison offerte")
    return off if deal.takes_what_is_left else f"{off} : {fits}"


def holds_when(deal: Deal) -> str:
    """The days and hours at which it holds; empty for always."""
    days = ", ".join(str(WEEKDAYS[day]) for day in sorted(deal.weekdays))
    hours = ""
    if deal.from_time or deal.until_time:
        since = f"{deal.from_time:%H:%M}" if deal.from_time else "00:00"
        until = f"{deal.until_time:%H:%M}" if deal.until_time else "24:00"
        hours = _("de %(since)s à %(until)s") % {"since": since, "until": until}
    return " ".join(part for part in (days, hours) if part)


def conditions(deal: Deal) -> list[str]:
    """What it asks beside the basket, a line each: how much, when, how, where."""
    found = []
    if deal.minimum:
        found.append(_("à partir de %(minimum)s") % {"minimum": euros(deal.minimum)})
    if holds := holds_when(deal):
        found.append(holds)
    if deal.fulfilments:
        found.append(_("pour une commande %(ways)s") % {"ways": ways(deal)})
    if deal.stores:
        found.append(_("à %(stores)s") % {"stores": ", ".join(name for _pk, name in deal.stores)})
    if not deal.is_combinable:
        found.append(_("ne se cumule pas"))
    return found


def for_whom(deal: Deal) -> str:
    """Whom it is for; empty for everybody."""
    words = {
        Audience.NEW: _("pour une première commande"),
        Audience.NTH: _("pour la commande n° %(number)s d’un client"),
        Audience.ABSENT: _("pour qui n’a pas commandé depuis %(number)s jours"),
        Audience.BIRTHDAY: _("autour de l’anniversaire du client"),
    }
    return words[Audience(deal.audience)] % {"number": deal.audience_number} if deal.audience in words else ""


def ways(deal: Deal) -> str:
    """`à livrer, à emporter`: how it must be ordered; empty for any way."""
    names = {"delivery": _("à livrer"), "collection": _("à emporter"), "on_site": _("sur place")}
    return ", ".join(name for way, name in names.items() if way in deal.fulfilments)


def why_you(deal: Deal, client: Client, on: date) -> str:
    """Why an offer is for this client, and nobody else."""
    if deal.audience == Audience.BIRTHDAY and client.birthday:
        day = date_format(nearest(client.birthday, on), "j F")
        return _("Parce que votre anniversaire est le %(day)s.") % {"day": day}
    if deal.audience == Audience.ABSENT and client.last_order_at:
        day = date_format(timezone.localtime(client.last_order_at), "j F")
        return _("Parce que nous ne vous avons pas vu depuis le %(day)s.") % {"day": day}
    if deal.audience == Audience.NTH:
        return _("Parce que ce sera votre commande n° %(number)s.") % {"number": deal.audience_number}
    if deal.audience == Audience.NEW:
        return _("Parce que ce sera votre première commande.")
    return _("Parce que vous avez un compte.")


def until(deal: Deal, client: Client, on: date) -> date | None:
    """The last day on which this client has the offer; None for one without an end."""
    ends = [deal.ends_on] if deal.ends_on else []
    if deal.audience == Audience.BIRTHDAY and client.birthday:
        ends.append(nearest(client.birthday, on) + BIRTHDAY_DAYS)
    return min(ends, default=None)


def kept_away(deal: Deal, why: Obstacle, found: Circumstances) -> str:
    """What keeps a code from being used, and what would help."""
    if why == Obstacle.NOT_YET and deal.starts_on:
        return _("Ce code servira à partir du %(day)s.") % {"day": date_format(deal.starts_on, "j F Y")}
    if why == Obstacle.NOT_NOW:
        return _("Ce code vaut à un autre moment : %(when)s.") % {"when": holds_when(deal)}
    if why == Obstacle.NOT_HERE:
        return _("Ce code vaut dans d’autres pizzerias : %(stores)s.") % {
            "stores": ", ".join(name for _pk, name in deal.stores)
        }
    if why == Obstacle.NOT_THIS_WAY and deal.fulfilments:
        return _("Ce code vaut pour une commande %(ways)s.") % {"ways": ways(deal)}
    if why == Obstacle.MINIMUM:
        missing = deal.minimum - found.gross
        return _("Ce code vaut à partir de %(minimum)s : il manque %(missing)s.") % {
            "minimum": euros(deal.minimum),
            "missing": euros(missing),
        }
    return _SHORT[why]()


def _over() -> str:
    return _("Ce code n’est plus valable.")


_SHORT: dict[Obstacle, Callable[[], str]] = {
    Obstacle.OVER: _over,
    Obstacle.NOT_YET: _over,
    Obstacle.USED_UP: lambda: _("Ce code a déjà été utilisé autant de fois que prévu."),
    Obstacle.NOT_THIS_WAY: lambda: _("Ce code ne vaut pas pour une commande passée ainsi."),
    Obstacle.SIGN_IN: lambda: _("Ce code demande un compte : connectez-vous, il vous attend."),
    Obstacle.NOT_FOR_YOU: lambda: _("Ce code n’est pas pour ce compte."),
    Obstacle.HAD_IT: lambda: _("Vous avez déjà utilisé ce code."),
}


def unknown_code() -> str:
    return _("Ce code n’existe pas. Vérifiez-le, lettre par lettre.")


def ended_code() -> str:
    return _over()


def applied_code(deal: Deal) -> str:
    return _("Le code %(code)s est appliqué.") % {"code": deal.code}


def outdone_code(deal: Deal) -> str:
    """A code that is good, where others save more."""
    return _("Le code %(code)s est bon, mais les autres offres vous font économiser davantage.") % {"code": deal.code}


def waiting_code(deal: Deal) -> str:
    """What a basket lacks for a code that nothing else keeps from it."""
    if deal.kind == Kind.DELIVERY:
        return _("Ce code offre les frais de livraison : ils n’apparaissent qu’une fois l’adresse donnée.")
    if deal.kind == Kind.SET:
        count, fits = deal.bought + deal.given, part_words(deal.parts[0])
        same = _(", de la même taille") if deal.same_size else ""
        return _("Il manque quelque chose à ce panier : ce code demande %(count)s fois %(fits)s%(same)s.") % {
            "count": count,
            "fits": fits,
            "same": same,
        }
    fits = " + ".join(part_words(part) for part in deal.parts)
    if not fits:
        return _("Ce code ne peut pas rendre la commande gratuite : ajoutez quelque chose.")
    return _("Il manque quelque chose à ce panier : ce code demande %(fits)s.") % {"fits": fits}


def hints(
    *, basket: Sequence[tuple[Unit, int]], deals: Collection[Deal], short: Collection[Deal], gross: Decimal
) -> list[str]:
    """What a basket nearly has: `deals` hold for it, `short` wait for their minimum alone. At most `MOST_HINTS`."""
    units = [unit for unit, count in basket for _one in range(count)]
    found = [*(_near(deal, units) for deal in deals), *(_short_of(deal, gross) for deal in short)]
    return [words for words in found if words][:MOST_HINTS]


def _near(deal: Deal, units: Sequence[Unit]) -> str:
    if deal.kind == Kind.SET:
        return _one_more(deal) if any(_lacks_one(deal, count) for count in _groups(deal, units)) else ""
    if deal.kind == Kind.FORMULA and len(deal.parts) > 1:
        lacking = [part for part in deal.parts if not any(part.fits(unit) for unit in units)]
        if len(lacking) == 1 and not deal.code:
            words = _("Ajoutez %(fits)s : « %(offer)s » à %(price)s.")
            return words % {
                "fits": part_words(lacking[0]),
                "offer": localized(deal, "name"),
                "price": euros(deal.price),
            }
    return ""


def _groups(deal: Deal, units: Sequence[Unit]) -> Iterator[int]:
    """How many units fit a set, of each size or of all."""
    fitting = Counter(unit.size if deal.same_size else None for unit in units if deal.parts[0].fits(unit))
    return iter(fitting.values())


def _lacks_one(deal: Deal, count: int) -> bool:
    return count % (deal.bought + deal.given) == deal.bought + deal.given - 1


def _one_more(deal: Deal) -> str:
    same = _(" de la même taille") if deal.same_size else ""
    if deal.given > 1:
        words = _("Encore %(fits)s%(same)s, et les %(given)s moins chères sont offertes.")
    else:
        words = _("Encore %(fits)s%(same)s, et la moins chère est offerte.")
    return words % {"fits": part_words(deal.parts[0]), "same": same, "given": deal.given}


def _short_of(deal: Deal, gross: Decimal) -> str:
    missing = deal.minimum - gross
    # Somebody with a drink in the basket is not told what twenty euros more would bring.
    if missing > deal.minimum / 2:
        return ""
    return _("Encore %(missing)s pour « %(offer)s ».") % {"missing": euros(missing), "offer": localized(deal, "name")}
