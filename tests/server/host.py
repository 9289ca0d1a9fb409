"""What a server needs from the machine that tests it in order to reach the package registries.

Everything is read from the machine at run time (name servers, certificates, proxies, mirrors): nothing of it stands
in the repository.
"""

import ast
import configparser
import re
import shutil
import sys
from functools import cache
from pathlib import Path

from tests.server.commands import on_host

CERTIFICATES = Path("etc/ssl/certs/ca-certificates.crt")
LOCAL_CERTIFICATES = Path("usr/local/share/ca-certificates")
PIP_CERTIFICATES = Path("etc/ssl/certs/testing-machine-pip.pem")
PIP_OPTIONS = ("index-url", "extra-index-url", "trusted-host", "proxy", "cert", "timeout", "default-timeout")
APT_OPTIONS = re.compile(
    r"Acquire::(http|https)::(Proxy|CaInfo|Verify-)|Acquire::(Check-|Retries|ForceIPv4)|Acquire::https?::Timeout"
)
RESOLVED = Path("/run/systemd/resolve/resolv.conf")


def adopt_settings(root: Path) -> None:
    """Let the system in this folder reach what the testing machine reaches."""
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    (root / "etc/resolv.conf").write_text(_name_servers())
    _copy(Path("/") / CERTIFICATES, root / CERTIFICATES)
    for certificate in (Path("/") / LOCAL_CERTIFICATES).glob("**/*.crt"):
        # So that an update-ca-certificates inside keeps them.
        _copy(certificate, root / LOCAL_CERTIFICATES / certificate.name)
    (root / "etc/apt/apt.conf.d/99testing-machine").write_text(_apt_options())
    _write_pip_options(root)


def debian_mirror() -> list[str]:
    """The mirror from which this machine gets its Debian packages, for debootstrap; empty for debootstrap's own."""
    entries = on_host("apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)")
    return [line.split()[1] for line in entries.splitlines() if line.startswith("Debian ")][:1]


def _copy(source: Path, target: Path) -> None:
    if source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


@cache
def _name_servers() -> str:
    told = Path("/etc/resolv.conf").read_text()
    # A resolver on the loopback address answers on this machine only; systemd-resolved tells what is behind it.
    return RESOLVED.read_text() if re.search(r"^nameserver\s+127\.", told, re.MULTILINE) else told


@cache
def _apt_options() -> str:
    options = [line for line in on_host("apt-config", "dump").splitlines() if APT_OPTIONS.match(line)]
    # The packages that were fetched serve the next run.
    return "\n".join([*options, 'APT::Keep-Downloaded-Packages "true";', ""])


def _write_pip_options(root: Path) -> None:
    options = dict(_pip_options())
    if "cert" in options:
        _copy(Path(options["cert"]), root / PIP_CERTIFICATES)
        options["cert"] = f"/{PIP_CERTIFICATES}"
    # A mirror in a folder of the testing machine is not there inside.
    extra = [url for url in options.pop("extra-index-url", "").split() if not url.startswith(("file:", "/"))]
    if extra:
        options["extra-index-url"] = "\n".join(extra)
    config = configparser.ConfigParser(interpolation=None)
    config["global"] = options
    with (root / "etc/pip.conf").open("w") as out:
        config.write(out)


@cache
def _pip_options() -> dict[str, str]:
    """The options from pip's files, then those from the environment, which win."""
    options: dict[str, str] = {}
    told = on_host(sys.executable, "-m", "pip", "config", "list").splitlines()
    for section in ("global.", ":env:."):
        for line in told:
            name, _, value = line.removeprefix(section).partition("=")
            if line.startswith(section) and name in PIP_OPTIONS:
                options[name] = str(ast.literal_eval(value))
    return options
