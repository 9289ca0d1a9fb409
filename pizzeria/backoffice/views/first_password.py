"""What comes before the pages of the staff: a password of one's own, and for some a second factor."""

from allauth.account.internal.flows.password_change import finalize_password_change
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from pizzeria.accounts.gates import lacks_second_factor
from pizzeria.accounts.models import User
from pizzeria.accounts.people import roles_of
from pizzeria.accounts.services import choose_password
from pizzeria.backoffice.access import StaffRequest, posted, safe_next, to_sign_in
from pizzeria.backoffice.staff_forms import FirstPasswordForm

UNPROCESSABLE = 422


@sensitive_post_parameters("password", "again")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def first_password(request: StaffRequest) -> HttpResponse:
    """Once, after the password that was handed over; later it is changed with the account's other things."""
    if not isinstance(request.user, User):
        return to_sign_in(request)
    if not request.user.must_change_password:
        return redirect("account_change_password")
    form = FirstPasswordForm(posted(request), user=request.user)
    if form.is_bound and form.is_valid():
        choose_password(user=request.user, password=form.cleaned_data["password"])
        # This session goes on, every other one ends; who has an address is told.
        finalize_password_change(request, request.user)
        # They have typed two passwords within a minute: the second factor, where it is asked for, asks for no third.
        reauthenticate_by_password(request)
        return redirect(safe_next(request))
    context = {"form": form, "next": safe_next(request)}
    return render(request, "backoffice/first_password.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@never_cache
@require_safe
def second_factor(request: StaffRequest) -> HttpResponse:
    """Why a second factor is asked for, and the way to where it is set up."""
    if not isinstance(request.user, User):
        return to_sign_in(request)
    roles = {role for role, _store in roles_of(user=request.user)}
    if not lacks_second_factor(user=request.user, roles=roles):
        return redirect(safe_next(request))
    return render(request, "backoffice/second_factor.html", {"next": safe_next(request)})
