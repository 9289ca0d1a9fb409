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
