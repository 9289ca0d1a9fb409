"""What a cashier types while somebody speaks is read as it was meant."""

import pytest

from pizzeria.ordering.typed import read_typed
from tests.cast import House

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _menu(house: House) -> None:
    """The menu of the cast."""


def told(typed: str) -> str:
    """The likeliest meaning, as it would be said back."""
    line = read_typed(typed).lines[0]
    without = [f"sans {item.name}" for item in line.removed]
    extras = [f"+ {item.name}" for item in line.extras]
    return " ".join([f"{line.quantity} × {line.label}", *without, *extras, line.comment]).strip()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("rei m", "1 × Reine — Moyenne"),
        ("REI", "1 × Reine — Moyenne"),
        ("2 rei p", "2 × Reine — Petite"),
        ("rei pet x3", "3 × Reine — Petite"),
        ("chev", "1 × Chèvre — Moyenne"),
        ("cola", "1 × Cola 33 cl"),
        ("rei/marg p", "1 × ½ Reine + ½ Margherita — Petite"),
        ("2 rei p / marg", "2 × ½ Reine + ½ Margherita — Petite"),
        ("rei -champ", "1 × Reine — Moyenne sans champignons"),
        ("rei+chè -jamb", "1 × Reine — Moyenne sans jambon blanc + chèvre"),
        ("marg +champ : bien cuite", "1 × Margherita — Moyenne + champignons bien cuite"),
    ],
)
def test_letters_are_enough(typed: str, meant: str) -> None:
    assert told(typed) == meant


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("truffe", "Rien à la carte ne commence ainsi."),
        ("marg -jambon", "On ne peut pas retirer « jambon » ici."),
        ("marg +tomate", "« tomate » n’est pas un supplément."),
        ("marg / cola", "Une pizza moitié-moitié réunit deux pizzas de la même taille."),
        ("cola +chevre", "Un supplément se met sur une pizza."),
    ],
)
def test_what_cannot_be_done_is_said(typed: str, problem: str) -> None:
    found = read_typed(typed)
    assert (list(found.lines), found.problem) == ([], problem)


@pytest.mark.parametrize("typed", ["", "   ", "2", "-", "+/:", "/rei", "\x00", "9" * 500])
def test_nothing_typed_finds_nothing(typed: str) -> None:
    assert list(read_typed(typed).lines) == []


def test_the_usual_size_stands_first_and_the_others_after_it() -> None:
    assert [line.label for line in read_typed("rei").lines] == ["Reine — Moyenne", "Reine — Petite"]
