"""The journal as files: each posting once, sums as the ledger has them, and hledger finds nothing to complain of."""

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from k5web.domain.books.hledger import house_name, purse_name
from k5web.domain.money import Money
from k5web.services.books import journal_export
from k5web.services.books.journal_export import Days, write_csv, write_hledger
from k5web.services.ports import Ports
from k5web.storage.books.ledger_sql import ACCOUNT, POSTING
from k5web.storage.session import Sessions
from tests import hledger
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.services.books.busy_month import FIRST, IVAN, LAST, NOVEMBER, ORDERED, Books, busy

EVER = date(2000, 1, 1), date(2030, 1, 1)


@pytest.fixture
def books(sessions: Sessions, clock: Clock) -> Books:
    """A November in which everything happened."""
    return busy(open_doors(sessions, clock))


def table(ports: Ports, days: Days) -> list[dict[str, str]]:
    to = io.StringIO()
    written = write_csv(ports, days, to)
    assert to.getvalue().startswith("\N{BOM}day;")
    rows = list(csv.DictReader(io.StringIO(to.getvalue().removeprefix("\N{BOM}")), delimiter=";"))
    assert len(rows) == written
    return rows


def journal(ports: Ports, days: Days, path: Path) -> Path:
    with path.open("w", encoding="utf-8") as to:
        write_hledger(ports, days, to)
    return path


def minor(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    return sign * int(text.lstrip("-").replace(",", "").replace(".", ""))


def postings(ports: Ports, last: date) -> list[tuple[str, str, str, int, date]]:
    """Return (purse, counter, unit, amount, day) of all money until a day, purses and counters as hledger has them."""
    joined = POSTING.join(ACCOUNT, (ACCOUNT.c.owner_id == POSTING.c.owner_id) & (ACCOUNT.c.id == POSTING.c.account_id))
    found = select(
        POSTING.c.owner_id, ACCOUNT.c.purpose, POSTING.c.counter, POSTING.c.unit, POSTING.c.amount_minor, POSTING.c.day
    ).select_from(joined)
    with ports.sessions.read() as db:
        rows = db.execute(found.where(POSTING.c.day <= last, POSTING.c.unit.in_(["RUB", "KGS"]))).all()
    return [
        (purse_name(row.owner_id, row.purpose), house_name(row.counter), row.unit, row.amount_minor, row.day)
        for row in rows
    ]


def expected(ports: Ports, days: Days) -> dict[tuple[str, str], str]:
    """Return what hledger must say at the end of these days; what is earned and spent begins anew with the first."""
    found: dict[tuple[str, str], int] = {}
    for purse, counter, unit, amount, day in postings(ports, days[1]):
        is_result = counter.startswith(("income:", "expenses:"))
        carried = "equity:opening balances" if is_result and day < days[0] else counter
        found[purse, unit] = found.get((purse, unit), 0) - amount
        found[carried, unit] = found.get((carried, unit), 0) + amount
    return {account: str(Money(total)) for account, total in found.items() if total}


def test_the_table_has_each_posting_of_the_days_once_with_both_sides(books: Books) -> None:
    rows = table(books.ports, NOVEMBER)
    with books.ports.sessions.read() as db:
        days = (POSTING.c.day >= FIRST, POSTING.c.day <= LAST)
        kept = db.execute(select(POSTING.c.account_id, POSTING.c.seq).where(*days)).all()
    assert sorted(int(row["number"]) for row in rows) == sorted(row.account_id * 10**9 + row.seq for row in kept)
    [chargeback] = [row for row in rows if row["origin"] == "chargeback"]
    assert chargeback == {
        "day": "2026-11-30",
        "number": str(books.accounts[IVAN, "main"] * 10**9 + 10),
        "origin": "chargeback",
        "key": "case-1",
        "owner": str(IVAN),
        "account": str(books.accounts[IVAN, "main"]),
        "purpose": "main",
        "counter": "loss",
        "amount": "-100,00",
        "unit": "RUB",
        "balance": "1294,00",
        "actor": "job:test",
        "reverses": "cards:demo order-1",
    }


def test_each_account_of_the_table_goes_from_balance_to_balance(books: Books) -> None:
    balances: dict[str, int] = {}
    for row in table(books.ports, EVER):
        balances[row["account"]] = balances.get(row["account"], 0) + minor(row["amount"])
        assert minor(row["balance"]) == balances[row["account"]]


def test_the_first_and_the_last_day_are_included(books: Books) -> None:
    days = {row["day"] for row in table(books.ports, NOVEMBER)}
    assert (min(days), max(days)) == ("2026-11-01", "2026-11-30")
    whole = len(table(books.ports, EVER))
    around = (EVER[0], FIRST - timedelta(days=1)), NOVEMBER, (LAST + timedelta(days=1), EVER[1])
    assert sum(len(table(books.ports, part)) for part in around) == whole


def test_no_cell_runs_and_no_rented_number_leaves(books: Books, tmp_path: Path) -> None:
    """Trial: S29. A key of the bank's document was typed by a person."""
    rows = table(books.ports, NOVEMBER)
    cells = [cell for row in rows for name, cell in row.items() if name not in {"amount", "balance"}]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert ORDERED not in " ".join(cells)
    assert {"number 7495***01 form-4", "'=cmd|' /C calc'!A0"} <= set(cells)
    assert ORDERED not in journal(books.ports, NOVEMBER, tmp_path / "k5.journal").read_text()


def test_pages_however_small_make_the_same_file(books: Books, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whole = table(books.ports, EVER), journal(books.ports, NOVEMBER, tmp_path / "a").read_text()
    monkeypatch.setattr(journal_export, "PAGE", 1)
    assert (table(books.ports, EVER), journal(books.ports, NOVEMBER, tmp_path / "b").read_text()) == whole


def test_progress_ends_with_all_of_it(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_export, "PAGE", 7)
    told: list[tuple[int, int]] = []
    written = write_csv(books.ports, NOVEMBER, io.StringIO(), lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert (told[0], told[-1]) == ((7, written), (written, written))


@pytest.mark.hledger
@pytest.mark.parametrize("days", [NOVEMBER, EVER, (FIRST, FIRST), (date(2027, 3, 1), date(2027, 3, 31))])
def test_hledger_reads_the_journal_and_has_the_balances_of_the_ledger(books: Books, days: Days, tmp_path: Path) -> None:
    """It proves each balance after each posting, and that every account and currency is declared."""
    path = journal(books.ports, days, tmp_path / "k5.journal")
    assert hledger.run(path, "check", "--strict") == ""
    assert hledger.balances(path) == expected(books.ports, days)


@pytest.mark.hledger
def test_hledger_finds_what_a_reversal_takes_back(books: Books, tmp_path: Path) -> None:
    path = journal(books.ports, NOVEMBER, tmp_path / "k5.journal")
    found = hledger.run(path, "register", "tag:reverses=order number", "income", "-O", "csv")
    assert found.splitlines()[1].split(",")[3:6] == [
        '"reversal order number 7495***01 form-4"',
        '"income:sale:order"',
        '"90.00 RUB"',
    ]


@pytest.mark.hledger
def test_a_wrong_balance_would_be_found(books: Books, tmp_path: Path) -> None:
    """The assertions are there: a sum that is changed in the file is complained of."""
    path = journal(books.ports, NOVEMBER, tmp_path / "k5.journal")
    text = path.read_text()
    assert "  -500.00 RUB = " in text
    path.write_text(
        text.replace("  -500.00 RUB = ", "  -500.01 RUB = ", 1).replace("  500.00 RUB\n", "  500.01 RUB\n", 1)
    )
    with pytest.raises(AssertionError, match="balance assertion"):
        hledger.run(path, "check")
