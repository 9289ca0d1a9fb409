"""A network and a control group for each booted server, apart from the machine's own.

A place is a number from 1 to 254, and everything of place 7 carries it in its name: the namespace `oc-pizza-test-7`
(10.99.7.2 inside), the interface `ocpizza-7` (10.99.7.1 on the machine's side), the nftables table `oc_pizza_test_7`,
the control group `oc-pizza-test-7`. Whoever holds the lock of a number owns all that is named so; when a run was killed
its locks are free, and what it left behind is known to be nobody's.
"""

import re
from pathlib import Path

from tests.server import locks
from tests.server.commands import on_host, until

LOCKS = Path("/run/oc-pizza-test")
NUMBERS = range(1, 255)
FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
WAS_NOT_FORWARDING = LOCKS / "was-not-forwarding"

# What leaves is sent in the machine's name; its packets are cut to what the way outside carries.
RULES = """
table ip {table} {{
    chain postrouting {{
        type nat hook postrouting priority srcnat;
        ip saddr {net} oifname != "{link}" masquerade
    }}
    chain forward {{
        type filter hook forward priority filter;
        ip saddr {net} tcp flags syn / syn,rst tcp option maxseg size set rt mtu
        ip daddr {net} tcp flags syn / syn,rst tcp option maxseg size set rt mtu
    }}
}}
"""


class Place:
    """A number that is ours, and what carries it."""

    def __init__(self, number: int, lock: locks.Lock) -> None:
        self.number, self._lock = number, lock
        self.name = f"oc-pizza-test-{number}"
        self.address, self.host_address = f"10.99.{number}.2", f"10.99.{number}.1"
        self.cgroup = _unified_hierarchy() / self.name
        self.namespace = Path("/run/netns") / self.name
        self._link, self._table = f"ocpizza-{number}", f"oc_pizza_test_{number}"

    def connect(self) -> None:
        """A new network, empty of the firewall rules of before: a real server's do not outlive its power either."""
        self.disconnect()
        on_host("ip", "netns", "add", self.name)
        # The far end is born inside: nothing can be left half-way.
        on_host("ip", "link", "add", self._link, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        on_host("ip", "address", "add", f"{self.host_address}/24", "dev", self._link)
        on_host("ip", "link", "set", self._link, "up")
        inside = f"""
            link set lo up
            address add {self.address}/24 dev eth0
            link set eth0 up
            route add default via {self.host_address}
        """
        on_host("ip", "-n", self.name, "-batch", "-", stdin=inside)
        on_host(
            "nft", "-f", "-", stdin=RULES.format(table=self._table, net=f"10.99.{self.number}.0/24", link=self._link)
        )
        self.cgroup.mkdir(exist_ok=True)

    def disconnect(self) -> None:
        """Nothing of this number is left on the machine, however its last use ended."""
        self.kill()
        for hierarchy in hierarchies():
            _remove_groups(hierarchy / self.name)
        if f"table ip {self._table}\n" in on_host("nft", "list", "tables"):
            on_host("nft", "delete", "table", "ip", self._table)
        # The interface by itself: the kernel takes down a namespace some time after it was deleted.
        if Path(f"/sys/class/net/{self._link}").exists():
            on_host("ip", "link", "delete", self._link)
        if self.namespace.exists():
            on_host("ip", "netns", "delete", self.name)

    def kill(self) -> None:
        """Everything that runs in this place is gone, at once and without a word."""
        if not self.cgroup.exists():
            return
        (self.cgroup / "cgroup.kill").write_text("1")
        until(lambda: "populated 0" in (self.cgroup / "cgroup.events").read_text(), f"{self.name} does not die")

    def release(self) -> None:
        self.disconnect()
        self._lock.release()
        _restore_forwarding()


def take_place() -> Place:
    """The first free number whose addresses nobody else has."""
    LOCKS.mkdir(mode=0o700, exist_ok=True)
    for number in NUMBERS:
        lock = locks.held_if_free(_lock_of(number))
        if not lock:
            continue
        place = Place(number, lock)
        place.disconnect()
        if f" {place.host_address}/" not in on_host("ip", "-oneline", "address"):
            _forward()
            return place
        lock.release()
    raise RuntimeError("every network from 10.99.1.0/24 to 10.99.254.0/24 is taken")


def sweep() -> None:
    """Remove what killed runs have left behind: whatever carries a number that nobody holds."""
    LOCKS.mkdir(mode=0o700, exist_ok=True)
    for number in sorted(_numbers_in_use()):
        lock = locks.held_if_free(_lock_of(number))
        if lock:
            Place(number, lock).release()


def _numbers_in_use() -> set[int]:
    namespaces = on_host("ip", "netns", "list")
    groups = "\n".join(group.name for hierarchy in hierarchies() for group in hierarchy.glob("oc-pizza-test-*"))
    found = re.findall(r"\boc[-_]pizza[-_]test[-_](\d+)\b", namespaces + groups + on_host("nft", "list", "tables"))
    return {int(number) for number in found}


def _lock_of(number: int) -> Path:
    return LOCKS / f"{number}.lock"


def _forward() -> None:
    with locks.alone(LOCKS / "forwarding.lock"):
        if FORWARDING.read_text().strip() == "0":
            WAS_NOT_FORWARDING.touch()
            FORWARDING.write_text("1")


def _restore_forwarding() -> None:
    """The last one turns off what the first one had turned on."""
    with locks.alone(LOCKS / "forwarding.lock"):
        if not WAS_NOT_FORWARDING.exists() or any(_is_held(number) for number in NUMBERS):
            return
        FORWARDING.write_text("0")
        WAS_NOT_FORWARDING.unlink()


def _is_held(number: int) -> bool:
    if not _lock_of(number).exists():
        return False
    lock = locks.held_if_free(_lock_of(number))
    if lock:
        lock.release()
    return lock is None


def hierarchies() -> list[Path]:
    """Where control groups are mounted: the unified hierarchy, and the old ones where the machine still has them."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    return [Path(mount[1]) for mount in mounts if mount[2] in {"cgroup", "cgroup2"}]


def _unified_hierarchy() -> Path:
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    return next(Path(mount[1]) for mount in mounts if mount[2] == "cgroup2")


def _remove_groups(group: Path) -> None:
    if group.exists():
        for inner in group.iterdir():
            if inner.is_dir():
                _remove_groups(inner)
        group.rmdir()
