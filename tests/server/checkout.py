"""A checkout, packed as an operator would copy it."""

import os
from pathlib import Path

from tests.server.commands import on_host


def pack(path: Path, archive: Path) -> None:
    """A checkout's files as git knows them, new ones included; everything of what is no checkout."""
    if (path / ".git").exists():
        listed = on_host("git", "-C", path, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        # What git still knows and somebody has just deleted is not copied.
        names = [name for name in listed.split("\0") if name and os.path.lexists(path / name)]
        on_host("tar", "-c", "-C", path, "--null", "--no-recursion", "-T", "-", "-f", archive, stdin="\0".join(names))
    else:
        base = path if path.is_dir() else path.parent
        on_host("tar", "-c", "-C", base, "-f", archive, "." if path.is_dir() else path.name)
