"""systemd's journal, where no systemd runs: entries in a file, and a `journalctl` that reads them as the real one does."""

import json
import stat
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

PROGRAM = f"""#!{sys.executable}
import argparse, json, re, sys
from fnmatch import fnmatch
from pathlib import Path

parser = argparse.ArgumentParser()
for flag in ("--no-pager", "--quiet"):
    parser.add_argument(flag, action="store_true", required=True)
parser.add_argument("--output", choices=["json"], required=True)
parser.add_argument("--output-fields", required=True)
parser.add_argument("--unit", action="append", default=[])
parser.add_argument("--grep", default="")
parser.add_argument("--case-sensitive")
parser.add_argument("--priority", type=int, default=7)
parser.add_argument("--since", default="@0")
asked = parser.parse_args()
shown = asked.output_fields.split(",") + ["__CURSOR", "__REALTIME_TIMESTAMP"]
found = 0
for line in Path(__file__).with_name("entries").read_text().splitlines():
    entry = json.loads(line)
    of = entry.get("_SYSTEMD_UNIT", ""), entry.get("UNIT", "")
    if int(entry["PRIORITY"]) > asked.priority:
        continue
    if not any(fnmatch(name, wanted) for name in of for wanted in asked.unit):
        continue
    if not re.search(asked.grep, entry["MESSAGE"]) or int(entry["__REALTIME_TIMESTAMP"]) < int(asked.since[1:]) * 10**6:
        continue
    print(json.dumps({{name: value for name, value in entry.items() if name in shown}}))
    found += 1
sys.exit(0 if found or not asked.grep else 1)
"""


class Journal:
    """A journal in a folder, which has to stand in PATH."""

    def __init__(self, folder: Path) -> None:
        self._entries = folder / "entries"
        self._entries.touch()
        program = folder / "journalctl"
        program.write_text(PROGRAM)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def keep(self, unit: str, *lines: str, at: datetime | None = None, **fields: str) -> None:
        """What a process of this unit has printed; `at` for what does not tell its time itself."""
        with self._entries.open("a") as entries:
            for line in lines:
                told: Mapping[str, str] = json.loads(line) if line.startswith("{") else {}
                moment = at or datetime.fromisoformat(told["at"])
                entry = {
                    "__CURSOR": f"s={unit};i={entries.tell()}",
                    "__REALTIME_TIMESTAMP": str(int(moment.timestamp() * 1_000_000)),
                    "_SYSTEMD_UNIT": unit,
                    "PRIORITY": "6",
                    "MESSAGE": line,
                }
                entries.write(f"{json.dumps(entry | fields)}\n")
