"""Both languages are complete: every text that the code or a template shows has its English."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.sweep

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("OC_PIZZA", "SUPERVISION_ENGINE/watch", "pizzeria", "city_001", "city_002", "city_003", "locale")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The English catalogue as `make messages` would write it now."""
    assert shutil.which("xgettext"), "the tests need gettext: apt-get install gettext"
    copy = tmp_path_factory.mktemp("texts")
    for part in PARTS:
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    shutil.copy(ROOT / "manage.py", copy)
    command = [sys.executable, "manage.py", "makemessages", "-l", "en", "--no-location", "--no-obsolete"]
    subprocess.run(command, cwd=copy, env=os.environ | {"PYTHONPATH": str(copy)}, check=True, capture_output=True)
    return copy / "locale" / "en" / "LC_MESSAGES" / "django.po"


def _chosen(catalogue: Path, choice: str) -> str:
    return subprocess.run(
        ["msgattrib", choice, "--no-wrap", catalogue], capture_output=True, text=True, check=True
    ).stdout


def test_no_text_is_without_english(collected: Path) -> None:
    assert _chosen(collected, "--untranslated") == ""


def test_no_english_text_is_a_guess(collected: Path) -> None:
    assert _chosen(collected, "--only-fuzzy") == ""


def test_the_compiled_catalogue_is_that_of_the_texts(tmp_path: Path) -> None:
    folder = ROOT / "locale" / "en" / "LC_MESSAGES"
    subprocess.run(["msgfmt", "--check", "-o", tmp_path / "django.mo", folder / "django.po"], check=True)
    assert (tmp_path / "django.mo").read_bytes() == (folder / "django.mo").read_bytes()
