"""The rules and the dashboard that come with the site: valid, of metrics that there are, and firing when they should."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from pizzeria.supervision import metrics
from tests.cast import House, People

ENGINE = Path(settings.BASE_DIR) / "SUPERVISION_ENGINE"
CONFIG = ENGINE / "prometheus" / "prometheus.yml"
RULES = ENGINE / "prometheus" / "alerts.yml"
DASHBOARD = ENGINE / "grafana" / "oc-pizza.json"

ALERTS = frozenset(re.findall(r"- alert: (\w+)", RULES.read_text()))
HELD = 3600
"""Seconds for which the series of a case are as they are said to be."""

Series = Mapping[str, str]


def promtool(*arguments: str | Path, stdin: bytes | None = None) -> "subprocess.CompletedProcess[bytes]":
    program = shutil.which("promtool", path=f"{Path(sys.executable).parent}:/usr/bin")
    assert program, "promtool is missing: local/install.sh dev"
    return subprocess.run([program, *arguments], input=stdin, capture_output=True, check=False, timeout=60)


def test_prometheus_accepts_the_configuration_and_the_rules() -> None:
    for kind, file in (("config", CONFIG), ("rules", RULES)):
        done = promtool("check", kind, file)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def scrape(house: House, people: People, client: Client, tmp_path: Path, settings: Any) -> str:
    """What a scrape is told of a site in which everything has happened."""
    settings.WATCH_ROOT = tmp_path
    metrics._now.forget()
    client.get("/healthz")
    return client.get("/metrics").content.decode()


def test_what_a_scrape_is_told_is_as_prometheus_wants_it(scrape: str) -> None:
    done = promtool("check", "metrics", stdin=scrape.encode())
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_every_metric_of_the_rules_and_of_the_dashboard_is_told(scrape: str) -> None:
    told = _told(scrape)
    assert len(told) > 30
    asked = set(re.findall(r"\boc_pizza_\w+", RULES.read_text() + DASHBOARD.read_text()))
    assert asked - told == set()


def _told(scrape: str) -> set[str]:
    names = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", scrape, re.MULTILINE):
        names |= {f"{name}{part}" for part in ("_bucket", "_sum", "_count")} if kind == "histogram" else {name}
    return names


# --- the dashboard


def _panels() -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return panels


def _expressions() -> Iterator[tuple[str, str]]:
    for panel in _panels():
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


def test_the_dashboard_has_its_rows_its_panels_and_a_choice_of_stores() -> None:
    rows = [panel["title"] for panel in _panels() if panel["type"] == "row"]
    assert rows == ["Boutique", "Cuisines", "Site", "Machine"]
    assert len(_panels()) - len(rows) >= 14
    variables = [variable["name"] for variable in json.loads(DASHBOARD.read_text())["templating"]["list"]]
    assert variables == ["datasource", "store"]
    assert any("$store" in expression for _title, expression in _expressions())


def test_no_two_panels_lie_on_each_other() -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in _panels():
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in taken, (panel["title"], taken[x, y])
                taken[x, y] = panel["title"]
    assert len({panel["id"] for panel in _panels()}) == len(_panels())


def test_every_expression_of_the_dashboard_is_one(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": _as_grafana_asks(expression)}
        for number, (_title, expression) in enumerate(_expressions())
    ]
    file = tmp_path / "panels.yml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    done = promtool("check", "rules", file)
    assert done.returncode == 0, done.stderr
    assert f"{len(rules)} rules found".encode() in done.stdout


def _as_grafana_asks(expression: str) -> str:
    return expression.replace("$__rate_interval", "1m").replace("$store", ".*")


# --- the alerts: for each the series with which it fires, after how many seconds, and those with which it does not.

ANSWERED = 'oc_pizza_http_requests_total{status="2xx",view="shop:menu"}'
FAILED = 'oc_pizza_http_requests_total{status="5xx",view="shop:menu"}'
CASES: dict[str, tuple[int, Series, list[Series]]] = {
    "SiteDown": (120, {'up{job="oc-pizza"}': "0x60"}, [{'up{job="oc-pizza"}': "1x60"}, {'up{job="node"}': "0x60"}]),
    "DatabaseDown": (120, {"oc_pizza_database_up": "0x60"}, [{"oc_pizza_database_up": "1x60"}]),
    "ServiceFailing": (
        120,
        {'oc_pizza_process_state{service="live",state="given_up"}': "1x60"},
        [
            {'oc_pizza_process_state{service="live",state="stopped"}': "1x60"},
            {'oc_pizza_process_state{service="live",state="failing"}': "0x60"},
        ],
    ),
    "ErrorRate": (
        600,
        {ANSWERED: "0+90x60", FAILED: "0+10x60"},
        [
            {ANSWERED: "0+990x60", FAILED: "0+10x60"},
            {ANSWERED: "0+1x60", FAILED: "0+1x60"},
            {ANSWERED: "0+90x60", FAILED.replace("shop:menu", "readyz"): "0+90x60"},
        ],
    ),
    "DiskFull": (360, {"oc_pizza_host_disk_ratio": "0.86x60"}, [{"oc_pizza_host_disk_ratio": "0.85x60"}]),
    "CertificateEnding": (
        60,
        {'oc_pizza_alerts_open{kind="certificate"}': "1x60"},
        [{'oc_pizza_alerts_open{kind="certificate"}': "0x60"}, {'oc_pizza_alerts_open{kind="disk"}': "1x60"}],
    ),
    # The clock of these begins in 1970.
    "BackupOld": (
        600,
        {"oc_pizza_backup_newest_timestamp_seconds": f"{-32 * 86400}x60"},
        [{"oc_pizza_backup_newest_timestamp_seconds": f"{-31 * 86400}x60"}, {}],
    ),
    "BackupMissing": (
        86460,
        {"oc_pizza_database_up": "1x1500"},
        [{"oc_pizza_database_up": "1x1500", "oc_pizza_backup_newest_timestamp_seconds": "0x1500"}],
    ),
    "DrillFailed": (60, {"oc_pizza_backup_drill_success": "0x60"}, [{"oc_pizza_backup_drill_success": "1x60"}, {}]),
    "JobFailed": (
        60,
        {'oc_pizza_job_last_run_success{path="a.b"}': "0x60"},
        [{'oc_pizza_job_last_run_success{path="a.b"}': "1x60"}, {}],
    ),
    "JobMissed": (
        1020,
        {'oc_pizza_job_due_timestamp_seconds{path="a.b"}': "60x60"},
        [{'oc_pizza_job_due_timestamp_seconds{path="a.b"}': "120x60"}],
    ),
    "WorkerStuck": (
        600,
        {"oc_pizza_worker_heartbeat_timestamp_seconds": "400x60", "oc_pizza_sample_timestamp_seconds": "540x60"},
        [{"oc_pizza_worker_heartbeat_timestamp_seconds": "590x60", "oc_pizza_sample_timestamp_seconds": "540x60"}],
    ),
    "NoticesWait": (
        900,
        {'oc_pizza_notices_oldest_seconds{channel="mail"}': "0+60x60"},
        [{'oc_pizza_notices_oldest_seconds{channel="mail"}': "0+30x60"}],
    ),
    "OrdersUntouched": (
        900,
        {
            'oc_pizza_order_untouched_seconds{store="bastille"}': "0+60x60",
            'oc_pizza_store_open{store="bastille"}': "1x60",
        },
        [
            {
                'oc_pizza_order_untouched_seconds{store="bastille"}': "0+30x60",
                'oc_pizza_store_open{store="bastille"}': "1x60",
            },
            {
                'oc_pizza_order_untouched_seconds{store="bastille"}': "0+60x60",
                'oc_pizza_store_open{store="bastille"}': "0x10 1x60",
            },
        ],
    ),
}


def test_every_alert_has_its_case() -> None:
    assert set(CASES) == ALERTS


@pytest.mark.parametrize("alert", sorted(CASES))
def test_an_alert_fires_when_it_should_and_not_before(alert: str, tmp_path: Path) -> None:
    after, firing, quiet = CASES[alert]
    tests = [_test(alert, after, firing, fires=True), *(_test(alert, after, series, fires=False) for series in quiet)]
    file = tmp_path / "test.yml"
    # A day of every rule's minutes takes seconds.
    pace = "1m" if after <= HELD else "10m"
    file.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": pace, "tests": tests}))
    done = promtool("test", "rules", file)
    assert done.returncode == 0, done.stdout + done.stderr


def _test(alert: str, after: int, series: Series, *, fires: bool) -> dict[str, Any]:
    """One value a minute."""
    firing = f'count(ALERTS{{alertname="{alert}",alertstate="firing"}}) or vector(0)'
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {"expr": firing, "eval_time": f"{after}s", "exp_samples": [{"labels": "{}", "value": int(fires)}]}
        ],
    }
