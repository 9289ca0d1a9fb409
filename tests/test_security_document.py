"""docs/security.md names every point of the standard once, and only tests that there are."""

import re
from collections import Counter
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
DOCUMENT = (CHECKOUT / "docs" / "security.md").read_text()
ROW = re.compile(r"^\| V(\d+\.\d+)\.(\d+) \| (.+) \| (.+) \|$", re.MULTILINE)

LAST_POINTS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
    "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip
"""The points of levels 1 and 2 in each section of ASVS 5.0.0: they come first there, so the last one's number says them all."""


def test_every_point_of_levels_1_and_2_is_told_once() -> None:
    told = Counter(f"{section}.{point}" for section, point, _how, _proof in ROW.findall(DOCUMENT))
    asked = [f"{section}.{point}" for section, last in LAST_POINTS.items() for point in range(1, last + 1)]
    assert len(asked) == 253
    assert told == Counter(asked)


def test_a_point_has_a_test_or_a_reason() -> None:
    for section, point, how, proof in ROW.findall(DOCUMENT):
        assert proof != "–" or how.startswith("*reason*"), f"V{section}.{point}"


def test_what_the_document_names_is_there() -> None:
    named = set(re.findall(r"`((?:tests|pizzeria|OC_PIZZA)/[\w/]+\.py)`", DOCUMENT))
    named |= {f"pizzeria/{path}" for path in re.findall(r"`((?:accounts|ordering|payments|shop)/\w+\.py)`", DOCUMENT)}
    assert named
    assert [path for path in sorted(named) if not (CHECKOUT / path).is_file()] == []
