"""Wrong passwords: what is free, how pauses grow, when the day is over."""

from datetime import UTC, datetime, timedelta

from k5web.domain.login import Scope, Tally

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def after(wrong: int, scope: Scope = "account") -> Tally:
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


def test_an_address_is_only_slowed_down_and_only_by_a_flood() -> None:
    crowd = after(999, "address")
    assert crowd.wait(T0) == timedelta()
    assert crowd.with_wrong(T0).wait(T0) == timedelta(minutes=1)
    assert not after(2000, "address").is_locked
