"""Commands side by side: `python -m local.beside 'one' 'another' 'and then this'`.

The first runs beside all others, which run one after another until one of them fails. What the first says comes when everything
is done; the exit code is 0 when nothing has failed. Not a shell's `&`: what that starts ignores Ctrl-C, and so does all that it starts.
"""

import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence


def run(beside: str, others: Sequence[str]) -> int:
    with tempfile.TemporaryFile("w+") as said:
        running = subprocess.Popen(shlex.split(beside), stdout=said, stderr=subprocess.STDOUT)
        try:
            failed = any(subprocess.run(shlex.split(other), check=False).returncode for other in others)
        finally:
            code = running.wait()
            said.seek(0)
            print(f"\nBeside it: {beside}\n{said.read()}", flush=True)
    return 1 if failed or code else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2:]))
