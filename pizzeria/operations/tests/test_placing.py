"""update_lhc --weight and --into: into a copy of the release and nowhere else, whole or refused."""

import errno
import json
import os
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from pizzeria.operations.components.placing import place
from pizzeria.operations.tests.components import GIF, PNG
from pizzeria.operations.tests.test_backups import files_no_larger_than
from pizzeria.operations.tests.test_components import MANUAL, MANUAL_FILES, Update


@pytest.fixture
def update(tmp_path: Path, settings: Settings) -> Update:
    """The manual's example, on a small project that is the one in service."""
    update = Update(tmp_path)
    update.drop(**MANUAL_FILES)
    update.controller.write_text(MANUAL)
    (update.root / "city_001" / "historic.py").write_text("HISTORY = None\n")
    settings.BASE_DIR = update.root
    return update


@pytest.fixture
def copy(update: Update, tmp_path: Path) -> Path:
    return Path(shutil.copytree(update.root, tmp_path / "copy"))


def said(update: Update, *options: str) -> str:
    told = StringIO()
    call_command("update_lhc", *options, "--controller", str(update.controller), stdout=told)
    return told.getvalue()


def put(update: Update, folder: Path) -> str:
    return said(update, "--into", str(folder))


def refused(update: Update, folder: Path, why: str) -> None:
    before = files(folder)
    with pytest.raises(CommandError, match=why):
        put(update, folder)
    assert files(folder) == before


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def applied(folder: Path) -> list[dict[str, str]]:
    noted = json.loads((folder / "UPDATE_ENGINE" / "applied.json").read_text())
    assert isinstance(noted, list)
    return noted


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("# light_components\n", "none"),
        ("# light_components\npizza_tokyo.png = OC_PIZZA.city_002.static.png\n", "light"),
        (MANUAL, "heavy"),
    ],
)
def test_the_weight_is_one_word(update: Update, text: str, word: str) -> None:
    update.controller.write_text(text)
    assert said(update, "--weight") == f"{word}\n"


def test_what_is_there_already_weighs_nothing(update: Update) -> None:
    update.controller.write_text("# heavy_components\nhistoric_2.6.py = OC_PIZZA.city_001.historic.py\n")
    update.drop(**{"historic_2.6.py": b"HISTORY = None\n"})
    assert said(update, "--weight") == "none\n"


def test_the_weight_of_an_invalid_update_is_its_mistakes(update: Update) -> None:
    update.drop(**{"pizza_tokyo.png": GIF})
    with pytest.raises(CommandError, match=r"ligne 2 : pizza_tokyo\.png"):
        said(update, "--weight")


def test_without_an_option_the_operator_is_told_what_there_is(update: Update) -> None:
    with pytest.raises(CommandError, match=r"--check, --weight, --into, --verify.*sudo UPDATE_ENGINE/update-engine.sh"):
        said(update)


def test_two_options_are_refused(update: Update) -> None:
    with pytest.raises(CommandError, match="not allowed with"):
        said(update, "--check", "--weight")


def test_every_component_is_in_its_place_and_nothing_else_has_changed(update: Update, copy: Path) -> None:
    before, in_service = files(copy), files(update.root)
    told = put(update, copy)
    after = files(copy)
    noted = after.pop("UPDATE_ENGINE/applied.json")
    assert after == before | {
        "city_002/static/png/pizza_tokyo.png": PNG,
        "city_003/static/jpg/soda_framboise.jpg": MANUAL_FILES["soda_framboise.jpg"],
        "city_001/templates/city_001/historic.html": MANUAL_FILES["historic_2.6.html"],
        "city_001/historic.py": MANUAL_FILES["historic_2.6.py"],
        "city_001/models.py": MANUAL_FILES["models_2.6.py"],
    }
    assert len(json.loads(noted)) == 5
    assert files(update.root) == in_service
    assert told.count("Posé : ") == 5
    assert f"Posé : {copy}/city_001/models.py" in told
    assert (copy / "city_001" / "models.py").stat().st_mode & 0o777 == 0o644


def test_the_note_is_the_same_for_the_same_components_in_any_order(update: Update, copy: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(copy, tmp_path / "other"))
    put(update, copy)
    light, heavy = MANUAL.split("# heavy_components\n")
    update.controller.write_text(f"# heavy_components\n{heavy}{light}")
    put(update, other)
    assert files(copy) == files(other)


def test_the_note_keeps_what_earlier_updates_have_put(update: Update, copy: Path) -> None:
    put(update, copy)
    shutil.copytree(copy, update.root, dirs_exist_ok=True)
    update.drop(**{"historic_2.7.py": b"HISTORY = [1]\n"})
    update.controller.write_text("# heavy_components\nhistoric_2.7.py = OC_PIZZA.city_001.historic.py\n")
    put(update, copy)
    assert [(entry["target"], entry["file"], entry["weight"]) for entry in applied(copy)] == [
        ("city_001/historic.py", "historic_2.7.py", "heavy"),
        ("city_001/models.py", "models_2.6.py", "heavy"),
        ("city_001/templates/city_001/historic.html", "historic_2.6.html", "heavy"),
        ("city_002/static/png/pizza_tokyo.png", "pizza_tokyo.png", "light"),
        ("city_003/static/jpg/soda_framboise.jpg", "soda_framboise.jpg", "light"),
    ]


def test_once_more_into_the_same_copy_changes_nothing(update: Update, copy: Path) -> None:
    put(update, copy)
    before = files(copy)
    put(update, copy)
    assert files(copy) == before


def test_the_release_in_service_is_refused(update: Update, tmp_path: Path) -> None:
    for folder in (update.root, update.root / "city_001", tmp_path, update.root.parent):
        refused(update, folder, "est la version en service, ou en fait partie")
    link = tmp_path / "link"
    link.symlink_to(update.root)
    refused(update, link, "est la version en service")


def test_another_folder_is_refused(update: Update, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(update, tmp_path / "empty", "n’est pas une copie de la version en service")
    refused(update, tmp_path / "nowhere", "n’est pas une copie de la version en service")


def test_a_copy_of_another_release_is_refused(update: Update, copy: Path) -> None:
    (copy / "city_001" / "historic.py").write_text("HISTORY = 'another'\n")
    refused(update, copy, "city_001/historic.py y est autre")


def test_a_copy_that_has_what_the_release_has_not_is_refused(update: Update, copy: Path) -> None:
    (copy / "city_001" / "models.py").write_text("# of whom?\n")
    refused(update, copy, "city_001/models.py y est autre")


def test_a_link_in_the_copy_leads_nowhere(update: Update, copy: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (copy / "city_002" / "static").symlink_to(tmp_path / "outside")
    refused(update, copy, "city_002/static/png/pizza_tokyo.png sort du projet")
    assert not list((tmp_path / "outside").iterdir())


def test_a_component_that_changes_after_its_check_is_refused(
    update: Update, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed_in_between(*arguments: object) -> object:
        update.drop(**{"models_2.6.py": b"import os\n"})
        return place(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("pizzeria.operations.management.commands.update_lhc.place", changed_in_between)
    with pytest.raises(CommandError, match=r"models_2\.6\.py a changé depuis sa vérification"):
        put(update, copy)
    assert not (copy / "city_001" / "models.py").exists()
    assert not (copy / "UPDATE_ENGINE" / "applied.json").exists()


def test_a_full_disk_is_said_and_leaves_no_half_file(update: Update, copy: Path) -> None:
    large = b"TEXT = '" + b"a" * 50_000 + b"'\n"
    update.drop(**{"models_2.6.py": large})
    with files_no_larger_than(20_000), pytest.raises(CommandError, match=r"Rien ne peut être écrit dans .*: "):
        put(update, copy)
    assert not (copy / "city_001" / "models.py").exists()
    assert not list(copy.rglob(".unfinished-*"))


def test_a_folder_that_may_not_be_written_is_said(update: Update, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_arguments: object, **_names: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    # Root, who runs these tests on a server, writes everywhere.
    monkeypatch.setattr("tempfile.mkstemp", read_only)
    refused(update, copy, "Read-only file system")


def test_a_note_that_is_damaged_is_refused(update: Update, copy: Path) -> None:
    (copy / "UPDATE_ENGINE").mkdir()
    (copy / "UPDATE_ENGINE" / "applied.json").write_text("[{]")
    refused(update, copy, "applied.json ne se lit pas")
