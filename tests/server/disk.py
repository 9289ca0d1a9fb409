"""A server's disk: an image below, what the server writes above it. An image is never written to."""

import shutil
from pathlib import Path

from tests.server.commands import HostCommandFailed, on_host
from tests.server.phases import phase


class Disk:
    """The root of a server in `folder/root`; what it wrote is in `folder/written`, or all of it is a copy."""

    def __init__(self, folder: Path, layers: tuple[Path, ...]) -> None:
        self.root, self._written = folder / "root", folder / "written"
        self._layers = layers
        for part in (self.root, self._written, folder / "work"):
            part.mkdir(parents=True)
            # The root folder of the server is as open as on any, whatever the developer's own mask.
            part.chmod(0o755)
        self._layered = self._mount(folder / "work")
        if not self._layered:
            with phase("copy of an image (no overlayfs here)"):
                on_host("cp", "--archive", "--reflink=auto", f"{layers[0]}/.", self.root)

    def _mount(self, work: Path) -> bool:
        below = ":".join(str(layer) for layer in self._layers)
        # A folder of the image can be renamed, as on any disk, and a file of it linked or given away without its being
        # copied. The testing machine's own disk is not waited for: a server's power cut loses no page of its memory.
        options = f"lowerdir={below},upperdir={self._written},workdir={work},redirect_dir=on,metacopy=on,volatile"
        try:
            on_host("mount", "-t", "overlay", "overlay", "-o", options, self.root)
        except HostCommandFailed:
            # The cache lies on a file system on which no overlay can stand (an overlay itself, as in a container).
            if len(self._layers) > 1:
                raise
            return False
        return True

    def unmount(self) -> None:
        unmount_below(self.root)

    def layers(self) -> tuple[Path, ...]:
        """What to boot others from once this disk is unmounted: it must not be written to after that."""
        return (self._written, *self._layers) if self._layered else (self.root,)


def unmount_below(folder: Path) -> None:
    """Unmount the folder and everything under it, the deepest first."""
    points = [line.split()[4].replace("\\040", " ") for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for point in sorted(points, reverse=True):
        if Path(point).is_relative_to(folder):
            on_host("umount", point)


def remove(folder: Path) -> None:
    """Remove a folder of servers' disks; never through a mount that is still there."""
    unmount_below(folder)
    shutil.rmtree(folder)
