"""The settings of a server: strict where the demonstration is not, and the release's own folder for what it collects."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.machine

CHECKOUT = Path(settings.BASE_DIR)
RELEASE = "20261124-060000-0123456789ab"
SERVER = {
    "DJANGO_SETTINGS_MODULE": "OC_PIZZA.settings",
    "SECRET_KEY": "0123456789abcdef-of-a-test-and-of-nothing-else-0123456789",
    "DATABASE_URL": "postgres:///db_oc_pizza",
    "ALLOWED_HOSTS": "www.ocpizza.fr",
    "CSRF_TRUSTED_ORIGINS": "https://www.ocpizza.fr",
    "HTTPS": "1",
    "EMAIL_HOST": "smtp.example.org",
    "EMAIL_PORT": "587",
    "EMAIL_SECURITY": "starttls",
}


@pytest.fixture
def release(tmp_path: Path) -> Path:
    shutil.copytree(CHECKOUT / "OC_PIZZA", tmp_path / "OC_PIZZA", ignore=shutil.ignore_patterns("tests", "__pycache__"))
    (tmp_path / "pizzeria").symlink_to(CHECKOUT / "pizzeria")
    (tmp_path / "RELEASE").write_text(f"{RELEASE}\n")
    return tmp_path


def run(*command: str, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **SERVER, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def setting(names: str, *, folder: Path, **environment: str) -> str:
    done = run("-c", f"from OC_PIZZA.settings import *; print({names}, sep='|')", folder=folder, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_server_has_nothing_that_django_warns_of() -> None:
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", folder=CHECKOUT)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_the_check_would_have_warned_of_plain_http() -> None:
    assert "security.W" in run("manage.py", "check", "--deploy", folder=CHECKOUT, HTTPS="0").stderr


def test_a_release_collects_into_its_own_folder_and_knows_its_name(release: Path) -> None:
    assert setting("RELEASE_ID, STATIC_ROOT", folder=release) == f"{RELEASE}|{release}/static"
    told = {"RELEASE_ID": "candidate", "STATIC_ROOT": "/elsewhere", "MEDIA_ROOT": "/media", "BACKUP_ROOT": "/kept"}
    asked = "RELEASE_ID, STATIC_ROOT, MEDIA_ROOT, BACKUP_ROOT"
    assert setting(asked, folder=release, **told) == "candidate|/elsewhere|/media|/kept"


def test_a_checkout_keeps_what_it_collects_out_of_sight(release: Path) -> None:
    (release / "RELEASE").unlink()
    assert setting("RELEASE_ID, STATIC_ROOT", folder=release) == f"development|{release}/.data/static"


@pytest.mark.parametrize(
    ("security", "tls"), [("starttls", "True|False"), ("tls", "False|True"), ("none", "False|False")]
)
def test_mail_leaves_by_the_server_that_is_named(release: Path, security: str, tls: str) -> None:
    names = "EMAIL_HOST, EMAIL_PORT, EMAIL_USE_TLS, EMAIL_USE_SSL"
    assert setting(names, folder=release, EMAIL_SECURITY=security) == f"smtp.example.org|587|{tls}"


def test_a_wrong_mail_security_is_said_at_once(release: Path) -> None:
    done = run("-c", "import OC_PIZZA.settings", folder=release, EMAIL_SECURITY="ssl")
    assert "EMAIL_SECURITY" in done.stderr


def test_a_server_without_a_mail_server_fails_aloud_and_a_demonstration_prints_its_mails(release: Path) -> None:
    backend = "globals().get('EMAIL_BACKEND')"
    assert setting(f"{backend}, EMAIL_HOST", folder=release, EMAIL_HOST="") == "None|localhost"
    (release / "RELEASE").unlink()
    assert "console" in setting(backend, folder=release, EMAIL_HOST="")
