"""A register against the ledger: every planted fault is named and none invented. Promises: B4, R21, docs/ledger.md."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money, rub
from k5web.domain.payments.register import Finding, RegisterVerdict
from k5web.errors import NotFound, WrongFile, WrongRegister
from k5web.services.books import corrections
from k5web.services.payments import reconciliation, topups
from k5web.services.payments.reconciliation import Summary
from k5web.services.ports import OPERATOR_ZONE
from k5web.storage import incidents
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.proofs import figure
from tests.services.net import Net

DAY = datetime(2026, 11, 30, tzinfo=OPERATOR_ZONE)
LATE = timedelta(weeks=3)  # more than three working days, whatever holidays there are
Line = tuple[str, datetime, Money]


class Books(Net):
    """The house whose network sends registers."""

    def __init__(self, sessions: Sessions, clock: Clock, folder: Path) -> None:
        super().__init__(sessions, clock)
        self.folder = folder
        self.found: list[Finding] = []

    def credit(self, key: str, at: datetime, amount: Money) -> None:
        """Credit a payment, by the provider's clock at this moment."""
        name = EventName("fake:bank", key)
        topups.credit(self.ports, self.caller.id, name, amount, "cash.fake", "connector:fake", at)

    def register(self, lines: Sequence[Line], total: str = "", name: str = "day.csv") -> Path:
        """Write a register."""
        text = [f"{key};{at.isoformat()};{self.caller.id};{amount}" for key, at, amount in lines]
        total = total or f"total;{len(lines)};{Money(sum(amount.minor for _, _, amount in lines))}"
        path = self.folder / name
        path.write_text("\n".join([*text, total, ""]))
        return path

    def reconcile(self, path: Path) -> Summary:
        """Hold it against the ledger."""
        self.found = []
        return reconciliation.reconcile(self.ports, "fake:bank", path, self.found.append, lambda *_: None)

    def verdicts(self) -> set[tuple[str, str]]:
        """What was told: key and verdict."""
        return {(finding.key, finding.verdict) for finding in self.found}


@pytest.fixture
def books(sessions: Sessions, tmp_path: Path) -> Books:
    """The books on the day after."""
    return Books(sessions, Clock(), tmp_path)


def test_equal_books_agree_and_the_same_file_again_changes_nothing(books: Books) -> None:
    lines = [(str(n), DAY + timedelta(hours=n), rub("100.00")) for n in range(24)]
    for line in lines:
        books.credit(*line)
    path = books.register(lines)
    first = books.reconcile(path)
    assert first.agrees
    assert first.counts == {RegisterVerdict.CONFIRMED: 24}
    assert (first.lines, books.found) == (24, [])
    assert books.reconcile(path) == first
    books.assert_sound()


@pytest.mark.parametrize("days", [20, pytest.param(200, marks=[pytest.mark.full, pytest.mark.timeout(1800)])])
def test_every_planted_fault_is_named_and_none_invented(books: Books, days: int) -> None:
    """R21: generated days with faults of all five kinds; the late one is the sixth."""
    listed = 0
    for seed in range(days):
        lines, planted = faulty_day(books, seed)
        path = books.register(lines)
        assert not books.reconcile(path).agrees
        assert books.verdicts() == planted, seed
        listed += len(planted) - 1  # a late one is told, not listed
        books.reconcile(path)
        assert books.verdicts() == planted, seed
    with books.ports.sessions.read() as db:
        assert incidents.counts(db) == {"register_difference": listed}
    figure(f"{days} register days with {listed} planted faults: each named, none invented")


def faulty_day(books: Books, seed: int) -> tuple[list[Line], set[tuple[str, str]]]:
    """Credit a day of payments; return its register and the faults planted in it."""
    dice = random.Random(seed)
    day = DAY + timedelta(weeks=4 * seed)
    books.clock.now = day.astimezone(UTC) + timedelta(days=1)
    clean = [(f"{seed}-{n}", day + timedelta(seconds=dice.randrange(86400)), Money(dice.randrange(1000, 99999)))
             for n in range(40)]  # fmt: skip
    lines, planted = list(clean), set()
    for place, (key, at, amount) in enumerate(dice.sample(clean, 7)):
        clean.remove((key, at, amount))
        match place:
            case 0 | 1:
                verdict = "missing_here"
            case 2 | 3:
                verdict = "missing_there"
                lines.remove((key, at, amount))
                books.credit(key, at, amount)
            case 4 | 5:
                verdict = "sum_mismatch"
                books.credit(key, at, amount + Money(dice.choice([-1, 1])))
            case _:
                verdict = "duplicate_in_register"
                books.credit(key, at, amount)
                lines.append((key, at, amount))
        planted.add((key, verdict))
    late = (f"{seed}-late", day - LATE, rub("50.00"))
    for line in (*clean, late):
        books.credit(*line)
    lines.append(late)
    dice.shuffle(lines)
    # Neighbouring days are nobody's fault
    books.credit(f"{seed}-before", day - LATE - timedelta(seconds=1), rub("10.00"))
    books.credit(f"{seed}-after", day + timedelta(days=1), rub("10.00"))
    return lines, planted | {(f"{seed}-late", "late")}


def test_wrong_totals_refuse_the_whole_file(books: Books) -> None:
    lines = [("1", DAY, rub("100.00"))]
    for total in ("total;1;100.01", "total;2;100.00"):
        with pytest.raises(WrongRegister):
            books.reconcile(books.register(lines, total))
    assert (books.found, books.incidents()) == ([], [])
    with pytest.raises(WrongFile):
        books.reconcile(books.folder / "absent.csv")
    with pytest.raises(NotFound, match="there are: fake:bank"):
        reconciliation.reconcile(books.ports, "fake:nobody", books.folder, print, print)


def test_a_missing_payment_credited_by_a_person_is_credited_once_though_its_notice_comes_late(books: Books) -> None:
    line = ("700", DAY, rub("100.00"))
    path = books.register([line])
    books.reconcile(path)
    assert books.verdicts() == {("700", "missing_here")}
    first = books.says(do="pay", key="700", account="9161234567", sum="100.00")
    books.credit(*line)
    assert books.says(do="pay", key="700", account="9161234567", sum="100.00") == first
    assert books.balance() == rub("100.00")
    assert books.reconcile(path).agrees


def test_a_payment_in_the_neighbours_register_is_not_missing(books: Books) -> None:
    """Clocks differ about midnight: the payment stands in the next day's file."""
    books.credit("1", DAY + timedelta(hours=12), rub("10.00"))
    books.credit("2", DAY + timedelta(hours=23, minutes=59), rub("20.00"))
    books.reconcile(books.register([("2", DAY + timedelta(days=1), rub("20.00"))], name="next.csv"))
    assert books.verdicts() == set()
    assert books.reconcile(books.register([("1", DAY + timedelta(hours=12), rub("10.00"))])).agrees


def test_a_cancel_is_held_against_its_reversal(books: Books) -> None:
    for key in ("1", "2"):
        books.credit(key, DAY, rub("10.00"))
    books.says(do="cancel", key="1")
    lines = [("1", DAY, rub("10.00")), ("1", DAY, -rub("10.00")), ("2", DAY, rub("10.00"))]
    assert books.reconcile(books.register(lines)).agrees
    assert not books.reconcile(books.register([*lines, ("2", DAY, -rub("10.00"))], name="more.csv")).agrees
    assert books.verdicts() == {("2", "missing_here")}
    books.credit("3", DAY, rub("10.00"))
    books.says(do="cancel", key="3")
    assert books.reconcile(books.register(lines)).agrees  # what was taken back need not stand there


def test_refunds_in_parts_are_held_against_what_went_back(books: Books) -> None:
    """A card's parts go back on several days; the file of one day need not name them all."""
    books.credit("1", DAY, rub("10.00"))
    for part in ("3.00", "2.00"):
        name = EventName("fake:bank", "1")
        corrections.refund(books.ports, books.caller.id, name, rub(part), f"a {part}", "connector:fake")
    paid = ("1", DAY, rub("10.00"))
    assert books.reconcile(books.register([paid, ("1", DAY, -rub("3.00"))])).agrees
    assert books.reconcile(books.register([("1", DAY, -rub("3.00")), ("1", DAY, -rub("2.00"))], name="next.csv")).agrees
    assert not books.reconcile(books.register([("1", DAY, -rub("3.00"))] * 2, name="twice.csv")).agrees
    assert books.verdicts() == {("1", "sum_mismatch")}


def give_back(books: Books, key: str, part: str) -> None:
    """Book a refund by its provider's word."""
    name = EventName("fake:bank", key)
    corrections.refund(books.ports, books.caller.id, name, rub(part), f"{key} {part}", "connector:fake")


def test_what_went_back_here_and_stands_in_no_register_is_missing_there(books: Books) -> None:
    """B5: held against the register in both directions, by its sum, in whatever file it stands."""
    for key in ("1", "2", "3", "4"):
        books.credit(key, DAY, rub("10.00"))
    assert books.reconcile(books.register([(key, DAY, rub("10.00")) for key in ("1", "2", "3", "4")])).agrees
    books.clock.forward(days=1)
    now = books.clock()
    give_back(books, "1", "3.00")
    give_back(books, "2", "2.00")
    give_back(books, "2", "4.00")
    give_back(books, "3", "10.00")
    books.says(do="cancel", key="4")
    others = ("9", now, rub("1.00"))
    books.credit(*others)
    assert not books.reconcile(books.register([others, ("2", now, -rub("4.00"))], name="next.csv")).agrees
    told = {finding.key: (finding.verdict, finding.theirs, finding.ours) for finding in books.found}
    assert told == {
        "1": (RegisterVerdict.MISSING_THERE, None, -rub("3.00")),
        "2": (RegisterVerdict.MISSING_THERE, -rub("4.00"), -rub("6.00")),
        "3": (RegisterVerdict.MISSING_THERE, None, -rub("10.00")),
        "4": (RegisterVerdict.MISSING_THERE, None, -rub("10.00")),
    }
    assert books.incidents() == ["register_difference"] * 4
    back = [("1", now, -rub("3.00")), ("2", now, -rub("2.00")), ("3", now, -rub("10.00")), ("4", now, -rub("10.00"))]
    assert books.reconcile(books.register(back, name="after.csv")).agrees
    again = [others, ("2", now, -rub("4.00"))]
    assert books.reconcile(books.register(again, name="next.csv")).agrees, "the first file again"


def test_the_same_refund_in_two_files_counts_once(books: Books) -> None:
    books.credit("1", DAY, rub("10.00"))
    now = books.clock()
    give_back(books, "1", "6.00")
    paid, half = ("1", now, rub("10.00")), ("1", now, -rub("3.00"))
    books.reconcile(books.register([paid, half], name="a.csv"))
    books.reconcile(books.register([half], name="b.csv"))
    assert books.verdicts() == {("1", "missing_there")}


def test_what_staff_put_right_here_is_no_refund_of_the_provider_s(books: Books) -> None:
    now = books.clock()
    for key in ("1", "2"):
        books.credit(key, now, rub("10.00"))
    corrections.refund(books.ports, books.caller.id, EventName("fake:bank", "1"), rub("3.00"), "a1", "staff:1")
    corrections.reverse(books.ports, books.caller.id, EventName("fake:bank", "2"), "staff:1")
    assert books.reconcile(books.register([(key, now, rub("10.00")) for key in ("1", "2")])).agrees


def test_a_register_that_never_has_what_went_back_is_not_asked_for_it(books: Books) -> None:
    now = books.clock()
    books.credit("1", now, rub("10.00"))
    give_back(books, "1", "3.00")
    books.connector.tells_back = False
    assert books.reconcile(books.register([("1", now, rub("10.00"))])).agrees
