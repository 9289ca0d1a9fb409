"""What the demo's clients said of what they got, and what the responsable answered to some of them."""

import random
from datetime import datetime, timedelta

from pizzeria.accounts.models import Role
from pizzeria.operations.demo.places import Place
from pizzeria.ordering.models import Order
from pizzeria.ordering.reviews import answer, mark_of, write_review

SAID = (
    (5, "Pâte parfaite, arrivée brûlante. On recommandera !"),
    (5, "Le livreur a pensé à sonner doucement, le petit dormait. Merci."),
    (4, "Très bonne, un peu plus de basilic et c’était la perfection."),
    (5, ""),
    (4, "Bien garnie, et à l’heure."),
    (3, "Bonne mais tiède à l’arrivée."),
    (5, "La Végétarienne vaut le détour."),
    (4, ""),
    (2, "Il manquait la boisson. Au téléphone, on a été aimable."),
    (5, "Commandée en trois touches, comme la dernière fois."),
    (4, "Les enfants ont adoré la moitié-moitié."),
    (3, ""),
    (5, "La meilleure du quartier."),
)
ANSWERS = {
    2: "Nous en sommes désolés : la boisson vous attend au comptoir, et un mot à l’équipe a été passé.",
    3: "Merci de nous le dire. Nous avons changé les sacs isothermes du soir.",
    5: "Merci beaucoup, toute l’équipe est touchée !",
}
ANSWERED_SHARE = 0.6
FEWEST = 8


def write_reviews(*, place: Place, rng: random.Random, now: datetime) -> None:
    """Some of the newest orders that were handed over have their review, some reviews their answer."""
    manager = place.team[Role.MANAGER][0]
    got = Order.objects.filter(store=place.store, status=Order.Status.DELIVERED, review=None).order_by("-delivered_at")
    # Not the same ones everywhere: no two points of sale are liked alike.
    heard = rng.sample(SAID, k=rng.randint(FEWEST, len(SAID)))
    for order, (stars, words) in zip(got[: len(heard)], heard, strict=False):
        at = min(now, (order.delivered_at or now) + timedelta(minutes=rng.randrange(20, 200)))
        review = write_review(order=order, stars=stars, words=words, seen=mark_of(None), at=at)
        if words and stars in ANSWERS and rng.random() < ANSWERED_SHARE:
            answer(review=review, words=ANSWERS[stars], seen=mark_of(review), acting_user=manager, at=now)
