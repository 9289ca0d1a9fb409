"""What clients say of their orders, and the responsable's answers."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.errors import BusinessError
from pizzeria.ordering.models import Review
from pizzeria.ordering.reviews import STARS, WORDS_LENGTH, ReviewChanged, answer, mark_of, marks_of, reviews_of
from pizzeria.words import lines

PAGE_SIZE = 20


class FilterForm(forms.Form):
    stars = forms.TypedChoiceField(
        label=gettext_lazy("Étoiles"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", gettext_lazy("Toutes")), *((each, "★" * each) for each in reversed(STARS))],
    )
    unanswered = forms.BooleanField(label=gettext_lazy("Sans réponse"), required=False)


@staff_page(Action.SEE_REVIEWS)
def reviews(request: StaffRequest, place: Place) -> HttpResponse:
    form = FilterForm(request.GET)
    form.is_valid()
    # A filter that says nothing sensible filters nothing.
    wanted = form.cleaned_data
    found = reviews_of(
        store_ids=[place.store.pk],
        stars=wanted.get("stars"),
        only_unanswered=bool(wanted.get("unanswered")),
    )
    filters = request.GET.copy()
    filters.pop("page", None)
    context = {
        "place": place,
        "current": "reviews",
        "form": form,
        "filters": filters.urlencode(),
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "marks": marks_of(store_ids=[place.store.pk])[place.store.pk],
    }
    return render(request, "backoffice/reviews.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.ANSWER_REVIEWS)
def answer_review(request: StaffRequest, place: Place, pk: int) -> HttpResponse:
    """A page of its own, that no refresh takes away while one types."""
    review = _review(place, pk)
    if request.method != "POST":
        return _page(request, place, review, reply=review.reply)
    reply = lines(request.POST.get("reply", ""))
    try:
        answer(review=review, words=reply, seen=request.POST.get("seen", ""), acting_user=place.user)
    except BusinessError as refusal:
        return _page(request, place, _review(place, pk), reply=reply, refusal=refusal)
    messages.success(request, _("Votre réponse est publiée : le client la lit sur la page de sa commande."))
    return redirect("backoffice:reviews", place.store.slug)


def _review(place: Place, pk: int) -> Review:
    review = reviews_of(store_ids=[place.store.pk]).filter(pk=pk).first()
    if review is None:
        raise Http404
    return review


def _page(
    request: StaffRequest, place: Place, review: Review, *, reply: str, refusal: BusinessError | None = None
) -> HttpResponse:
    """What was typed stays; where somebody was first, what stands is beside it."""
    context = {
        "place": place,
        "current": "reviews",
        "review": review,
        "reply": reply,
        "seen": mark_of(review),
        "most": WORDS_LENGTH,
        "refusal": refusal,
        "was_first": isinstance(refusal, ReviewChanged),
    }
    return render(request, "backoffice/answer_review.html", context, status=refusal.status if refusal else 200)
