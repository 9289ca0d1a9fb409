"""The people of a point of sale (UC 7.1): the list, somebody's page, and the sheet that is handed to them once."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pizzeria.accounts import staff as deeds
from pizzeria.accounts.errors import StaffChanged
from pizzeria.accounts.people import Member, Reach, member_of, namesakes, reach_of, team_of
from pizzeria.accounts.permissions import Action
from pizzeria.accounts.screens import screens_of
from pizzeria.accounts.staff import Details, Sheet, details_of
from pizzeria.backoffice.access import Place, StaffRequest, posted, staff_page
from pizzeria.backoffice.staff_forms import JoinForm, NewPersonForm, PersonForm, role_labels
from pizzeria.errors import BusinessError

UNPROCESSABLE = 422
FORM = ["GET", "HEAD", "POST"]


@require_safe
@staff_page(Action.MANAGE_STAFF)
def staff(request: StaffRequest, place: Place) -> HttpResponse:
    team = team_of(store=place.store, reach=reach_of(user=place.user))
    return _page(request, place, "staff", {"team": team})


@require_http_methods(FORM)
@staff_page(Action.MANAGE_STAFF)
def add(request: StaffRequest, place: Place) -> HttpResponse:
    """Somebody new: their sheet is the answer, and nothing else ever shows it."""
    form = NewPersonForm(posted(request), reach=reach_of(user=place.user))
    if form.is_bound and form.is_valid() and _is_nobody_here(place, form):
        try:
            made = deeds.add_person(actor=place.user, store=place.store, wanted=form.details())
        except BusinessError as error:
            form.add_error(None, error.message)
        else:
            return _sheet(request, place, made)
    return _page(request, place, "add_staff", {"form": form})


@require_http_methods(FORM)
@staff_page(Action.MANAGE_STAFF)
def join(request: StaffRequest, place: Place) -> HttpResponse:
    """Somebody who has an account: from another point of sale, or back again."""
    form = JoinForm(posted(request), reach=reach_of(user=place.user))
    if form.is_bound and form.is_valid():
        try:
            made = deeds.join_person(actor=place.user, store=place.store, **form.cleaned_data)
        except BusinessError as error:
            form.add_error("identifier", error.message)
        else:
            if made.password:
                return _sheet(request, place, made)
            messages.success(request, _("%(who)s travaille maintenant ici aussi.") % {"who": made.person})
            return redirect("backoffice:staff", place.store.slug)
    return _page(request, place, "join_staff", {"form": form})


@require_http_methods(FORM)
@staff_page(Action.MANAGE_STAFF)
def person(request: StaffRequest, place: Place, pk: int) -> HttpResponse:
    member, reach = _member(place, pk)
    now = details_of(person=member.person, store=place.store)
    form = PersonForm(posted(request), reach=reach, initial=_initial(now))
    theirs: list[tuple[str, str, str]] = []
    if form.is_bound and form.is_valid():
        try:
            deeds.change_person(
                actor=place.user,
                store=place.store,
                person=member.person,
                shown=form.cleaned_data["shown"],
                wanted=form.details(),
            )
        except StaffChanged as error:
            form, theirs = _both_shown(form, reach, error)
            form.add_error(None, error.message)
        except BusinessError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("%(who)s : c’est enregistré.") % {"who": form.details().first_name})
            return redirect("backoffice:staff", place.store.slug)
    context = {
        "form": form,
        "member": member,
        "theirs": theirs,
        "is_self": member.person == place.user,
        "screens": screens_of(store=place.store, at=timezone.now()).filter(opened_by=member.person).count(),
    }
    return _page(request, place, "person", context)


@require_POST
@staff_page(Action.MANAGE_STAFF)
def suspend(request: StaffRequest, place: Place, pk: int) -> HttpResponse:
    return _done(request, place, pk, deeds.suspend, _("%(who)s est suspendu : plus rien ne s’ouvre pour ce compte."))


@require_POST
@staff_page(Action.MANAGE_STAFF)
def bring_back(request: StaffRequest, place: Place, pk: int) -> HttpResponse:
    return _done(request, place, pk, deeds.bring_back, _("%(who)s peut de nouveau se connecter."))


@require_POST
@staff_page(Action.MANAGE_STAFF)
def remove(request: StaffRequest, place: Place, pk: int) -> HttpResponse:
    return _done(request, place, pk, deeds.remove, _("%(who)s ne fait plus partie de cette équipe."))


@require_POST
@staff_page(Action.MANAGE_STAFF)
def new_password(request: StaffRequest, place: Place, pk: int) -> HttpResponse:
    return _issued(request, place, pk, deeds.issue_password)


@require_POST
@staff_page(Action.MANAGE_STAFF)
def new_identifier(request: StaffRequest, place: Place, pk: int) -> HttpResponse:
    return _issued(request, place, pk, deeds.issue_new_identifier)


def _done(request: StaffRequest, place: Place, pk: int, deed: Callable[..., None], words: str) -> HttpResponse:
    member, _reach = _member(place, pk)
    try:
        deed(actor=place.user, store=place.store, person=member.person)
    except BusinessError as error:
        messages.error(request, error.message)
        return redirect("backoffice:person", place.store.slug, pk)
    messages.success(request, words % {"who": member.person})
    return redirect("backoffice:staff", place.store.slug)


def _issued(request: StaffRequest, place: Place, pk: int, deed: Callable[..., Sheet]) -> HttpResponse:
    member, _reach = _member(place, pk)
    try:
        made = deed(actor=place.user, store=place.store, person=member.person)
    except BusinessError as error:
        messages.error(request, error.message)
        return redirect("backoffice:person", place.store.slug, pk)
    return _sheet(request, place, made)


@sensitive_variables("made")
def _sheet(request: StaffRequest, place: Place, made: Sheet) -> HttpResponse:
    """What is handed over, once: in this answer alone, which no cache keeps (`staff_page`)."""
    return _page(request, place, "sheet", {"sheet": made})


def _member(place: Place, pk: int) -> tuple[Member, Reach]:
    reach = reach_of(user=place.user)
    member = member_of(store=place.store, reach=reach, pk=pk)
    if member is None:
        raise Http404
    return member, reach


def _is_nobody_here(place: Place, form: NewPersonForm) -> bool:
    """Whether nobody of this name works here, or it is said to be another: a second tap adds nobody twice."""
    asked = form.cleaned_data
    known = namesakes(store=place.store, first_name=asked["first_name"], last_name=asked["last_name"])
    if not known or asked["is_another"]:
        return True
    words = _("%(who)s travaille déjà ici, avec l’identifiant %(identifier)s.")
    form.add_error("is_another", words % {"who": known[0], "identifier": known[0].identifier})
    return False


def _initial(details: Details) -> dict[str, Any]:
    return {
        "first_name": details.first_name,
        "last_name": details.last_name,
        "phone": details.phone,
        "email": details.email,
        "roles": sorted(details.roles),
        "shown": details.fingerprint,
    }


def _both_shown(form: PersonForm, reach: Reach, error: StaffChanged) -> tuple[PersonForm, list[tuple[str, str, str]]]:
    """The form with what was typed, ready to be sent again by who has now seen the other's values, and those: label, theirs, yours."""
    now, typed = error.details["now"], form.details()
    assert isinstance(now, Details)  # noqa: S101
    again = PersonForm({**asdict(typed), "roles": sorted(typed.roles), "shown": now.fingerprint}, reach=reach)
    again.full_clean()
    told = [
        (str(again[name].label), getattr(now, name), getattr(typed, name))
        for name in ("first_name", "last_name", "phone", "email")
        if getattr(now, name) != getattr(typed, name)
    ]
    if now.roles != typed.roles:
        told.append((str(again["roles"].label), role_labels(now.roles), role_labels(typed.roles)))
    return again, told


def _page(request: StaffRequest, place: Place, name: str, context: dict[str, Any]) -> HttpResponse:
    form = context.get("form")
    status = UNPROCESSABLE if form is not None and form.is_bound else 200
    shown = {"place": place, "current": "staff", **context}
    return render(request, f"backoffice/{name}.html", shown, status=status)
