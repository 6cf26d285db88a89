"""A day of registers beside the ledger: its figures, its differences, and what a person says. Promises: R21, B4."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from k5web.domain.money import rub
from k5web.domain.payments.register import RegisterVerdict
from k5web.domain.payments.register_day import DifferenceName, Figure, HowResolved, RegisterPair
from k5web.errors import AlreadyThere, NotFound, WrongReason, WrongResolution
from k5web.services.payments import register_days
from k5web.services.payments.register_days import Decision
from k5web.services.ports import Connectors
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.proofs import figure
from tests.services.payments.test_reconciliation import DAY, Books, faulty_day, give_back

ORIGIN = "fake:bank"
TODAY = DAY.date()
V = RegisterVerdict


@pytest.fixture
def books(sessions: Sessions, tmp_path: Path) -> Books:
    """The books on the day after."""
    return Books(sessions, Clock(), tmp_path)


def shown(books: Books, day: date = TODAY) -> list[tuple[str, str]]:
    """What a day shows: key and verdict of each difference that nobody resolved."""
    pairs = register_days.differences(books.ports, ORIGIN, day)
    return sorted((pair.name.key, pair.name.verdict.value) for pair in pairs if pair.resolution is None)


def pair_of(books: Books, key: str, day: date = TODAY) -> RegisterPair:
    (found,) = [one for one in register_days.differences(books.ports, ORIGIN, day) if one.name.key == key]
    return found


def decision(
    books: Books, key: str, how: HowResolved, reason: str = "agreed with the provider", owner_id: int | None = None
) -> Decision:
    return Decision(pair_of(books, key).name, TODAY, how, reason, "staff:anna", owner_id)


@pytest.mark.parametrize("days", [5, pytest.param(200, marks=[pytest.mark.full, pytest.mark.timeout(1800)])])
def test_every_planted_fault_is_shown_and_none_invented(books: Books, days: int) -> None:
    """R21: days with faults of all kinds; what the page shows is asked of the database, not of the import."""
    for seed in range(days):
        lines, planted = faulty_day(books, seed)
        day = (DAY + timedelta(weeks=4 * seed)).date()
        books.reconcile(books.register(lines))
        counted = register_days.count(books.ports, ORIGIN, day)
        differing = sorted(one for one in planted if one[1] != "late")
        assert shown(books, day) == differing, seed
        assert (counted.is_told, counted.unresolved, counted.figure("confirmed").count) == (True, 7, 33), seed
        assert {verdict.value: figure.count for verdict, figure in counted.figures.items()} == {
            "confirmed": 33, "missing_here": 2, "missing_there": 2, "sum_mismatch": 2, "duplicate_in_register": 1,
        }, seed  # fmt: skip
        late_day = (DAY + timedelta(weeks=4 * seed - 3)).date()
        late = register_days.late(books.ports, ORIGIN, late_day)
        assert [pair.name.key for pair in late] == [f"{seed}-late"], seed
    figure(f"{days} register days with faults: each shown, none invented")


def test_figures_have_counts_and_the_sums_of_both_sides(books: Books) -> None:
    for key, amount in (("1", "10.00"), ("2", "20.00"), ("3", "30.00")):
        books.credit(key, DAY, rub(amount))
    books.reconcile(books.register([("1", DAY, rub("10.00")), ("2", DAY, rub("20.05")), ("4", DAY, rub("40.00"))]))
    assert register_days.count(books.ports, ORIGIN, TODAY).figures == {
        V.CONFIRMED: Figure(1, 1000, 1000),
        V.SUM_MISMATCH: Figure(1, 2000, 2005),
        V.MISSING_HERE: Figure(1, 0, 4000),
        V.MISSING_THERE: Figure(1, 3000, 0),
    }
    assert [pair.name.key for pair in register_days.confirmed(books.ports, ORIGIN, TODAY)] == ["1"]
    assert register_days.confirmed(books.ports, ORIGIN, TODAY, after="1") == []


def test_a_day_without_its_register_says_so_and_its_payments_are_no_differences_yet(books: Books) -> None:
    books.credit("1", DAY, rub("10.00"))
    day = register_days.count(books.ports, ORIGIN, TODAY)
    assert (day.is_told, day.agrees, day.unresolved, day.figure("missing_there").count) == (False, False, 0, 1)
    quiet = register_days.count(books.ports, ORIGIN, TODAY - timedelta(days=1))
    assert (quiet.is_told, quiet.agrees) == (False, True)


def test_a_register_over_several_days_tells_those_without_payments_too(books: Books) -> None:
    around = [(key, DAY + timedelta(days=days), rub("1.00")) for key, days in (("1", -1), ("2", 1))]
    for line in around:
        books.credit(*line)
    books.reconcile(books.register(around))
    assert register_days.count(books.ports, ORIGIN, TODAY).is_told


@pytest.mark.parametrize(
    ("key", "how"),
    [("here", HowResolved.CLARIFIED), ("sum", HowResolved.CONFLICT), ("there", HowResolved.CLARIFIED),
     ("twice", HowResolved.CLARIFIED)],
)  # fmt: skip
def test_other_differences_are_resolved_by_a_reason_and_move_nothing(books: Books, key: str, how: HowResolved) -> None:
    _all_kinds(books)
    before, listed = books.balance(), len(books.incidents())
    register_days.resolve(books.ports, decision(books, key, how))
    assert key not in dict(shown(books))
    assert (books.balance(), len(books.incidents())) == (before, listed - 1)
    (said,) = register_days.resolutions(books.ports, ORIGIN, TODAY)
    assert (said.name.key, said.how, said.reason) == (key, how, "agreed with the provider")
    with pytest.raises(AlreadyThere):
        register_days.resolve(books.ports, decision(books, key, how))
    books.reconcile(books.folder / "day.csv")
    assert len(books.incidents()) == listed - 1, "the same register again alarms nobody"
    assert register_days.count(books.ports, ORIGIN, TODAY).unresolved == 3


def _all_kinds(books: Books) -> None:
    for key, amount in (("sum", "20.00"), ("there", "30.00"), ("twice", "40.00")):
        books.credit(key, DAY, rub(amount))
    lines = [("here", DAY, rub("10.00")), ("sum", DAY, rub("21.00")), *[("twice", DAY, rub("40.00"))] * 2]
    books.reconcile(books.register(lines))


@pytest.mark.parametrize(
    ("key", "how"),
    [("sum", HowResolved.CREDITED), ("there", HowResolved.CREDITED), ("sum", HowResolved.CLARIFIED),
     ("twice", HowResolved.CONFLICT), ("here", HowResolved.CONFLICT), ("here", HowResolved.CREDITED)],
)  # fmt: skip
def test_what_does_not_fit_a_difference_is_refused(books: Books, key: str, how: HowResolved) -> None:
    """The last one moves money: it goes by the rules of money by hand."""
    _all_kinds(books)
    before = books.balance()
    with pytest.raises(WrongResolution):
        register_days.resolve(books.ports, decision(books, key, how))
    assert (books.balance(), len(shown(books))) == (before, 4)


def test_a_resolution_needs_a_reason_and_a_difference(books: Books) -> None:
    _all_kinds(books)
    with pytest.raises(WrongReason):
        register_days.resolve(books.ports, decision(books, "there", HowResolved.CLARIFIED, reason=" "))
    gone = Decision(DifferenceName(ORIGIN, "no such", V.MISSING_HERE), TODAY, HowResolved.CLARIFIED, "x", "staff:anna")
    with pytest.raises(NotFound):
        register_days.resolve(books.ports, gone)
    with pytest.raises(NotFound):
        register_days.differences(books.ports, "fake:nobody", TODAY)


def test_money_that_went_back_is_held_against_the_register_on_the_page_too(books: Books) -> None:
    for key in ("1", "2", "3", "4"):
        books.credit(key, DAY - timedelta(days=1), rub("10.00"))
    books.clock.now = DAY
    give_back(books, "1", "3.00")  # the register has it
    give_back(books, "2", "3.00")  # the register has more
    give_back(books, "4", "3.00")  # the register has nothing
    back = [("1", DAY, -rub("3.00")), ("2", DAY, -rub("5.00")), ("3", DAY, -rub("10.00"))]
    books.reconcile(books.register([*[(key, DAY - timedelta(days=1), rub("10.00")) for key in "1234"], *back]))
    assert shown(books) == [("2", "sum_mismatch"), ("3", "missing_here"), ("4", "missing_there")]
    assert all(pair_of(books, key).name.is_back for key in "234")
    with pytest.raises(WrongResolution):
        register_days.resolve(books.ports, decision(books, "3", HowResolved.CREDITED, owner_id=books.caller.id))
    for key, how in (("2", HowResolved.CONFLICT), ("3", HowResolved.CLARIFIED), ("4", HowResolved.CLARIFIED)):
        register_days.resolve(books.ports, decision(books, key, how))
    assert (shown(books), books.incidents()) == ([], [])


def test_a_late_payment_is_listed_with_both_its_dates(books: Books) -> None:
    books.clock.now = DAY + timedelta(days=9)
    line = ("1", DAY, rub("10.00"))
    books.credit(*line)
    books.reconcile(books.register([line]))
    (late,) = register_days.late(books.ports, ORIGIN, TODAY)
    assert (late.name.key, late.paid_at, late.recorded_at) == ("1", DAY, books.clock.now)
    assert register_days.count(books.ports, ORIGIN, TODAY).late == 1


def test_the_worker_counts_what_may_still_change(books: Books) -> None:
    every = register_days.COUNTED_DAYS
    assert register_days.count_due(books.ports) == every, "no day has its register"
    line = ("1", DAY, rub("10.00"))
    books.credit(*line)
    books.reconcile(books.register([line]))
    assert register_days.count_due(books.ports) == every, "the day is counted once more"
    assert register_days.count_due(books.ports) == every - 1
    books.ports = replace(books.ports, connectors=Connectors())
    assert register_days.origins(books.ports) == []
    assert register_days.count_due(books.ports) == 0
