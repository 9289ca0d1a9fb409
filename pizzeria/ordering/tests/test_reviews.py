"""A review is its client's, once an order; the answer is the responsable's; whoever comes second is told."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from pizzeria.ordering.errors import NotAllowed
from pizzeria.ordering.models import Order, Review
from pizzeria.ordering.reviews import (
    InvalidReview,
    NotReviewable,
    ReviewChanged,
    answer,
    mark_of,
    marks_of,
    reviews_of,
    to_review,
    write_review,
)
from pizzeria.shop.tests.conftest import Shopper, queries_of, words
from tests.cast import House, People

pytestmark = pytest.mark.django_db
UNSEEN = mark_of(None)


@pytest.fixture
def eaten(house: House, people: People) -> Order:
    return got(house.order(customer=people.alice))


@pytest.fixture
def shopper(house: House) -> Shopper:
    return Shopper(house)


def got(order: Order) -> Order:
    Order.objects.filter(pk=order.pk).update(status=Order.Status.DELIVERED, delivered_at=timezone.now())
    order.refresh_from_db()
    return order


def say(order: Order, stars: int = 4, said: str = "Très bonne pâte", seen: str = UNSEEN) -> Review:
    return write_review(order=order, stars=stars, words=said, seen=seen)


def test_a_review_waits_until_the_order_is_there_and_is_written_once(house: House, eaten: Order) -> None:
    with pytest.raises(NotReviewable, match="une fois la commande remise"):
        say(house.order())
    review = say(eaten)
    with pytest.raises(ReviewChanged) as refused:
        say(eaten, 1, "Un autre onglet")
    assert refused.value.details == {"stars": 4, "words": "Très bonne pâte", "reply": ""}
    assert say(eaten, 5, "Encore meilleure", mark_of(review)).pk == review.pk


def test_it_changes_for_seven_days_and_not_once_it_is_answered(eaten: Order, people: People) -> None:
    review = say(eaten)
    late = review.at + timedelta(days=7)
    with pytest.raises(NotReviewable, match="sept jours"):
        write_review(order=eaten, stars=1, words="", seen=mark_of(review), at=late)
    review = answer(review=review, words="Merci Alice !", seen=mark_of(review), acting_user=people.manager)
    with pytest.raises(NotReviewable, match="vous a répondu"):
        say(eaten, 1, "", mark_of(review))


@pytest.mark.parametrize(("stars", "said", "field"), [(0, "", "stars"), (6, "", "stars"), (3, "x" * 1001, "words")])
def test_stars_are_one_to_five_and_words_have_an_end(eaten: Order, stars: int, said: str, field: str) -> None:
    with pytest.raises(InvalidReview) as refused:
        say(eaten, stars, said)
    assert refused.value.details == {"field": field}


def test_the_second_responsable_who_answers_is_told_what_the_first_one_said(eaten: Order, people: People) -> None:
    review = say(eaten)
    seen = mark_of(review)
    answer(review=review, words="Merci !", seen=seen, acting_user=people.manager)
    with pytest.raises(ReviewChanged) as refused:
        answer(review=review, words="Désolé !", seen=seen, acting_user=people.manager)
    assert refused.value.details["reply"] == "Merci !"
    for other in (people.cashier, people.direction, people.outsider):
        with pytest.raises(NotAllowed):
            answer(review=review, words="x", seen=seen, acting_user=other)


def test_the_figures_are_of_the_store_and_those_without_an_answer_come_first(house: House, people: People) -> None:
    found = [say(got(house.order()), stars) for stars in (5, 4, 4)]
    say(got(house.order(store=house.croix_rousse, fulfilment="collection")), 1)
    answer(review=found[2], words="Merci", seen=mark_of(found[2]), acting_user=people.manager)
    marks = marks_of(store_ids=[house.bastille.pk])[house.bastille.pk]
    assert (marks.count, marks.average, marks.unanswered) == (3, Decimal("4.3"), 2)
    assert [count for _stars, count, _share in marks.shares] == [1, 2, 0, 0, 0]
    assert list(reviews_of(store_ids=[house.bastille.pk])) == [found[1], found[0], found[2]]


def test_a_client_is_asked_about_the_last_order_until_they_have_said(eaten: Order, people: People) -> None:
    assert to_review(user=people.alice) == eaten
    say(eaten)
    assert to_review(user=people.alice) is None


def test_whoever_holds_the_link_writes_it_reads_the_answer_and_what_they_typed_is_kept(
    eaten: Order, people: People, shopper: Shopper
) -> None:
    page = f"/commande/{eaten.token}/"
    assert "Donner mon avis" in words(shopper.get(page))
    refused = shopper.post(page + "avis/", {"words": "<b>Bien</b> & bon", "seen": UNSEEN})
    assert refused.status_code == 422
    assert "Choisissez d’une à cinq étoiles." in words(refused)
    assert "&lt;b&gt;Bien&lt;/b&gt; &amp; bon</textarea>" in refused.content.decode()
    shopper.post(page + "avis/", {"stars": "5", "words": "<b>Bien</b>", "seen": UNSEEN})
    review = Review.objects.get()
    answer(review=review, words="Merci <i>à vous</i>", seen=mark_of(review), acting_user=people.manager)
    shown = shopper.get(page).content.decode()
    assert "&lt;b&gt;Bien&lt;/b&gt;" in shown
    assert "Merci &lt;i&gt;à vous&lt;/i&gt;" in shown
    assert "Modifier mon avis" not in shown
    assert shopper.get(page + "avis/").status_code == 302


def test_the_page_of_the_responsable_filters_and_answers_and_the_second_reads_both(
    house: House, people: People, eaten: Order
) -> None:
    review = say(eaten)
    renata = Client()
    renata.force_login(people.manager)
    assert "Très bonne pâte" in words(renata.get("/equipe/bastille/avis/?stars=4&unanswered=1"))
    assert "Aucun avis" in words(renata.get("/equipe/bastille/avis/?stars=5"))
    assert renata.get("/equipe/bastille/avis/?stars=x").status_code == 200
    page, seen = f"/equipe/bastille/avis/{review.pk}/", mark_of(review)
    answer(review=review, words="Un grand merci", seen=seen, acting_user=people.manager)
    second = renata.post(page, {"reply": "Merci de ma part", "seen": seen})
    assert second.status_code == 409
    assert "maintenant : Un grand merci" in words(second)
    assert "chez vous : Merci de ma part" in words(second)
    assert ">Merci de ma part</textarea>" in second.content.decode()
    assert renata.get(f"/equipe/bastille/avis/{review.pk + 1}/").status_code == 404


def test_more_reviews_cost_no_more_queries(house: House, people: People, eaten: Order) -> None:
    say(eaten)
    browser = Client()
    browser.force_login(people.direction)
    few = queries_of(lambda: browser.get("/equipe/bastille/avis/"))
    for _each in range(3):
        say(got(house.order()))
    assert queries_of(lambda: browser.get("/equipe/bastille/avis/")) == few


def test_the_menu_shows_the_mean_of_ten_reviews_and_nothing_of_nine(house: House, shopper: Shopper) -> None:
    order = got(house.order())
    say(order, 5)
    others = [Order(**{field.attname: getattr(order, field.attname) for field in Order._meta.fields}) for _ in range(9)]
    for number, other in enumerate(others):
        other.pk, other.number, other.token = None, f"P-2222{number + 2}", f"jeton-{number}"
        other.save(force_insert=True)
    for other in others[:8]:
        say(other, 4)
    before = shopper.get("/carte/bastille/")
    assert "sur 5" not in words(before)
    say(others[8], 4)
    after = shopper.get("/carte/bastille/")
    assert "4,1 sur 5 · 10 avis" in words(after)
    assert after["ETag"] != before["ETag"]
