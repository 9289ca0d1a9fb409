"""The addresses that a client keeps: several to deliver to, one of them the usual one, and one for invoices (A1)."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pizzeria.accounts import addresses as kept
from pizzeria.accounts.forms import AddressForm
from pizzeria.accounts.models import Address
from pizzeria.errors import BusinessError
from pizzeria.shop.views.account import signed_in


@never_cache
@require_safe
@login_required
def addresses(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    context = {"addresses": kept.delivery_addresses(user=user), "billing": kept.billing_address(user=user)}
    return render(request, "shop/account_addresses.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def add(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    return _filled_in(request, _("Nouvelle adresse"), {}, lambda fields: kept.add_address(user=user, fields=fields))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def billing(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    known = _fields(kept.billing_address(user=user))
    return _filled_in(
        request,
        _("Adresse de facturation"),
        known,
        lambda fields: kept.set_billing_address(user=user, fields=fields),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def change(request: HttpRequest, pk: int) -> HttpResponse:
    address = _theirs(request, pk)
    return _filled_in(
        request,
        _("Modifier l’adresse"),
        _fields(address),
        lambda fields: kept.change_address(address=address, fields=fields),
    )


@require_POST
@login_required
def usual(request: HttpRequest, pk: int) -> HttpResponse:
    kept.make_usual(address=_theirs(request, pk))
    messages.success(request, _("Vos prochaines commandes iront là"))
    return redirect("shop:account_addresses")


@require_POST
@login_required
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    kept.remove_address(address=_theirs(request, pk))
    messages.success(request, _("Adresse supprimée"))
    return redirect("shop:account_addresses")


def _filled_in(
    request: HttpRequest, title: str, known: dict[str, str], save: Callable[[dict[str, str]], object]
) -> HttpResponse:
    """The page of one address, or the way back once it is saved."""
    form, refusal = AddressForm(request.POST or None, initial=known), None
    if form.is_valid():
        try:
            save(form.cleaned_data)
        except BusinessError as refused:
            refusal = refused
        else:
            messages.success(request, _("Adresse enregistrée"))
            return redirect("shop:account_addresses")
    context = {"form": form, "heading": title, "refusal": refusal}
    return render(request, "shop/account_address.html", context, status=422 if form.errors or refusal else 200)


def _theirs(request: HttpRequest, pk: int) -> Address:
    """Raises Http404 for somebody else's, as for none."""
    found = kept.address_of(user=signed_in(request), pk=pk)
    if found is None:
        raise Http404
    return found


def _fields(address: Address | None) -> dict[str, str]:
    return {name: str(getattr(address, name)) for name in kept.FIELDS} if address else {}
