"""Bare Debians, built once by debootstrap and kept outside the checkout.

A change in how they are built makes new ones: their names carry its sum. What depends on the testing machine is laid on
each server's own disk (`host.py`).
"""

import hashlib
import inspect
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.server import host, locks
from tests.server.commands import on_host
from tests.server.phases import phase

SUITES = ("bookworm", "trixie")
# What the smallest server that one rents has. No locales, no curl, no cron, nothing of Python but itself.
PACKAGES = "systemd,systemd-sysv,dbus,sudo,iproute2,procps,ca-certificates,openssh-server,python3"
HOSTNAME = "pizzeria"


@dataclass(frozen=True)
class Image:
    """Something that a server can be booted from: a Debian, and what was done to it since (the newest layer first)."""

    name: str
    layers: tuple[Path, ...]


def cache() -> Path:
    """Where everything is kept that the next run can use."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("OC_PIZZA_TEST_CACHE") or home / "oc-pizza-test-servers").resolve()


def rootfs(suite: str) -> tuple[Image, locks.Lock]:
    """A bare Debian, built when there is none yet, and the lock that keeps it from being removed."""
    folder = cache() / "images"
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{suite}-{_recipe()}"
    with locks.alone(folder / f"{suite}.lock"):
        if not (folder / name).exists():
            _build(suite, folder / name)
        in_use = locks.shared(folder / f"{name}.lock")
        _remove_outdated(suite, keep=folder / name)
    return Image(suite, (folder / name,)), in_use


def _recipe() -> str:
    recipe = f"{PACKAGES} {HOSTNAME} {inspect.getsource(_build)}"
    return hashlib.sha256(recipe.encode()).hexdigest()[:12]


def _build(suite: str, target: Path) -> None:
    with phase(f"debootstrap {suite}"):
        building, debs = target.with_suffix(".building"), cache() / "debs"
        shutil.rmtree(building, ignore_errors=True)
        debs.mkdir(parents=True, exist_ok=True)
        on_host(
            "debootstrap", "--variant=minbase", f"--include={PACKAGES}", f"--cache-dir={debs}",
            suite, building, *host.debian_mirror(),
        )  # fmt: skip
        (building / "etc/hostname").write_text(f"{HOSTNAME}\n")
        (building / "etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {HOSTNAME}\n")
        host.adopt_settings(building)
        # The lists of packages, so that the update of a test only has to ask whether they are still right.
        on_host("chroot", building, "apt-get", "-q", "update")
        on_host("chroot", building, "apt-get", "clean")
        # Its name says that it is complete, after a power cut of the testing machine too.
        on_host("sync", "--file-system", building)
        building.rename(target)


def _remove_outdated(suite: str, *, keep: Path) -> None:
    for other in keep.parent.glob(f"{suite}-*"):
        if not other.is_dir() or other in {keep, keep.with_suffix(".building")}:
            continue
        lock_file = other.parent / f"{other.name}.lock"
        lock = locks.held_if_free(lock_file)
        if lock:
            shutil.rmtree(other)
            lock_file.unlink()
            lock.release()
