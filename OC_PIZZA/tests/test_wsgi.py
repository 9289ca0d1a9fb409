"""What gunicorn loads: a release whose pages cannot be imported does not get as far as its visitors."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.machine


def check(folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """What `systemctl reload gunicorn` asks before anything else."""
    return subprocess.run(
        [sys.executable, "-m", "gunicorn", "--check-config", "OC_PIZZA.wsgi:application"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"PYTHONPATH": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_page_that_cannot_be_imported_is_found_before_a_visitor_finds_it(tmp_path: Path) -> None:
    (tmp_path / "other_settings.py").write_text("from OC_PIZZA.settings import *\nROOT_URLCONF = 'other_urls'\n")
    (tmp_path / "other_urls.py").write_text("import nothing_of_this_name\nurlpatterns = []\n")
    done = check(tmp_path, DJANGO_SETTINGS_MODULE="other_settings")
    assert done.returncode == 1
    assert "nothing_of_this_name" in done.stderr


def test_this_release_passes(tmp_path: Path) -> None:
    assert check(tmp_path).returncode == 0


@pytest.fixture
def shown(tmp_path: Path) -> Path:
    """A folder whose templates are shown as well."""
    (tmp_path / "other_settings.py").write_text(
        "from pathlib import Path\nfrom OC_PIZZA.settings import *\nTEMPLATES[0]['DIRS'] = [Path(__file__).parent / 'shown']\n"
    )
    folder = tmp_path / "shown"
    folder.mkdir()
    return folder


def test_a_template_that_cannot_be_parsed_is_found_before_a_visitor_finds_it(tmp_path: Path, shown: Path) -> None:
    (shown / "offer.html").write_text("{% if gift %}")
    done = check(tmp_path, DJANGO_SETTINGS_MODULE="other_settings")
    assert done.returncode == 1
    assert "Unclosed tag on line 1: 'if'" in done.stderr


def test_what_an_editor_left_beside_a_template_keeps_nobody_out(tmp_path: Path, shown: Path) -> None:
    (shown / ".offer.html").write_bytes(b"\xff{% if gift %}")
    (shown / "offer.html~").write_text("{% if gift %}")
    assert check(tmp_path, DJANGO_SETTINGS_MODULE="other_settings").returncode == 0


FIRST_QUESTIONS = """
import sys
import OC_PIZZA.wsgi
from django.template import Template
from django.template.loader import get_template
from django.utils import timezone
from pizzeria.stores.calendar import holidays_of
from pizzeria.stores.models import Store

parsed = []
Template.compile_nodelist = lambda template: parsed.append(template.name)
known = set(sys.modules)
for page in ("shop/menu.html", "shop/checkout.html", "backoffice/board.html"):
    get_template(page)
holidays_of(store=Store(postal_code="75012"), year=timezone.localdate().year)
print(parsed, sorted(set(sys.modules) - known))
"""


def test_the_first_visitor_of_a_worker_does_not_wait_for_what_all_of_them_need() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_QUESTIONS], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[] []"
