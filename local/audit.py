"""`python -m local.audit requirements/server.txt`: whether anything that is pinned there is known to be vulnerable.

pip-audit finds it, and `make lint` asks. The advisories (OSV, which has those of PyPI) are asked over the network. Where
they do not answer, nothing is known: that is said in one line that cannot be missed, and work goes on. A vulnerability that
is known ends with 1.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ADVISORIES = "https://api.osv.dev/v1/query"
PATIENCE = "10"
"""Seconds."""
BOLD, RED, YELLOW, PLAIN = ("\033[1m", "\033[31m", "\033[33m", "\033[0m") if sys.stdout.isatty() else ("",) * 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the advisories say: one line for each vulnerability, and of how many packages they said nothing."""

    vulnerable: list[str]
    unknown: int
    asked: int


def main() -> int:
    found = audit(Path(sys.argv[1]), advisories=os.environ.get("ADVISORIES", ADVISORIES))
    if found is None:
        print(f"{BOLD}{YELLOW}NOT AUDITED: the advisories of dependencies do not answer from here.{PLAIN}")
        return 0
    for line in found.vulnerable:
        print(f"{RED}{line}{PLAIN}")
    if found.unknown:
        print(f"{BOLD}{YELLOW}NOT AUDITED: {found.unknown} of {found.asked} packages.{PLAIN}")
    elif not found.vulnerable:
        print(f"No known vulnerability in {found.asked} packages.")
    return 1 if found.vulnerable else 0


def audit(requirements: Path, *, advisories: str) -> Found | None:
    """What is known of the packages that this file pins; None where the advisories cannot be asked."""
    # The versions are pinned and hashed: nothing is resolved or installed to look them up.
    pinned = ["--requirement", str(requirements), "--disable-pip", "--require-hashes"]
    asked = ["--vulnerability-service", "osv", "--osv-url", advisories, "--timeout", PATIENCE]
    shown = ["--format", "json", "--aliases", "on", "--progress-spinner", "off"]
    command = [sys.executable, "-m", "pip_audit", *pinned, *asked, *shown]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return None
    return Found(
        vulnerable=[_told(package, known) for package in packages for known in package.get("vulns", [])],
        unknown=sum("skip_reason" in package for package in packages),
        asked=len(packages),
    )


def _told(package: dict[str, str], known: dict[str, list[str]]) -> str:
    names = ", ".join([str(known["id"]), *known["aliases"]])
    fixed = ", ".join(known["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']} is vulnerable: {names}; mended in {fixed}"


if __name__ == "__main__":
    sys.exit(main())
