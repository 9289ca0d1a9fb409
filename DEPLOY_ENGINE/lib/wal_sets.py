"""What `pgbackrest --output=json info` (standard input) says about the backups, for the engine's questions.

stanza              exit code 0: there is one, whether or not it has a backup yet
since SECONDS       exit code 0: a backup has begun at that moment (Unix time) or after
for SECONDS TIMELINE [HISTORY]
                    prints the label and the size in bytes of the backup that a recovery to that moment starts from;
                    code 3 when there is none, with the moment (Unix time) from which one can be recovered, if any
"""

import json
import sys
from pathlib import Path
from typing import Any

Backup = dict[str, Any]
OK, NO_BACKUP = 0, 2
"""pgBackRest's."""
NONE = 3


def sound(stanza: dict[str, Any]) -> list[Backup]:
    """The backups of today's cluster, oldest first: not those from before a new major version of PostgreSQL."""
    current = max((each["id"] for each in stanza.get("db", [])), default=None)
    backups = [each for each in stanza.get("backup", []) if not each["error"] and each["database"]["id"] == current]
    return sorted(backups, key=lambda each: each["timestamp"]["stop"])


def position(lsn: str) -> int:
    """A place in the journal, as a number."""
    high, _slash, low = lsn.partition("/")
    return int(high, 16) << 32 | int(low, 16)


def branches(history: str) -> dict[int, int]:
    """From a timeline's history file: where each of its ancestors was left."""
    lines = [line.split() for line in history.splitlines() if line.strip() and not line.startswith("#")]
    return {int(words[0]): position(words[1]) for words in lines}


def leads_to(backup: Backup, timeline: int, history: dict[int, int]) -> bool:
    """Whether the present has come from this backup. An ancestor's, made after the present had left it, has not."""
    own = int(backup["archive"]["stop"][:8], 16)
    return own == timeline or position(backup["lsn"]["stop"]) <= history.get(own, -1)


def starting_point(backups: list[Backup], moment: int) -> Backup | None:
    """The last backup that was complete before that moment: the less of the journal is left to replay."""
    before = [each for each in backups if each["timestamp"]["stop"] < moment]
    return before[-1] if before else None


def main(words: list[str], stanza: dict[str, Any]) -> int:
    if words[0] == "stanza":
        return 0 if stanza["status"]["code"] in {OK, NO_BACKUP} else 1
    backups = sound(stanza)
    if words[0] == "since":
        return 0 if any(each["timestamp"]["start"] >= int(words[1]) for each in backups) else 1
    moment, timeline = int(words[1]), int(words[2])
    history = branches(Path(words[3]).read_text()) if len(words) > 3 else {}  # noqa: PLR2004 - the usage, above
    leading = [each for each in backups if leads_to(each, timeline, history)]
    found = starting_point(leading, moment)
    if found is None:
        print(leading[0]["timestamp"]["stop"] + 1 if leading else "")  # noqa: T201
        return NONE
    print(found["label"], found["info"]["size"])  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], json.load(sys.stdin)[0]))
