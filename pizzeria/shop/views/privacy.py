"""What we keep of people, said to everybody; and to a client their own: to read, to take away, to have forgotten."""

from collections.abc import Callable
from functools import wraps

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from pizzeria.accounts.models import User
from pizzeria.errors import BusinessError
from pizzeria.ordering.personal_data import PURPOSES
from pizzeria.ordering.privacy import AccountOfStaff, deletable, delete_account, document_of, held_of
from pizzeria.shop import remembered
from pizzeria.shop.cookies import COOKIES
from pizzeria.stores.selectors import active_stores

UNPROCESSABLE = 422

View = Callable[[HttpRequest], HttpResponse]


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    context = {
        "purposes": PURPOSES,
        "cookies": COOKIES,
        "stores": active_stores(),
        "backup_months": settings.BACKUPS_GO_BACK_MONTHS,
    }
    return render(request, "shop/privacy.html", context)


@never_cache
@require_safe
@login_required
def my_data(request: HttpRequest) -> HttpResponse:
    """What may be done here; the data itself is behind the password."""
    return render(request, "shop/my_data.html")


def proven(view: View) -> View:
    """Open a page to whoever has just shown their password, or a second factor; who has neither chooses a password first."""
    asking: View = login_required(reauthentication_required(view))

    @wraps(view)
    def opened(request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, User) and not get_adapter().get_reauthentication_methods(request.user):
            messages.info(request, _("Choisissez d’abord un mot de passe : il protège ces pages."))
            return redirect("account_set_password")
        return asking(request)

    return opened


@never_cache
@require_safe
@proven
def my_data_shown(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/my_data_shown.html", {"sections": held_of(user=_me(request))})


@never_cache
@require_safe
@proven
def my_data_file(request: HttpRequest) -> HttpResponse:
    document = document_of(user=_me(request), at=timezone.now())
    response = JsonResponse(document, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="oc-pizza-{timezone.localdate()}.json"'
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@proven
def delete_me(request: HttpRequest) -> HttpResponse:
    """Say what goes and what stays; then, once it is ticked, forget this client and sign them out."""
    user, problem = _me(request), ""
    refusal = deletable(user=user)
    if request.method == "POST" and request.POST.get("sure") != "yes":
        problem = _("Cochez la case : rien ne se retrouve ensuite.")
    elif request.method == "POST":
        try:
            delete_account(user=user, at=timezone.now())
        except BusinessError as error:
            refusal = error
        else:
            return _goodbye(request)
    context = {"refusal": refusal, "is_staff": isinstance(refusal, AccountOfStaff), "problem": problem}
    status = UNPROCESSABLE if problem else refusal.status if refusal and request.method == "POST" else 200
    return render(request, "shop/delete_me.html", context, status=status)


def _goodbye(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, _("Votre compte est supprimé. Merci d’avoir été des nôtres."))
    response = redirect("shop:home")
    # What this browser remembers of them goes too.
    response.delete_cookie(remembered.COOKIE, samesite="Lax")
    return response


def _me(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("the page asks who it is first")
    return request.user
