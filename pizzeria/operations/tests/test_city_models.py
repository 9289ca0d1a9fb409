"""The manual's models.py of a city (6.1.2): its migration is written where the update is put together, nowhere else."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import connection

from pizzeria.operations.opencity import open_city

MODELS = """\
from django.db import models


class Historic(models.Model):
    title = models.CharField(max_length=80)
    year = models.PositiveSmallIntegerField()
"""
CITIES = ("city_001", "city_002", "city_003")

pytestmark = [pytest.mark.machine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy as the engine makes one, where the operator's models have been put."""
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(Path(site.BASE_DIR) / "manage.py", copy)
    for folder in ("OC_PIZZA", "pizzeria", "SUPERVISION_ENGINE/watch", *CITIES):
        shutil.copytree(Path(site.BASE_DIR) / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "city_001" / "models.py").write_text(MODELS)
    return copy


def manage(project: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    url = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}"
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=project,
        env=os.environ | {"DATABASE_URL": url, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def made(project: Path, *cities: str) -> "subprocess.CompletedProcess[str]":
    return manage(project, "makemigrations", "--no-input", "--no-header", *cities)


def files(project: Path) -> set[str]:
    return {str(file.relative_to(project)) for file in project.rglob("*") if file.is_file()}


def test_a_citys_first_models_get_a_package_of_migrations(project: Path) -> None:
    before = files(project)
    done = made(project, *CITIES)
    assert done.returncode == 0, done.stderr
    assert files(project) - before == {"city_001/migrations/__init__.py", "city_001/migrations/0001_initial.py"}
    written = (project / "city_001" / "migrations" / "0001_initial.py").read_text()
    assert "name='Historic'" in written
    assert "BigAutoField" in written
    assert "no issues" in manage(project, "check").stdout
    assert manage(project, "makemigrations", "--check", "--dry-run").returncode == 0
    told = manage(project, "lintpending")
    assert (told.returncode, told.stdout) == (0, "city_001.0001_initial : OK\n")


def test_the_same_models_make_the_same_bytes(project: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(project, tmp_path / "other"))
    for copy in (project, other):
        made(copy, *CITIES)
    first, second = (copy / "city_001" / "migrations" / "0001_initial.py" for copy in (project, other))
    assert first.read_bytes() == second.read_bytes()


def test_cities_without_models_stay_without_migrations(project: Path) -> None:
    (project / "city_001" / "models.py").unlink()
    before = files(project)
    assert made(project, *CITIES).returncode == 0
    assert files(project) == before


def test_later_models_add_to_the_migrations_of_the_release(project: Path) -> None:
    made(project, *CITIES)
    (project / "city_001" / "models.py").write_text(
        MODELS + "    author = models.CharField(max_length=80, null=True)\n"
    )
    assert made(project, *CITIES).returncode == 0
    assert {file.name for file in (project / "city_001" / "migrations").iterdir()} == {
        "__init__.py",
        "0001_initial.py",
        "0002_historic_author.py",
    }


def test_a_field_that_existing_rows_could_not_fill_is_refused(project: Path) -> None:
    made(project, *CITIES)
    before = files(project)
    (project / "city_001" / "models.py").write_text(MODELS + "    author = models.CharField(max_length=80)\n")
    done = made(project, *CITIES)
    assert done.returncode != 0
    assert files(project) == before


def test_models_that_do_not_import_are_refused(project: Path) -> None:
    (project / "city_001" / "models.py").write_text("from nowhere import something\n")
    before = files(project)
    done = made(project, *CITIES)
    assert done.returncode != 0
    assert "No module named 'nowhere'" in done.stderr
    assert files(project) == before


def test_a_city_that_was_opened_later_is_no_different(project: Path) -> None:
    open_city(code="city_004", name="Nantes", project=project)
    (project / "city_004" / "models.py").write_text(MODELS)
    done = made(project, *CITIES, "city_004")
    assert done.returncode == 0, done.stderr
    assert (project / "city_004" / "migrations" / "__init__.py").is_file()
    assert (project / "city_004" / "migrations" / "0001_initial.py").is_file()
