"""What clients say of their orders once these were handed over, and what the responsable answers."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar

from django.db import transaction
from django.db.models import Avg, Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.accounts.permissions import Action, allows
from pizzeria.accounts.selectors import roles_for_a_deed
from pizzeria.errors import BusinessError
from pizzeria.ordering.errors import NotAllowed
from pizzeria.ordering.models import Order, Review
from pizzeria.stores.models import Store
from pizzeria.words import lines, says_something

WORDS_LENGTH = 1000
CHANGEABLE_FOR = timedelta(days=7)
"""From the first writing, until the house has answered: what was answered stays what it was."""
SHOWN_FROM = 10
"""Fewer reviews tell of persons, not of a pizzeria: the menu shows no average of them."""
STARS = (1, 2, 3, 4, 5)
TENTH = Decimal("0.1")


class NotReviewable(BusinessError):
    """An order that was not handed over, or a review that is answered or older than a week."""

    code: ClassVar[str] = "not_reviewable"


class InvalidReview(BusinessError):
    """`details["field"]` names what is missing or too long."""

    code: ClassVar[str] = "invalid_review"
    status: ClassVar[int] = 422


class ReviewChanged(BusinessError):
    """Somebody was first. `details` holds what stands now: `stars`, `words` and `reply`."""

    code: ClassVar[str] = "review_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """A store's reviews in figures: how many, how many of each number of stars, and their mean, to a tenth."""

    count: int = 0
    by_stars: Mapping[int, int]
    unanswered: int = 0
    average: Decimal | None = None

    @property
    def shares(self) -> list[tuple[int, int, int]]:
        """Stars, how many, and the percentage that they are: the best first."""
        return [
            (stars, self.by_stars[stars], round(100 * self.by_stars[stars] / self.count) if self.count else 0)
            for stars in reversed(STARS)
        ]


def review_of(*, order: Order) -> Review | None:
    """The review of an order; nobody is asked for that of one that is not delivered, which can have none."""
    if order.status != Order.Status.DELIVERED:
        return None
    return Review.objects.filter(order=order).first()


def is_reviewable(*, order: Order, review: Review | None, at: datetime) -> bool:
    """Whether its client may write a review of this order, or change the one that is there."""
    if order.status != Order.Status.DELIVERED or order.anonymised_at:
        return False
    return review is None or (not review.replied_at and at < review.at + CHANGEABLE_FOR)


def mark_of(review: Review | None) -> str:
    """The same while a review stands as it does: what a form brings back of the one that its page showed."""
    told = f"{review.stars}\0{review.words}\0{review.reply}" if review else ""
    return hashlib.blake2s(told.encode(), digest_size=10).hexdigest()


@transaction.atomic
def write_review(*, order: Order, stars: int, words: str, seen: str, at: datetime | None = None) -> Review:
    """Write the review of an order, by whoever may open it, or change the one that `seen` (see `mark_of`) is of.

    Raises NotReviewable, InvalidReview, and ReviewChanged when another tab or hand was first. Two at once take turns at
    the order's row, so that the second sees what the first has written.
    """
    words = _checked(stars, words)
    now = at or timezone.now()
    locked = _held(order.pk)
    review = review_of(order=locked)
    if not is_reviewable(order=locked, review=review, at=now):
        raise NotReviewable(_not_reviewable(review))
    if mark_of(review) != seen:
        raise _changed(review)
    if review is None:
        review = Review(order=locked, stars=stars, words=words, at=now)
    else:
        review.stars, review.words = stars, words
    review.save()
    if shown_of(store=locked.store):
        # Last: the sales of this store wait for its row. The menu is another one now.
        Store.objects.filter(pk=locked.store_id).update(menu_version=F("menu_version") + 1)
    return review


@transaction.atomic
def answer(*, review: Review, words: str, seen: str, acting_user: User, at: datetime | None = None) -> Review:
    """The responsable's answer, once and then corrected by whoever has read what stands (`seen`, see `mark_of`).

    Raises NotAllowed, InvalidReview for nothing said, and ReviewChanged, with both, when a colleague has answered or the
    client has changed their words meanwhile.
    """
    roles = roles_for_a_deed(user=acting_user, store_id=review.order.store_id)
    if not allows(roles=roles, action=Action.ANSWER_REVIEWS):
        raise NotAllowed(_("Seul le responsable de ce point de vente répond aux avis."))
    words = lines(words)
    if not says_something(words):
        raise InvalidReview(_("Écrivez une réponse."), field="reply")
    if len(words) > WORDS_LENGTH:
        raise _too_long("reply")
    # The order's row first, as whoever writes the review does.
    _held(review.order_id)
    now = Review.objects.get(pk=review.pk)
    if mark_of(now) != seen:
        raise _changed(now)
    now.reply, now.replied_by, now.replied_at = words, acting_user, at or timezone.now()
    now.save(update_fields=["reply", "replied_by", "replied_at"])
    return now


def reviews_of(
    *, store_ids: Collection[int], stars: int | None = None, only_unanswered: bool = False
) -> QuerySet[Review]:
    """The reviews of these stores, those without an answer first, then the newest."""
    found = Review.objects.filter(order__store_id__in=store_ids).select_related("order", "replied_by")
    if stars:
        found = found.filter(stars=stars)
    if only_unanswered:
        found = found.filter(replied_at=None)
    return found.order_by(F("replied_at").asc(nulls_first=True), "-at", "-pk")


def marks_of(*, store_ids: Collection[int]) -> dict[int, Marks]:
    """Each store's reviews in figures, in one query."""
    rows = (
        Review.objects.filter(order__store_id__in=store_ids)
        .order_by()
        .values("order__store_id")
        .annotate(
            count=Count("pk"),
            mean=Avg("stars"),
            unanswered=Count("pk", filter=Q(replied_at=None)),
            **{f"stars_{stars}": Count("pk", filter=Q(stars=stars)) for stars in STARS},
        )
    )
    found = {row["order__store_id"]: _marks(row) for row in rows}
    return {store_id: found.get(store_id, Marks(by_stars=dict.fromkeys(STARS, 0))) for store_id in store_ids}


def shown_of(*, store: Store) -> Marks | None:
    """What a store's menu shows of its reviews; None while there are too few."""
    marks = marks_of(store_ids=[store.pk])[store.pk]
    return marks if marks.count >= SHOWN_FROM else None


def to_review(*, user: User) -> Order | None:
    """The last order that this client got and has not said anything of, within the week."""
    since = timezone.now() - CHANGEABLE_FOR
    got = Order.objects.filter(customer=user, status=Order.Status.DELIVERED, delivered_at__gte=since, review=None)
    return got.select_related("store").order_by("-delivered_at").first()


def forget_words(*, orders: QuerySet[Order]) -> None:
    """Take away what clients said of these orders, and the answers, which may name them; the stars are nobody's."""
    Review.objects.filter(order__in=orders).update(words="", reply="")


def _held(order_id: int) -> Order:
    """The order, its row locked: whoever writes its review, or answers, takes turns here."""
    return Order.objects.select_for_update(no_key=True, of=("self",)).select_related("store").get(pk=order_id)


def _marks(row: Mapping[str, object]) -> Marks:
    mean = Decimal(str(row["mean"])).quantize(TENTH, ROUND_HALF_UP)
    by_stars = {stars: int(str(row[f"stars_{stars}"])) for stars in STARS}
    return Marks(count=int(str(row["count"])), by_stars=by_stars, unanswered=int(str(row["unanswered"])), average=mean)


def _checked(stars: int, words: str) -> str:
    if stars not in STARS:
        raise InvalidReview(_("Choisissez d’une à cinq étoiles."), field="stars")
    words = lines(words)
    if len(words) > WORDS_LENGTH:
        raise _too_long("words")
    return words


def _too_long(field: str) -> InvalidReview:
    return InvalidReview(_("Au plus %(most)s caractères.") % {"most": WORDS_LENGTH}, field=field)


def _not_reviewable(review: Review | None) -> str:
    if review is None:
        return _("Vous pourrez donner votre avis une fois la commande remise.")
    if review.replied_at:
        return _("La pizzeria vous a répondu : votre avis ne change plus.")
    return _("Un avis se modifie pendant sept jours.")


def _changed(review: Review | None) -> ReviewChanged:
    stands = {"stars": review.stars, "words": review.words, "reply": review.reply} if review else {}
    return ReviewChanged(_("L’avis a changé pendant que vous écriviez."), **stands)
