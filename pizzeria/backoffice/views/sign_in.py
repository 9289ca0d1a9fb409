"""Signing in and out (C11)."""

from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from pizzeria.accounts.screens import screen_of_browser
from pizzeria.backoffice.access import safe_next
from pizzeria.backoffice.forms import SignInForm


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    following = safe_next(request)
    if request.method != "POST":
        if request.user.is_authenticated:
            return redirect(following)
        return _page(request, SignInForm(), following)
    form = SignInForm(request.POST)
    if not form.is_valid():
        blank = any(error.code == "required" for errors in form.errors.as_data().values() for error in errors)
        return _page(request, form, following, _incomplete() if blank else _wrong())
    identifier = form.cleaned_data["identifier"]
    # An unknown identifier costs a password hash too: the time does not tell who exists.
    user = authenticate(request, username=identifier, password=form.cleaned_data["password"])
    if user is None:
        return _page(request, form, following, _wrong())
    # The library goes on: to the second factor of who has one, then to the page. The address of a member of the staff need
    # not be confirmed: it is not by it that they sign in.
    login = Login(user=user, email_verification=EmailVerificationMethod.NONE, redirect_url=following)
    answer: HttpResponse = perform_password_login(request, {"username": identifier}, login)
    return answer


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, _("Déconnecté"))
    screen = screen_of_browser(request)
    return redirect("backoffice:screen", screen.store.slug) if screen else redirect("backoffice:login")


def _incomplete() -> str:
    return _("Les informations saisies sont incomplètes")


def _wrong() -> str:
    return _("Les informations saisies sont erronées")


def _page(request: HttpRequest, form: SignInForm, following: str, problem: str = "") -> HttpResponse:
    context = {"form": form, "next": following, "problem": problem}
    return render(request, "backoffice/login.html", context, status=422 if problem else 200)
