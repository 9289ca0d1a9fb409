"""The servers themselves: bare, apart from the machine that tests, and gone without a trace."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import images, locks, network
from tests.server.commands import HostCommandFailed, on_host, until
from tests.server.disk import Disk, remove, unmount_below
from tests.server.machine import BootFailed, CommandFailed, NotPrepared, Rack, Server
from tests.server.phases import phase
from tests.server.shelf import RUN, Shelf

CHECKOUT = Path(__file__).resolve().parents[2]
OURS = "oc_pizza_test_"
# Where it is the harness that is proved, and not what a Debian brings along.
ONE_SUITE = "bookworm"


@pytest.fixture
def server(rack: Rack) -> Iterator[Server]:
    with rack.server(ONE_SUITE) as server:
        yield server


def _answers(server: Server, port: int, *, timeout: float = 2) -> bool:
    try:
        with socket.create_connection((server.address, port), timeout=timeout):
            return True
    except OSError:
        return False


def _firewall_of_this_machine() -> str:
    """Its rules, without the tables that carry the servers' networks."""
    tables = on_host("nft", "list", "tables").splitlines()
    return "".join(on_host("nft", "list", *table.split()) for table in tables if OURS not in table)


def _number(address: str) -> int:
    return int(address.split(".")[2])


def _traces(number: int) -> list[str]:
    """Everything on this machine that carries a server's number."""
    seen = [on_host("ip", "netns", "list"), on_host("ip", "-oneline", "link"), on_host("nft", "list", "tables")]
    # No deeper: the groups of another server come and go.
    seen += [str(group) for top in network.hierarchies() for group in top.glob("oc-pizza-test-*")]
    seen += [Path("/proc/self/mountinfo").read_text(), on_host("ps", "-e", "-o", "args=")]
    mark = re.compile(rf"\boc[-_]?pizza([-_]test)?[-_]{number}\b")
    return [line for text in seen for line in text.splitlines() if mark.search(line)]


def _left_behind(number: int) -> list[str]:
    """What carries a number that nobody holds; nothing when another run has taken it since."""
    lock = locks.held_if_free(network.LOCKS / f"{number}.lock")
    if not lock:
        return []
    found = _traces(number)
    lock.release()
    return found


def test_a_bare_debian_runs_and_has_nothing_on_it(bare: Server, suite: str) -> None:
    assert bare.run("systemctl is-system-running").stdout == "running\n"
    assert f"VERSION_CODENAME={suite}\n" in bare.read("/etc/os-release")
    assert bare.run("command -v nginx psql pip pip3 gunicorn supervisord ufw nft curl git", check=False).stdout == ""
    for module in ("django", "gunicorn", "psycopg", "pip", "ensurepip"):
        assert bare.run(f"python3 -c 'import {module}'", check=False).returncode == 1
    assert _answers(bare, 22)
    assert not any(_answers(bare, port) for port in (80, 443, 5432, 8000))


def test_it_sees_only_its_own_network_and_reaches_the_package_registries(bare: Server) -> None:
    assert bare.run("ls /sys/class/net").stdout.split() == ["eth0", "lo"]
    assert set(re.findall(r"^\d+: (\w+)", bare.run("ip -oneline link").stdout, re.MULTILINE)) == {"eth0", "lo"}
    assert bare.host_address in bare.run("ip route show default").stdout
    with phase(f"apt-get update on {bare.name}"):
        assert "Failed" not in bare.run("apt-get update", timeout=300).output
    bare.run("apt-get install -y --no-install-recommends python3-venv", timeout=300)
    bare.run("python3 -m venv /srv/venv && /srv/venv/bin/pip install sqlparse", timeout=300)


def test_a_package_that_was_fetched_once_is_not_fetched_again(bare: Server, rack: Rack) -> None:
    install = "apt-get install -y --no-install-recommends ufw"
    bare.run(f"apt-get -q update && {install}", timeout=300)
    bare.shut_down()
    with rack.server(bare.image) as another:
        # The list of packages of this other disk is the image's; the package itself comes from the last one's.
        another.run("apt-get -q update", timeout=300)
        assert "Need to get" not in another.run(f"{install} --no-download", timeout=300).output


def test_its_firewall_is_its_own_and_is_up_again_after_a_boot(bare: Server) -> None:
    before = _firewall_of_this_machine()
    bare.run("apt-get -q update && apt-get install -y --no-install-recommends ufw", timeout=300)
    bare.run("ufw allow 2222/tcp && ufw --force enable")
    assert "Status: active" in bare.run("ufw status").stdout
    assert not _answers(bare, 22)
    assert _firewall_of_this_machine() == before

    bare.power_cut()
    assert not _answers(bare, 2222)
    bare.boot()
    assert not _answers(bare, 22)
    bare.run("ufw disable")
    assert _answers(bare, 22)
    assert _firewall_of_this_machine() == before


def test_a_power_cut_takes_everything_but_the_disk(bare: Server) -> None:
    bare.run("systemd-run --unit=witness --property=ExecStop='/usr/bin/touch /root/stopped-in-order' sleep infinity")
    running = bare.spawn("sleep infinity")
    bare.run("echo kept >/root/synced && sync /root/synced && echo lost >/run/in-memory")
    bare.power_cut()
    assert not bare.is_on
    assert not running.is_running
    with pytest.raises(CommandFailed, match="is off"):
        bare.run("true")

    bare.boot()
    assert bare.read("/root/synced") == "kept\n"
    assert not bare.exists("/run/in-memory")
    assert not bare.exists("/root/stopped-in-order")
    assert bare.run("systemctl is-active witness", check=False).stdout == "inactive\n"


def test_a_reboot_stops_the_services_in_order_and_keeps_the_address(server: Server) -> None:
    server.run("systemd-run --unit=witness --property=ExecStop='/usr/bin/touch /root/stopped-in-order' sleep infinity")
    address = server.address
    server.reboot()
    assert server.exists("/root/stopped-in-order")
    assert server.address == address
    assert _answers(server, 22)
    assert "Server listening on" in server.journal("ssh", "--boot")


def test_a_unit_that_fails_at_boot_fails_the_test(server: Server) -> None:
    unit = "[Service]\nType=oneshot\nExecStart=/bin/false\n[Install]\nWantedBy=multi-user.target\n"
    server.write("/etc/systemd/system/broken.service", unit)
    server.run("systemctl enable broken")
    server.power_cut()
    with pytest.raises(BootFailed, match=r"broken\.service"):
        server.boot()


def test_a_snapshot_is_made_once_and_its_copies_do_not_meet(rack: Rack) -> None:
    made = []

    def prepare(server: Server) -> None:
        made.append(server.name)
        server.run("echo prepared >/etc/state && rm /etc/motd && mkdir /etc/ssh/more && rm -r /usr/share/doc")

    for _ in range(2):
        image = rack.made_once("prepared", ONE_SUITE, prepare)
        assert made == [ONE_SUITE]
        with rack.server(image) as one, rack.server(image) as other:
            assert one.address != other.address
            one.run("echo changed >/etc/state")
            assert other.read("/etc/state") == "prepared\n"
            assert not other.exists("/etc/motd")
            assert not other.exists("/usr/share/doc")
            with pytest.raises(BootFailed, match="2 servers are on"):
                rack.server(image).boot()
    deeper = rack.made_once("deeper", ONE_SUITE, lambda server: server.run("echo more >>/etc/state"), on=image)
    with rack.server(deeper) as server:
        assert server.read("/etc/state") == "prepared\nmore\n"
        assert not server.exists("/etc/motd")
    with rack.server(ONE_SUITE) as bare:
        assert bare.exists("/etc/motd")
        assert not bare.exists("/etc/state")


def test_a_state_that_could_not_be_made_is_not_tried_again(rack: Rack) -> None:
    with pytest.raises(CommandFailed, match="no such deploy"):
        rack.made_once("broken", ONE_SUITE, lambda server: server.run("echo no such deploy; false"))
    with pytest.raises(NotPrepared, match="broken on bookworm has failed before"):
        rack.made_once("broken", ONE_SUITE, lambda server: server.run("true"))


def test_a_command_tells_how_it_ended_and_is_alone_with_what_it_is_given(bare: Server) -> None:
    done = bare.run("cat; echo oops >&2; exit 3", stdin="é\n", check=False)
    assert (done.returncode, done.stdout, done.stderr, done.output) == (3, "é\n", "oops\n", "é\noops\n")
    with pytest.raises(CommandFailed, match=r"ended with 3\noops"):
        bare.run("echo oops; exit 3")
    assert bare.run("pwd; id -un; umask").stdout == "/root\nroot\n0022\n"
    names = {line.partition("=")[0] for line in bare.run("env").stdout.splitlines()}
    assert names - {"PWD", "OLDPWD", "SHLVL", "_"} == {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TERM"}


def test_a_command_runs_as_another_user_and_on_a_terminal(bare: Server) -> None:
    bare.run("useradd --create-home luca")
    done = bare.run("echo ~; pwd; id -un; touch /root/mine", user="luca", check=False)
    assert done.stdout == "/home/luca\n/home/luca\nluca\n"
    assert done.returncode == 1
    done = bare.run("test -t 1 && tty; exit 4", terminal=True, check=False)
    assert done.stdout.startswith("/dev/pts/")
    assert done.returncode == 4
    assert bare.run("test -t 0 || test -t 1", check=False).returncode == 1


def test_a_command_in_the_background_dies_with_all_that_it_started(server: Server) -> None:
    running = server.spawn("sleep 1001 & echo started; sleep 1002")
    until(lambda: running.output() == "started\n", "the command does not start")
    assert server.run("pgrep --count --full 'sleep 100[12]'", check=False).stdout != "0\n"
    running.kill()
    assert not running.is_running
    server.spawn("sleep 1003").kill()
    with pytest.raises(CommandFailed, match=r"did not end within 0\.5 s"):
        server.run("sleep 1004; true", timeout=0.5)
    # They are dead; systemd takes them off the list in a moment.
    until(lambda: server.run("pgrep --exact sleep", check=False).stdout == "", "something lives on")


def test_a_checkout_is_copied_as_it_stands(server: Server, tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        on_host("git", "-C", tmp_path, "-c", "user.name=Edgar", "-c", "user.email=edgar@example.com", *arguments)

    git("init", "--quiet")
    for name, text in {".gitignore": "cache/\n", "engine.sh": "old\n", "deleted": "", "à côté/page": "page\n"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    git("add", "--all")
    git("commit", "--quiet", "--message=first")
    (tmp_path / "engine.sh").write_text("changed\n")
    (tmp_path / "engine.sh").chmod(0o755)
    (tmp_path / "new").symlink_to("engine.sh")
    (tmp_path / "deleted").unlink()
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/big").touch()

    server.copy_in(tmp_path, "/root/project")
    found = server.run(
        "cd project && find . -type f -printf '%P %m %u\n' -o -type l -printf '%P -> %l\n' | sort"
    ).stdout
    assert found.splitlines() == [
        ".gitignore 644 root",
        "engine.sh 755 root",
        "new -> engine.sh",
        "à côté/page 644 root",
    ]
    assert server.read("/root/project/engine.sh") == "changed\n"
    server.copy_in(tmp_path / "cache", "/root/folder")
    server.copy_in(tmp_path / "engine.sh", "/root/folder")
    assert server.run("ls folder").stdout == "big\nengine.sh\n"


def test_files_are_written_with_the_mode_asked_for_and_a_small_disk_gets_full(server: Server) -> None:
    server.write("/srv/a b/secret", "mot de passe\n", mode=0o600)
    assert server.read("/srv/a b/secret") == "mot de passe\n"
    assert server.run("stat -c %a '/srv/a b/secret' '/srv/a b'").stdout == "600\n755\n"
    with server.small_disk("/srv/full", size="1m"):
        done = server.run("dd if=/dev/zero of=/srv/full/file bs=64k count=64", check=False)
        assert "No space left on device" in done.stderr
    assert server.run("ls /srv/full").stdout == ""


def test_nothing_is_left_on_this_machine_when_a_rack_is_closed() -> None:
    firewall = _firewall_of_this_machine()
    another = Rack()
    with another.server("bookworm") as server:
        server.run("echo state >/etc/state")
        image = server.snapshot("state")
    # Left on by a test that forgot it.
    forgotten = another.server(image)
    forgotten.boot()
    forgotten.spawn("sleep infinity")
    numbers = [_number(server.address), _number(forgotten.address)]
    assert _traces(numbers[1])
    assert another.folder.exists()

    another.close()
    assert [trace for number in numbers for trace in _left_behind(number)] == []
    assert not any(another.folder.parent.glob(f"{another.folder.name}*"))
    assert str(another.folder) not in Path("/proc/self/mountinfo").read_text()
    assert _firewall_of_this_machine() == firewall


def test_what_one_worker_has_made_the_others_of_its_run_boot_and_the_last_clears_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(RUN, raising=False)
    first, second = (Rack(shelf=Shelf("of-a-test")) for _worker in range(2))
    shelf = first.folder.parent / "shelf-of-a-test"
    try:
        first.made_once("state", "bookworm", lambda server: server.run("echo made >/etc/state"))
        first.close()
        image = second.made_once("state", "bookworm", lambda _server: pytest.fail("made again"))
        assert str(shelf) in str(image.layers[0])
        with second.server(image) as server:
            assert server.read("/etc/state") == "made\n"
    finally:
        second.close()
    assert not any(shelf.parent.glob(f"{shelf.name}*"))


def test_what_a_killed_run_leaves_is_removed_by_the_next() -> None:
    script = """
import sys
from collections.abc import Iterator
from tests.server.machine import Rack
rack = Rack()
server = rack.server("bookworm")
server.boot()
print("booted", server.address, rack.folder, flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout
        told = next(line for line in run.stdout if line.startswith("booted"))
        number, folder = _number(told.split()[1]), Path(told.split()[2])
        assert _traces(number)
        assert str(folder) in Path("/proc/self/mountinfo").read_text()
        os.kill(run.pid, signal.SIGKILL)
    # The server itself goes down with the run that has booted it.
    until(lambda: "systemd-nspawn" not in "\n".join(_left_behind(number)), "the server of a killed run stays on")
    Rack().close()
    assert _left_behind(number) == []
    assert not any(folder.parent.glob(f"{folder.name}*"))
    assert str(folder) not in Path("/proc/self/mountinfo").read_text()


@pytest.fixture
def no_place_for_overlays(tmp_path: Path) -> Iterator[Path]:
    """A folder on an overlay, as in a container: no other overlay can be written there."""
    for part in ("lower", "upper", "work", "merged"):
        (tmp_path / part).mkdir()
    options = f"lowerdir={tmp_path}/lower,upperdir={tmp_path}/upper,workdir={tmp_path}/work"
    on_host("mount", "-t", "overlay", "overlay", "-o", options, tmp_path / "merged")
    yield tmp_path / "merged"
    unmount_below(tmp_path)


@pytest.mark.parametrize("place", ["tmp_path", "no_place_for_overlays"])
def test_a_disk_is_written_and_its_image_is_not(place: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(place)
    (folder / "image/etc").mkdir(parents=True)
    (folder / "image").chmod(0o755)
    (folder / "image/etc/state").write_text("bare")
    disk = Disk(folder / "first", (folder / "image",))
    (disk.root / "etc/state").write_text("changed")
    disk.unmount()

    second = Disk(folder / "second", disk.layers())
    assert (second.root / "etc/state").read_text() == "changed"
    (second.root / "etc/state").unlink()
    second.unmount()
    third = Disk(folder / "third", second.layers())
    assert list((third.root / "etc").iterdir()) == []
    assert third.root.stat().st_mode & 0o777 == 0o755
    remove(folder / "third")
    assert (folder / "image/etc/state").read_text() == "bare"
    assert (folder / "image/etc").exists()


def test_an_image_that_is_half_built_is_never_booted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # debootstrap's place is taken by one that breaks off half-way.
    (tmp_path / "bin").mkdir()
    stand_in = tmp_path / "bin/debootstrap"
    stand_in.write_text('#!/bin/sh\nfor last; do case $last in *.building) mkdir "$last";; esac; done\nexit 1\n')
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("OC_PIZZA_TEST_CACHE", str(tmp_path / "cache"))
    for _ in range(2):
        with pytest.raises(HostCommandFailed, match="debootstrap"):
            images.rootfs("bookworm")
        folders = [entry.name for entry in (tmp_path / "cache/images").iterdir() if entry.is_dir()]
        assert len(folders) == 1
        assert folders[0].endswith(".building")
