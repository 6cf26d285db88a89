"""What came in and went back, as 1C loads it: our own reader takes it, with the sums of the ledger. Promise: B13."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from k5web.domain.bank.exchange_writer import CODING
from k5web.domain.bank.purpose import Purpose, read_purpose
from k5web.domain.bank.statement import AccountTotals, BankDocument, Direction, Lenience, Notes, OtherDocument
from k5web.domain.bank.totals import Audit
from k5web.domain.money import Money, rub
from k5web.errors import WrongSetting, WrongStatement
from k5web.services.bank import exchange_export
from k5web.services.bank.exchange_export import Exported
from k5web.services.bank.statement_files import read_statement
from k5web.services.bank.statement_import import import_statement
from k5web.services.bank.suspense import assign, suspense
from k5web.services.ports import Ports
from k5web.storage.session import Sessions
from k5web.whole_file import appearing
from tests.bank_files import Came
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.fakes.payee import ROMASHKA
from tests.services.bank.payouts import receive
from tests.services.books.busy_month import NOVEMBER, Books, busy
from tests.services.house import House

OURS = ROMASHKA.account


@pytest.fixture
def books(sessions: Sessions, clock: Clock) -> Books:
    """A November in which everything happened."""
    return busy(open_doors(sessions, clock, payee=ROMASHKA))


def written(ports: Ports, path: Path, days: tuple[date, date] = NOVEMBER, account: str = "") -> Exported:
    with appearing(path, CODING, "replace") as to:
        return exchange_export.write(ports, days, account, to)


def read_back(path: Path, account: str = OURS) -> tuple[Audit, list[BankDocument], list[OtherDocument], Notes]:
    notes: Notes = Counter()
    audit, own = Audit(frozenset({account}), notes), frozenset({account})
    records = list(read_statement(path, own, account, notes))
    for record in records:
        audit.add(record)
    came = [record for record in records if isinstance(record, BankDocument)]
    return audit, came, [record for record in records if isinstance(record, OtherDocument)], +notes


def test_our_own_reader_takes_the_file_with_the_same_sums(books: Books, tmp_path: Path) -> None:
    """Of what went back nobody knows to which account; that is all there is to be lenient about. A balance is not told,
    for the ledger does not know the bank's."""
    done = written(books.ports, tmp_path / "k5.txt")
    audit, came, went, notes = read_back(tmp_path / "k5.txt")
    assert (done.received, done.spent, done.left_out) == (rub("2851.00"), rub("1444.00"), 1)
    assert len(came) + len(went) == done.documents
    assert Money(sum(one.amount.minor for one in came)) == audit.came_to == done.received
    assert {one.direction for one in went} == {Direction.OUTGOING}
    assert sum(one.amount.minor for one in went if one.amount) == done.spent.minor
    assert notes == {Lenience.OTHER_SIDE: len(went)}
    assert [doubt.partition(": ")[2] for doubt in audit.doubts] == [
        "a balance is missing: the totals could not be checked against it"
    ]


@pytest.mark.parametrize("dry_run", [True, False])
def test_our_own_file_is_refused_as_a_statement(books: Books, tmp_path: Path, dry_run: bool) -> None:
    """Its money is in the ledger; from the bank's own file it came already."""
    written(books.ports, tmp_path / "k5.txt")
    with pytest.raises(WrongStatement, match="`k5 ledger export` wrote this for 1C"):
        import_statement(books.ports, tmp_path / "k5.txt", [OURS], dry_run, is_sure=True)


def test_a_document_is_the_sum_of_a_day_and_a_way(books: Books, tmp_path: Path) -> None:
    written(books.ports, tmp_path / "k5.txt")
    _, came, went, _ = read_back(tmp_path / "k5.txt")
    third = [(one.number, one.payer, str(one.amount)) for one in came if one.day == date(2026, 11, 3)]
    assert third == [
        ("110301", "qiwi:optima", "50.00"),
        ("110302", "qiwi:second", "7.00"),
        ("110303", "банк", "261.00"),
    ]
    last = [one.name[2:] for one in went if one.name[3] == "30.11.2026"]
    assert last == [("113002", "30.11.2026", "24.00"), ("113003", "30.11.2026", "100.00")]


def test_no_purpose_leads_to_a_subscriber_or_an_invoice(books: Books, tmp_path: Path) -> None:
    """Somebody may give the file to another reader of statements all the same."""
    written(books.ports, tmp_path / "k5.txt")
    _, came, _, _ = read_back(tmp_path / "k5.txt")
    assert {read_purpose(one.purpose) for one in came} == {Purpose((), None)}


def test_what_suspense_gives_to_its_owner_came_once(k5: House, tmp_path: Path) -> None:
    """It came to the bank on the day it came to suspense; that its owner was found brought no money."""
    receive(k5, tmp_path, Came("1", rub("70.00"), "за связь"))
    today = k5.ports.today()
    before = written(k5.ports, tmp_path / "before.txt", (today, today))
    [waiting] = suspense(k5.ports).first
    k5.clock.forward(days=1)
    assign(k5.ports, waiting.payment.number, k5.caller.id, "staff:17")
    assert written(k5.ports, tmp_path / "after.txt", (today, today)) == before
    assert (before.documents, before.received) == (1, rub("70.00"))
    assert written(k5.ports, tmp_path / "next.txt", (k5.ports.today(),) * 2).documents == 0


def test_the_same_days_have_the_same_documents_in_any_period(books: Books, tmp_path: Path) -> None:
    """So 1C finds by number and day what it loaded before."""
    written(books.ports, tmp_path / "month.txt")
    whole = {(one.number, one.day, one.amount) for one in read_back(tmp_path / "month.txt")[1]}
    written(books.ports, tmp_path / "day.txt", (date(2026, 11, 3), date(2026, 11, 3)))
    part = {(one.number, one.day, one.amount) for one in read_back(tmp_path / "day.txt")[1]}
    assert part == {one for one in whole if one[1] == date(2026, 11, 3)}


def test_an_empty_period_is_a_file_without_documents(sessions: Sessions, clock: Clock, tmp_path: Path) -> None:
    done = written(open_doors(sessions, clock, payee=ROMASHKA), tmp_path / "k5.txt")
    assert done == Exported(0, Money(0), Money(0), 0)
    assert read_back(tmp_path / "k5.txt")[1:] == ([], [], {})


def test_another_account_of_ours_may_take_the_documents(books: Books, tmp_path: Path) -> None:
    other = "40702810100000000022"
    written(books.ports, tmp_path / "k5.txt", account=other)
    assert {one.payee_account for one in read_back(tmp_path / "k5.txt", other)[1]} == {other}


def test_without_a_payee_nothing_is_written(sessions: Sessions, clock: Clock, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="K5_PAYEE"):
        written(open_doors(sessions, clock), tmp_path / "k5.txt")
    assert not (tmp_path / "k5.txt").exists()


def test_the_totals_stand_above_without_balances(books: Books, tmp_path: Path) -> None:
    written(books.ports, tmp_path / "k5.txt")
    [totals] = [
        record
        for record in read_statement(tmp_path / "k5.txt", frozenset({OURS}), OURS, Counter())
        if isinstance(record, AccountTotals)
    ]
    assert (totals.opening, totals.received, totals.spent, totals.closing) == (
        None,
        rub("2851.00"),
        rub("1444.00"),
        None,
    )
