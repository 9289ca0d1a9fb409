"""`make bench`: every figure beside its limit, in turns, several rounds, medians; the table goes to RESULTS.md."""

import platform
import statistics
import sys
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import psycopg

from benchmarks.api_orders import ideal_a_second, orders_a_second, write_bodies
from benchmarks.backups import large
from benchmarks.flow import flows_a_second
from benchmarks.freshness import stale_seconds
from benchmarks.live import RUSH_SECONDS, bare_seconds, page_seconds, per_second
from benchmarks.load import CLIENTS, READERS, SECONDS, Rate, reading, wrk
from benchmarks.papers import papers_a_second
from benchmarks.place import BenchmarkError, Place, place, require
from benchmarks.scrapes import scrape_seconds

HERE = Path(__file__).resolve().parent
ROUNDS = 3
CHANGES = 12
SCRAPES = 5
STORE = "bastille"


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, against which limit, and the ratio that is aimed for (or the rate, without a limit)."""

    name: str
    limit: str
    figures: list[float]
    limits: list[float]
    aim: str
    unit: str = "/s"

    def cells(self) -> list[str]:
        figure = f"{statistics.median(self.figures):,.0f}{self.unit}"
        if not self.limits:
            return [self.name, figure, self.limit, "", figure, self.aim]
        ratios = [one / other for one, other in zip(self.figures, self.limits, strict=True)]
        limit = f"{statistics.median(self.limits):,.0f}{self.unit}"
        return [self.name, figure, self.limit, limit, f"{statistics.median(ratios):.2f}", self.aim]


@dataclass(frozen=True, slots=True)
class Longest:
    """A time that must never be longer than what is aimed for."""

    name: str
    seconds: list[float]
    aim: str

    def cells(self) -> list[str]:
        longest = f"{max(self.seconds):.2f} s"
        return [f"{self.name}, longest of {len(self.seconds)}", longest, "", "", longest, self.aim]


def main() -> int:
    try:
        require("wrk", "nginx")
        with place() as site:
            rows = [*_measure(site), *_measure_backups(site)]
    except BenchmarkError as error:
        print(error, file=sys.stderr)
        return 1
    table = _table(rows)
    print(f"\n{table}")
    (HERE / "RESULTS.md").write_text(_report(table))
    return 0


def _measure(site: Place) -> list[Row | Longest]:
    with psycopg.connect(site.database_url) as database:
        database.execute((HERE / "prepare.sql").read_text())
        stores = [row[0] for row in database.execute("SELECT slug FROM stores_store ORDER BY id")]
    menu = f"{site.pages}/carte/{STORE}/"
    with urllib.request.urlopen(menu, timeout=10) as answer:
        size, etag = len(answer.read()), answer.headers["ETag"]
    (site.home / "files" / "menu.html").write_bytes(b"x" * size)
    constant = f"{site.pages}/constant/{size}/"
    cached = f"{site.fronted}/carte/{STORE}/"
    bodies = write_bodies(site)
    host, fronted = site.pages.removeprefix("http://"), site.fronted.removeprefix("http://")
    taken: dict[str, list[float]] = {}
    for number in range(1, ROUNDS + 1):
        for name, take in {
            "nginx": lambda: _clean(wrk(f"{site.files}/menu.html", clients=READERS)),
            "cached": lambda: _clean(wrk(cached, clients=READERS)),
            "constant": lambda: _clean(wrk(constant, clients=READERS)),
            "menu": lambda: _clean(wrk(menu, clients=READERS)),
            "304": lambda: _clean(wrk(menu, headers={"If-None-Match": etag}, clients=READERS)),
            "ideal": lambda: ideal_a_second(site),
            "order": lambda: _clean(orders_a_second(site, bodies)),
            "live": lambda: per_second(page_seconds(site)),
            "bare notify": lambda: per_second(bare_seconds(site)),
            "flow": lambda: flows_a_second(host, stores),
        }.items():
            taken.setdefault(name, []).append(_told(f"round {number}/{ROUNDS} {name}", take))
    sheets, lines = zip(*(papers_a_second(site) for _round in range(ROUNDS)), strict=True)
    scrapes = scrape_seconds(site, times=SCRAPES)
    rush = page_seconds(site, RUSH_SECONDS)
    with reading(cached):
        waits = stale_seconds(partial(HTTPConnection, fronted), STORE, changes=CHANGES, environment=site.environment)
    return [
        Row("menu page, nginx micro-cache", "nginx, the same bytes as a file", taken["cached"], taken["nginx"], "0.80"),
        Longest("a change of stock until the last menu without it, through the cache and under load", waits, "< 1 s"),
        Longest("what Prometheus is told, read anew", scrapes, "< 0.05 s"),
        Row("menu page, gunicorn", "constant Django response of that size", taken["menu"], taken["constant"], "0.50"),
        Row("menu page, 304", "constant Django response of that size", taken["304"], taken["constant"], "0.80"),
        Row("constant Django response", "nginx, the same bytes as a file", taken["constant"], taken["nginx"], "–"),
        Row("menu page, gunicorn", "nginx, the same bytes as a file", taken["menu"], taken["nginx"], "–"),
        Row("order through the API", "the ideal order in pgbench", taken["order"], taken["ideal"], "0.15"),
        Row("live event, commit to page (1/median wait)", "a bare LISTEN", taken["live"], taken["bare notify"], "–"),
        Longest("live event in a rush, commit to page", rush, "< 1 s"),
        Row("récapitulatif on A4, tagged PDF", "one line of text, by typst", list(sheets), list(lines), "–"),
        Row("whole anonymous flow over HTML", "two cores, the visitors' included", taken["flow"], [], "40/s"),
    ]


def _measure_backups(site: Place) -> list[Row | Longest]:
    saved = large(site)
    taken: dict[str, list[float]] = {}
    for number in range(1, ROUNDS + 1):
        for name, take in {
            "pg_dump": saved.bare_dump,
            "dbbackup": saved.dbbackup,
            "pg_restore": saved.bare_restore,
            "dbrestore": saved.dbrestore,
        }.items():
            taken.setdefault(name, []).append(_told(f"round {number}/{ROUNDS} {name}", take, unit=" MB/s"))
    size = f"{saved.megabytes:,.0f} MB"
    return [
        Row(f"dbbackup of {size}", "pg_dump -Fc", taken["dbbackup"], taken["pg_dump"], "0.80", " MB/s"),
        Row(f"dbrestore of {size}", "pg_restore -j2", taken["dbrestore"], taken["pg_restore"], "0.80", " MB/s"),
    ]


def _clean(rate: Rate) -> float:
    if rate.refused:
        raise BenchmarkError(f"{rate.refused} requests were refused: this figure would count refusals")
    return rate.per_second


def _told(name: str, take: Callable[[], float], unit: str = "/s") -> float:
    print(f"  {name:<24}", end="", flush=True)
    figure = take()
    print(f"{figure:>10,.0f}{unit}", flush=True)
    return figure


def _table(rows: Sequence[Row | Longest]) -> str:
    head = ["measured", "rate", "against", "its rate", "ratio", "aim"]
    lines = [head, ["---"] * len(head), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _report(table: str) -> str:
    return (
        "# Results\n\n"
        f"`make bench`, {datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {platform.python_version()}, two cores: "
        f"{CLIENTS} clients ({READERS} for pages), {ROUNDS} rounds of {SECONDS} s each, in turns; medians. Everything, load generators "
        "included, shares the two cores, so only the ratios travel.\n\n"
        f"{table}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
