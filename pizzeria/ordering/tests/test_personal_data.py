"""What we hold of people stands in one list, which is complete; a client gets all of it, and can have it forgotten."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.backends.db import SessionStore
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models import Field

from pizzeria.accounts.audit import record
from pizzeria.accounts.models import Address, Mail, User
from pizzeria.notifications.choices import choose_for_account
from pizzeria.notifications.models import Notice, Subscription
from pizzeria.ordering.cancelling import cancel_as_client
from pizzeria.ordering.claiming import NotClaimable, claim
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.gestures import gesture
from pizzeria.ordering.impersonal import IMPERSONAL
from pizzeria.ordering.models import Fulfilment, Order, OrderChange, OrderLine, PromiseChange, RecapDelivery, Review
from pizzeria.ordering.paying import receive
from pizzeria.ordering.personal_data import PURPOSES, Held, held_of_clients, held_of_staff, label_of
from pizzeria.ordering.privacy import (
    AccountOfStaff,
    MoneyStillOwed,
    OrdersStillOpen,
    delete_account,
    document_of,
    told_of,
)
from pizzeria.ordering.retention import anonymise_inactive_clients
from pizzeria.ordering.services import cancel_as_staff
from pizzeria.payments.models import Discrepancy, Payment, ProviderCustomer, Refund
from pizzeria.promotions.models import Offer, Use
from tests.cast import House, People

pytestmark = [pytest.mark.django_db, pytest.mark.story]

NOW = datetime(2026, 11, 29, 15, 0, tzinfo=UTC)
WORDS = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.GenericIPAddressField,
    models.BinaryField,
    ArrayField,
)


def telling() -> Iterator[tuple[str, str]]:
    """Every column of every table that may tell who somebody is: words, an address of the network, a person."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            says = isinstance(field, WORDS) and not field.choices
            if says or (field.is_relation and field.related_model is User):
                yield model._meta.label, field.name


def test_every_column_that_may_tell_who_somebody_is_is_in_one_of_the_two_lists() -> None:
    listed = {(model, column) for model, columns in IMPERSONAL.items() for column in columns}
    for _purpose, held in ((purpose, held) for purpose in PURPOSES for held in purpose.held):
        listed |= {(held.model, column) for column in (*held.columns, *held.secret, *held.staff)}
        listed |= {(held.model, held.whose)} if "__" not in held.whose else set()
    assert sorted(set(telling()) - listed) == []


def test_the_lists_name_no_column_that_is_not_there() -> None:
    for purpose in PURPOSES:
        for held in purpose.held:
            there = {field.name for field in held.table._meta.get_fields()}
            assert {*held.columns, *held.secret, *held.staff} <= there, held.model
            assert set(held.stays) <= set(held.columns), held.model
    for label, columns in IMPERSONAL.items():
        assert set(columns) <= {field.name for field in apps.get_model(label)._meta.get_fields()}, label


def test_how_long_is_a_setting_that_is_there_and_reads_as_a_time() -> None:
    terms = {purpose.code: str(purpose.term) for purpose in PURPOSES}
    assert (terms["account"], terms["orders"], terms["audit"]) == ("3 ans", "10 ans", "12 mois")
    assert settings.AUDIT_RETENTION_MONTHS >= 6
    assert all(purpose.term.setting for purpose in PURPOSES)


ENGLISH = {"user", "first name", "before", "after", "difference", "medium", "channel", "answered", "source"}


def test_no_label_of_an_export_is_in_another_language_than_the_page() -> None:
    labels = {label_of(field) for _purpose, held in held_of_clients() for field in held.fields}
    assert not [label for label in labels if "_" in label or " at" in label or label in ENGLISH]


def contact(last_name: str, phone: str) -> Contact:
    return Contact(
        first_name="Aliénor",
        last_name=last_name,
        phone=phone,
        email=f"{last_name.lower()}@example.org",
        street=f"12 rue {last_name}",
        complement=f"Digicode {last_name}",
        postal_code="75011",
        town=f"Paris-{last_name}",
        comment=f"Sonnez chez {last_name}",
    )


@pytest.fixture
def alice(house: House, people: People) -> User:
    """Alice, of whom everything is held that can be: each value tells where it is from."""
    user = people.alice
    User.objects.filter(pk=user.pk).update(
        phone="0611111111", birthday=date(1987, 6, 5), last_login=NOW, first_name="Alicia", last_name="Martinez"
    )
    Address.objects.create(
        user=user, street="7 rue Secrète", complement="Porte Z", postal_code="75012", town="Paris-Est", is_usual=True
    )
    linked = SocialAccount.objects.create(user=user, provider="google", uid="g-4815", extra_data={"name": "Alicia G."})
    choose_for_account(customer=user, wanted=["moved.sms"])
    Subscription.objects.create(customer=user, endpoint="https://push.example/s-1", p256dh="clé-p", auth="clé-a")
    SocialToken.objects.create(account=linked, token="jeton-google-9", token_secret="rafraîchi-9")
    Authenticator.objects.create(user=user, type="totp", data={"secret": "TOTPSECRET9"}, last_used_at=NOW)
    session = SessionStore()
    session.create()
    UserSession.objects.create(
        user=user, ip="203.0.113.77", user_agent="Navigateur d’Alicia", session_key=session.session_key
    )
    ProviderCustomer.objects.create(user=user, reference="cus_alicia")
    Mail.objects.create(
        kind="x", to="alicia.autre@example.org", user=user, site="https://x", language="fr", details={"d": "Dit-9"}
    )
    sold = order(house, user, "Vendue", "0622222222")
    receive(order=sold, acting_user=people.cashier)
    Order.objects.filter(pk=sold.pk).update(
        status="delivered",
        delivered_at=NOW,
        wanted_at=NOW,
        first_promised_at=NOW,
        ready_at=NOW,
        discount=1,
        change_for=50,
    )
    gesture(order=sold, amount=sold.total, words="Pour Mme Vendue", acting_user=people.manager)
    payment = Payment.objects.get(order=sold)
    Payment.objects.filter(pk=payment.pk).update(reference="pi_vendue")
    Refund.objects.update(reference="re_vendue", status="done", done_at=NOW)
    Discrepancy.objects.create(
        day=NOW.date(), kind="amount", reference="pi_vendue", payment=payment, found_at=NOW, explained_at=NOW,
        explained_by=people.manager, explanation="Vu avec Mme Vendue",
    )  # fmt: skip
    offer = Offer.objects.create(name="Merci", kind="percent", percent=10)
    Use.objects.create(offer=offer, customer=user, reference=sold.token, at=NOW)
    OrderLine.objects.filter(order=sold).update(discount=1)
    Review.objects.create(
        order=sold, stars=4, words="Mme Vendue était contente", at=NOW, reply="Merci Mme Vendue", replied_at=NOW,
        replied_by=people.manager,
    )  # fmt: skip
    if not sold.order_changes.exists():
        OrderChange.objects.create(order=sold, at=NOW, role="customer", before={"a": 1}, after={"a": 2}, difference=1)
    RecapDelivery.objects.create(order=sold, medium="pdf", order_version=1, at=NOW)
    Notice.objects.create(
        order=sold, kind="moved", source_id=1, channel="mail", status="failed", answered="smtp_550", ended_at=NOW
    )
    PromiseChange.objects.create(order=sold, at=NOW, before=NOW, after=NOW, reason=PromiseChange.Reason.ROAD)
    cancelled = order(house, user, "Perdue", "0633333333")
    cancel_as_staff(order=cancelled, acting_user=people.manager, reason="Fermé")
    return User.objects.get(pk=user.pk)


def order(house: House, user: User, last_name: str, phone: str) -> Order:
    lines = [house.line(comment=f"Pour {last_name}", extras=[house.ingredients["mozzarella"].pk])]
    return house.order(customer=user, lines=lines, contact=contact(last_name, phone), fulfilment=Fulfilment.DELIVERY)


def as_json(value: object) -> Any:
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def test_the_export_holds_every_value_that_we_hold(alice: User) -> None:
    document = as_json(document_of(user=alice, at=NOW))
    for purpose, held in held_of_clients():
        exported = document["held"][purpose.code][held.model]
        rows = list(held.table._base_manager.filter(**{held.whose: alice.pk}).order_by("pk"))
        assert len(exported) == len(rows) > 0, held.model
        for field in held.fields:
            said = [told_of(row, field) for row in rows]
            assert any(said), f"the test fills no {held.model}.{field.name}"
            assert [row[field.name] for row in exported] == as_json(said)


def test_the_export_shows_nobody_elses_and_nothing_that_opens_something(alice: User, house: House) -> None:
    house.order()
    text = json.dumps(as_json(document_of(user=alice, at=NOW)), ensure_ascii=False)
    assert "Visiteur" not in text
    opening = [alice.password, "TOTPSECRET9", "jeton-google-9", UserSession.objects.get().session_key]
    opening += Order.objects.filter(customer=alice).values_list("token", flat=True)
    assert not [secret for secret in opening if secret in text]


def test_exporting_costs_one_query_a_table_however_much_there_is(alice: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(len([*held_of_clients(), *held_of_staff()])):
        document_of(user=alice, at=NOW)


def test_a_member_of_the_staff_takes_their_roles_and_what_they_did_along(people: People, house: House) -> None:
    record(actor=people.manager, action="client.created", store=house.bastille, subject="user:9")
    held = as_json(document_of(user=people.manager, at=NOW))["held"]
    assert held["staff"]["accounts.StaffRole"] == [{"role": "manager", "store": str(house.bastille)}]
    assert [entry["action"] for entry in held["audit"]["accounts.AuditEntry"]] == ["client.created"]


def values_of(user: User) -> set[str]:
    """Everything that the database holds of somebody, as text, but for what is everybody's: codes, amounts, moments."""
    kinds = (models.CharField, models.TextField, models.GenericIPAddressField, models.JSONField, models.DateField)
    return {
        json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
        for _purpose, held in held_of_clients()
        for row in held.table._base_manager.filter(**{held.whose: user.pk})
        for field in _all_of(held)
        if (value := getattr(row, field.attname)) and isinstance(field, kinds) and not field.choices
        if not isinstance(field, models.DateTimeField)
    } - {"fr", "75011", "google", "smtp_550", str(NOW.date())}


def _all_of(held: Held) -> list["Field[Any, Any]"]:
    return [held.table._meta.get_field(name) for name in (*held.columns, *held.secret)]  # type: ignore[misc]


def where(value: str) -> set[str]:
    """The tables that hold this text somewhere."""
    found = set()
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}" AS row WHERE position(%s IN row::text) > 0)', [value])  # noqa: S608
            if cursor.fetchone()[0]:
                found.add(model._meta.label)
    return found


def test_after_deletion_nothing_of_the_person_is_left_but_what_the_law_keeps(alice: User, house: House) -> None:
    held = values_of(alice)
    sold = Order.objects.get(customer=alice, status="delivered")
    # Of the order that was sold: what the list says stays, beside its number, its token and what was bought.
    stays = {getattr(sold, column) for column in ("first_name", "last_name", "street", "complement", "town")}
    stays |= {sold.number, sold.token, "pi_vendue", "re_vendue", "Pour Mme Vendue", "Vu avec Mme Vendue", "Fermé"}
    stays |= set(sold.lines.values_list("label", flat=True))
    stays |= set(Order.objects.filter(customer=alice).values_list("number", flat=True))
    stays |= set(Order.objects.filter(customer=alice).values_list("token", flat=True))
    assert {"Alicia", "Martinez", "0611111111", "1987-06-05", "7 rue Secrète", "203.0.113.77", "cus_alicia"} <= held
    assert {"Sonnez chez Vendue", "Pour Vendue", "0633333333", "perdue@example.org", "g-4815"} <= held
    delete_account(user=alice, at=NOW)
    ProviderCustomer.objects.all().delete()  # by the job, once the provider has forgotten them
    left = {value: found for value in held - stays if (found := where(value))}
    assert left == {}
    # What they said of it goes with them; how many stars it was is nobody's.
    assert Review.objects.filter(order=sold, stars=4, words="", reply="").exists()
    assert where("Vendue") == {"ordering.Order", "payments.Refund", "payments.Discrepancy"}
    assert not Order.objects.filter(customer=alice).exists()


def test_an_order_that_was_paid_and_then_cancelled_goes_as_the_page_says(
    alice: User, house: House, people: People
) -> None:
    paid = order(house, alice, "Moreau", "0644444444")
    receive(order=paid, acting_user=people.cashier)
    cancel_as_staff(order=paid, acting_user=people.manager, reason="Fermé")
    Refund.objects.update(status="done", done_at=NOW)
    delete_account(user=alice, at=NOW)
    assert where("Moreau") == set()


def test_why_a_client_cancelled_goes_with_them_and_why_the_house_did_stays(alice: User, house: House) -> None:
    cancel_as_client(order=order(house, alice, "Moreau", "0644444444"), reason="Je suis à la maternité, Mme Moreau")
    delete_account(user=alice, at=NOW)
    assert where("Moreau") == set()
    assert where("Fermé") == {"ordering.OrderEvent"}


def test_money_that_is_owed_keeps_the_account_until_it_is_given_back(alice: User) -> None:
    Refund.objects.update(status="failed", done_at=None)
    with pytest.raises(MoneyStillOwed, match=Refund.objects.get().payment.order.number):
        delete_account(user=alice, at=NOW)


def test_an_order_placed_while_the_account_is_deleted_is_a_guests_the_next_day(alice: User, house: House) -> None:
    late = house.order()
    delete_account(user=alice, at=NOW)
    Order.objects.filter(pk=late.pk).update(customer=alice)
    anonymise_inactive_clients(years=3, at=NOW)
    late.refresh_from_db()
    assert (late.customer, late.last_name) == (None, "Visiteur")


def test_an_order_is_not_claimed_into_an_account_that_is_gone(alice: User, house: House) -> None:
    late = house.order()
    delete_account(user=alice, at=NOW)
    with pytest.raises(NotClaimable, match="n’existe plus"):
        claim(order=late, user=alice)


def test_a_message_that_has_not_left_yet_goes_with_the_account(alice: User) -> None:
    for address in ("Alice@example.org", "gaspard@example.org"):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('default', 'x', %s)",
                [json.dumps({"to": [address], "subject": "Bienvenue"})],
            )
    delete_account(user=alice, at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->'to'->>0 FROM procrastinate_jobs WHERE task_name = 'x'")
        assert cursor.fetchall() == [("gaspard@example.org",)]


def test_the_cards_are_forgotten_by_a_job_that_leaves_with_the_deletion(alice: User) -> None:
    delete_account(user=alice, at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%%forget_cards_at_once'")
        assert cursor.fetchone() == (1,)
    assert ProviderCustomer.objects.filter(user__anonymised_at__isnull=False).exists()


def test_an_order_under_way_keeps_the_account_until_it_is_there(alice: User, house: House) -> None:
    waiting = house.order(customer=alice)
    with pytest.raises(OrdersStillOpen, match=waiting.number):
        delete_account(user=alice, at=NOW)
    alice.refresh_from_db()
    assert (alice.first_name, alice.is_active) == ("Alicia", True)


def test_a_member_of_the_staff_asks_their_responsable(people: People) -> None:
    with pytest.raises(AccountOfStaff, match="votre responsable"):
        delete_account(user=people.driver, at=NOW)


def test_the_log_of_what_the_staff_did_goes_on_pointing_to_the_row(alice: User, people: People, house: House) -> None:
    entry = record(actor=people.manager, action="client.created", store=house.bastille, subject=f"user:{alice.pk}")
    delete_account(user=alice, at=NOW)
    entry.refresh_from_db()
    assert entry.subject == f"user:{alice.pk}"
