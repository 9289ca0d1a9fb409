"""The store's money: what needs a person first, then the day by means, beside the journal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.forms import GestureForm, MoneyForm, WordsForm
from pizzeria.backoffice.live_pages import Context, live_answer
from pizzeria.errors import BusinessError
from pizzeria.money import euros
from pizzeria.ordering.gestures import gesture as give_gesture
from pizzeria.ordering.gestures import still_paid
from pizzeria.ordering.models import Order
from pizzeria.ordering.staff_selectors import order_of_store
from pizzeria.ordering.withdrawing import withdraw
from pizzeria.payments.comparing import explain
from pizzeria.payments.errors import LeftChanged
from pizzeria.payments.models import Discrepancy, Refund
from pizzeria.payments.money_selectors import (
    differences_to_explain,
    money_of_day,
    refund_of_store,
    refunds_on_their_way,
    refunds_that_failed,
    refunds_that_never_left,
    refunds_to_hand_back,
    stray_differences,
)
from pizzeria.payments.refunds import hand_back, retry, settle_by_hand

UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A page that asks for words, and what is done with them: a page of its own, that no refresh takes away."""

    title: str
    facts: str
    hint: str
    button: str
    act: Callable[[str], object]
    done: str


@staff_page(Action.SEE_PAYMENTS)
def money(request: StaffRequest, place: Place) -> HttpResponse:
    form = MoneyForm(request.GET)
    form.is_valid()
    number = form.cleaned_data.get("q", "")
    if number and not request.htmx:
        order = order_of_store(store_id=place.store.pk, number=number)
        if order is not None:
            return redirect("backoffice:order", place.store.slug, number)
        form.add_error("q", _("Aucune commande de ce point de vente ne porte ce numéro."))
    return _money(request, place, form, form.cleaned_data.get("day") or timezone.localdate())


def _money(request: StaffRequest, place: Place, form: MoneyForm, day: date) -> HttpResponse:
    store_id = place.store.pk
    refunds = {
        "failed": list(refunds_that_failed(store_id=store_id)),
        "never_left": list(refunds_that_never_left(store_id=store_id)),
        "to_hand": list(refunds_to_hand_back(store_id=store_id)),
        "on_their_way": list(refunds_on_their_way(store_id=store_id)),
    }
    differences = list(_differences(place))
    rows = money_of_day(store_id=store_id, day=day)

    def read() -> Context:
        return {**refunds, "differences": differences, "rows": rows, "day": day, "form": form}

    marks = [(why, refund.pk, refund.status, refund.problem) for why, found in refunds.items() for refund in found]
    mark = f"{day} {marks} {[difference.pk for difference in differences]} {rows}"
    return live_answer(request, name="money", fingerprint=mark, read=read, place=place)


@require_POST
@staff_page(Action.HAND_BACK)
def hand(request: StaffRequest, place: Place, refund: int) -> HttpResponse:
    """Money that was handed back; the button stands on the counter's page and on this one."""
    _try(request, lambda: hand_back(refund=_refund(place, refund), acting_user=place.user), _("C’est noté : rendu."))
    return _back_to_hand(request, place)


@require_POST
@staff_page(Action.GIVE_BACK)
def call_off(request: StaffRequest, place: Place, refund: int) -> HttpResponse:
    """A gesture that was a mistake, or that nobody collects."""
    found = refund_of_store(store_id=place.store.pk, refund_id=refund)
    if found is None:
        # A second tap, most often.
        messages.info(request, _("Cette somme n’est plus à rendre."))
    else:
        done = _("Le geste est annulé : rien n’est plus à rendre de cette somme.")
        _try(request, lambda: withdraw(refund=found, acting_user=place.user), done)
    return _back_to_hand(request, place)


@require_POST
@staff_page(Action.GIVE_BACK)
def send_again(request: StaffRequest, place: Place, refund: int) -> HttpResponse:
    done = _("Le remboursement repart chez le prestataire.")
    _try(request, lambda: retry(refund=_refund(place, refund), acting_user=place.user), done)
    return redirect("backoffice:money", place.store.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.GIVE_BACK)
def settle(request: StaffRequest, place: Place, refund: int) -> HttpResponse:
    found = _refund(place, refund)
    question = Question(
        title=_("Rendu autrement"),
        facts=_facts(found),
        hint=_("Comment, et quand : « virement du 29 novembre »."),
        button=_("Noter que c’est rendu"),
        act=lambda words: settle_by_hand(refund=found, acting_user=place.user, words=words),
        done=_("C’est noté : rendu."),
    )
    return _asked(request, place, question)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.EXPLAIN_DIFFERENCES)
def explain_difference(request: StaffRequest, place: Place, difference: int) -> HttpResponse:
    found = _differences(place).filter(pk=difference).first()
    if found is None:
        messages.info(request, _("Cet écart est déjà expliqué, ou n’existe plus."))
        return redirect("backoffice:money", place.store.slug)
    question = Question(
        title=_("Expliquer un écart"),
        facts=f"{found.get_kind_display()} · {found.reference}",
        hint=_("Ce qui s’est passé, et ce qui a été fait."),
        button=_("Enregistrer l’explication"),
        act=lambda words: explain(discrepancy=found, words=words, acting_user=place.user),
        done=_("L’écart est expliqué."),
    )
    return _asked(request, place, question)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.GIVE_BACK)
def gesture(request: StaffRequest, place: Place, number: str) -> HttpResponse:
    """Give back a part of what was paid, and say why."""
    order = order_of_store(store_id=place.store.pk, number=number)
    if order is None:
        raise Http404
    left = still_paid(order=order)
    form = GestureForm(request.POST or None, initial={"left": left})
    if request.method == "POST" and form.is_valid() and _give(request, place, order, form):
        return redirect("backoffice:order", place.store.slug, number)
    context = {"place": place, "current": "orders", "order": order, "form": form, "left": left}
    return render(request, "backoffice/gesture.html", context, status=UNPROCESSABLE if form.errors else 200)


def _give(request: StaffRequest, place: Place, order: Order, form: GestureForm) -> bool:
    """Whether it was given, or was just before; False when the form has to be corrected."""
    asked = form.cleaned_data
    amount, told = asked["amount"], {"amount": euros(asked["amount"]), "number": order.number}
    try:
        give_gesture(
            order=order, amount=amount, words=asked["words"], acting_user=place.user, expected_left=asked["left"]
        )
    except LeftChanged as error:
        # A second tap, or an answer that got lost: the order's page shows what was given.
        messages.info(request, error.message)
    except BusinessError as error:
        form.add_error("amount" if error.code == "more_than_was_paid" else "words", error.message)
        return False
    else:
        messages.success(request, _("%(amount)s seront rendus sur la commande %(number)s.") % told)
    return True


def _asked(request: StaffRequest, place: Place, question: Question) -> HttpResponse:
    form = WordsForm(request.POST or None)
    is_said = request.method == "POST" and form.is_valid()
    if is_said and _try(request, lambda: question.act(form.cleaned_data["words"]), question.done, form):
        return redirect("backoffice:money", place.store.slug)
    context = {"place": place, "current": "money", "form": form, "question": question}
    return render(request, "backoffice/money_words.html", context, status=UNPROCESSABLE if form.errors else 200)


def _try(request: StaffRequest, act: Callable[[], object], done: str, form: forms.Form | None = None) -> bool:
    """Whether it was done, or is another's already: told above the page. What words lack is told beside their field."""
    try:
        act()
    except BusinessError as error:
        if form is not None and error.code == "words_missing":
            form.add_error("words", error.message)
            return False
        messages.warning(request, error.message)
    else:
        messages.success(request, done)
    return True


def _differences(place: Place) -> QuerySet[Discrepancy]:
    mine = differences_to_explain(store_id=place.store.pk)
    return mine | stray_differences() if place.may(Action.SEE_STRAY_DIFFERENCES) else mine


def _refund(place: Place, refund_id: int) -> Refund:
    found = refund_of_store(store_id=place.store.pk, refund_id=refund_id)
    if found is None:
        raise Http404
    return found


def _facts(refund: Refund) -> str:
    return f"{refund.payment.order.number} · {euros(refund.amount)} · {refund.get_reason_display()}"


def _back_to_hand(request: StaffRequest, place: Place) -> HttpResponse:
    """To the page whose button it was."""
    return redirect("backoffice:counter" if request.POST.get("page") == "counter" else _first(place), place.store.slug)


def _first(place: Place) -> str:
    return "backoffice:money" if place.may(Action.SEE_PAYMENTS) else "backoffice:counter"
