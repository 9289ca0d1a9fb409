"""What a test types on a server, and what it gets back."""

import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

# What a root shell has on a server; nothing of the testing machine's own environment.
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root", "USER": "root", "LOGNAME": "root", "SHELL": "/bin/bash", "LANG": "C.UTF-8", "TERM": "xterm",
}  # fmt: skip


class CommandFailed(AssertionError):
    """A command on the server did not end as the test expects."""


@dataclass(frozen=True)
class Result:
    """How a command on the server ended, and what it said."""

    command: str
    returncode: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr

    def __str__(self) -> str:
        return f"{self.command!r} ended with {self.returncode}\n{self.output}"


class Background:
    """A command that runs on the server while the test goes on."""

    def __init__(self, command: str, process: "subprocess.Popen[bytes]", cgroup: Path, out: Path, err: Path) -> None:
        self.command, self._process, self._cgroup = command, process, cgroup
        self._out, self._err = out, err

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def output(self) -> str:
        """What it has said up to now."""
        return self._out.read_text(errors="replace") + self._err.read_text(errors="replace")

    def wait(self, *, timeout: float = 120, check: bool = True) -> Result:
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise CommandFailed(f"{self.command!r} did not end within {timeout} s\n{self.output()}") from None
        texts = (path.read_text(errors="replace") for path in (self._out, self._err))
        result = Result(self.command, self._process.returncode, *texts)
        if check and result.returncode:
            raise CommandFailed(str(result))
        return result

    def kill(self) -> None:
        """SIGKILL for the command and everything that it started (not for the services that systemd started)."""
        # First the one that we started: had it not yet joined its group, it never will, and all that it started is there.
        self._process.kill()
        if self._cgroup.exists():
            (self._cgroup / "cgroup.kill").write_text("1")
        self._process.wait(30)


def in_group(cgroup: Path, *command: str) -> list[str]:
    """The command, started inside a control group: whatever it starts can be found and ended."""
    return ["/bin/sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', str(cgroup), *command]


def shell(command: str, *, user: str | None = None, terminal: bool = False) -> list[str]:
    line = ["/bin/bash", "-c", command]
    if terminal:
        line = ["script", "--quiet", "--return", "--echo=never", "--command", shlex.join(line), "/dev/null"]
    if user:
        home = f'umask 022; cd ~{user} && HOME=$PWD USER={user} LOGNAME={user} exec runuser -u {user} -- "$@"'
        return ["/bin/bash", "-c", home, "bash", *line]
    return ["/bin/bash", "-c", 'umask 022; cd && exec "$@"', "bash", *line]
