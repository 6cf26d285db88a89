"""A call's three counts are the same, or it is said what is wrong with it."""

from datetime import UTC, date, datetime

import pytest

from k5web.domain.books.bill_check import BilledCall, BillFault, days_of
from k5web.domain.money import Money, rub

DAY = date(2026, 12, 1)
NOW = datetime(2026, 12, 2, tzinfo=UTC)


def call(cdr: int | None, bill: int | None, ledger: int | None, currency: str = "RUB") -> BilledCall:
    return BilledCall(8841, "8841-1", currency, cdr, bill, ledger)


@pytest.mark.parametrize(
    ("counts", "fault"),
    [
        ((220, 220, 220), None),
        ((0, 0, None), None),
        ((0, 0, 0), None),
        ((220, 220, None), BillFault.NOT_IN_LEDGER),
        ((None, None, 220), BillFault.ONLY_IN_LEDGER),
        ((220, 220, 219), BillFault.LEDGER_DIFFERS),
        ((220, 0, 220), BillFault.LEDGER_DIFFERS),
        ((221, 220, 220), BillFault.CDR_DIFFERS),
        ((1, 0, None), BillFault.CDR_DIFFERS),
    ],
)
def test_a_call_is_named_where_its_counts_differ(counts: tuple[int | None, ...], fault: BillFault | None) -> None:
    assert call(*counts).fault == fault  # type: ignore[arg-type]


def test_a_day_is_summed_by_currency_and_its_calls_are_counted() -> None:
    calls = [call(220, 220, 220), call(None, None, 5), call(100, 100, 100, "KGS")]
    kgs, roubles = days_of(DAY, calls, {"RUB": 30}, NOW, "RUB")
    assert (kgs.calls, kgs.cdr, kgs.bill, kgs.ledger, kgs.agrees) == (1, *[Money(100, "KGS")] * 3, True)
    assert (roubles.calls, roubles.ledger, roubles.corrected) == (1, rub("2.25"), rub("0.30"))
    assert (roubles.differing, roubles.agrees) == (1, False)


def test_sums_that_agree_by_chance_hide_no_call() -> None:
    (day,) = days_of(DAY, [call(1, 1, 2), call(2, 2, 1)], {}, NOW, "RUB")
    assert (day.cdr, day.bill, day.ledger, day.agrees) == (*[rub("0.03")] * 3, False)


def test_a_day_without_calls_is_a_line_of_zeros() -> None:
    (day,) = days_of(DAY, [], {}, NOW, "RUB")
    assert (day.calls, day.bill, day.agrees) == (0, rub("0.00"), True)
