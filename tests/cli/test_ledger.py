"""`k5 ledger`: what it prints, what it writes and how it exits."""

import re
from pathlib import Path

import pytest

from k5web import config
from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.services.payments.topups import credit
from k5web.storage.books import ledger, seal_rows
from k5web.storage.session import open_sessions
from tests import hledger
from tests.cli.conftest import K5
from tests.cli.test_db import k5 as k5_of
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.services.books.busy_month import busy

PAYEE = Path(config.__file__).parent / "payee.toml"
NOVEMBER = ("--from", "2026-11-01", "--to", "2026-11-30")


@pytest.fixture
def november(sqlite_url: str, clock: Clock) -> None:
    """The house has books in which everything happened."""
    sessions = open_sessions(sqlite_url, sqlite_url)
    busy(open_doors(sessions, clock))
    sessions.dispose()


def test_the_journal_is_a_table_on_the_screen_or_in_a_file(k5: K5, november: None, tmp_path: Path) -> None:
    out = tmp_path / "k5.csv"
    done = k5("ledger", "export", *NOVEMBER, "--out", str(out))
    assert (done.exit_code, done.stdout) == (0, f"40 postings: see {out}\n")
    assert done.stderr == "export: 100 %\n"
    shown = k5("ledger", "export", *NOVEMBER)
    assert shown.stdout_bytes == out.read_bytes()
    assert shown.stdout_bytes.startswith("\N{BOM}day;number;origin;key;".encode())
    assert shown.stdout_bytes.count(b"\r\n") == 41


@pytest.mark.hledger
def test_the_journal_is_what_hledger_reads(k5: K5, november: None, tmp_path: Path) -> None:
    out = tmp_path / "k5.journal"
    assert k5("ledger", "export", *NOVEMBER, "--format", "hledger", "--out", str(out)).exit_code == 0
    assert hledger.run(out, "check", "--strict") == ""


def test_what_came_and_went_back_is_a_file_that_our_own_reader_of_1c_takes(
    k5: K5, november: None, environ: dict[str, str], tmp_path: Path
) -> None:
    refused = k5("ledger", "export", *NOVEMBER, "--format", "1c")
    assert (refused.exit_code, refused.stderr.split(":")[:2]) == (1, ["k5", " K5_PAYEE"])
    environ["K5_PAYEE"] = str(PAYEE)
    out = tmp_path / "k5.txt"
    done = k5("ledger", "export", *NOVEMBER, "--format", "1c", "--out", str(out))
    assert done.stdout == f"13 documents, 2851.00 RUB came, 1444.00 RUB went back: see {out}\n"
    assert done.stderr.startswith("postings in other currencies left out: 1; ")
    assert out.read_bytes().startswith("1CClientBankExchange\r\nВерсияФормата=1.03\r\n".encode("cp1251"))
    ours = k5("bank", "import", str(out), "--dry-run")
    assert ours.exit_code == 1
    assert "`k5 ledger export` wrote this for 1C" in ours.stderr
    out.write_bytes(out.read_bytes().replace("Отправитель=K5".encode("cp1251"), "Отправитель=Банк".encode("cp1251")))
    tried = k5("bank", "import", str(out), "--dry-run")
    assert "to suspense: 7, 2851.00 RUB" in tried.stdout
    other = k5("ledger", "export", *NOVEMBER, "--format", "1c", "--account", "4070 2810 1000 0000 0022")
    assert "РасчСчет=40702810100000000022\r\n".encode("cp1251") in other.stdout_bytes


def test_an_empty_month_is_a_heading(k5: K5) -> None:
    shown = k5("ledger", "export", *NOVEMBER)
    assert (shown.exit_code, shown.stdout_bytes.count(b"\r\n")) == (0, 1)


def test_a_day_that_is_not_over_is_told(k5: K5, november: None, clock: Clock) -> None:
    """It is the first of December, noon."""
    words = "the last day is not over: what is posted later is not in the file"
    assert words not in k5("ledger", "export", *NOVEMBER).stderr
    assert words in k5("ledger", "export", "--from", "2026-11-01", "--to", "2026-12-01").stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--from", "2026-11-31", "--to", "2026-12-01"), "'2026-11-31' is not a day like 2026-12-01"),
        (("--from", "1.11.2026", "--to", "2026-12-01"), "'1.11.2026' is not a day like 2026-12-01"),
        (("--from", "2026-12-01", "--to", "2026-11-01"), "--from 2026-12-01 is after --to 2026-11-01"),
        (("--from", "2026-11-01"), "Missing option '--to'"),
        ((*NOVEMBER, "--format", "xls"), "'xls' is not one of"),
        ((*NOVEMBER, "--format", "1c", "--account", "4070281010000000002"), "is not an account of 20 digits"),
        ((*NOVEMBER, "--account", "40702810100000000022"), "--account belongs to --format 1c, not to csv"),
    ],
)
def test_wrong_days_are_said_in_words(k5: K5, given: tuple[str, ...], said: str) -> None:
    refused = k5("ledger", "export", *given)
    assert refused.exit_code == 2
    assert said in refused.stderr


def test_a_file_that_cannot_be_written_is_said(k5: K5, tmp_path: Path) -> None:
    out = tmp_path / "nowhere" / "k5.csv"
    refused = k5("ledger", "export", *NOVEMBER, "--out", str(out))
    assert (refused.exit_code, refused.stderr) == (1, f"k5: {out}: no such file or directory\n")


def test_days_that_are_over_are_closed_and_sealed_once(
    database_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal_rows, "clock_of", lambda db: None)
    assert k5_of(database_url, "ledger", "close").output == "nothing to close\n"
    sessions = open_sessions(database_url, database_url)
    ports = open_doors(sessions, clock)
    with sessions.begin() as db:
        ledger.open_account(db, 100001, "main", "RUB")
    credit(ports, 100001, EventName("test:bank", "1"), rub("5.00"), "cash.test", "connector:test", clock())
    sessions.dispose()
    clock.forward(days=2)
    closed = k5_of(database_url, "ledger", "close")
    assert closed.exit_code == 0, closed.output
    assert re.search(r"^2026-12-02  [0-9a-f]{64}$", closed.output, re.MULTILINE)
    assert k5_of(database_url, "ledger", "close").output == "nothing to close; the last sealed day is 2026-12-02\n"
    sound = k5_of(database_url, "ledger", "verify")
    assert (sound.stdout, sound.stderr) == (
        "every invariant holds\n",
        "verify: 25 %\nverify: 50 %\nverify: 75 %\nverify: 100 %\n",
    )
