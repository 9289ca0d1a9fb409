"""An account that takes no password from strange browsers: its owner has a link sent, which makes this browser known."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from pizzeria.accounts import unlocking
from pizzeria.accounts.known_browsers import remember_anew
from pizzeria.accounts.selectors import works_somewhere
from pizzeria.words import one_line

LONGEST = 254
FORM = ["GET", "HEAD", "POST"]


@never_cache
@require_http_methods(FORM)
def ask_for_link(request: HttpRequest) -> HttpResponse:
    """The same answer whether there is an account or not, and whether a link is sent or enough of them were."""
    if request.method != "POST":
        return render(request, "shop/unlock.html", {"email": ""})
    email = one_line(request.POST.get("email", ""))
    if "@" not in email or len(email) > LONGEST:
        wrong = _("Indiquez une adresse électronique.")
        return render(request, "shop/unlock.html", {"email": email[:LONGEST], "wrong": wrong}, status=422)
    unlocking.send_link(email=email, site=request.build_absolute_uri("/").rstrip("/"))
    return render(request, "shop/unlock_sent.html", {"email": email})


@never_cache
@require_http_methods(FORM)
def know_browser(request: HttpRequest, secret: str) -> HttpResponse:
    """By a tap, not by opening it: what looks at mails for people opens every link, and would use this one up."""
    if request.method != "POST":
        return _page(request, is_good=unlocking.owner_of_link(secret) is not None)
    users = unlocking.use_link(secret)
    if not users:
        return _page(request, is_good=False)
    remember_anew(request, users=users)
    messages.success(request, _("Vous pouvez de nouveau saisir votre mot de passe ici."))
    # The clients' door has a link to the staff's: who has an account at either is not led away from one.
    is_of_staff = all(works_somewhere(user=user) for user in users)
    return redirect("backoffice:login" if is_of_staff else "account_login")


def _page(request: HttpRequest, *, is_good: bool) -> HttpResponse:
    return render(request, "shop/know_browser.html", {"is_good": is_good}, status=200 if is_good else 410)
