"""Who else is told of a store's orders: addresses, what they were sent, what they answered."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pizzeria.accounts.models import Role
from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.connected_forms import EndpointForm
from pizzeria.errors import BusinessError
from pizzeria.ordering.models import Order
from pizzeria.webhooks import services
from pizzeria.webhooks.messages import secret_of
from pizzeria.webhooks.models import Delivery, Endpoint

UNPROCESSABLE = 422
ANSWERS = {
    "timeout": gettext_lazy("n’a pas répondu à temps"),
    "no_answer": gettext_lazy("ne répond pas"),
    "unknown_name": gettext_lazy("nom de serveur inconnu"),
    "certificate": gettext_lazy("certificat refusé"),
    "tls": gettext_lazy("chiffrement refusé"),
    "address_refused": gettext_lazy("adresse refusée"),
}
"""What came of a sending where there was no HTTP status."""


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.MANAGE_WEBHOOKS)
def webhooks(request: StaffRequest, place: Place) -> HttpResponse:
    form = EndpointForm(request.POST or None)
    made = _added(place, form) if form.is_valid() else None
    if made:
        return _shown(request, place, made, secret=secret_of(made))
    context = {
        "place": place,
        "current": "webhooks",
        "form": form,
        "for_group": Role.DIRECTION in place.roles,
        "endpoints": [_words_of(endpoint) for endpoint in services.endpoints_at(store=place.store, user=place.user)],
    }
    return render(request, "backoffice/webhooks.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@require_safe
@staff_page(Action.MANAGE_WEBHOOKS)
def webhook(request: StaffRequest, place: Place, pk: int) -> HttpResponse:
    return _shown(request, place, _endpoint(place, pk), secret="")


@require_POST
@staff_page(Action.MANAGE_WEBHOOKS)
def rotate(request: StaffRequest, place: Place, pk: int) -> HttpResponse:
    """Another secret, which is on this page and on no other."""
    endpoint = services.rotate(endpoint=_endpoint(place, pk), acting_user=place.user)
    return _shown(request, place, endpoint, secret=secret_of(endpoint))


@require_POST
@staff_page(Action.MANAGE_WEBHOOKS)
def try_out(request: StaffRequest, place: Place, pk: int) -> HttpResponse:
    services.try_out(endpoint=_endpoint(place, pk), acting_user=place.user)
    messages.success(request, _("Le message d’essai part : la réponse s’affiche ci-dessous."))
    return redirect("backoffice:webhook", place.store.slug, pk)


@require_POST
@staff_page(Action.MANAGE_WEBHOOKS)
def pause(request: StaffRequest, place: Place, pk: int) -> HttpResponse:
    services.pause(endpoint=_endpoint(place, pk), acting_user=place.user)
    messages.success(request, _("En pause : rien n’y est plus envoyé."))
    return redirect("backoffice:webhook", place.store.slug, pk)


@require_POST
@staff_page(Action.MANAGE_WEBHOOKS)
def resume(request: StaffRequest, place: Place, pk: int) -> HttpResponse:
    services.resume(endpoint=_endpoint(place, pk), acting_user=place.user)
    messages.success(request, _("Les envois reprennent."))
    return redirect("backoffice:webhook", place.store.slug, pk)


@require_POST
@staff_page(Action.MANAGE_WEBHOOKS)
def remove(request: StaffRequest, place: Place, pk: int) -> HttpResponse:
    services.remove(endpoint=_endpoint(place, pk), acting_user=place.user)
    messages.success(request, _("L’adresse est retirée."))
    return redirect("backoffice:webhooks", place.store.slug)


@require_POST
@staff_page(Action.MANAGE_WEBHOOKS)
def send_again(request: StaffRequest, place: Place, pk: int, delivery: int) -> HttpResponse:
    if services.send_again(endpoint=_endpoint(place, pk), pk=delivery, acting_user=place.user):
        messages.success(request, _("Le message repart."))
    else:
        messages.info(request, _("Ce message n’est plus gardé."))
    return redirect("backoffice:webhook", place.store.slug, pk)


def _added(place: Place, form: EndpointForm) -> Endpoint | None:
    """The new address; None where it is refused, which the form then says."""
    asked = form.cleaned_data
    try:
        if asked["whole_group"]:
            return services.add_for_group(
                at=place.store, url=asked["url"], statuses=asked["statuses"], acting_user=place.user
            )
        return services.add(store=place.store, url=asked["url"], statuses=asked["statuses"], acting_user=place.user)
    except BusinessError as error:
        form.add_error("url", error.message)
        return None


def _shown(request: StaffRequest, place: Place, endpoint: Endpoint, *, secret: str) -> HttpResponse:
    deliveries = list(services.last_deliveries(endpoint=endpoint))
    context = {
        "place": place,
        "current": "webhooks",
        **_words_of(endpoint),
        "secret": secret,
        "deliveries": [(delivery, _answer(delivery)) for delivery in deliveries],
        # What has just been asked for is on its way: the page looks again until it has an answer.
        "is_waiting": any(each.status == Delivery.Status.DUE and not each.answered for each in deliveries),
    }
    return render(request, "backoffice/webhook.html", context)


def _endpoint(place: Place, pk: int) -> Endpoint:
    """An address of this store, or of the group for who may see it; another store's is as unknown as one that never was."""
    found = services.endpoints_at(store=place.store, user=place.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _words_of(endpoint: Endpoint) -> dict[str, object]:
    labels = [str(Order.Status(status).label) for status in endpoint.statuses]
    return {"endpoint": endpoint, "statuses": ", ".join(labels)}


def _answer(delivery: Delivery) -> str:
    return str(ANSWERS.get(delivery.answered, delivery.answered))
