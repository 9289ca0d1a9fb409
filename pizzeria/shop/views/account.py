"""The client's own page: who they are and how they sign in (A1, UC 2.1, C1)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from pizzeria.accounts.clients import change_details
from pizzeria.accounts.forms import DetailsForm
from pizzeria.accounts.models import User

DETAILS = ("first_name", "last_name", "phone", "birthday")


def signed_in(request: HttpRequest) -> User:
    """Who asks, on a page that only those who are signed in reach."""
    if not isinstance(request.user, User):
        raise TypeError("this page is behind `login_required`")
    return request.user


@never_cache
@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/account.html")


@never_cache
@require_safe
@login_required
def security(request: HttpRequest) -> HttpResponse:
    """Every way to sign in to this account, each with its own page."""
    return render(request, "shop/account_security.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def details(request: HttpRequest) -> HttpResponse:
    """A1: what the account knows of its owner; what is optional may be emptied."""
    user = signed_in(request)
    form = DetailsForm(request.POST or None, initial={name: getattr(user, name) for name in DETAILS})
    if form.is_valid():
        change_details(user=user, **form.cleaned_data)
        messages.success(request, _("Vos informations sont enregistrées"))
        return redirect("shop:account_details")
    return render(request, "shop/account_details.html", {"form": form}, status=422 if form.errors else 200)
