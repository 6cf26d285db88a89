"""Working hours: to the minute, over midnight, and what the switch is told of them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k5web.domain.pbx.hours import Span, clock, runs, span, written
from k5web.errors import WrongHours
from tests.domain.pbx.interpreter import is_in
from tests.domain.pbx.rules import spans_of_hours

MOSCOW = ZoneInfo("Europe/Moscow")
MONDAY = datetime(2026, 11, 30, tzinfo=MOSCOW)
WORK = span([0, 1, 2, 3, 4], "9:00", "18:00")


@pytest.mark.parametrize(
    ("at", "is_open"),
    [("08:59:59", False), ("09:00:00", True), ("17:59:59", True), ("18:00:00", False)],
)
def test_hours_begin_and_end_with_their_minute(at: str, is_open: bool) -> None:
    moment = datetime.fromisoformat(f"2026-11-30T{at}").replace(tzinfo=MOSCOW)
    assert WORK.covers(moment) is is_open
    assert is_in(written([WORK]), moment) is is_open
    assert not WORK.covers(moment - timedelta(days=1))  # Sunday


def test_hours_over_midnight_end_on_the_next_day() -> None:
    night = span([4], "22:00", "06:00")
    friday = MONDAY + timedelta(days=4)
    open_at = [hour for hour in range(0, 48) if night.covers(friday + timedelta(hours=hour))]
    assert open_at == [22, 23, *range(24, 30)]
    assert written([night]) == "fri/22:00-23:59+sat/00:00-05:59"


def test_the_switch_is_told_the_last_minute_that_counts() -> None:
    assert written([WORK, span([5, 0, 2], "10.30", "24:00")]) == "mon-fri/09:00-17:59+mon&wed&sat/10:30-23:59"


@given(spans=st.lists(spans_of_hours(), min_size=1, max_size=3), minute=st.integers(0, 7 * 1440 - 1))
def test_the_switch_says_the_same(spans: list[Span], minute: int) -> None:
    moment = MONDAY + timedelta(minutes=minute, seconds=59)
    assert any(one.covers(moment) for one in spans) is is_in(written(spans), moment)


@pytest.mark.parametrize(
    ("days", "opens", "closes"),
    [
        ([], "9:00", "18:00"),
        ([7], "9:00", "18:00"),
        ([0], "9", "18:00"),
        ([0], "24:00", "9:00"),
        ([0], "9:60", "18:00"),
        ([0], "25:00", "26:00"),
        ([0], "9:00", "9:00"),
        ([0], "09:00-17:59+sun/00:00", "18:00"),
        ([0], "٠٩:٠٠", "18:00"),
    ],
)
def test_what_is_no_hours_is_refused(days: list[int], opens: str, closes: str) -> None:
    with pytest.raises(WrongHours):
        span(days, opens, closes)


def test_days_beside_each_other_are_one_run() -> None:
    assert runs([6, 0, 1, 2, 4]) == [(0, 2), (4, 4), (6, 6)]
    assert [clock(minute) for minute in (0, 545, 1440)] == ["00:00", "09:05", "24:00"]


def test_midnight_as_an_end_is_the_end_of_the_day() -> None:
    assert span([0], "9:00", "0:00") == span([0], "9:00", "24:00")
