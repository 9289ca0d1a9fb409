"""What a client says of an order, by whoever may open it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from pizzeria.errors import BusinessError
from pizzeria.ordering.models import Order, Review
from pizzeria.ordering.reviews import (
    STARS,
    WORDS_LENGTH,
    ReviewChanged,
    is_reviewable,
    mark_of,
    review_of,
    write_review,
)
from pizzeria.shop.parsing import whole_number
from pizzeria.shop.views.order import order_or_404
from pizzeria.words import lines


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, token: str) -> HttpResponse:
    """Stars and words; changed here too, until the house has answered."""
    order = order_or_404(token)
    if request.method != "POST":
        standing = review_of(order=order)
        if not is_reviewable(order=order, review=standing, at=timezone.now()):
            return redirect("shop:order", token)
        return _page(request, order, standing)
    stars, words = whole_number(request.POST.get("stars"), default=0), lines(request.POST.get("words", ""))
    try:
        write_review(order=order, stars=stars, words=words, seen=request.POST.get("seen", ""))
    except BusinessError as refusal:
        return _page(request, order, review_of(order=order), refusal, typed=(stars, words))
    messages.success(request, _("Merci pour votre avis !"))
    return redirect("shop:order", token)


def _page(
    request: HttpRequest,
    order: Order,
    standing: Review | None,
    refusal: BusinessError | None = None,
    typed: tuple[int, str] | None = None,
) -> HttpResponse:
    """What was typed stays; where somebody was first, what they wrote stands above it."""
    stars, words = typed or ((standing.stars, standing.words) if standing else (0, ""))
    context = {
        "order": order,
        "store": order.store,
        "stars": stars,
        "words": words,
        "choices": [(each, star_words(each)) for each in reversed(STARS)],
        "most": WORDS_LENGTH,
        "seen": mark_of(standing),
        "refusal": refusal,
        "stands": standing if isinstance(refusal, ReviewChanged) else None,
        "wrong": refusal.details.get("field") if refusal else None,
        "may_write": is_reviewable(order=order, review=standing, at=timezone.now()),
    }
    return render(request, "shop/review.html", context, status=refusal.status if refusal else 200)


def star_words(stars: int) -> str:
    return (_("Décevant"), _("Moyen"), _("Bon"), _("Très bon"), _("Parfait"))[stars - 1]
