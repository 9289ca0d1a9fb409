"""The archive of a year is verified with Python alone: run as anybody would, with nothing of ours to import."""

import json
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from pizzeria.ledger.chain import canonical, digest
from pizzeria.ledger.closings import close_due
from pizzeria.ledger.tests.conftest import MEAL, ONE_DAY, pay, sell
from pizzeria.stores.hours import PARIS
from tests.cast import House

pytestmark = [pytest.mark.django_db, pytest.mark.story]

Members = dict[str, bytes]


@pytest.fixture
def sold(house: House) -> House:
    """Both stores sold from the 30th of December until the 2nd of January; Bastille has closed."""
    for day in range(4):
        at = datetime(2024, 12, 30, 20, tzinfo=PARIS) + day * ONE_DAY
        for store in (house.bastille, house.croix_rousse):
            sell(store, f"P-{store.pk}-{day}", vat=MEAL, at=at)
            pay(store, f"P-{store.pk}-{day}", amount="13.11", at=at)
        close_due(store=house.bastille, at=at)
    return house


def archived(folder: Path, year: int = 2024) -> tuple[Path, str]:
    told = StringIO()
    to = folder / f"{year}.zip"
    call_command("archive_ledger", year=year, to=to, stdout=told)
    return to, told.getvalue()


_made: list[bytes] = []


@pytest.fixture
def whole(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The archive of 2024, made once: what is done to it afterwards needs no database."""
    file = tmp_path / "2024.zip"
    if _made:
        file.write_bytes(_made[0])
    else:
        request.getfixturevalue("sold")
        _made.append(archived(tmp_path)[0].read_bytes())
    return file


def verified(*arguments: Path | str, program: Path) -> subprocess.CompletedProcess[str]:
    """-I: neither this folder, nor what is installed for us, nor the environment."""
    return subprocess.run(
        [sys.executable, "-I", "-S", program, *arguments], capture_output=True, text=True, check=False, env={}, cwd="/"
    )


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The verifier as somebody has it who was given it apart."""
    file = tmp_path / "elsewhere.py"
    file.write_bytes((Path(__file__).parent.parent / "chain.py").read_bytes())
    return file


def test_an_archive_is_whole_zipped_and_unpacked(sold: House, tmp_path: Path, program: Path) -> None:
    file, told = archived(tmp_path)
    zipped = verified(file, program=program)
    assert (zipped.returncode, zipped.stderr) == (0, "")
    assert "L’archive est entière" in zipped.stdout
    (seal,) = (line.split()[-1] for line in told.splitlines() if line.startswith("Empreinte"))
    assert seal in zipped.stdout
    with zipfile.ZipFile(file) as opened:
        opened.extractall(tmp_path / "unpacked")
    unpacked = verified(program=tmp_path / "unpacked" / "verify.py")
    assert (unpacked.returncode, unpacked.stdout) == (0, zipped.stdout)


@pytest.mark.parametrize("year", [2023, 2025])
def test_the_year_before_the_first_entry_and_the_year_after_are_whole_too(
    sold: House, tmp_path: Path, program: Path, year: int
) -> None:
    file, _told = archived(tmp_path, year)
    assert verified(file, program=program).returncode == 0


def test_an_archive_holds_the_days_of_its_year_and_no_other(sold: House, tmp_path: Path) -> None:
    for year, days in ((2024, {"2024-12-30", "2024-12-31"}), (2025, {"2025-01-01", "2025-01-02"})):
        with zipfile.ZipFile(archived(tmp_path, year)[0]) as opened:
            lines = opened.read("croix-rousse/entries.jsonl").splitlines()
        assert {json.loads(line)["day"] for line in lines} == days


def test_one_years_archive_goes_on_where_the_one_before_ended(sold: House, tmp_path: Path) -> None:
    manifests = []
    for year in (2024, 2025):
        with zipfile.ZipFile(archived(tmp_path, year)[0]) as opened:
            manifests.append(json.loads(opened.read("manifest.json")))
    for before, after in zip(manifests[0]["stores"], manifests[1]["stores"], strict=True):
        for part in ("entries", "closings"):
            assert after[part]["after_number"] == before[part]["last_number"]
            assert after[part]["after_hash"] == before[part]["last_hash"]


def test_the_archive_says_what_it_holds_in_french(sold: House, tmp_path: Path) -> None:
    with zipfile.ZipFile(archived(tmp_path)[0]) as opened:
        assert "SHA-256" in opened.read("LISEZMOI.txt").decode()
        entries = [json.loads(line) for line in opened.read("bastille/entries.jsonl").splitlines()]
        explained = opened.read("LISEZMOI.txt").decode()
        closings = [json.loads(line) for line in opened.read("bastille/closings.jsonl").splitlines()]
    for member in {*entries[0], *closings[0], *entries[0]["lines"][0], *entries[0]["vat"][0]}:
        assert member in explained


def _rewritten(members: Members, name: str, change: Callable[[list[dict[str, object]]], object], *, seal: bool) -> None:
    documents = [json.loads(line) for line in members[name].splitlines()]
    change(documents)
    if seal:
        for document in documents:
            document["hash"] = digest(document)
    members[name] = "".join(f"{canonical(document)}\n" for document in documents).encode()


def _amount(documents: list[dict[str, object]]) -> None:
    documents[1]["amount"] = "3.11"


def _gone(documents: list[dict[str, object]]) -> None:
    del documents[1]


def _hidden(members: Members) -> None:
    """The same document for a program that takes the last of two members, another one for people."""
    name = "bastille/entries.jsonl"
    members[name] = members[name].replace(b'"amount":"13.11"', b'"amount":"3.11","amount":"13.11"', 1)


TAMPERED: dict[str, tuple[Callable[[Members], object], str]] = {
    "an amount": (
        lambda members: _rewritten(members, "bastille/entries.jsonl", _amount, seal=False),
        "bastille, écriture 2 : son contenu n’est plus celui que son empreinte scelle.",
    ),
    "an amount that was sealed anew": (
        lambda members: _rewritten(members, "bastille/entries.jsonl", _amount, seal=True),
        "bastille, écriture 3 : elle ne suit plus la précédente ; l’une des deux a été réécrite.",
    ),
    "an entry that is gone": (
        lambda members: _rewritten(members, "bastille/entries.jsonl", _gone, seal=False),
        "bastille, écriture 2 : absente.",
    ),
    "a closing that is gone": (
        lambda members: _rewritten(members, "bastille/closings.jsonl", _gone, seal=False),
        "bastille, clôture 2 : absente.",
    ),
    "a file that is gone": (lambda members: members.pop("bastille/entries.jsonl"), "L’archive est illisible"),
    "a line in another form": (_hidden, "ligne 1 : elle n’est pas écrite sous sa forme canonique."),
    "a verifier that always says yes": (
        lambda members: members.update({"verify.py": b"print('entiere')\n"}),
        "verify.py : ce fichier n’est plus celui du manifeste.",
    ),
    "a manifest without its members": (
        lambda members: members.update({"manifest.json": b"{}"}),
        "L’archive est illisible",
    ),
    "a document without its members": (
        lambda members: members.update({"bastille/entries.jsonl": b"{}\n"}),
        "L’archive est illisible",
    ),
    "no JSON": (lambda members: members.update({"manifest.json": b"\xff"}), "L’archive est illisible"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_an_archive_that_was_touched_is_not_whole(whole: Path, program: Path, what: str) -> None:
    tamper, expected = TAMPERED[what]
    with zipfile.ZipFile(whole) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    tamper(members)
    with zipfile.ZipFile(whole, "w") as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    told = verified(whole, program=program)
    assert expected in told.stdout
    assert "Traceback" not in told.stderr
    assert told.returncode == 1


def test_bytes_that_were_changed_in_the_zip_are_found(whole: Path, program: Path) -> None:
    content = bytearray(whole.read_bytes())
    content[len(content) // 2] ^= 0xFF
    whole.write_bytes(content)
    told = verified(whole, program=program)
    assert (told.returncode, told.stderr) == (1, "")


def test_an_archive_never_takes_anothers_place(sold: House, tmp_path: Path) -> None:
    file, _told = archived(tmp_path)
    before = file.read_bytes()
    with pytest.raises(CommandError, match="existe déjà"):
        archived(tmp_path)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_is_not_there_is_named(sold: House, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"Écriture impossible.*nowhere"):
        archived(tmp_path / "nowhere")


def test_a_year_that_some_store_has_not_closed_is_said_to_be_open(sold: House, tmp_path: Path) -> None:
    assert "n’est pas close partout" in archived(tmp_path)[1]
    close_due(store=sold.croix_rousse, at=datetime(2025, 1, 2, 6, tzinfo=PARIS))
    (tmp_path / "2024.zip").unlink()
    assert "n’est pas close partout" not in archived(tmp_path)[1]


def test_an_archive_that_could_not_be_written_leaves_nothing(sold: House, tmp_path: Path) -> None:
    folder = tmp_path / "full"
    folder.mkdir()
    # A disk that fills: whatever is written after the first bytes fails.
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))
    try:
        with pytest.raises(CommandError, match="Écriture impossible"):
            archived(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(folder.iterdir()) == []
