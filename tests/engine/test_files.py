"""Files that the engine writes: templates filled in, and the environment whose secrets are made once."""

import re
from pathlib import Path

import pytest

from tests.engine.shell import LIBRARY, bash
from tests.engine.test_deploy_conf import conf

pytestmark = pytest.mark.machine


def render(folder: Path, template: str) -> tuple[int, str, str]:
    (folder / "template").write_text(template)
    done = bash(
        f"source {LIBRARY}/conf.sh\nsource {LIBRARY}/files.sh\nconf_load {conf(folder)}\nrender {folder}/template"
    )
    return done.returncode, done.stdout, done.stderr


def test_a_template_is_filled_in_to_the_letter(tmp_path: Path) -> None:
    text = "User=@SERVICE_USER@\n@media (x) {} a@b.fr\n\tweb=@WEB_WORKERS@@HOME@\n\n"
    code, out, said = render(tmp_path, text)
    assert (code, said) == (0, "")
    assert out == "User=ubuntu_user\n@media (x) {} a@b.fr\n\tweb=3/home/ubuntu_user\n\n"


def test_a_name_that_deploy_conf_does_not_have_is_told(tmp_path: Path) -> None:
    code, _out, said = render(tmp_path, "listen @PORT@;\n")
    assert (code, "@PORT@" in said) == (1, True)


def environment(folder: Path, **changed: str) -> str:
    """The environment file after a deploy with these settings."""
    kept = folder / "environment"
    # The place of the file is fixed on a server; here it is the test's.
    done = bash(
        f"source {LIBRARY}/conf.sh\nsource {LIBRARY}/environment.sh\n"
        f"readonly() {{ :; }}\nconf_load {conf(folder, **changed)}\nENVIRONMENT={kept}\nenvironment_wanted >{folder}/wanted\nmv {folder}/wanted {kept}"
    )
    assert done.returncode == 0, done.stderr
    return kept.read_text()


def secret_in(text: str) -> str:
    found = re.search(r'^SECRET_KEY="([0-9a-f]{96})"$', text, re.MULTILINE)
    assert found, text
    return found[1]


def test_secrets_are_made_once_and_differ_between_servers(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first = environment(tmp_path)
    assert environment(tmp_path) == first
    assert secret_in(environment(tmp_path / "other")) != secret_in(first)


def test_what_the_operator_added_stays_and_what_the_engine_owns_follows_deploy_conf(tmp_path: Path) -> None:
    first = environment(tmp_path)
    (tmp_path / "environment").write_text(
        first.replace('EMAIL_HOST_PASSWORD=""', "EMAIL_HOST_PASSWORD='s3 cret'") + "SENTRY_DSN=x\n"
    )
    second = environment(tmp_path, DOMAIN="a.fr b.fr", TLS="off")
    assert secret_in(second) == secret_in(first)
    for line in (
        "EMAIL_HOST_PASSWORD='s3 cret'",
        "SENTRY_DSN=x",
        'ALLOWED_HOSTS="a.fr,b.fr"',
        'CSRF_TRUSTED_ORIGINS="http://a.fr,http://b.fr"',
        'HTTPS="0"',
    ):
        assert second.splitlines().count(line) == 1
    assert second.count("ALLOWED_HOSTS=") == 1


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("RESTIC_REPOSITORY=/mnt/x", True),
        ('RESTIC_REPOSITORY="sftp:a@b:/c"', True),
        ("RESTIC_REPOSITORY=", False),
        ('RESTIC_REPOSITORY=""', False),
        ("#RESTIC_REPOSITORY=/mnt/x", False),
        ("RESTIC_REPOSITORY_FILE=/mnt/x", False),
    ],
)
def test_what_the_operator_names_asks_for_its_program(tmp_path: Path, line: str, *, named: bool) -> None:
    (tmp_path / "environment").write_text(f'SECRET_KEY="x"\n{line}\n')
    done = bash(
        f"source {LIBRARY}/environment.sh\nENVIRONMENT={tmp_path}/environment\nenvironment_names RESTIC_REPOSITORY"
    )
    assert (done.returncode == 0) is named
