"""`k5 ledger archive`: what would leave, the files, and a file held against itself."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from k5web.domain.books.archive import Proof
from k5web.services.books import archiving, sealing
from k5web.storage.books import ledger, seal_rows
from k5web.storage.session import open_sessions
from tests.cli.conftest import K5
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.services.books.test_sealing import pay

LEAVE = ("ledger", "archive", "--until", "2021-11")


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def november(sqlite_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A house whose last two days of November 2021 are sealed, five years ago."""
    monkeypatch.setattr(seal_rows, "clock_of", lambda db: None)
    clock.now = datetime(2021, 11, 29, 9, 0, tzinfo=UTC)
    sessions = open_sessions(sqlite_url, sqlite_url)
    ports = open_doors(sessions, clock)
    with sessions.begin() as db:
        ledger.open_account(db, 100001, "main", "RUB")
    for key in ("1", "2"):
        pay(ports, key)
        clock.forward(days=1)
        sealing.close_due(ports)
    sessions.dispose()
    clock.now = datetime(2027, 1, 1, 9, 0, tzinfo=UTC)


def test_what_would_leave_is_said_first_and_nothing_is_written(k5: K5, november: None, tmp_path: Path) -> None:
    said = k5(*LEAVE, "--out", str(tmp_path / "books"))
    assert said.exit_code == 0, said.output
    assert said.stdout == f"{tmp_path}/books/k5-ledger-2021-11.jsonl: 2 postings\nNothing is written: add --yes\n"
    assert not (tmp_path / "books").exists()


def test_a_month_becomes_a_file_with_its_digest_and_proves_itself(k5: K5, november: None, tmp_path: Path) -> None:
    done = k5(*LEAVE, "--out", str(tmp_path), "--yes")
    target = tmp_path / "k5-ledger-2021-11.jsonl"
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    assert (done.exit_code, done.stdout) == (0, f"{target}: 2 postings  {digest}\n")
    assert (tmp_path / f"{target.name}.sha256").read_text() == f"{digest}  {target.name}\n"
    assert sorted(each.name for each in tmp_path.glob("k5-*")) == [target.name, f"{target.name}.sha256"]
    checked = k5("ledger", "archive", "--check", str(target))
    assert checked.exit_code == 0, checked.output
    assert "2 postings of 1 accounts, 2021-11-29 to 2021-11-30" in checked.stdout
    again = k5(*LEAVE, "--out", str(tmp_path), "--yes")
    assert again.stdout == f"{target}: is there  {digest}\n"


def test_a_file_that_was_lost_or_killed_before_it_was_listed_is_made_again(
    k5: K5, november: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "k5-ledger-2021-11.jsonl"
    with monkeypatch.context() as patched:
        patched.setattr(archiving, "note", lambda ports, made: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            k5(*LEAVE, "--out", str(tmp_path), "--yes")
    first = target.read_bytes()
    assert k5(*LEAVE, "--out", str(tmp_path), "--yes").exit_code == 0
    assert target.read_bytes() == first
    target.unlink()
    assert k5(*LEAVE, "--out", str(tmp_path), "--yes").exit_code == 0
    assert target.read_bytes() == first


def test_a_process_killed_while_it_writes_leaves_no_file(
    k5: K5, november: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Proof, "proved", lambda self: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        k5(*LEAVE, "--out", str(tmp_path), "--yes")
    assert list(tmp_path.glob("*k5-*")) == []


def test_a_file_that_was_changed_is_said_with_its_line(k5: K5, november: None, tmp_path: Path) -> None:
    k5(*LEAVE, "--out", str(tmp_path), "--yes")
    target = tmp_path / "k5-ledger-2021-11.jsonl"
    target.write_text(target.read_text().replace('"connector:test"', '"connector:tset"', 1))
    refused = k5("ledger", "archive", "--check", str(target))
    assert refused.exit_code == 1
    assert refused.stderr == f"k5: {target}: line 4: the postings of account 1 of owner 100001 give another digest\n"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--until", "2021-11"), "name --until YYYY-MM and --out FOLDER, or --check FILE"),
        (("--check", "x", "--yes"), "--check stands alone"),
        (("--until", "2021-13", "--out", "x"), "2021-13"),
    ],
)
def test_a_wrong_command_is_said_in_words(k5: K5, given: tuple[str, ...], said: str) -> None:
    refused = k5("ledger", "archive", *given)
    assert refused.exit_code == 2
    assert said in refused.stderr


def test_a_month_that_stays_and_a_file_that_is_none_are_said(k5: K5, november: None, tmp_path: Path) -> None:
    stays = k5("ledger", "archive", "--until", "2021-12", "--out", str(tmp_path))
    assert (stays.exit_code, stays.stderr) == (1, "k5: 2021-12: not all its days are sealed\n")
    missing = k5("ledger", "archive", "--check", str(tmp_path / "x"))
    assert (missing.exit_code, missing.stderr) == (1, f"k5: {tmp_path}/x: no such file or directory\n")
    (tmp_path / "x").write_bytes(b"\xff\xfe")
    assert (
        k5("ledger", "archive", "--check", str(tmp_path / "x")).stderr
        == f"k5: {tmp_path}/x: is no archive: not UTF-8\n"
    )
