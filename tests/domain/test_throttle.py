"""A few times in a row, then once in a while."""

from datetime import UTC, datetime, timedelta

from k5web.domain.throttle import Throttle

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
PACE = Throttle(every=timedelta(seconds=6), at_once=3)


def done(throttle: Throttle, seconds: range) -> list[int]:
    """Try once in each of these seconds; return when it was let through."""
    booked: datetime | None = None
    through = []
    for second in seconds:
        now = NOW + timedelta(seconds=second)
        if not throttle.wait(booked, now):
            booked = throttle.book(booked, now)
            through.append(second)
    return through


def test_a_few_in_a_row_then_one_in_a_while() -> None:
    assert done(PACE, range(31)) == [0, 1, 2, 6, 12, 18, 24, 30]


def test_who_was_quiet_for_long_gets_no_more_than_a_few_in_a_row() -> None:
    booked = PACE.book(None, NOW)
    later = NOW + timedelta(days=1)
    for _ in range(3):
        assert not PACE.wait(booked, later)
        booked = PACE.book(booked, later)
    assert PACE.wait(booked, later) == timedelta(seconds=6)


def test_the_wait_it_names_is_enough_and_no_longer_than_needed() -> None:
    booked: datetime | None = None
    for _ in range(3):
        booked = PACE.book(booked, NOW)
    wait = PACE.wait(booked, NOW)
    assert wait == timedelta(seconds=6)
    assert not PACE.wait(booked, NOW + wait)
    assert PACE.wait(booked, NOW + wait - timedelta(microseconds=1))


def test_one_at_a_time_is_a_pace_too() -> None:
    assert done(Throttle(every=timedelta(seconds=60), at_once=1), range(121)) == [0, 60, 120]
