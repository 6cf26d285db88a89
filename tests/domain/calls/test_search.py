"""What staff look for among all calls."""

from datetime import date, timedelta

import pytest

from k5web.domain.calls.search import LONGEST, CallSearch, after_prefix
from k5web.errors import WrongPeriod

DAY = date(2026, 12, 1)


@pytest.mark.parametrize(("prefix", "after"), [("7495", "7496"), ("799", "8"), ("9", None), ("0", "1"), ("19", "2")])
def test_numbers_that_begin_so_lie_before_one_text(prefix: str, after: str | None) -> None:
    assert after_prefix(prefix) == after
    assert after is None or prefix + "9" * 10 < after


def test_days_make_a_period_that_a_page_can_look_through() -> None:
    CallSearch(DAY, DAY)
    CallSearch(DAY, DAY + LONGEST)
    for last in (DAY - timedelta(days=1), DAY + LONGEST + timedelta(days=1)):
        with pytest.raises(WrongPeriod):
            CallSearch(DAY, last)
