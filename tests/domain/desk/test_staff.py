"""Logins of the staff have one spelling; a log-in lives twelve hours, half an hour without use."""

from datetime import UTC, datetime, timedelta

import pytest

from k5web.domain.desk.staff import Role, Staff, StaffSession, code_steps, staff_login
from k5web.errors import WrongStaffLogin

NOW = datetime(2026, 12, 1, 9, 0, 15, tzinfo=UTC)


def session(**differs: datetime) -> StaffSession:
    times = {"created_at": NOW, "last_used_at": NOW, **differs}
    return StaffSession("s" * 16, "anna", b"proof", "Chrome", "", **times)


@pytest.mark.parametrize("typed", ["a.ivanova", " A.Ivanova ", "A.IVANOVA"])
def test_a_login_has_one_spelling(typed: str) -> None:
    assert staff_login(typed) == "a.ivanova"


@pytest.mark.parametrize("typed", ["", "a", "1a", "анна", "a b", "a" * 33, "a/b", "a\0b", "ａnna"])
def test_other_logins_are_refused(typed: str) -> None:
    with pytest.raises(WrongStaffLogin):
        staff_login(typed)


def test_histories_name_staff_by_login() -> None:
    assert Staff("anna", "Анна", frozenset({Role.DESK}), NOW, "staff:root").actor == "staff:anna"


@pytest.mark.parametrize(
    ("used_ago", "begun_ago", "is_live"),
    [
        (timedelta(minutes=29), timedelta(hours=1), True),
        (timedelta(minutes=30), timedelta(hours=1), False),
        (timedelta(minutes=1), timedelta(hours=12) - timedelta(seconds=1), True),
        (timedelta(minutes=1), timedelta(hours=12), False),
    ],
)
def test_a_log_in_ends(used_ago: timedelta, begun_ago: timedelta, is_live: bool) -> None:
    found = session(created_at=NOW - begun_ago, last_used_at=NOW - used_ago)
    assert found.is_live(NOW) is is_live


def test_an_ended_log_in_is_dead_and_another_proof_is_none() -> None:
    assert not session(ended_at=NOW).is_live(NOW)
    assert session().is_proved_by(b"proof")
    assert not session().is_proved_by(b"other")


def test_codes_of_three_half_minutes_are_good() -> None:
    step = int(NOW.timestamp()) // 30
    assert list(code_steps(NOW)) == [step - 1, step, step + 1]
