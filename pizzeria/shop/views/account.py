"""The client's own page: who they are, where it is delivered, how they sign in (A1, UC 2.1, C1)."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


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
