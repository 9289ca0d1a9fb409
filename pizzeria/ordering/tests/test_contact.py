"""A1: what people type about themselves."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pizzeria.ordering.contact import Contact
from pizzeria.ordering.errors import InvalidContact
from pizzeria.ordering.models import Fulfilment, Order
from tests.cast import GUEST, House


def _wrong(contact: Contact, fulfilment: str = Fulfilment.DELIVERY) -> set[str]:
    with pytest.raises(InvalidContact) as refusal:
        contact.cleaned(fulfilment=fulfilment)
    fields = refusal.value.details["fields"]
    assert isinstance(fields, dict)
    return set(fields)


def test_spaces_around_and_inside_are_tidied() -> None:
    contact = replace(GUEST, first_name="  Marie \u00a0 Anne\t").cleaned(fulfilment=Fulfilment.DELIVERY)
    assert contact.first_name == "Marie Anne"


def test_a_name_never_holds_a_line_break() -> None:
    contact = replace(GUEST, last_name="Martin\r\nBcc: all@example.org").cleaned(fulfilment=Fulfilment.DELIVERY)
    assert contact.last_name == "Martin Bcc: all@example.org"


def test_a_comment_keeps_its_lines() -> None:
    contact = replace(GUEST, comment=" Code 12A \r\n\r\n 3e étage ").cleaned(fulfilment=Fulfilment.DELIVERY)
    assert contact.comment == "Code 12A\n3e étage"


@pytest.mark.parametrize("nothing", ["", "   ", "\x00", "\u200b", "\u202e", "\u200d", "\ud800", "\ufeff"])
def test_a_name_of_nothing_visible_is_no_name(nothing: str) -> None:
    assert _wrong(replace(GUEST, first_name=nothing)) == {"first_name"}


@pytest.mark.parametrize("name", ["Zoë", "Nguyễn", "O’Neil", "李", "محمد", "Ж", "👨‍👩‍👧", "d'Arc-Ève"])
def test_names_of_the_whole_world_are_kept(name: str) -> None:
    assert replace(GUEST, first_name=name).cleaned(fulfilment=Fulfilment.DELIVERY).first_name == name


def test_letters_with_separate_accents_are_composed() -> None:
    assert replace(GUEST, town="Orle\u0301ans").cleaned(fulfilment=Fulfilment.DELIVERY).town == "Orléans"


def test_marks_that_turn_the_direction_of_writing_are_dropped() -> None:
    assert replace(GUEST, town="\u202eParis\u2066").cleaned(fulfilment=Fulfilment.DELIVERY).town == "Paris"


@pytest.mark.parametrize(
    "phone", ["06 39 98 12 34", "06.39.98.12.34", "+33 6 39 98 12 34", "+33 (0)6 39-98-12-34", "0639981234"]
)
def test_a_phone_number_is_read_as_people_write_it(phone: str) -> None:
    assert replace(GUEST, phone=phone).cleaned(fulfilment=Fulfilment.DELIVERY).phone == phone


@pytest.mark.parametrize("phone", ["06 39", "six", "06 39 98 12 3x", "٠٦٣٩٩٨١٢٣٤", "++33639981234", "1" * 16])
def test_what_cannot_be_called_is_refused(phone: str) -> None:
    assert _wrong(replace(GUEST, phone=phone)) == {"phone"}


@pytest.mark.parametrize("email", ["alice", "alice@", "@example.org", "a b@example.org", "alice@example", "é@x"])
def test_what_cannot_be_written_to_is_refused(email: str) -> None:
    assert _wrong(replace(GUEST, email=email)) == {"email"}


def test_one_way_to_reach_the_client_is_enough() -> None:
    assert replace(GUEST, phone="", email="alice@example.org").cleaned(fulfilment=Fulfilment.DELIVERY).phone == ""
    assert _wrong(replace(GUEST, phone="", email="")) == {"phone"}


def test_a_delivery_needs_a_whole_address() -> None:
    nowhere = replace(GUEST, street="", postal_code="", town=" ")
    assert _wrong(nowhere) == {"street", "postal_code", "town"}


@pytest.mark.parametrize("code", ["7501", "750111", "7501A", "٧٥٠١١", "75 11", ""])
def test_a_postal_code_has_five_figures(code: str) -> None:
    assert _wrong(replace(GUEST, postal_code=code)) == {"postal_code"}


def test_who_collects_leaves_no_address() -> None:
    contact = GUEST.cleaned(fulfilment=Fulfilment.COLLECTION)
    assert (contact.street, contact.complement, contact.postal_code, contact.town) == ("", "", "", "")


@pytest.mark.parametrize("field", ["first_name", "last_name", "street", "complement", "town", "comment"])
def test_what_is_too_long_is_said_and_never_cut(field: str) -> None:
    most = {"first_name": 80, "last_name": 80, "street": 120, "complement": 120, "town": 80, "comment": 300}[field]
    assert getattr(replace(GUEST, **{field: "é" * most}).cleaned(fulfilment=Fulfilment.DELIVERY), field)
    assert _wrong(replace(GUEST, **{field: "é" * (most + 1)})) == {field}


@given(words=st.text(st.characters(), max_size=60))
def test_whatever_is_typed_can_be_stored_and_cleaning_twice_changes_nothing(words: str) -> None:
    try:
        once = replace(GUEST, first_name=words, comment=words).cleaned(fulfilment=Fulfilment.DELIVERY)
    except InvalidContact:
        return
    once.first_name.encode()
    assert "\x00" not in once.first_name + once.comment
    assert once.cleaned(fulfilment=Fulfilment.DELIVERY) == once


def test_an_order_keeps_what_was_typed(house: House) -> None:
    contact = replace(GUEST, first_name="Zoë\x00\ud800", comment="Sonner 2 fois\n🍕")
    order = Order.objects.get(pk=house.order(contact=contact).pk)
    assert (order.first_name, order.comment) == ("Zoë", "Sonner 2 fois\n🍕")
