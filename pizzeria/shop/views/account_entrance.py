"""Coming in by a link that the counter has sent (UC 2.1)."""

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from pizzeria.accounts.forms import InvitationForm
from pizzeria.accounts.invitations import accept, invited


@sensitive_post_parameters("password1")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, key: str) -> HttpResponse:
    """The first password of an account that was made at the counter; it is signed in to at once."""
    user = invited(key=key)
    if user is None:
        return render(request, "account/invitation.html", status=410)
    form = InvitationForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        if not accept(user=user, password=form.cleaned_data["password1"]):
            return render(request, "account/invitation.html", status=410)
        answer: HttpResponse = perform_login(request, Login(user=user, email=user.email))
        return answer
    return render(
        request, "account/invitation.html", {"form": form, "email": user.email}, status=422 if form.errors else 200
    )
