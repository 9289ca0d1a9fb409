"""`./manage.py opencity`: a fourth city works at once, and a refusal changes nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.template.loader import render_to_string

from pizzeria.operations.opencity import CannotOpenError, open_city, registered
from pizzeria.stores.models import City
from tests.cast import House

pytestmark = pytest.mark.machine

CHECKOUT = Path(settings.BASE_DIR)
PARTS = ("OC_PIZZA", "city_001", "city_002", "city_003", "pizzeria", "SUPERVISION_ENGINE/watch", "locale", "manage.py")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The settings of the project alone: all that opening a city changes."""
    (tmp_path / "OC_PIZZA").mkdir()
    shutil.copy(CHECKOUT / "OC_PIZZA" / "settings.py", tmp_path / "OC_PIZZA")
    return tmp_path


def everything(project: Path) -> dict[str, bytes]:
    return {str(path.relative_to(project)): path.read_bytes() for path in project.rglob("*") if path.is_file()}


def drawn(file: Path) -> ET.Element:
    return ET.parse(file).getroot()


def manage(project: Path, *arguments: str) -> str:
    """Run the copied project's own manage.py on the tests' database."""
    server, _slash, _name = os.environ["DATABASE_URL"].rpartition("/")
    environment = os.environ | {
        "DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}",
        "STATIC_ROOT": str(project / "collected"),
        "LOG_LEVEL": "INFO",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.django_db(transaction=True)
def test_a_fourth_city_works_at_once(tmp_path: Path) -> None:
    for part in PARTS:
        source = CHECKOUT / part
        if source.is_dir():
            shutil.copytree(source, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "tests"))
        elif source.exists():
            shutil.copy(source, tmp_path)

    assert "Bordeaux" in manage(tmp_path, "opencity", "city_004", "--name", "Bordeaux")

    assert City.objects.get(code="city_004").name == "Bordeaux"
    assert "no issues" in manage(tmp_path, "check")
    told = manage(
        tmp_path,
        "shell",
        "--no-imports",
        "-c",
        "from city_004.cron import cyclic_update; cyclic_update()\n"
        "from django.template.loader import get_template; print(get_template('city_004/_banner.html').origin.name)\n"
        "from django.contrib.staticfiles.finders import find; print(find('city_004/city.css'))\n"
        "from django.conf import settings; print(settings.CRONJOBS[-2:])",
    )
    assert "Bordeaux, pizzas réalisables : recalculées pour" in told
    assert str(tmp_path / "city_004/templates/city_004/_banner.html") in told
    assert str(tmp_path / "city_004/static/city_004/city.css") in told
    assert "('0 6 * * *', 'city_004.cron.cyclic_update'), ('0 6 1 * *', 'city_004.cron.cyclic_backup')" in told


def test_the_new_city_stands_behind_the_others_in_settings_and_nothing_else_changes(project: Path, db: None) -> None:
    before = (project / "OC_PIZZA/settings.py").read_text()
    open_city(code="city_004", name="Bordeaux", project=project)
    after = (project / "OC_PIZZA/settings.py").read_text()
    added = [line for line in after.splitlines() if line not in before.splitlines()]
    assert added == [
        '    "city_004",',
        '    ("0 6 * * *", "city_004.cron.cyclic_update"),',
        '    ("0 6 1 * *", "city_004.cron.cyclic_backup"),',
    ]
    assert after.index('"city_003",') < after.index('"city_004",') < after.index('"pizzeria.stores"')


def test_a_fifth_city_opens_after_a_fourth(project: Path, db: None) -> None:
    open_city(code="city_004", name="Bordeaux", project=project)
    open_city(code="city_005", name="L’Haÿ-les-Roses", project=project)
    compile((project / "city_005/apps.py").read_text(), "apps.py", "exec")
    drawn(project / "city_005/static/city_005/banner.svg")
    assert '"city_005",' in (project / "OC_PIZZA/settings.py").read_text()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("city004", "Bordeaux"),
        ("city_4", "Bordeaux"),
        ("CITY_004", "Bordeaux"),
        ("../city_004", "Bordeaux"),
        ("city_004\n", "Bordeaux"),
        ("city_001", "Bordeaux"),
        ("city_004", "Paris"),
        ("city_004", "lyon"),
        ("city_004", ""),
        ("city_004", "   "),
        ("city_004", 'Bor"deaux'),
        ("city_004", "{% debug %}"),
        ("city_004", "<script>"),
        ("city_004", "Bor\\deaux"),
        ("city_004", "B" * 81),
    ],
)
def test_a_bad_code_or_name_or_a_known_city_is_refused_and_changes_nothing(
    house: House, project: Path, code: str, name: str
) -> None:
    before = everything(project)
    with pytest.raises(CannotOpenError):
        open_city(code=code, name=name, project=project)
    assert everything(project) == before
    assert City.objects.count() == 2


def test_a_folder_that_is_in_the_way_is_left_alone(project: Path, db: None) -> None:
    (project / "city_004").mkdir()
    (project / "city_004" / "mine.py").write_text("mine = True")
    before = everything(project)
    with pytest.raises(CannotOpenError, match="existe déjà"):
        open_city(code="city_004", name="Bordeaux", project=project)
    assert everything(project) == before


def test_settings_that_cannot_be_written_leave_no_trace(
    project: Path, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(project)

    def full(self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(CannotOpenError, match="No space left"):
        open_city(code="city_004", name="Bordeaux", project=project)
    assert everything(project) == before
    assert not City.objects.exists()


@pytest.mark.parametrize(
    "source",
    [
        'INSTALLED_APPS = ["city_001"]\nCRONJOBS = []\n',
        'INSTALLED_APPS = [\n    "city_001"\n]\nCRONJOBS = [\n    ("0 6 * * *", "city_001.cron.cyclic_update"),\n]\n',
        'INSTALLED_APPS = [\n    "city_001",\n]\nCRONJOBS = [\n    ("0 6 * * *", "city_001.cron.cyclic_update")\n]\n',
        "INSTALLED_APPS = [\n    'city_004',\n]\n",
        "INSTALLED_APPS = [\n",
    ],
)
def test_settings_in_another_form_are_refused_rather_than_broken(source: str) -> None:
    with pytest.raises(CannotOpenError):
        registered(source, code="city_004")


def test_the_command_says_why_it_refuses(db: None) -> None:
    with pytest.raises(CommandError, match="city_004"):
        call_command("opencity", "bordeaux", name="Bordeaux")


@pytest.mark.parametrize("code", ["city_001", "city_002", "city_003"])
def test_every_city_has_a_banner_of_its_own_that_holds_no_rule(code: str) -> None:
    picture = drawn(CHECKOUT / code / "static" / code / "banner.svg")
    assert not [element for element in picture.iter() if element.tag.endswith(("script", "style"))]
    page = render_to_string(f"{code}/_banner.html", {"store": {"name": "OC Pizza Ici"}})
    assert "<h1>OC Pizza Ici</h1>" in page
    assert f"{code}/banner.svg" in page
    source = (CHECKOUT / code / "templates" / code / "_banner.html").read_text()
    assert "{% if" not in source
    assert "style=" not in source
