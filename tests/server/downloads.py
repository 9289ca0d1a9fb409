"""Packages and wheels that one server fetched serve the next."""

from pathlib import Path

from tests.server.images import cache

APT_ARCHIVES = "/var/cache/apt/archives"
PIP_CACHE = "/root/.cache/pip"


def places(packages: Path) -> list[tuple[Path, str]]:
    """Which folders of the testing machine are seen where on the server."""
    return [(packages, APT_ARCHIVES), (cache() / "pip", PIP_CACHE)]


def lend(packages: Path, root: Path) -> None:
    """Fill a server's own folder of packages, as hard links: apt locks its folder, and two servers run at once."""
    for package in (cache() / "debs").glob("*.deb"):
        _link(package, packages / package.name)
    for folder in (cache() / "pip", root / PIP_CACHE.lstrip("/")):
        folder.mkdir(parents=True, exist_ok=True)


def keep(packages: Path) -> None:
    """Keep what it has fetched; apt gives a package its name once all of it is there."""
    for package in packages.glob("*.deb"):
        _link(package, cache() / "debs" / package.name)


def _link(package: Path, target: Path) -> None:
    try:
        target.hardlink_to(package)
    except FileExistsError:
        return
