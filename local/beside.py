"""Commands side by side: `python -m local.beside 'one' 'and then this' -- 'another' 'and then that'`.

Two rows of commands at the same time; in each, one after another until one fails. What the first row says comes when everything is
done; the exit code is 0 when nothing has failed. Not a shell's `&`: what that starts ignores Ctrl-C, and so does all that it starts.
"""

import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from threading import Thread
from typing import IO

BESIDE = "--"


def run(first: Sequence[str], second: Sequence[str]) -> int:
    failed: list[str] = []
    with tempfile.TemporaryFile("w+") as said:
        beside = Thread(target=_one_after_another, args=(first, said, failed))
        beside.start()
        try:
            _one_after_another(second, None, failed)
        finally:
            beside.join()
            said.seek(0)
            print(f"\nBeside it:\n{said.read()}", flush=True)
    for command in failed:
        print(f"failed: {command}", flush=True)
    return 1 if failed else 0


def _one_after_another(commands: Sequence[str], said: IO[str] | None, failed: list[str]) -> None:
    for command in commands:
        if _code_of(subprocess.Popen(shlex.split(command), stdout=said, stderr=said)):
            failed.append(command)
            return


def _code_of(running: "subprocess.Popen[bytes]") -> int:
    """Its exit code. On Ctrl-C it was told as well, and tidies up: `subprocess.run` would kill it, and leave its PostgreSQL behind."""
    while True:
        try:
            return running.wait()
        except KeyboardInterrupt:
            continue


if __name__ == "__main__":
    middle = sys.argv.index(BESIDE)
    sys.exit(run(sys.argv[1:middle], sys.argv[middle + 1 :]))
