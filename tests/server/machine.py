r"""A Debian server, booted inside the tests: systemd as PID 1, a disk, a network and a firewall of its own.

For those who write tests (the fixtures are in `conftest.py`)::

    def test_something(rack: Rack) -> None:
        with rack.server("bookworm") as server:              # or "trixie", or a snapshot; boots in a second or two
            server.copy_in(CHECKOUT, "/root/OC_PIZZA")       # the project as an operator's copy, without .git
            server.write("/root/OC_PIZZA/DEPLOY_ENGINE/deploy.conf", "DOMAIN=…\n", mode=0o644)
            done = server.run("systemctl is-active ssh")     # bash, as root; fails the test when it fails
            assert done.stdout == "active\n"                 # also: stderr, output (both), returncode
            server.run("id", user="ubuntu_user", check=False, stdin="", timeout=10)
            server.run("tput cols", terminal=True)           # on a terminal, as the operator sees it
            load = server.spawn("wrk …")                     # in the background: output(), wait(), kill(), is_running
            server.address                                   # 10.99.N.2, reachable from the test (HTTP, SSH, …)
            server.host_address                              # the test's own address, seen from inside (a mail server…)
            server.read("/etc/hosts"), server.exists("/etc/hosts"), server.journal("nginx")
            with server.small_disk("/srv/full", size="20m"): # a tmpfs over a folder
                ...
            server.power_cut(); server.boot()                # everything gone at once; the same disk again
            server.reboot()                                  # an orderly one

An expensive state is made once a run, and any number of tests boot copies of it::

    @pytest.fixture
    def deployed(rack: Rack, suite: str) -> Iterator[Server]:
        image = rack.made_once("deployed", suite, prepare=lambda server: deploy(server))
        with rack.server(image) as server:
            yield server

`server.snapshot(name)` does the same by hand: it shuts the server down for good and gives an image. Two servers at most
run at once. `with phase("deploy on bookworm"):` (`phases.py`) times a part; the times are printed at the end of the run.
Everything in `tests/server/` carries the marker `server`.

What is not like a rented server: the kernel is the testing machine's, so a power cut loses no unwritten page, and what
systemd limits through control groups (`MemoryMax=`, `TasksMax=`) holds only where the machine has them unified.
"""

import itertools
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.server import downloads, host, images, locks, network
from tests.server.checkout import pack
from tests.server.commands import on_host, until
from tests.server.disk import Disk, remove
from tests.server.images import Image
from tests.server.phases import phase
from tests.server.shelf import Shelf, clear_all
from tests.server.shell import ENVIRONMENT, Background, CommandFailed, Result, in_group, shell

__all__ = ["Background", "BootFailed", "CommandFailed", "Image", "NotPrepared", "Rack", "Result", "Server"]

PROGRAMS = ("debootstrap", "systemd-nspawn", "ip", "nft", "nsenter", "setpriv", "git", "tar")
AT_ONCE = 2
SETTLED = {"running", "degraded", "maintenance", "stopping"}
BOOT_SECONDS = 60
SHUTDOWN_SECONDS = 120
FAILED = "systemctl --failed --no-legend --plain | cut --delimiter=' ' --fields=1"


class BootFailed(Exception):
    """The server did not come up."""


class NotPrepared(Exception):
    """An image is asked for whose making has failed in this run."""


class Server:
    """One server. As a context it is booted, and gone afterwards."""

    def __init__(self, rack: "Rack", image: Image, folder: Path) -> None:
        self.image, self.name = image, image.name
        self._rack, self._folder = rack, folder
        self._disk = Disk(folder, image.layers)
        host.adopt_settings(self._disk.root)
        self._place = network.take_place()
        self._is_closed = False
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._started: list[subprocess.Popen[bytes]] = []
        self._leader = 0
        self._count = itertools.count(1)
        self._packages = folder / "packages"
        for part in (folder / "commands", self._packages):
            part.mkdir()

    def __enter__(self) -> Self:
        try:
            self.boot()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def address(self) -> str:
        return self._place.address

    @property
    def host_address(self) -> str:
        return self._place.host_address

    @property
    def is_on(self) -> bool:
        return self._nspawn is not None and self._nspawn.poll() is None

    # Power

    def boot(self) -> None:
        """Switch on, and wait until systemd says that everything runs."""
        if self.is_on:
            raise BootFailed(f"{self.name} is already on")
        self._rack.allow_one_more()
        with phase(f"boot {self.name}"):
            downloads.lend(self._packages, self._disk.root)
            self._place.connect()
            with self.console.open("ab") as console:
                self._nspawn = subprocess.Popen(
                    in_group(self._place.cgroup, *self._nspawn_command()),
                    stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                    env=ENVIRONMENT | {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}, start_new_session=True,
                )  # fmt: skip
            self._leader = self._find_leader()
            self.wait_until_running()

    def wait_until_running(self, *, timeout: float = BOOT_SECONDS) -> None:
        """Wait until systemd has started everything; a unit that failed fails the test."""
        # Asked again and again: `--wait` gives up where it comes before systemd's bus.
        until(lambda: self._state() in SETTLED, "systemd does not come to an end", timeout=timeout)
        said = self._state()
        if said != "running":
            why = self.run(f"systemctl list-jobs; {FAILED} | xargs --no-run-if-empty systemctl status", check=False)
            raise BootFailed(f"{self.name} is {said}\n{why.output}")

    def power_cut(self) -> None:
        """Everything that runs on it is gone at once, as when the plug is pulled."""
        self._place.kill()
        self._is_off()

    def shut_down(self) -> None:
        """Switch off in good order."""
        with phase(f"shut down {self.name}"):
            self.run("systemctl poweroff", check=False)
            if self._nspawn:
                self._nspawn.wait(SHUTDOWN_SECONDS)
            self._is_off()

    def reboot(self) -> None:
        self.shut_down()
        self.boot()

    def close(self) -> None:
        """Away with it and its disk, whatever state it is in."""
        if not self._is_closed:
            self._leave()
            remove(self._folder)

    def snapshot(self, name: str) -> Image:
        """Shut down for good; what is on its disk is an image from which others are booted."""
        self.shut_down()
        self._leave()
        return Image(name, self._disk.layers())

    # Commands

    def run(
        self,
        command: str,
        *,
        check: bool = True,
        user: str | None = None,
        stdin: str | None = None,
        timeout: float = 120,
        terminal: bool = False,
    ) -> Result:
        """Run a line of bash on the server and wait for it."""
        return self.spawn(command, user=user, stdin=stdin, terminal=terminal).wait(timeout=timeout, check=check)

    def spawn(
        self, command: str, *, user: str | None = None, stdin: str | None = None, terminal: bool = False
    ) -> Background:
        """Run a line of bash on the server in the background."""
        given = self._folder / "commands" / f"{next(self._count)}.in"
        given.write_text(stdin or "")
        return self._start(command, given, user=user, terminal=terminal)

    def journal(self, unit: str, *options: str) -> str:
        # What a process has just printed may still be on its way to the journal.
        asked = shlex.join(["journalctl", "--no-pager", f"--unit={unit}", *options])
        return self.run(f"journalctl --sync && {asked}").stdout

    @property
    def console(self) -> Path:
        """What the server printed on its screen while it booted."""
        return self._folder / "console.log"

    # Files

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        # A new file, never more readable than asked; the folders above it are made.
        self.run(f"install -D -m {mode:o} /dev/stdin {shlex.quote(path)}", stdin=text)

    def read(self, path: str) -> str:
        return self.run(f"cat {shlex.quote(path)}").stdout

    def exists(self, path: str) -> bool:
        return self.run(f"test -e {shlex.quote(path)}", check=False).returncode == 0

    def copy_in(self, path: Path, to: str) -> None:
        """Copy a checkout as it stands, without what git ignores and without .git; or any other folder or file."""
        archive = self._folder / "commands" / f"{next(self._count)}.tar"
        pack(path, archive)
        quoted = shlex.quote(to)
        self._start(f"mkdir -p {quoted} && tar -x --no-same-owner -C {quoted}", archive).wait()
        archive.unlink()

    def on_disk(self, path: str) -> Path:
        """Where a file of the server lies on the testing machine: to be looked at often, and without a process on the server."""
        return self._disk.root / path.lstrip("/")

    @contextmanager
    def small_disk(self, path: str, *, size: str) -> Iterator[None]:
        """A small empty disk over a folder, for as long as the context lasts."""
        quoted = shlex.quote(path)
        self.run(f"mkdir -p {quoted} && mount -t tmpfs -o size={size},mode=755 tmpfs {quoted}")
        try:
            yield
        finally:
            if self.is_on:
                self.run(f"umount --lazy {quoted}")

    # Inside

    def _leave(self) -> None:
        self._is_closed = True
        self.power_cut()
        self._place.release()
        self._disk.unmount()
        self._rack.forget(self)

    def _start(self, command: str, given: Path, *, user: str | None = None, terminal: bool = False) -> Background:
        group = self._place.cgroup / "commands" / given.stem
        group.mkdir(parents=True)
        out, err = given.with_suffix(".out"), given.with_suffix(".err")
        with out.open("wb") as out_file, err.open("wb") as err_file, given.open("rb") as in_file:
            process = subprocess.Popen(
                in_group(group, *self._enter(), *shell(command, user=user, terminal=terminal)),
                stdin=in_file, stdout=out_file, stderr=err_file, env=ENVIRONMENT, start_new_session=True,
            )  # fmt: skip
        self._started.append(process)
        return Background(command, process, group, out, err)

    def _nspawn_command(self) -> list[str]:
        return [
            # When the test run is killed, its servers do not stay behind.
            "setpriv", "--pdeathsig=KILL",
            # From here on in its network, or its /sys shows the testing machine's interfaces.
            "nsenter", f"--net={self._place.namespace}",
            "systemd-nspawn", "--quiet", "--boot", f"--directory={self._disk.root}", f"--machine={self._place.name}",
            f"--hostname={images.HOSTNAME}", "--register=no", "--keep-unit", "--settings=no", "--console=read-only",
            "--resolv-conf=off", "--timezone=off", "--link-journal=no",
            # Its network is its own, so its firewall may be too.
            f"--network-namespace-path={self._place.namespace}", "--capability=CAP_NET_ADMIN",
            *(f"--bind={source}:{target}" for source, target in downloads.places(self._packages)),
        ]  # fmt: skip

    def _enter(self) -> list[str]:
        if not self.is_on:
            raise CommandFailed(f"{self.name} is off")
        return ["nsenter", f"--target={self._leader}", "--mount", "--uts", "--ipc", "--net", "--pid", "--"]

    def _find_leader(self) -> int:
        """The process id, on the testing machine, of the server's PID 1."""
        found: list[int] = []

        def look() -> bool:
            if not self.is_on:
                raise BootFailed(self.console.read_text(errors="replace"))
            found[:] = _inits_below(self._nspawn.pid) if self._nspawn else []
            return bool(found)

        until(look, "systemd does not start")
        return found[0]

    def _state(self) -> str:
        if not self.is_on:
            raise BootFailed(f"{self.name} is off\n{self.console.read_text(errors='replace')}")
        return self.run("systemctl is-system-running", check=False).stdout.strip()

    def _is_off(self) -> None:
        if self._nspawn:
            self._nspawn.wait(30)
        self._nspawn = None
        # Its network stays until the next boot: from outside, its address is still its own, and nothing answers there.
        self._place.kill()
        # Whatever a test left in the background has just died with the rest.
        while self._started:
            self._started.pop().wait(30)
        downloads.keep(self._packages)


class Rack:
    """The servers of one test run, their disks and snapshots; nothing of it is left when it is closed.

    What is made once may lie on a shelf that other programs of the run take it from.
    """

    def __init__(self, shelf: Shelf | None = None) -> None:
        _require_root_and_programs()
        # What is laid on a disk from outside is as readable as on any server, whatever the developer's own mask.
        self._umask = os.umask(0o022)
        self._runs = images.cache() / "runs"
        self._runs.mkdir(parents=True, exist_ok=True)
        self._shelf = shelf
        clear_all()
        with locks.alone(self._runs.with_suffix(".lock")):
            self.folder = Path(tempfile.mkdtemp(dir=self._runs))
            self._lock = locks.held(_lock_of(self.folder))
        network.sweep()
        self._images: dict[tuple[str, str], Image] = {}
        self._failed: dict[tuple[str, str], Exception] = {}
        self._in_use: list[locks.Lock] = []
        self._servers: list[Server] = []
        self._count = itertools.count(1)

    def server(self, image: Image | str) -> Server:
        """A new server with a disk made from an image, switched off."""
        if isinstance(image, str):
            image = self.bare(image)
        server = Server(self, image, self.folder / str(next(self._count)))
        self._servers.append(server)
        return server

    def bare(self, suite: str) -> Image:
        """A bare Debian: "bookworm" or "trixie"."""
        if (suite, suite) not in self._images:
            self._images[suite, suite], lock = images.rootfs(suite)
            self._in_use.append(lock)
        return self._images[suite, suite]

    def made_once(
        self, name: str, suite: str, prepare: Callable[[Server], object], *, on: Image | None = None
    ) -> Image:
        """The image of that name: made at the first asking by preparing a booted server (a bare one, or one from `on`)."""
        if (suite, name) in self._failed:
            raise NotPrepared(f"{name} on {suite} has failed before") from self._failed[suite, name]
        if (suite, name) not in self._images:
            try:
                # Below whatever is made stands the bare one: it is kept as long as this rack stands.
                bare = self.bare(suite)
                self._images[suite, name] = self._prepared(f"{suite}-{name}", prepare, on or bare)
            except Exception as error:
                # Minutes each: what failed once is not tried again for every test that would have stood on it.
                self._failed[suite, name] = error
                raise
        return self._images[suite, name]

    def _prepared(self, name: str, prepare: Callable[[Server], object], on: Image | str) -> Image:
        def make() -> Image:
            with self.server(on) as server:
                prepare(server)
                return server.snapshot(name)

        return self._shelf.take(name, make) if self._shelf else make()

    def allow_one_more(self) -> None:
        if sum(server.is_on for server in self._servers) >= AT_ONCE:
            raise BootFailed(f"{AT_ONCE} servers are on already: more would not be served in time")

    def forget(self, server: Server) -> None:
        if server in self._servers:
            self._servers.remove(server)

    def close(self) -> None:
        for server in list(self._servers):
            server.close()
        remove(self.folder)
        _lock_of(self.folder).unlink()
        for lock in (*self._in_use, self._lock):
            lock.release()
        if self._shelf:
            self._shelf.leave()
        os.umask(self._umask)


def _inits_below(nspawn: int) -> list[int]:
    processes = [line.split(maxsplit=2) for line in on_host("ps", "-e", "-o", "ppid=,pid=,comm=").splitlines()]
    return [int(pid) for parent, pid, name in processes if parent == str(nspawn) and name == "systemd"]


def _lock_of(folder: Path) -> Path:
    return folder.with_suffix(".lock")


def _require_root_and_programs() -> None:
    missing = [
        program for program in PROGRAMS if not shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    ]
    if missing:
        raise RuntimeError(f"The server tests need: {' '.join(missing)} (as root, `make test` installs them)")
    if os.geteuid() != 0:
        raise RuntimeError("The server tests boot a Debian: they need root (sudo make test)")
