"""Every command that docs/exploitation prints in a frame is typed on a booted server, in the order of the page."""

import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.server.commands import until
from tests.server.deploying import CHECKOUT, HOME, Site, configure, deployed_server
from tests.server.machine import Rack, Server

MANUAL = CHECKOUT / "docs" / "exploitation"
FRAME = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What a command that works ends with, where it is not 0: systemctl status of what is stopped, --check with changes.
ENDS_WITH = {
    "systemctl status nginx": {0, 3},
    "systemctl status gunicorn": {0, 3},
    "DEPLOY_ENGINE/deploy-engine.sh --check": {0, 2},
    "UPDATE_ENGINE/update-engine.sh --check": {2},
    "SUPERVISION_ENGINE/install.sh --check": {0, 2},
    # A file of a running PostgreSQL goes while it is counted.
    "du -xsh /home/ubuntu_user/OC_PIZZA_shared/backups /home/ubuntu_user/OC_PIZZA_releases /var/log /var/lib/postgresql": {
        0,
        1,
    },
}
# What has been done before somebody opens a page.
GIVEN = {"7-urgences": f"{HOME}/OC_PIZZA/SUPERVISION_ENGINE/install.sh"}


def commands(page: Path) -> list[str]:
    return [line for frame in FRAME.findall(page.read_text()) for line in frame.splitlines()]


PAGES = [page for page in (*sorted(MANUAL.glob("[0-9]*.md")), *sorted(MANUAL.glob("fichiers/*.md"))) if commands(page)]


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_every_command_of_the_manual_does_what_it_says(rack: Rack, tmp_path: Path, page: Path) -> None:
    with deployed_server(rack, "bookworm") as server:
        operator = Operator(server, tmp_path)
        server.run(GIVEN.get(page.stem, "true"))
        for line in commands(page):
            operator.types(line)
        until(Site(server).is_ready, "the site does not answer any more", timeout=60)


@dataclass
class Operator:
    """Somebody with a terminal on the server, and another on their own machine."""

    server: Server
    home: Path
    folder: str = "/root/OC_PIZZA"

    def types(self, line: str) -> None:
        prompt, _space, command = line.partition(" ")
        assert prompt in {"#", "poste>"}, line
        if prompt == "poste>":
            self.types_at_home(command)
        elif command.startswith("cd "):
            self.folder = command.removeprefix("cd ")
        else:
            done = self.server.run(f"cd {shlex.quote(self.folder)} && {command}", check=False, timeout=600)
            assert done.returncode in ENDS_WITH.get(command, {0}), f"{line}\n{done}"

    def types_at_home(self, command: str) -> None:
        """With SSH, as the page says; the keys are those of this test."""
        key = self.home / "key"
        if not key.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
            self.server.run("apt-get -q -y install openssh-server >/dev/null", timeout=300)
            self.server.write("/root/.ssh/authorized_keys", key.with_suffix(".pub").read_text(), mode=0o600)
        options = [
            "-i",
            str(key),
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            f"UserKnownHostsFile={self.home}/known",
            "-o",
            "LogLevel=ERROR",
        ]
        program, *rest = shlex.split(command.replace("IPpublicaddress", self.server.address))
        if program == "ssh" and len(rest) == 1:
            rest.append("true")
        if not (self.home / "OC_PIZZA").exists():
            shutil.copytree(CHECKOUT, self.home / "OC_PIZZA", ignore=shutil.ignore_patterns(".*", "__pycache__"))
        done = subprocess.run(
            [program, *options, *rest], cwd=self.home, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        if program == "scp":
            # "Tout ce qui varie tient dans un fichier": the page says what to fill in, in words.
            configure(self.server)
