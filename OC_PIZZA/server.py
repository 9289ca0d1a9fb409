"""What is different on a server: which release this code is, and who may run its commands.

The standard library only, and nothing of ours: `manage.py` asks here before Django is there to ask.
The sentences are French, and not translated, for the same reason.
"""

import os
import pwd
import re
import sys
from pathlib import Path
from typing import NoReturn

RELEASES = "OC_PIZZA_releases"
SHARED = "OC_PIZZA_shared"
ENVIRONMENT = "environment"
PYTHON = Path("oc_pizza_venv", "bin", "python")
NEEDED = frozenset({"SECRET_KEY", "DATABASE_URL"})
# The one command that is root's: it writes systemd's timers, which the service's user cannot.
INSTALL_TIMERS = ["cronjobs", "--install"]
TIMERS_SCRIPT = Path("DEPLOY_ENGINE", "cronjobs-scripts.sh")

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
DOUBLE_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
SINGLE_QUOTED = re.compile(r"'([^']*)'")
BARE = re.compile(r"(?:[^\\\"'][^\\]*)?")


class CannotRunError(Exception):
    """The command cannot be run like this; the message tells the operator what to type."""


def release_of(project: Path) -> str:
    """The id of the release that this folder holds; empty for a developer's checkout or an unfinished release."""
    try:
        return (project / "RELEASE").read_text().partition("\n")[0].strip()
    except FileNotFoundError:
        return ""


def prepare_command(script: Path) -> None:
    """On a server, make sure that a command of this release runs on its own Python, never as root.

    Returns where all is as it should be, and at once on a developer's machine. Otherwise it starts the
    same command again as the service's user with the server's environment: this process ends here.
    Raises CannotRunError for a user who cannot read that environment.
    """
    project = script.resolve().parent
    if project.parent.name != RELEASES:
        return
    # Resolved: the operator's ~/OC_PIZZA may stand where only root can look.
    command = [str(project / PYTHON), str(project / script.name), *sys.argv[1:]]
    if not (project / PYTHON).exists():
        raise CannotRunError(f"{project} est incomplet. Relancez DEPLOY_ENGINE/deploy-engine.sh")
    if os.geteuid() == 0:
        if sys.argv[1:] == INSTALL_TIMERS:
            os.execv("/bin/bash", ["bash", str(project / TIMERS_SCRIPT)])  # noqa: S606 - this release's, root's own
        _run_as_service_user(command, shared=project.parent.parent / SHARED)
    if missing := sorted(NEEDED - os.environ.keys()):
        raise CannotRunError(
            f"Cette commande a besoin des droits de l’exploitant : {_with_sudo()} (sans eux, il manque {', '.join(missing)})"
        )
    # The path that was started, not sys.prefix: a damaged environment must fail, not start itself for ever.
    if Path(sys.executable).parent != (project / PYTHON).parent:
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted


def _with_sudo() -> str:
    asked = sys.argv[1:3] if sys.argv[1:] == INSTALL_TIMERS else sys.argv[1:2]
    return " ".join(["sudo ./manage.py", *asked])


def _run_as_service_user(command: list[str], *, shared: Path) -> NoReturn:
    environment = {**read_environment(shared / ENVIRONMENT), **os.environ}
    user = _service_user(environment.get("SERVICE_USER", ""))
    os.initgroups(user.pw_name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    environment |= {"HOME": user.pw_dir, "USER": user.pw_name, "LOGNAME": user.pw_name}
    os.execve(command[0], command, environment)  # noqa: S606 - no shell is wanted


def _service_user(name: str) -> pwd.struct_passwd:
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        raise CannotRunError(
            f"SERVICE_USER={name} n’est pas un utilisateur de ce serveur. Relancez DEPLOY_ENGINE/deploy-engine.sh"
        ) from None
    if user.pw_uid == 0:
        raise CannotRunError("SERVICE_USER ne peut pas être root.")
    return user


def read_environment(file: Path) -> dict[str, str]:
    """The KEY=value lines of a file that systemd reads too (EnvironmentFile=), understood as systemd does.

    Raises CannotRunError for a line that the two could understand differently; never tells a value.
    """
    try:
        lines = file.read_text().splitlines()
    except FileNotFoundError:
        raise CannotRunError(f"{file} n’existe pas. Terminez le déploiement : DEPLOY_ENGINE/deploy-engine.sh") from None
    found = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith(("#", ";")):
            continue
        name, equals, written = line.partition("=")
        value = _value(written.strip())
        if not equals or not NAME.fullmatch(name.strip()) or value is None:
            raise CannotRunError(f"{file}, ligne {number} : écrivez NOM=valeur, ou NOM='valeur' s’il y a \" ou \\.")
        found[name.strip()] = value
    return found


def _value(written: str) -> str | None:
    """The value as systemd unquotes it; None where a quote or a backslash could mean something else."""
    if quoted := DOUBLE_QUOTED.fullmatch(written):
        return re.sub(r'\\(["\\`$])', r"\1", quoted[1])
    if quoted := SINGLE_QUOTED.fullmatch(written):
        return quoted[1]
    return written if BARE.fullmatch(written) else None
