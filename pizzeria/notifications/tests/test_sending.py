"""What leaves, when, and what happens to what cannot."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from pizzeria.notifications import delivering
from pizzeria.notifications.choices import choose_for_order
from pizzeria.notifications.delivering import claim, send_due
from pizzeria.notifications.letters import letter_of
from pizzeria.notifications.models import Choice, Notice, Subscription
from pizzeria.notifications.news import due, when
from pizzeria.notifications.retention import forget_old_notices
from pizzeria.notifications.stopping import stop
from pizzeria.ordering.models import Order, PromiseChange, RecapDelivery
from pizzeria.ordering.services import advance, cancel_as_staff
from tests.cast import House, People
from tests.posted import Post, posting

pytestmark = [pytest.mark.django_db, pytest.mark.story]

Status = Notice.Status


@pytest.fixture(scope="module")
def server() -> Iterator[Post]:
    with posting() as there:
        yield there


@pytest.fixture
def post(server: Post, settings: Settings) -> Post:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
    settings.SITE_URL = "https://pizza.example"
    server.letters.clear()
    server.answers.clear()
    server.connections = 0
    server.refuses = ""
    return server


def later(by: timedelta) -> None:
    """So much time has passed."""
    Notice.objects.exclude(next_at=None).update(next_at=F("next_at") - by, due_since=F("due_since") - by)


def text_of(post: Post) -> str:
    part = post.letters[-1].get_body(("plain",))
    assert part
    return str(part.get_content())


def test_an_order_that_was_received_is_confirmed_with_its_lines_its_hour_and_its_page(
    written: House, post: Post
) -> None:
    order = written.order()
    assert send_due(channel="mail") == 1
    letter, text = post.letters[0], text_of(post)
    assert letter["To"] == "gaspard@example.org"
    assert letter["Subject"].strip() == f"Commande {order.number} reçue, chez vous {due(order.promised_at)}"
    for expected in ("Bonjour Gaspard,", "1 × Margherita", "Total : 11,50", f"https://pizza.example/commande/{order.token}/",
                     "01 99 00 12 34"):  # fmt: skip
        assert expected in text
    html = letter.get_body(("html",))
    assert html
    assert f'href="https://pizza.example/commande/{order.token}/"' in str(html.get_content())
    assert Notice.objects.get().status == Status.SENT
    (paper,) = letter.iter_attachments()
    assert (paper.get_filename(), paper.get_content()[:5]) == (f"{order.number}.pdf", b"%PDF-")
    assert RecapDelivery.objects.get().medium == "mail"


def test_a_mail_may_be_stopped_by_the_program_that_shows_it_and_by_a_link(written: House, post: Post) -> None:
    written.order()
    send_due(channel="mail")
    link = re.fullmatch(
        r"<(https://pizza\.example/compte/lien/messages/[\w-]+/)>", post.letters[0]["List-Unsubscribe"].strip()
    )
    assert link
    assert post.letters[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link.group(1) in text_of(post)


def test_a_client_is_told_in_the_language_in_which_they_ordered(written: House, post: Post) -> None:
    Order.objects.filter(pk=written.order().pk).update(language="en")
    send_due(channel="mail")
    assert post.letters[0]["To"] == "gaspard@example.org"
    assert "Bonjour" not in text_of(post)


def test_a_promise_that_moved_is_told_with_both_hours_and_the_reason(written: House, post: Post) -> None:
    order = written.order()
    later_at = order.promised_at + timedelta(minutes=12)
    Order.objects.update(promised_at=later_at)
    PromiseChange.objects.create(
        order=order, at=timezone.now(), before=order.promised_at, after=later_at, reason=PromiseChange.Reason.OVEN
    )
    send_due(channel="mail")
    told = f"chez vous {due(later_at)}, au lieu de {when(order.promised_at)} : un four est en panne."
    assert told in text_of(post)


def test_many_mails_leave_by_one_connection_and_who_is_nobody_keeps_none_waiting(written: House, post: Post) -> None:
    for _each in range(3):
        written.order()
    Order.objects.filter(pk=Order.objects.earliest("pk").pk).update(email="nobody@example.org")
    assert send_due(channel="mail") == 2
    assert post.connections == 1
    assert sorted(Notice.objects.values_list("status", "answered")) == [
        ("failed", "smtp_550"),
        ("sent", ""),
        ("sent", ""),
    ]


def test_what_a_server_puts_off_is_tried_again_after_a_pause_as_the_same_mail(written: House, post: Post) -> None:
    written.order()
    post.answers[:] = ["451 later"]
    assert (send_due(channel="mail"), send_due(channel="mail")) == (0, 0)
    assert Notice.objects.get().answered == "smtp_451"
    later(timedelta(seconds=10))
    assert send_due(channel="mail") == 1
    assert (len(post.letters), Notice.objects.get().attempts) == (1, 2)


def test_a_server_that_is_away_for_a_day_is_given_up_and_the_staff_reads_why(
    written: House, post: Post, settings: Settings
) -> None:
    written.order()
    settings.EMAIL_PORT = 9
    send_due(channel="mail")
    assert Notice.objects.get().status == Status.DUE
    later(timedelta(days=1))
    send_due(channel="mail")
    assert (Notice.objects.get().status, Notice.objects.get().answered) == (Status.FAILED, "no_answer")


@pytest.mark.parametrize("refused", ["login", "sender"])
def test_a_password_or_a_sender_that_is_refused_costs_no_mail_once_it_is_mended(
    written: House, post: Post, settings: Settings, refused: str
) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "oc-pizza", "expired"
    post.refuses = refused
    written.order()
    written.order()
    assert send_due(channel="mail") == 0
    # The first of them has told: no other is tried on a server that lets nobody in.
    assert list(Notice.objects.values_list("status", "answered")) == [("due", f"{refused}_refused"), ("due", "")]
    post.refuses = ""
    later(timedelta(seconds=10))
    assert send_due(channel="mail") == 2


def test_what_is_no_news_any_more_is_not_sent(written: House, people: People, post: Post) -> None:
    order = written.order()
    choose_for_order(order=order, wanted=["on_the_road.mail", "cancelled.mail"])
    for status in (Order.Status.TAKEN, Order.Status.PREPARING, Order.Status.READY):
        advance(order=order, to_status=status, acting_user=people.pizzaiolo)
    for status in (Order.Status.DELIVERING, Order.Status.DELIVERED):
        advance(order=order, to_status=status, acting_user=people.driver)
    assert send_due(channel="mail") == 0
    assert dict(Notice.objects.values_list("kind", "answered")) == {"received": "unwanted", "on_the_road": "no_news"}


def test_who_asked_for_silence_gets_nothing_more_of_any_order(written: House, people: People, post: Post) -> None:
    order = written.order()
    stop(order=order, channel="mail")
    other = written.order()
    cancel_as_staff(order=other, acting_user=people.manager, reason="Plus de pâte")
    assert send_due(channel="mail") == 0
    assert set(Notice.objects.values_list("answered", flat=True)) <= {"stopped", "no_news"}


def test_an_order_that_was_put_off_is_recalled_an_hour_before_its_new_time(written: House, post: Post) -> None:
    order = written.order()
    at = timezone.now() + timedelta(minutes=90)
    Order.objects.update(promised_at=at)
    Notice.objects.update(kind="reminder")
    assert send_due(channel="mail") == 0
    assert Notice.objects.get().next_at == at - timedelta(hours=1)
    later(timedelta(minutes=31))
    Order.objects.update(promised_at=timezone.now() + timedelta(minutes=59))
    assert send_due(channel="mail") == 1
    assert order.number in post.letters[0]["Subject"]


def test_whoever_was_overtaken_stops_before_the_last_dot(written: House, post: Post) -> None:
    written.order()
    slow = claim(channel="mail", at=timezone.now())
    assert slow
    later(delivering.HELD_FOR)
    assert send_due(channel="mail") == 1
    assert not delivering._carried(slow, delivering.Mailer())
    assert len(post.letters) == 1


def test_what_was_given_away_by_somebody_who_died_is_not_sent_again(written: House, post: Post) -> None:
    written.order()
    notice = claim(channel="mail", at=timezone.now())
    assert notice
    with delivering.leaving(notice):
        pass  # and then nothing more
    later(delivering.LEAVES_FOR)
    assert send_due(channel="mail") == 0
    assert Notice.objects.get().status == Status.UNCONFIRMED


def test_a_mistake_in_one_keeps_none_of_the_others_waiting(
    written: House, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = written.order(), written.order()
    whole = letter_of

    def broken(notice: Notice) -> object:
        if notice.order_id == first.pk:
            raise KeyError("a mistake")
        return whole(notice)

    monkeypatch.setattr(delivering, "letter_of", broken)
    assert send_due(channel="mail") == 1
    assert second.number in post.letters[0]["Subject"]
    assert Notice.objects.get(order=first).answered == "error"


def test_old_notices_are_forgotten_and_what_is_still_due_is_not(written: House, post: Post) -> None:
    written.order()
    send_due(channel="mail")
    written.order()
    assert forget_old_notices(before=timezone.now()) == 1
    assert Notice.objects.get().status == Status.DUE


def test_what_a_guest_asked_for_an_order_is_forgotten_a_month_after_it_is_over(written: House, people: People) -> None:
    over, under_way, lately = written.order(), written.order(), written.order()
    for order in (over, under_way, lately):
        choose_for_order(order=order, wanted=["ready.push"])
        Subscription.objects.create(order=order, endpoint=f"https://push.example/{order.pk}", p256dh="p", auth="a")
    for order in (over, lately):
        cancel_as_staff(order=order, acting_user=people.manager, reason="Plus de pâte")
    long_ago = timezone.now() - timedelta(days=31)
    Order.objects.filter(pk__in=[over.pk, under_way.pk]).update(promised_at=long_ago)
    forget_old_notices(before=timezone.now() - timedelta(days=30))
    kept = {under_way.pk, lately.pk}
    assert set(Subscription.objects.values_list("order", flat=True)) == kept
    assert set(Choice.objects.values_list("order", flat=True)) == kept


@pytest.mark.parametrize(
    ("typed", "greeted"), [("Anne-Sophie", "Bonjour Anne-Sophie,"), ("gagnez.sur http://x.fr", "Bonjour,")]
)
def test_nobody_has_us_write_their_own_words_to_somebody_else(
    written: House, post: Post, typed: str, greeted: str
) -> None:
    Order.objects.filter(pk=written.order().pk).update(first_name=typed)
    send_due(channel="mail")
    assert text_of(post).startswith(greeted)
    assert "x.fr" not in text_of(post)
