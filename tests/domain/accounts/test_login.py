"""Wrong passwords: what is free, how pauses grow, when the day is over."""

from datetime import UTC, datetime, timedelta

import pytest

from k5web.domain.accounts.login import Scope, Tally

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def after(wrong: int, scope: Scope = "name") -> Tally:
    tally = Tally(scope, "x", 0, 0, None)
    for _ in range(wrong):
        tally = tally.with_wrong(T0)
    return tally


def test_the_first_wrong_passwords_are_free() -> None:
    assert [after(n).attempts_left for n in range(6)] == [5, 4, 3, 2, 1, 0]
    assert all(after(n).wait(T0) == timedelta() for n in range(5))


def test_pauses_grow_and_end() -> None:
    pauses = [after(n).wait(T0).total_seconds() for n in range(5, 13)]
    assert pauses == [30, 60, 120, 240, 480, 900, 900, 900]
    assert after(5).wait(T0 + timedelta(seconds=30)) == timedelta()


def test_the_right_password_takes_its_own_try_back_but_not_the_day() -> None:
    right = after(4).with_wrong(T0).with_right()
    assert (right.in_a_row, right.in_a_day, right.blocked_until) == (0, 4, None)


def test_thirty_in_a_day_lock_the_password() -> None:
    assert not after(29).is_locked
    assert after(30).is_locked


def test_a_right_password_that_proves_nothing_leaves_a_count_as_it_was() -> None:
    before = after(3)
    assert before.with_wrong(T0).without_try() == before


@pytest.mark.parametrize(
    ("scope", "free", "at_once", "every_s"), [("address", 1_000, 30, 2), ("network", 10_000, 60, 0.5)]
)
def test_a_crowd_is_never_shut_out_and_gets_a_pace_only_in_a_flood(
    scope: Scope, free: int, at_once: int, every_s: float
) -> None:
    crowd = after(free + at_once - 1, scope)
    assert crowd.wait(T0) == timedelta(), "a whole day's wrong ones, then as many in a row"
    crowd = crowd.with_wrong(T0)
    assert crowd.wait(T0) == timedelta(seconds=every_s)
    assert crowd.wait(T0 + timedelta(seconds=every_s)) == timedelta()
    flood = after(2 * free, scope)
    assert not flood.is_locked
    right = flood.without_try()
    assert right.in_a_day == 2 * free - 1
