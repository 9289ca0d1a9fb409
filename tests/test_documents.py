"""What the documents point to is there."""

import re
from pathlib import Path

import pytest

from pizzeria.supervision.alerts.words import ADVICE
from SUPERVISION_ENGINE.watch.services import NAMES

CHECKOUT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md"), *CHECKOUT.glob("*_ENGINE/**/*.md")])
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s#]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=[str(path.relative_to(CHECKOUT)) for path in DOCUMENTS])
def test_every_link_of_a_document_leads_to_a_file(document: Path) -> None:
    targets = LINK.findall(document.read_text())
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_every_alert_has_its_section_on_the_emergency_page() -> None:
    page = (CHECKOUT / "docs" / "exploitation" / "7-urgences.md").read_text()
    sections = set(re.findall(r"^## `([a-z-]+(?::[a-z]+)?)`", page, re.MULTILINE))
    services = {f"service:{name}" for name in NAMES}
    assert sections == services | (ADVICE.keys() - {"service"})
