"""Offers: those of a store and of the group, what they have cost, and their form."""

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pizzeria.accounts.models import Role
from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, places_of, staff_page
from pizzeria.backoffice.offer_forms import SORTS, OfferForm, Sort, differences, initial_of, sort_of
from pizzeria.ordering.offer_selectors import Example, example_of, offers_at, state_of, whole_offers
from pizzeria.promotions.editing import add_offer, change_offer, deal_asked, end_offer
from pizzeria.promotions.errors import InvalidOffer, OfferChanged
from pizzeria.promotions.models import Offer
from pizzeria.promotions.selectors import deal_of
from pizzeria.stores.models import Store

UNPROCESSABLE = 422
CONFLICT = 409


@require_safe
@staff_page(Action.MANAGE_OFFERS)
def offers(request: StaffRequest, place: Place) -> HttpResponse:
    mine = _stores(place)
    rows = [(row, _is_theirs(place, row.offer, mine)) for row in offers_at(store=place.store)]
    context = {"place": place, "current": "offers", "rows": rows, "sorts": SORTS}
    return render(request, "backoffice/offers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.MANAGE_OFFERS)
def add(request: StaffRequest, place: Place, sort: str) -> HttpResponse:
    """A new offer of a sort; like another one, to begin with, where the address names it."""
    chosen = next((each for each in SORTS if each.slug == sort), None)
    if chosen is None:
        raise Http404
    form = _form(
        place, chosen, request.POST if request.method == "POST" else _looked_at(request), _like(request, place)
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = add_offer(asked=form.asked(), acting_user=place.user)
        except InvalidOffer as error:
            _tell(form, error)
        else:
            messages.success(request, _("L’offre « %(name)s » est enregistrée.") % {"name": made.name})
            return redirect("backoffice:offer", place.store.slug, made.pk)
    return _page(request, place, form, _status(request), example=_example_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.MANAGE_OFFERS)
def offer(request: StaffRequest, place: Place, pk: int) -> HttpResponse:
    """An offer, to look at or to change."""
    found = _offer(place, pk)
    sort = sort_of(found)
    data = request.POST if request.method == "POST" else _looked_at(request)
    form = _form(place, sort, data, initial_of(found))
    if request.method == "POST" and form.is_valid():
        _require_theirs(place, found)
        try:
            version = form.cleaned_data["version"] or 0
            change_offer(offer=_offer(place, pk), version=version, asked=form.asked(), acting_user=place.user)
        except InvalidOffer as error:
            _tell(form, error)
        except OfferChanged as error:
            return _conflict(request, place, form, _offer(place, pk), error)
        else:
            messages.success(request, _("L’offre est modifiée. Les commandes passées gardent la leur."))
            return redirect("backoffice:offer", place.store.slug, pk)
    shown = _example_of(form) if form.is_bound else example_of(deal=deal_of(found))
    return _page(request, place, form, _status(request), found=found, example=shown)


@require_POST
@staff_page(Action.MANAGE_OFFERS)
def end(request: StaffRequest, place: Place, pk: int) -> HttpResponse:
    found = _offer(place, pk)
    _require_theirs(place, found)
    try:
        end_offer(offer=found, version=_version(request.POST), acting_user=place.user)
    except OfferChanged:
        messages.error(request, _("Quelqu’un vient de modifier cette offre : regardez-la avant de la terminer."))
        return redirect("backoffice:offer", place.store.slug, pk)
    messages.success(request, _("L’offre « %(name)s » est terminée.") % {"name": found.name})
    return redirect("backoffice:offers", place.store.slug)


def _conflict(request: StaffRequest, place: Place, form: OfferForm, found: Offer, error: OfferChanged) -> HttpResponse:
    """What was typed stays in the form; beside it, what stands now and by whom. Sent again, it knows both."""
    told: dict[str, object] = {
        "message": error.message,
        "by": found.written_by,
        "differences": differences(form, found),
    }
    again = request.POST.copy()
    again["version"] = str(found.version)
    return _page(
        request,
        place,
        _form(place, form.sort, again, {}),
        CONFLICT,
        found=found,
        conflict=told,
        example=_example_of(form),
    )


def _page(
    request: StaffRequest,
    place: Place,
    form: OfferForm,
    status: int,
    *,
    example: Example | None,
    found: Offer | None = None,
    conflict: dict[str, object] | None = None,
) -> HttpResponse:
    context = {
        "place": place,
        "current": "offers",
        "form": form,
        "offer": found,
        "state": state_of(found, timezone.localtime()) if found else "",
        "is_theirs": found is None or _is_theirs(place, found, _stores(place)),
        "example": example,
        "conflict": conflict,
    }
    return render(request, "backoffice/offer.html", context, status=status)


def _form(place: Place, sort: Sort, data: QueryDict | None, initial: dict[str, object]) -> OfferForm:
    for_group = Role.DIRECTION in place.roles
    start = initial or {"stores": [] if for_group else [place.store.pk], "audience": "everybody"}
    return OfferForm(data, initial=start, sort=sort, stores=_stores(place), for_group=for_group)


def _looked_at(request: StaffRequest) -> QueryDict | None:
    """What is being typed, sent to see the example only."""
    return request.GET if request.htmx and "name" in request.GET else None


def _like(request: StaffRequest, place: Place) -> dict[str, object]:
    """The values of another offer of this store that this one begins with; its code stays its own. Raises Http404."""
    wanted = request.GET.get("comme", "")
    if not wanted.isdecimal() or len(wanted) >= 10:  # noqa: PLR2004
        return {}
    return {**initial_of(_offer(place, int(wanted))), "code": "", "version": None}


def _example_of(form: OfferForm) -> Example | None:
    if not form.is_bound or not form.is_valid():
        return None
    deal = deal_asked(asked=form.asked())
    return example_of(deal=deal) if deal else None


def _status(request: StaffRequest) -> int:
    return UNPROCESSABLE if request.method == "POST" else 200


def _tell(form: OfferForm, error: InvalidOffer) -> None:
    """Beside its field what is wrong with it; above the form what has none."""
    fields: dict[str, str] = error.details["fields"]  # type: ignore[assignment]
    for name, words in fields.items():
        form.add_error(name if name in form.fields else None, words)


def _stores(place: Place) -> list[Store]:
    """Where this person may offer something."""
    return [each.store for each in places_of(user=place.user) if each.may(Action.MANAGE_OFFERS)]


def _offer(place: Place, pk: int) -> Offer:
    """An offer that holds at this store. Raises Http404."""
    found = whole_offers().filter(pk=pk).first()
    stores = {store.pk for store in found.stores.all()} if found else set()
    if found is None or (stores and place.store.pk not in stores):
        raise Http404
    return found


def _is_theirs(place: Place, found: Offer, mine: list[Store]) -> bool:
    """Direction changes every offer; a responsable those that hold at their own points of sale alone."""
    if Role.DIRECTION in place.roles:
        return True
    stores = {store.pk for store in found.stores.all()}
    return bool(stores) and stores <= {store.pk for store in mine}


def _require_theirs(place: Place, found: Offer) -> None:
    if not _is_theirs(place, found, _stores(place)) or not found.is_active:
        raise Http404


def _version(posted: QueryDict) -> int:
    text = posted.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004
