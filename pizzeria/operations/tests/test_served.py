"""update_lhc --verify: file by file, what a client gets against what was asked; over a real HTTPS server."""

import hashlib
import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings
from pytest_django import Settings

from pizzeria.operations.components import served
from pizzeria.operations.components.placing import Applied
from pizzeria.operations.components.served import Front, Outcome, compare

pytestmark = pytest.mark.machine

NAME = "www.oc-pizza.example"
BANNER = "city_001/static/city_001/banner.svg"
STYLE = "city_001/static/city_001/city.css"
SCRIPT = "pizzeria/shop/static/oc_pizza/js/live.js"
CODE = "city_001/cron.py"


class Nginx:
    """What answers for the site: its static files and /readyz, over TLS."""

    def __init__(self, static: Path, certificate: Path) -> None:
        self.static = static
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.says(release=site.RELEASE_ID)
        self.hosts: set[str | None] = set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trust.load_cert_chain(certificate, certificate.with_suffix(".key"))
        self.server.socket = trust.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever)

    def says(self, *, release: str) -> None:
        self.answers["/readyz"] = 200, json.dumps({"ready": True, "release": release}).encode()

    def front(self, host: str = NAME, **fields: Any) -> Front:
        return Front(host=host, secure=True, port=self.server.server_address[1], **fields)

    def _handler(nginx) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the handler has a self of its own
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                nginx.hosts.add(self.headers["Host"])
                file = nginx.static / self.path.removeprefix("/static/")
                there = (200, file.read_bytes()) if file.is_file() else (404, b"")
                status, body = nginx.answers.get(self.path, there)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None:
                """Silent."""

        return Handler


def certificate(folder: Path, name: str) -> Path:
    """As a deploy signs its own."""
    made = folder / f"{name}.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"),
            *("-addext", "basicConstraints=critical,CA:FALSE"),
            *("-keyout", made.with_suffix(".key"), "-out", made),
        ],
        check=True,
        capture_output=True,
    )
    return made


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    manifest = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    with override_settings(STATIC_ROOT=folder, STORAGES=site.STORAGES | {"staticfiles": manifest}):
        call_command("collectstatic", "--no-input", verbosity=0)
    return folder


@pytest.fixture
def nginx(collected: Path, tmp_path: Path, settings: Settings) -> Iterator[Nginx]:
    settings.STATIC_ROOT = Path(shutil.copytree(collected, tmp_path / "static"))
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    nginx = Nginx(settings.STATIC_ROOT, certificate(tmp_path, NAME))
    nginx.thread.start()
    yield nginx
    nginx.server.shutdown()
    nginx.thread.join()
    nginx.server.server_close()


@pytest.fixture
def front(nginx: Nginx, tmp_path: Path) -> Front:
    return nginx.front(authorities=[tmp_path / f"{NAME}.pem"])


def asked(*targets: str) -> list[Applied]:
    return [
        Applied(
            target=target,
            file=Path(target).name,
            sha256=hashlib.sha256((Path(site.BASE_DIR) / target).read_bytes()).hexdigest(),
            weight="heavy",
        )
        for target in targets
    ]


def compared(front: Front, components: list[Applied]) -> list[Outcome]:
    return compare(components, front=front, root=Path(site.BASE_DIR))


def problem(front: Front, target: str) -> str:
    release, component = compared(front, asked(target))
    assert not release.problem
    return component.problem


def test_what_is_served_as_it_was_asked_is_well(front: Front, nginx: Nginx) -> None:
    outcomes = compared(front, asked(BANNER, STYLE, SCRIPT, CODE))
    assert [(outcome.what, outcome.how, outcome.problem) for outcome in outcomes] == [
        (site.RELEASE_ID, "version", ""),
        (BANNER, "servi", ""),
        (STYLE, "servi", ""),
        (SCRIPT, "servi", ""),
        (CODE, "fichier", ""),
    ]
    assert nginx.hosts == {NAME}


def test_a_file_of_the_release_that_is_another_is_told(front: Front) -> None:
    (component,) = asked(CODE)
    other = Applied(target=CODE, file=component.file, sha256="0" * 64, weight="heavy")
    missing = Applied(target="city_001/no.py", file="no.py", sha256="0" * 64, weight="heavy")
    _release, first, second = compared(front, [other, missing])
    assert first.problem == "le fichier de la version est un autre"
    assert second.problem == "fichier absent de la version : No such file or directory"


@pytest.mark.parametrize("target", [BANNER, STYLE])
def test_a_body_that_is_another_is_told(front: Front, nginx: Nginx, target: str) -> None:
    address = staticfiles_storage.url(target.partition("static/")[2])
    nginx.answers[address] = 200, b"of yesterday"
    assert problem(front, target) == f"{address} : les clients reçoivent autre chose"


def test_an_address_that_does_not_answer_is_told(front: Front, nginx: Nginx) -> None:
    address = staticfiles_storage.url("city_001/banner.svg")
    nginx.answers[address] = 503, b"closed"
    assert problem(front, BANNER) == f"{address} répond 503"


def test_a_file_that_was_not_collected_is_told(front: Front, settings: Settings) -> None:
    (Path(settings.STATIC_ROOT) / "city_001" / "city.css").write_text("/* of an older release */")
    assert problem(front, STYLE) == "le fichier de la version est un autre"
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    manifest.write_text(manifest.read_text().replace("city_001/banner.svg", "city_001/other.svg"))
    settings.STORAGES = settings.STORAGES | {}  # read anew
    assert problem(front, BANNER).startswith("pas rassemblé : ")


def test_a_file_of_the_same_name_in_an_earlier_application_is_told(front: Front, tmp_path: Path) -> None:
    (tmp_path / BANNER).parent.mkdir(parents=True)
    shutil.copy(Path(site.BASE_DIR) / BANNER, tmp_path / BANNER)
    _release, component = compare(asked(BANNER), front=front, root=tmp_path)
    assert component.problem == f"{Path(site.BASE_DIR) / BANNER} est servi à sa place"


def test_another_release_that_answers_is_told(front: Front, nginx: Nginx) -> None:
    nginx.says(release="20200101-000000-of-before")
    (release,) = compared(front, [])
    assert release.problem == "le site sert la version 20200101-000000-of-before"
    nginx.answers["/readyz"] = 200, b"<html>"
    (release,) = compared(front, [])
    assert release.problem == "/readyz ne dit aucune version"


def test_a_certificate_that_nobody_knows_is_told(nginx: Nginx) -> None:
    (release,) = compared(nginx.front(), [])
    assert "certificate verify failed" in release.problem


def test_a_certificate_of_another_name_is_told(nginx: Nginx, tmp_path: Path) -> None:
    (release,) = compared(nginx.front("other.example", authorities=[tmp_path / f"{NAME}.pem"]), [])
    assert "Hostname mismatch" in release.problem


def test_nobody_who_answers_is_told(front: Front, nginx: Nginx) -> None:
    nothing = Front(host=NAME, secure=True, port=1)
    (release,) = compared(nothing, [])
    assert release.problem.startswith("/readyz : ")


# The command.


@pytest.fixture
def here(front: Front, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the operator's files; the site's nginx is the test's."""
    from pizzeria.operations.management.commands import update_lhc  # noqa: PLC0415 - where it is looked up

    monkeypatch.setattr(update_lhc, "front_of_this_site", lambda: front)
    return tmp_path


def verified(*options: str) -> str:
    told = StringIO()
    call_command("update_lhc", "--verify", *options, stdout=told)
    return told.getvalue()


def controller(folder: Path, data: bytes) -> str:
    (folder / "components").mkdir()
    (folder / "components" / "banner.svg").write_bytes(data)
    (folder / "controller.ini").write_text("# light_components\nbanner.svg = OC_PIZZA.city_001.static.city_001\n")
    return str(folder / "controller.ini")


def test_the_operator_sees_a_mark_for_every_file(here: Path) -> None:
    banner = (Path(site.BASE_DIR) / BANNER).read_bytes()
    title, release, row, conclusion = verified("--controller", controller(here, banner)).splitlines()
    assert title.split() == ["quoi", "comment", "différence"]
    assert release.split() == ["✓", site.RELEASE_ID, "version"]
    assert row.split() == ["✓", BANNER, "servi"]
    assert conclusion == "Ce qui est servi est ce qui a été demandé."


def test_a_difference_is_marked_and_the_exit_is_not_zero(here: Path) -> None:
    other = (Path(site.BASE_DIR) / BANNER).read_bytes() + b"\n"
    told = StringIO()
    with pytest.raises(CommandError, match="1 différence"):
        call_command("update_lhc", "--verify", "--controller", controller(here, other), stdout=told)
    assert told.getvalue().splitlines()[2].split()[:3] == ["✗", BANNER, "servi"]


def test_without_a_controller_it_is_compared_with_what_was_put(here: Path, settings: Settings) -> None:
    root = here / "release"
    (root / "UPDATE_ENGINE").mkdir(parents=True)
    (root / "notes.py").write_text("A = 1\n")
    noted = [{"target": "city_001/notes.py", "file": "notes_2.py", "sha256": "0" * 64, "weight": "heavy"}]
    (root / "UPDATE_ENGINE" / "applied.json").write_text(json.dumps(noted))
    settings.BASE_DIR = root
    told = StringIO()
    with pytest.raises(CommandError, match="1 différence"):
        call_command("update_lhc", "--verify", stdout=told)
    assert "✗  city_001/notes.py" in told.getvalue()


def test_the_site_is_asked_by_its_first_name(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.ALLOWED_HOSTS = ["oc-pizza.example", "www.oc-pizza.example"]
    settings.SECURE_SSL_REDIRECT = False
    monkeypatch.setattr(served, "OWN_CERTIFICATE", tmp_path / "none.pem")
    assert served.front_of_this_site() == Front(host="oc-pizza.example", secure=False, port=80)
    settings.SECURE_SSL_REDIRECT = True
    (tmp_path / "none.pem").touch()
    own = [tmp_path / "none.pem"]
    assert served.front_of_this_site() == Front(host="oc-pizza.example", secure=True, port=443, authorities=own)
