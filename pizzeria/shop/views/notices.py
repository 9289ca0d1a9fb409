"""What a client is told, and how: their choices, the browsers that are told, and one tap to stop."""

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from pizzeria.accounts.clients import is_confirmed
from pizzeria.accounts.models import User
from pizzeria.errors import BusinessError
from pizzeria.notifications import pushing, stopping, texting
from pizzeria.notifications.choices import choose_for_account, choose_for_order, wanted_by, wanted_of
from pizzeria.notifications.models import Channel, Kind, Subscription
from pizzeria.ordering.models import Order
from pizzeria.shop.views.account import signed_in
from pizzeria.shop.views.order import order_or_404


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A thing to be told, with a box for each channel."""

    words: str
    boxes: list[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where somebody is reached by a channel, and whether they asked for no more there."""

    channel: str
    address: str
    is_stopped: bool
    may_resume: bool
    """Whether whoever reads the page has proved that it is theirs: nobody else lifts the silence that somebody asked for."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def for_account(request: HttpRequest) -> HttpResponse:
    """What is told of every order of an account."""
    user = signed_in(request)
    if request.method == "POST":
        if "resume" in request.POST:
            _resume(user)
        else:
            choose_for_account(customer=user, wanted=request.POST.getlist("wanted"))
        messages.success(request, _("C’est enregistré"))
        return redirect("shop:account_notices")
    proved = [user.email] if is_confirmed(user=user, email=user.email) else []
    context = _context(wanted_by(customer=user), _reaches({Channel.MAIL: user.email, Channel.SMS: user.phone}, proved))
    context["browsers"] = Subscription.objects.filter(customer=user).count()
    return render(request, "shop/account_notices.html", context)


@require_POST
@login_required
def account_browser(request: HttpRequest) -> HttpResponse:
    """Tell this browser of every order of the account; or none any more."""
    user = signed_in(request)
    if "forget" in request.POST:
        Subscription.objects.filter(customer=user).delete()
        messages.success(request, _("Plus aucun appareil n’est prévenu"))
        return redirect("shop:account_notices")
    _subscribe(request, customer=user)
    return redirect("shop:account_notices")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def for_order(request: HttpRequest, token: str) -> HttpResponse:
    """What is told of one order, for whoever holds its token: a guest has no account."""
    order = order_or_404(token)
    if request.method == "POST":
        choose_for_order(order=order, wanted=request.POST.getlist("wanted"))
        messages.success(request, _("C’est enregistré"))
        return redirect("shop:order_notices", token)
    # Whoever orders types an address, which may be somebody else's: only the link that was sent there speaks for it.
    reaches = _reaches({Channel.MAIL: order.email, Channel.SMS: order.phone}, proved=[])
    context = _context(wanted_of(order=order), reaches) | {"order": order}
    context["browsers"] = stopping.subscriptions_of(order=order).count()
    return render(request, "shop/order_notices.html", context)


@require_POST
def order_browser(request: HttpRequest, token: str) -> HttpResponse:
    """Tell this browser of the order; or none any more."""
    order = order_or_404(token)
    if "forget" in request.POST:
        stopping.stop(order=order, channel=Channel.PUSH)
        messages.success(request, _("Plus aucun appareil n’est prévenu"))
    else:
        _subscribe(request, order=order)
    return redirect("shop:order", token)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, code: str) -> HttpResponse:
    """One tap (RFC 8058): a mail program posts here by itself; whoever opens the page has one button.

    The link is the proof: no cookie is looked at. Reading the page changes nothing, whatever follows links by itself.
    """
    link = stopping.link_of(code=code)
    if link is None:
        raise Http404
    if request.method == "POST":
        act = stopping.resume if "resume" in request.POST else stopping.stop
        act(order=link.order, channel=link.channel)
    context = {
        "order": link.order,
        "channel": link.channel,
        "address": _masked(stopping.address_of(order=link.order, channel=link.channel)),
        "is_stopped": _is_stopped(link),
    }
    return render(request, "shop/stop.html", context)


def _is_stopped(link: stopping.Link) -> bool:
    if link.channel == Channel.PUSH:
        return not stopping.subscriptions_of(order=link.order).exists()
    return stopping.is_stopped(order=link.order, channel=link.channel)


def _subscribe(request: HttpRequest, *, order: Order | None = None, customer: User | None = None) -> None:
    told = request.POST
    asked = pushing.Asked(endpoint=told.get("endpoint", ""), p256dh=told.get("p256dh", ""), auth=told.get("auth", ""))
    try:
        pushing.subscribe(asked=asked, order=order, customer=customer)
    except BusinessError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Cet appareil sera prévenu"))


def _resume(user: User) -> None:
    """Write to this account again: to its address, once that is proved. A telephone's number never is."""
    if is_confirmed(user=user, email=user.email):
        stopping.resume_address(channel=Channel.MAIL, address=user.email)


def _reaches(addresses: dict[str, str], proved: Collection[str]) -> list[Reach]:
    return [
        Reach(
            channel=channel,
            address=address,
            is_stopped=bool(address) and stopping.is_address_stopped(channel=channel, address=address),
            may_resume=address in proved,
        )
        for channel, address in addresses.items()
        if channel in _offered()
    ]


def _offered() -> list[Channel]:
    offered = {Channel.SMS: texting.is_offered(), Channel.PUSH: pushing.is_offered()}
    return [channel for channel in Channel if offered.get(channel, True)]


def _context(wanted: frozenset[str], reaches: list[Reach]) -> dict[str, object]:
    channels = _offered()
    rows = [
        Row(
            words=str(kind.label),
            boxes=[(f"{kind}.{channel}", str(channel.label), f"{kind}.{channel}" in wanted) for channel in channels],
        )
        for kind in Kind
    ]
    return {"rows": rows, "channels": channels, "reaches": reaches, "push_key": pushing.public_key()}


def _masked(address: str) -> str:
    """An address as its owner knows it again, and nobody else reads it: whoever a mail was passed on to sees no more."""
    name, at, where = address.partition("@")
    return f"{name[:1]}…{at}{where}" if at else f"{address[:2]}…{address[-2:]}" if address else ""
