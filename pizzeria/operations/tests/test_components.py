"""controller.ini: what its lines ask for, where they lead, and everything that is wrong, at once."""

import errno
import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core.management import call_command
from django.core.management.base import CommandError

from pizzeria.operations.components.addresses import Project
from pizzeria.operations.components.controller import Weight, parse
from pizzeria.operations.components.plan import Change, InvalidUpdate, Plan, make_plan
from pizzeria.operations.tests.components import GIF, JPEG, PNG

MANUAL = """\
# light_components
pizza_tokyo.png = OC_PIZZA.city_002.static.png
soda_framboise.jpg = OC_PIZZA.city_003.static.jpg
# heavy_components
historic_2.6.html = OC_PIZZA.city_001.templates.city_001.historic.html
historic_2.6.py = OC_PIZZA.city_001.historic.py
models_2.6.py = OC_PIZZA.city_001.models.py
"""
MANUAL_FILES = {
    "pizza_tokyo.png": PNG,
    "soda_framboise.jpg": JPEG,
    "historic_2.6.html": b"{% load i18n %}<h1>{% translate 'Historique' %}</h1>",
    "historic_2.6.py": b"HISTORY = []\n",
    "models_2.6.py": b"from django.db import models\n",
}


class Update:
    """An operator's UPDATE_ENGINE beside a small project."""

    def __init__(self, home: Path) -> None:
        self.root = home / "OC_PIZZA_releases" / "this"
        self.engine = home / "UPDATE_ENGINE"
        (self.engine / "components").mkdir(parents=True)
        for folder in ("OC_PIZZA", "pizzeria/shop", "city_001", "city_002", "city_003"):
            (self.root / folder).mkdir(parents=True)
        (self.root / "OC_PIZZA" / "settings.py").write_text("DEBUG = False\n")
        self.project = Project(root=self.root, cities=("city_001", "city_002", "city_003"))

    @property
    def controller(self) -> Path:
        return self.engine / "controller.ini"

    def drop(self, **files: bytes) -> None:
        for name, data in files.items():
            (self.engine / "components" / name).write_bytes(data)

    def asks(self, text: str) -> Plan:
        self.controller.write_text(text)
        return make_plan(self.controller, self.project)

    def light(self, line: str) -> Plan:
        return self.asks(f"# light_components\n{line}\n")

    def heavy(self, line: str) -> Plan:
        return self.asks(f"# heavy_components\n{line}\n")

    def refusals(self, text: str) -> list[tuple[int, str]]:
        with pytest.raises(InvalidUpdate) as caught:
            self.asks(text)
        return [(problem.line, problem.message) for problem in caught.value.problems]

    def light_refusal(self, line: str) -> str:
        return self._only(f"# light_components\n{line}\n")

    def heavy_refusal(self, line: str) -> str:
        return self._only(f"# heavy_components\n{line}\n")

    def _only(self, text: str) -> str:
        ((line, message),) = self.refusals(text)
        assert line == 2
        return message


@pytest.fixture
def update(tmp_path: Path) -> Update:
    update = Update(tmp_path)
    update.drop(**MANUAL_FILES)
    return update


def test_the_manuals_own_example_goes_where_the_manual_says(update: Update) -> None:
    plan = update.asks(MANUAL)
    assert {component.source.name: str(component.target) for component in plan.components} == {
        "pizza_tokyo.png": "city_002/static/png/pizza_tokyo.png",
        "soda_framboise.jpg": "city_003/static/jpg/soda_framboise.jpg",
        "historic_2.6.html": "city_001/templates/city_001/historic.html",
        "historic_2.6.py": "city_001/historic.py",
        "models_2.6.py": "city_001/models.py",
    }
    assert [component.weight for component in plan.components] == [Weight.LIGHT] * 2 + [Weight.HEAVY] * 3
    assert {component.change for component in plan.components} == {Change.NEW}
    assert not plan.is_light


def test_a_checked_update_has_changed_nothing(update: Update) -> None:
    before = sorted(update.root.rglob("*"))
    update.asks(MANUAL)
    assert sorted(update.root.rglob("*")) == before


def test_a_component_larger_than_a_site_needs_is_refused_unread(update: Update) -> None:
    with (update.engine / "components" / "huge.pdf").open("wb") as huge:
        huge.truncate(10 * 2**30)
    assert "huge.pdf est trop grand" in update.light_refusal("huge.pdf = OC_PIZZA.city_001.static")


def test_a_pipe_or_a_device_is_no_component(update: Update) -> None:
    os.mkfifo(update.engine / "components" / "pipe.py")
    assert "n’est pas dans le dossier components" in update.heavy_refusal("pipe.py = OC_PIZZA.city_001.models.py")


def test_five_hundred_lines_with_headings_that_come_again_are_one_plan(update: Update) -> None:
    lines = []
    for number in range(250):
        update.drop(**{f"a{number}.png": PNG, f"b{number}.py": b"A = 1\n"})
        lines += ["# light_components", f"a{number}.png = OC_PIZZA.city_001.static"]
        lines += ["# heavy_components", f"b{number}.py = OC_PIZZA.city_001.b{number}.py"]
    plan = update.asks("\r\n".join(lines))
    assert len(plan.components) == 500
    assert len({component.target for component in plan.components}) == 500


def test_the_file_is_read_as_windows_writes_it(update: Update) -> None:
    update.controller.write_bytes(b"\xef\xbb\xbf" + MANUAL.replace("\n", "\r\n").encode())
    assert len(make_plan(update.controller, update.project).components) == 5


def test_comments_blank_lines_and_spaces_mean_nothing() -> None:
    entries, problems = parse(
        "# Nos images\n\n#light_components\n # a.png = OC_PIZZA.x\n  a.png=OC_PIZZA.city_001.static  \n"
    )
    assert problems == []
    assert [(entry.line, entry.weight, entry.file, entry.address) for entry in entries] == [
        (5, Weight.LIGHT, "a.png", "OC_PIZZA.city_001.static")
    ]


def test_all_mistakes_come_at_once_with_their_lines(update: Update) -> None:
    found = update.refusals(
        "pizza_tokyo.png = OC_PIZZA.city_002.static\n"
        "# light_components\n"
        "soda_framboise.jpg OC_PIZZA.city_003.static\n"
        "absent.png = OC_PIZZA.city_009.static\n"
        "# heavy_components\n"
        "historic_2.6.py = OC_PIZZA.city_001.historic.py\n"
        "models_2.6.py = OC_PIZZA.city_001.historic.py\n"
    )
    assert found == [
        (1, "Cette ligne n’est sous aucun titre (# light_components, # heavy_components)."),
        (3, "Une ligne s’écrit « fichier = adresse », sans rien d’autre."),
        (4, "absent.png n’est pas dans le dossier components."),
        (4, "city_009 n’est pas une ville du site (city_001, city_002, city_003, pizzeria, OC_PIZZA)."),
        (6, "Plusieurs fichiers vont à la même adresse : city_001/historic.py."),
        (7, "Plusieurs fichiers vont à la même adresse : city_001/historic.py."),
    ]


def test_a_missing_controller_is_said(update: Update) -> None:
    with pytest.raises(InvalidUpdate) as caught:
        make_plan(update.engine / "nowhere.ini", update.project)
    assert [(problem.line, problem.message) for problem in caught.value.problems] == [
        (0, "Lecture impossible : No such file or directory.")
    ]


def test_a_controller_that_is_not_utf_8_is_refused(update: Update) -> None:
    update.controller.write_bytes("# légers\n".encode("latin-1"))
    with pytest.raises(InvalidUpdate, match="UTF-8"):
        make_plan(update.controller, update.project)


@pytest.mark.parametrize(
    "slip", ["# light_component", "# Heavy_components", "# heavy components", "# ligth_components"]
)
def test_a_heading_with_a_slip_in_it_is_not_taken_for_a_comment(slip: str) -> None:
    (problem,) = parse(f"{slip}\n")[1]
    assert problem.message.startswith("Ce titre s’écrit « # ")


@pytest.mark.parametrize(
    "line", ["a.png", "= OC_PIZZA.city_001.static", "a.png =", "a.png = b = c", "[light]", "a.png = b c"]
)
def test_a_line_of_another_shape_is_refused(line: str) -> None:
    (problem,) = parse(f"# light_components\n{line}\n")[1]
    assert (problem.line, problem.message[:19]) == (2, "Une ligne s’écrit «")


@pytest.mark.parametrize("name", ["../a.png", "/etc/a.png", "pâte.png", "a b.png", ".png", "png", "-a.png"])
def test_a_file_name_that_is_a_path_or_would_trouble_an_address_is_refused(update: Update, name: str) -> None:
    assert f"« {name} »" in update.light_refusal(f"{name} = OC_PIZZA.city_001.static")


def test_a_file_named_twice_is_refused(update: Update) -> None:
    found = update.refusals(
        "# light_components\npizza_tokyo.png = OC_PIZZA.city_001.static\npizza_tokyo.png = OC_PIZZA.city_002.static\n"
    )
    assert found == [(line, "pizza_tokyo.png est cité plusieurs fois.") for line in (2, 3)]


def test_an_unknown_extension_is_refused_with_the_known_ones(update: Update) -> None:
    update.drop(**{"run.exe": b"MZ"})
    assert "« .exe » n’est pas connue (.ico, .jpg" in update.light_refusal("run.exe = OC_PIZZA.city_001.static")


def test_an_extension_under_the_wrong_heading_is_told_the_right_one(update: Update) -> None:
    assert (2, "Un fichier .py va sous « # heavy_components ».") in update.refusals(
        "# light_components\nmodels_2.6.py = OC_PIZZA.city_001.static\n"
    )
    assert (2, "Un fichier .png va sous « # light_components ».") in update.refusals(
        "# heavy_components\npizza_tokyo.png = OC_PIZZA.city_001.static.pizza_tokyo.png\n"
    )


def test_an_empty_file_is_refused(update: Update) -> None:
    update.drop(**{"models_2.6.py": b""})
    assert update.heavy_refusal("models_2.6.py = OC_PIZZA.city_001.models.py") == "models_2.6.py est vide."


def test_a_component_that_cannot_be_read_is_said(update: Update, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def forbidden(file: Path, *how: Any, **else_: Any) -> Any:
        if file.suffix == ".py":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return opened(file, *how, **else_)

    # Root, who runs these tests on a server, reads everything.
    monkeypatch.setattr(Path, "open", forbidden)
    message = update.heavy_refusal("models_2.6.py = OC_PIZZA.city_001.models.py")
    assert message == "models_2.6.py : Permission denied."


def test_a_component_that_is_a_link_or_a_folder_is_no_component(update: Update) -> None:
    folder = update.engine / "components"
    (folder / "link.py").symlink_to(folder / "models_2.6.py")
    (folder / "folder.py").mkdir()
    for name in ("link.py", "folder.py"):
        assert "n’est pas dans le dossier components" in update.heavy_refusal(f"{name} = OC_PIZZA.city_001.models.py")


@pytest.mark.parametrize(
    "address",
    [
        "OC_PIZZA..etc.models.py",
        "OC_PIZZA.city_001....models.py",
        "../models.py",
        "/etc/models.py",
        "~root.models.py",
        "OC_PIZZA.city_001/../models.py",
        "OC_PIZZA.city_001\\models.py",
        ".OC_PIZZA.city_001.models.py",
        "OC_PIZZA..git.hooks.py",
        "OC_PIZZA..venv.models.py",
    ],
)
def test_no_address_leads_out_of_the_project(update: Update, address: str) -> None:
    assert update.heavy_refusal(f"models_2.6.py = {address}") == f"{address} sort du projet."


@pytest.mark.parametrize(
    "room",
    [
        "DEPLOY_ENGINE",
        "UPDATE_ENGINE",
        "SUPERVISION_ENGINE",
        "oc_pizza_venv",
        "venv",
        "RELEASE",
        "environment",
        "static",
    ],
)
def test_what_the_server_lives_on_is_never_touched(update: Update, room: str) -> None:
    message = f"{room} n’est pas modifié par une mise à jour catégorique."
    assert update.heavy_refusal(f"models_2.6.py = OC_PIZZA.{room}.models.py") == message
    assert update.light_refusal(f"pizza_tokyo.png = OC_PIZZA.{room}.static") == message


@pytest.mark.parametrize("room", ["tests", "local", "git", "docs", "City_001", "elsewhere"])
def test_only_the_sites_own_rooms_take_components(update: Update, room: str) -> None:
    assert f"{room} ne reçoit pas de composants" in update.heavy_refusal(f"models_2.6.py = OC_PIZZA.{room}.models.py")


@pytest.mark.parametrize("address", ["city_001.models.py", "PIZZA.city_001.models.py", "OC_PIZZA.py", "OC_PIZZA"])
def test_an_address_begins_with_the_project(update: Update, address: str) -> None:
    assert update.heavy_refusal(f"models_2.6.py = {address}").startswith("Une adresse commence par OC_PIZZA")


@pytest.mark.parametrize(
    "address", ["OC_PIZZA.", "OC_PIZZA.city_001.mod*els.py", "OC_PIZZA.café.models.py", "OC_PIZZA.-x.py"]
)
def test_a_label_is_a_plain_name(update: Update, address: str) -> None:
    assert "n’est pas un nom de dossier ou de fichier" in update.heavy_refusal(f"models_2.6.py = {address}")


def test_a_migration_is_not_put_there_by_hand(update: Update) -> None:
    message = update.heavy_refusal("models_2.6.py = OC_PIZZA.pizzeria.stock.migrations.0009_more.py")
    assert message.startswith("Une migration ne se pose pas à la main")


def test_settings_are_the_python_package_s_by_either_name(update: Update) -> None:
    for address in ("OC_PIZZA.settings.py", "OC_PIZZA.OC_PIZZA.settings.py"):
        (component,) = update.heavy(f"models_2.6.py = {address}").components
        assert (str(component.target), component.change) == ("OC_PIZZA/settings.py", Change.REPLACED)


def test_both_names_of_the_settings_are_one_address(update: Update) -> None:
    found = update.refusals(
        "# heavy_components\nmodels_2.6.py = OC_PIZZA.settings.py\nhistoric_2.6.py = OC_PIZZA.OC_PIZZA.settings.py\n"
    )
    assert [line for line, _message in found] == [2, 3]


def test_nothing_is_put_at_the_projects_root(update: Update) -> None:
    (update.root / "manage.py").write_text("")
    assert (
        update.heavy_refusal("models_2.6.py = OC_PIZZA.manage.py")
        == "manage.py n’est pas un fichier du dossier OC_PIZZA."
    )


def test_a_heavy_address_ends_with_the_files_extension(update: Update) -> None:
    message = update.heavy_refusal("models_2.6.py = OC_PIZZA.city_001.templates.models.html")
    assert message.endswith("extension du fichier : .py attendu.")
    assert update.heavy_refusal("models_2.6.py = OC_PIZZA.city_001.models").endswith(".py attendu.")


def test_a_light_address_does_not_name_the_file(update: Update) -> None:
    message = update.light_refusal("pizza_tokyo.png = OC_PIZZA.city_002.static.pizza_tokyo.png")
    assert message == "L’adresse d’un composant léger est un dossier : le fichier y garde son nom."


def test_each_kind_goes_where_the_site_looks_for_it(update: Update) -> None:
    assert "dossier « static »" in update.light_refusal("pizza_tokyo.png = OC_PIZZA.city_002.png")
    assert "dossier « templates »" in update.heavy_refusal("historic_2.6.html = OC_PIZZA.city_001.static.historic.html")
    for folder in ("pizzeria.static", "city_001.img.static", "OC_PIZZA.static", "pizzeria.shopp.static"):
        assert "d’une application" in update.light_refusal(f"pizza_tokyo.png = OC_PIZZA.{folder}")
    assert update.light("pizza_tokyo.png = OC_PIZZA.pizzeria.shop.static.oc_pizza.img").is_light


def test_a_link_in_the_project_leads_nowhere_else(update: Update) -> None:
    outside = update.root.parent / "other"
    outside.mkdir()
    (update.root / "city_001" / "away").symlink_to(outside)
    assert "sort du projet" in update.heavy_refusal("models_2.6.py = OC_PIZZA.city_001.away.models.py")


def test_a_folder_is_not_replaced_by_a_file(update: Update) -> None:
    (update.root / "city_001" / "models.py").mkdir()
    assert "existe et n’est pas un fichier" in update.heavy_refusal("models_2.6.py = OC_PIZZA.city_001.models.py")


def test_an_update_of_pictures_stops_nothing(update: Update) -> None:
    assert update.light("pizza_tokyo.png = OC_PIZZA.city_002.static.png").is_light


def test_a_heavy_file_that_is_there_already_makes_nothing_heavy(update: Update) -> None:
    (update.root / "city_001" / "models.py").write_bytes(MANUAL_FILES["models_2.6.py"])
    plan = update.asks(
        "# light_components\npizza_tokyo.png = OC_PIZZA.city_002.static\n"
        "# heavy_components\nmodels_2.6.py = OC_PIZZA.city_001.models.py\n"
    )
    assert [component.change for component in plan.components] == [Change.NEW, Change.IDENTICAL]
    assert plan.is_light


def test_a_file_that_no_line_names_is_told(update: Update) -> None:
    update.drop(**{"README.md": b"ours", ".gitkeep": b""})
    plan = update.light("pizza_tokyo.png = OC_PIZZA.city_002.static")
    assert plan.unlisted == ("historic_2.6.html", "historic_2.6.py", "models_2.6.py", "soda_framboise.jpg")


# The command, on the project that these tests belong to.


def checked(update: Update, text: str) -> str:
    update.controller.write_text(text)
    told = StringIO()
    call_command("update_lhc", "--check", "--controller", str(update.controller), stdout=told)
    return told.getvalue()


def test_the_operator_sees_the_plan_as_a_table(update: Update) -> None:
    title, *rows, conclusion = checked(update, MANUAL).splitlines()
    assert title.split() == ["fichier", "destination", "changement", "genre", "taille", "sha256"]
    assert rows[0].split()[:4] == ["pizza_tokyo.png", "city_002/static/png/pizza_tokyo.png", "nouveau", "léger"]
    assert rows[4].split()[:4] == ["models_2.6.py", "city_001/models.py", "nouveau", "lourd"]
    column = title.index("destination")
    assert all(row[column - 1] == " " and row[column] == "c" for row in rows)
    assert conclusion == "Mise à jour lourde : le site serait arrêté le temps de la poser."


def test_the_operator_is_told_that_an_update_is_light(update: Update) -> None:
    told = checked(update, "# light_components\npizza_tokyo.png = OC_PIZZA.city_002.static.png\n").splitlines()
    assert told[-2].startswith("Non cités, laissés de côté : historic_2.6.html, ")
    assert told[-1] == "Mise à jour légère : le site ne serait pas arrêté."


def test_the_operator_sees_every_mistake_and_an_exit_that_is_not_zero(update: Update) -> None:
    update.drop(**{"pizza_tokyo.png": GIF})
    with pytest.raises(CommandError) as caught:
        checked(update, MANUAL.replace("city_003", "city_033"))
    assert caught.value.returncode == 1
    assert str(caught.value).splitlines() == [
        "controller.ini, ligne 2 : pizza_tokyo.png : Ce n’est pas un fichier PNG entier.",
        "controller.ini, ligne 3 : city_033 n’est pas une ville du site (city_001, city_002, city_003, pizzeria, OC_PIZZA).",
    ]


def test_the_controller_as_delivered_asks_for_nothing() -> None:
    told = StringIO()
    delivered = Path(site.BASE_DIR) / "UPDATE_ENGINE" / "controller.ini"
    assert parse(delivered.read_text()) == ([], [])
    call_command("update_lhc", "--check", stdout=told)
    assert told.getvalue().splitlines()[-1] == "Rien à mettre à jour."


def test_the_example_in_the_delivered_controller_is_the_manuals() -> None:
    delivered = (Path(site.BASE_DIR) / "UPDATE_ENGINE" / "controller.ini").read_text()
    for line in MANUAL.splitlines():
        assert line in delivered
