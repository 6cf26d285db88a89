"""What may be done about a difference, and when a day needs nobody."""

from dataclasses import replace
from datetime import UTC, date, datetime

from k5web.domain.money import rub
from k5web.domain.payments.register import RegisterVerdict
from k5web.domain.payments.register_day import (
    DIFFERENCES,
    MAY_BE,
    DifferenceName,
    Figure,
    HowResolved,
    RegisterDay,
    RegisterPair,
    Resolution,
)

DAY = date(2026, 11, 30)
NAME = DifferenceName("net:bank", "700", RegisterVerdict.MISSING_HERE)
PAIR = RegisterPair(NAME, rub("10.00"), None, None)


def test_every_difference_can_be_resolved_and_only_what_is_missing_here_by_money() -> None:
    assert all(MAY_BE[verdict] for verdict in DIFFERENCES)
    assert [verdict for verdict in DIFFERENCES if HowResolved.CREDITED in MAY_BE[verdict]] == [NAME.verdict]
    assert not {RegisterVerdict.CONFIRMED, RegisterVerdict.LATE} & set(DIFFERENCES)


def test_what_was_resolved_leaves_no_choice_and_what_went_back_is_never_credited() -> None:
    said = Resolution(
        NAME, HowResolved.CLARIFIED, "x", DAY, rub("10.00"), None, "staff:anna", datetime(2026, 12, 1, tzinfo=UTC)
    )
    assert PAIR.choices == {HowResolved.CREDITED, HowResolved.CLARIFIED}
    assert replace(PAIR, name=replace(NAME, is_back=True)).choices == {HowResolved.CLARIFIED}
    assert replace(PAIR, resolution=said).choices == frozenset()


def test_a_day_needs_nobody_when_it_was_told_and_nothing_is_left() -> None:
    day = RegisterDay(DAY, "net:bank", "RUB", is_told=True, unresolved=0, late=1)
    paid = {RegisterVerdict.MISSING_THERE: Figure(1, 100, 0)}
    assert day.agrees
    assert replace(day, is_told=False).agrees, "nothing was paid"
    assert not replace(day, unresolved=1).agrees
    assert not replace(day, is_told=False, figures=paid).agrees
    assert (day.figure("confirmed"), Figure(1, 5, 7).plus(PAIR)) == (Figure(), Figure(2, 5, 1007))
