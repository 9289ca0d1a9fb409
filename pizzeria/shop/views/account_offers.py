"""UC 3.2: the offers that are aimed at the client who is signed in, why, and until when."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pizzeria.ordering.aimed import aimed_at
from pizzeria.shop.views.account import signed_in


@never_cache
@require_safe
@login_required
def offers(request: HttpRequest) -> HttpResponse:
    aimed = aimed_at(customer=signed_in(request), at=timezone.now())
    return render(request, "shop/account_offers.html", {"aimed": aimed})
