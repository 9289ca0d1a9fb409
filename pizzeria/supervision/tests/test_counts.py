"""What several processes have counted is one sum, whatever becomes of them, and their files do not pile up."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pizzeria.supervision.counts import Series, counted, fold_dead, values
from pizzeria.supervision.tests.processes import count, counting


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    return tmp_path


def answers(told: Mapping[Series, float] | None = None) -> float:
    labels = {"view": "shop:menu", "method": "GET", "status": "2xx"}
    return (values() if told is None else told)["oc_pizza_http_requests_total", frozenset(labels.items())]


def listening() -> float:
    return values().get(("oc_pizza_live_connections", frozenset()), 0.0)


def test_the_processes_add_up(folder: Path) -> None:
    count(folder, answers=3)
    with counting(folder, answers=4):
        count(folder, answers=5)
        assert answers() == 12


def test_a_process_that_is_over_keeps_its_counts_and_nobody_listens_to_it_any_more(folder: Path) -> None:
    with counting(folder, answers=4):
        assert listening() == 2
        with counting(folder, answers=1) as killed:
            assert listening() == 4
            killed.kill()
            killed.wait()
            assert (answers(), listening()) == (5, 2)
    assert (answers(), listening()) == (5, 0)


def test_the_files_of_the_dead_become_one_set_and_the_sums_stay(folder: Path) -> None:
    for times in (1, 2, 3):
        count(folder, answers=times, seconds=times / 10)
    with counting(folder, answers=7) as alive:
        before = values()
        fold_dead()
        assert values() == before
        kept = {name.name for name in folder.glob("*.db")}
        ours = {f"{kind}_{alive.pid}.db" for kind in ("counter", "histogram", "gauge_livesum")}
        assert kept == {"counter_0.db", "histogram_0.db"} | ours
        fold_dead()
        assert values() == before
    fold_dead()
    assert answers() == 13
    assert {name.name for name in folder.glob("*.db")} == {"counter_0.db", "histogram_0.db"}


def test_who_dies_after_a_fold_is_added_to_those_before(folder: Path) -> None:
    for times in (1, 2, 3):
        count(folder, answers=times)
        fold_dead()
    assert answers() == 6
    buckets = {series: value for series, value in values().items() if series[0].endswith("_bucket")}
    assert max(buckets.values()) == 6


def test_a_hundred_releases_leave_no_more_behind_than_one(folder: Path) -> None:
    count(folder, answers=1)
    fold_dead()
    kept = {kind: (folder / f"{kind}_0.db").read_bytes() for kind in ("counter", "histogram")}
    for release in range(100):
        for kind, content in kept.items():
            # Of a process whose number the kernel never gives.
            (folder / f"{kind}_{5_000_000 + release}.db").write_bytes(content)
        fold_dead()
    assert answers() == 101
    assert {file.name: file.stat().st_size for file in folder.glob("*.db")} == {
        f"{kind}_0.db": len(content) for kind, content in kept.items()
    }


def test_who_reads_while_the_dead_are_put_together_sees_each_count_once(folder: Path) -> None:
    count(folder, answers=1)
    fold_dead()
    kept = {kind: (folder / f"{kind}_0.db").read_bytes() for kind in ("counter", "histogram")}
    for process in range(100):
        for kind, content in kept.items():
            (folder / f"{kind}_{5_000_000 + process}.db").write_bytes(content)
    seen, folded = [answers()], threading.Event()

    def read() -> None:
        while not folded.is_set():
            seen.append(answers())

    with ThreadPoolExecutor(2) as readers:
        reading = [readers.submit(read) for _reader in range(2)]
        fold_dead()
        folded.set()
        for reader in reading:
            reader.result()
    seen.append(answers())
    assert set(seen) == {101}
    assert len(seen) > 2


def test_a_folder_that_is_not_there_is_told(folder: Path) -> None:
    folder.rmdir()
    with pytest.raises(FileNotFoundError):
        counted()
    with pytest.raises(FileNotFoundError):
        fold_dead()


def test_without_a_folder_it_is_this_process_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    fold_dead()
    assert {metric.name for metric in counted()} >= {"oc_pizza_http_requests", "oc_pizza_live_connections"}
