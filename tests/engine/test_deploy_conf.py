"""deploy.conf: read as text, and every mistake is told before anything is changed."""

from pathlib import Path

import pytest

from tests.engine.shell import CHECKOUT, LIBRARY, bash

pytestmark = pytest.mark.machine

EXAMPLE = CHECKOUT / "DEPLOY_ENGINE" / "deploy.conf"
FILLED_IN = {
    "TLS": "self-signed",
    "RESPONSABLE_NAME": "Renata Rossi",
    "RESPONSABLE_EMAIL": "renata@ocpizza.fr",
    "MAIL_HOST": "smtp.ocpizza.fr",
    "MAIL_FROM": "OC Pizza <bonjour@ocpizza.fr>",
}


def conf(folder: Path, **changed: str) -> Path:
    """The example as delivered, filled in by an operator, with some values changed."""
    values = FILLED_IN | changed
    lines = []
    for line in EXAMPLE.read_text().splitlines():
        key = line.partition("=")[0]
        lines.append(f"{key}={values[key]}" if key in values else line)
    file = folder / "deploy.conf"
    file.write_text("\n".join(lines) + "\n")
    return file


def load(file: Path, then: str = "") -> tuple[int, str, str]:
    done = bash(f"source {LIBRARY}/conf.sh\nconf_load {file}\n{then}")
    return done.returncode, done.stdout, done.stderr


def test_the_example_as_delivered_asks_for_what_only_the_operator_knows() -> None:
    code, _out, said = load(EXAMPLE)
    assert code == 1
    assert "Rien n’a été changé" in said
    for key in ("TLS_EMAIL", "RESPONSABLE_NAME", "RESPONSABLE_EMAIL"):
        assert key in said


def test_the_example_filled_in_is_accepted(tmp_path: Path) -> None:
    code, out, said = load(conf(tmp_path), 'echo "$CURRENT $SITE_URL"')
    assert (code, said) == (0, "")
    assert out == "/home/ubuntu_user/OC_PIZZA https://www.ocpizza.fr\n"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("SERVICE_USER", "root"),
        ("SERVICE_USER", "Ubuntu User"),
        ("SERVICE_USER", "a;reboot"),
        ("DOMAIN", "OC PIZZA"),
        ("DOMAIN", ""),
        ("DOMAIN", "www..fr"),
        ("DATABASE_NAME", "template1"),
        ("DATABASE_NAME", "db'; DROP DATABASE x; --"),
        ("SOURCE", "nulle part"),
        ("SOURCE_REF", "--upload-pack=sh"),
        ("TLS", "on"),
        ("TLS_EMAIL", "personne"),
        ("ACME_SERVER", "http://sans-chiffre.fr"),
        ("WEB_WORKERS", "0"),
        ("WEB_WORKERS", "trois"),
        ("WEB_THREADS", "1000"),
        ("LIVE_WORKERS", "-1"),
        ("START_WITH", "tout"),
        ("RESPONSABLE_NAME", "$(reboot)"),
        ("RESPONSABLE_EMAIL", "renata"),
        ("MAIL_PORT", "65536"),
        ("MAIL_SECURITY", "ssl"),
        ("MAIL_FROM", ""),
        ("MAIL_USER", 'a"b'),
        ("SSH_PORT", "022"),
        ("KEEP_RELEASES", "1"),
        ("WAL_ARCHIVE", "oui"),
        ("WAL_KEEP_DAYS", "0"),
    ],
)
def test_a_wrong_value_is_told_with_its_key(tmp_path: Path, key: str, value: str) -> None:
    changed = {"TLS": "letsencrypt", key: value} if key == "TLS_EMAIL" else {key: value}
    code, _out, said = load(conf(tmp_path, **changed))
    assert code == 1
    assert [line for line in said.splitlines() if line.startswith("  ")] != []
    assert all(key in line for line in said.splitlines() if line.startswith("  "))


def test_all_mistakes_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    file = conf(tmp_path)
    file.write_text(file.read_text() + "COULEUR=rouge\nn’importe quoi\nTLS=off\n")
    code, _out, said = load(file)
    last = len(file.read_text().splitlines())
    assert code == 1
    assert f"ligne {last - 2} : la clé COULEUR n’existe pas" in said
    assert f"ligne {last - 1} : « n’importe quoi »" in said
    assert f"ligne {last} : TLS est donné deux fois" in said


def test_a_missing_key_is_told(tmp_path: Path) -> None:
    file = conf(tmp_path)
    file.write_text("\n".join(line for line in file.read_text().splitlines() if not line.startswith("SSH_PORT")))
    code, _out, said = load(file)
    assert (code, "il manque la clé SSH_PORT" in said) == (1, True)


def test_a_file_written_on_another_system_is_understood(tmp_path: Path) -> None:
    file = conf(tmp_path)
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n").removesuffix(b"\r\n"))
    assert load(file)[0] == 0


def test_nothing_in_the_file_is_executed(tmp_path: Path) -> None:
    trace = tmp_path / "executed"
    file = conf(tmp_path, MAIL_HOST=f"$(touch {trace})")
    file.write_text(file.read_text() + f"`touch {trace}`\ntouch {trace}\n")
    assert load(file)[0] == 1
    assert not trace.exists()


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    code, _out, said = load(tmp_path / "absent.conf")
    assert (code, "introuvable" in said) == (1, True)
