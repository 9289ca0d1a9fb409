"""`logs.sh`: what became of an order, of a request, or what went wrong, from the logs of all the processes.

The standard library only, and nothing of the site's: it is asked when the site is down. The sentences are French, and
not translated, for the same reason.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from SUPERVISION_ENGINE.watch.story_sources import (
    HOUSE_TIME,
    Line,
    UnreadableError,
    in_bundles,
    journal,
    requests,
    require_readable,
)
from SUPERVISION_ENGINE.watch.story_words import in_words

FOUND, NOTHING, WRONG, UNREADABLE = 0, 1, 2, 3
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 5
NUMBER = re.compile(f"[{LETTERS}]{{{LENGTH}}}")
REQUEST = re.compile(r"[0-9a-f]{32}")
AGO = re.compile(r"(\d+) ?(min|h|j)")
UNITS_OF_TIME = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "j": timedelta(days=1)}
FRENCH_DAYS = {"hier": "yesterday", "aujourd’hui": "today", "aujourd'hui": "today"}
GRAVE = '"level": "(ERROR|CRITICAL)"'
USE = """\
  logs.sh order P-4F7K2          l’histoire d’une commande : nginx, web, worker et live, dans l’ordre du temps
  logs.sh request 0f3a…          celle d’une requête, par l’identifiant X-Request-ID que nginx donne et que Sentry montre
  logs.sh errors                 les erreurs des dernières 24 heures

code de sortie : 0 trouvé, ou aucune erreur ; 1 rien trouvé ; 2 commande mal écrite ; 3 journaux illisibles"""


class AskedWronglyError(Exception):
    """What was typed cannot be looked for; the message says what to type."""


def main(arguments: Sequence[str]) -> int:
    try:
        asked = _parser().parse_args(arguments)
        lines = sorted(_found(asked), key=lambda line: (line.at, line.process))
    except AskedWronglyError as error:
        sys.stderr.write(f"{error}\n")
        return WRONG
    except UnreadableError as error:
        sys.stderr.write(f"Les journaux ne peuvent pas être lus : {error}\n")
        return UNREADABLE
    if not lines:
        sys.stderr.write(f"{_nothing(asked)}\n")
        return FOUND if asked.what == "errors" else NOTHING
    for line in lines:
        sys.stdout.write(f"{_as_json(line) if asked.json else _as_text(line)}\n")
    return FOUND


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="logs.sh",
        description="Les journaux du site, remis ensemble.",
        epilog=USE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=("order", "request", "errors"), metavar="order|request|errors")
    parser.add_argument("name", nargs="?", default="", help="le numéro de la commande, l’identifiant de la requête")
    parser.add_argument("--since", default="", metavar="DEPUIS", help="30min, 2h, 7j, hier, 2026-11-29 06:00 …")
    parser.add_argument("--json", action="store_true", help="une ligne de JSON par ligne")
    return parser


def _found(asked: argparse.Namespace) -> Iterable[Line]:
    """The lines that were asked for. Raises AskedWronglyError and UnreadableError."""
    since = _moment(asked.since)
    name = _name(asked)
    require_readable()
    if asked.what == "order":
        return of_order(name, since=since)
    if asked.what == "request":
        return of_requests({name}, since=since)
    return errors(since=since or datetime.now(HOUSE_TIME) - timedelta(days=1))


def _name(asked: argparse.Namespace) -> str:
    """What the order or the request is called in the logs. Raises AskedWronglyError."""
    if asked.what == "order":
        return _number(asked.name)
    if asked.what == "request":
        return _request(asked.name)
    if asked.name:
        raise AskedWronglyError("Les erreurs n’ont pas de nom. Tapez : logs.sh errors --since 2h")
    return ""


def of_order(number: str, *, since: datetime | None) -> list[Line]:
    """What the processes have told of an order, and what else happened in the requests and jobs that moved it."""
    own = [line for line in journal(grep=number, since=since) if line.told.get("order") == number]
    around = of_requests({line.request_id for line in own if line.request_id}, since=since)
    kept = {line.key: line for line in own}
    # A job, or a page, may be about several orders: the others' lines are theirs.
    kept |= {line.key: line for line in around if line.told.get("order", number) == number}
    return list(kept.values())


def of_requests(ids: set[str], *, since: datetime | None) -> list[Line]:
    """What nginx and the processes have told under these ids."""
    told = [
        line for pattern in in_bundles(ids) for line in journal(grep=pattern, since=since) if line.request_id in ids
    ]
    return told + (list(requests(ids=ids, since=since)) if ids else [])


def errors(*, since: datetime) -> list[Line]:
    """What the processes call an error, and what nginx had to answer with one."""
    told = [line for line in journal(grep=GRAVE, since=since) if line.told.get("level") in {"ERROR", "CRITICAL"}]
    return told + list(journal(grave=True, since=since)) + list(requests(failed=True, since=since))


def _number(typed: str) -> str:
    """`P-4F7K2`, however it was typed: as on the page that finds an order."""
    letters = re.sub(r"[^0-9A-Z]", "", typed.upper())
    letters = letters.removeprefix("P") if len(letters) > LENGTH else letters
    if not NUMBER.fullmatch(letters):
        raise AskedWronglyError(
            f"« {typed} » n’est pas un numéro de commande. Tapez par exemple : logs.sh order P-4F7K2"
        )
    return f"P-{letters}"


def _request(typed: str) -> str:
    wanted = typed.strip().lower()
    if not REQUEST.fullmatch(wanted):
        raise AskedWronglyError(f"« {typed} » n’est pas l’identifiant d’une requête : 32 chiffres et lettres de a à f.")
    return wanted


def _moment(typed: str) -> datetime | None:
    """The moment that was meant; what is not said in our way is said in that of the `date` command."""
    if not typed:
        return None
    if ago := AGO.fullmatch(typed):
        return datetime.now(HOUSE_TIME) - int(ago[1]) * UNITS_OF_TIME[ago[2]]
    command = ["date", f"--date={FRENCH_DAYS.get(typed, typed)}", "+%s"]
    environment = os.environ | {"TZ": HOUSE_TIME.key, "LC_ALL": "C"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if done.returncode:
        raise AskedWronglyError(
            f"« {typed} » n’est pas un moment. Tapez par exemple : --since 2h, --since '2026-11-29 06:00'"
        )
    return datetime.fromtimestamp(int(done.stdout), HOUSE_TIME)


def _nothing(asked: argparse.Namespace) -> str:
    since = f" depuis « {asked.since} »" if asked.since else ""
    if asked.what == "errors":
        return f"Aucune erreur{since or ' depuis 24 heures'}."
    return f"Rien sur {_name(asked)}{since}. Les journaux ne remontent peut-être pas si loin : journalctl --list-boots"


def _as_text(line: Line) -> str:
    return f"{line.at:%Y-%m-%d %H:%M:%S}.{line.at.microsecond // 1000:03}  {line.process:<7} {in_words(line)}"


def _as_json(line: Line) -> str:
    known = {"at": line.at.isoformat(timespec="milliseconds"), "process": line.process, "words": in_words(line)}
    return json.dumps(line.told | known, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
