"""The engines' shared shell functions, called as the steps call them, without a server."""

import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
LIBRARY = CHECKOUT / "DEPLOY_ENGINE" / "lib"


def bash(script: str, *, timeout: float = 20) -> "subprocess.CompletedProcess[str]":
    """The script in a bash of its own, as strict as a step's."""
    return subprocess.run(
        ["bash", "-c", f"set -euo pipefail\nexport LC_ALL=C.UTF-8\n{script}"],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        cwd=CHECKOUT,
    )
