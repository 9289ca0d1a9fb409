"""Signing in and out (C11)."""

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from pizzeria.backoffice.forms import SignInForm


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    following = _safe_next(request)
    if request.method != "POST":
        if request.user.is_authenticated:
            return redirect(following)
        return _page(request, SignInForm(), following)
    form = SignInForm(request.POST)
    if not form.is_valid():
        blank = any(error.code == "required" for errors in form.errors.as_data().values() for error in errors)
        return _page(request, form, following, _incomplete() if blank else _wrong())
    # An unknown identifier costs a password hash too: the time does not tell who exists.
    user = authenticate(request, username=form.cleaned_data["identifier"], password=form.cleaned_data["password"])
    if user is None:
        return _page(request, form, following, _wrong())
    login(request, user)
    messages.success(request, _("Connecté"))
    return redirect(following)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, _("Déconnecté"))
    return redirect("backoffice:login")


def _incomplete() -> str:
    return _("Les informations saisies sont incomplètes")


def _wrong() -> str:
    return _("Les informations saisies sont erronées")


def _page(request: HttpRequest, form: SignInForm, following: str, problem: str = "") -> HttpResponse:
    context = {"form": form, "next": following, "problem": problem}
    return render(request, "backoffice/login.html", context, status=422 if problem else 200)


def _safe_next(request: HttpRequest) -> str:
    """Where to go after signing in: a page of this site, never another's."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # A path: `redirect` would look a single word up as the name of a page.
    return wanted if is_ours and wanted.startswith("/") else reverse("backoffice:home")
