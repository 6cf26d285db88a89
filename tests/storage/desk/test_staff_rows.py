"""The staff in the database: one row a login, a code used once, log-ins that end."""

from datetime import UTC, datetime, timedelta

import pytest

from k5web.domain.desk.staff import Role, Staff, StaffSession
from k5web.storage.desk import staff_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
ANNA = Staff("anna", "Анна", frozenset({Role.MONEY, Role.DESK}), NOW, "staff:root")
LOG_IN = StaffSession("s" * 16, "anna", b"proof", "Chrome", "192.0.2.0", NOW, NOW)


@pytest.fixture(autouse=True)
def _anna(sessions: Sessions) -> None:
    with sessions.begin() as db:
        assert staff_rows.add(db, ANNA, "hash", b"secret")
        staff_rows.begin_session(db, LOG_IN)


def test_a_login_is_given_once_and_read_back(sessions: Sessions) -> None:
    with sessions.begin() as db:
        assert not staff_rows.add(db, ANNA, "other", b"other")
        assert staff_rows.find(db, "anna") == staff_rows.lock(db, "anna") == ANNA
        assert staff_rows.proofs(db, "anna") == ("hash", b"secret")
        assert staff_rows.find(db, "boris") is None
        assert staff_rows.proofs(db, "boris") is None


def test_a_step_is_used_once_and_no_older_one_after_it(sessions: Sessions) -> None:
    used = []
    for step in (100, 100, 99, 101):
        with sessions.begin() as db:
            used.append(staff_rows.use_step(db, "anna", step))
    assert used == [True, False, False, True]


def test_whoever_has_ended_proves_nothing(sessions: Sessions) -> None:
    with sessions.begin() as db:
        staff_rows.change(db, "anna", {"ended_at": NOW})
        assert staff_rows.proofs(db, "anna") is None


def test_roles_are_kept_in_their_order(sessions: Sessions) -> None:
    with sessions.begin() as db:
        staff_rows.set_roles(db, "anna", frozenset({Role.OWNER}))
        assert [found.roles for found in staff_rows.everybody(db)] == [frozenset({Role.OWNER})]
        assert staff_rows.lock_everybody(db) == staff_rows.everybody(db)


def test_a_log_in_is_found_with_whose_it_is_and_ends(sessions: Sessions) -> None:
    later = NOW + timedelta(minutes=5)
    with sessions.begin() as db:
        assert staff_rows.session(db, LOG_IN.selector) == (LOG_IN, ANNA)
        staff_rows.touch_session(db, LOG_IN.selector, later)
        assert staff_rows.last_used(db) == {"anna": later}
        staff_rows.end_sessions(db, "anna", later, "another")
    with sessions.begin() as db:
        found = staff_rows.session(db, LOG_IN.selector)
        assert found is not None
        assert found[0].ended_at is None
        staff_rows.end_sessions(db, "anna", later)
    with sessions.read() as db:
        found = staff_rows.session(db, LOG_IN.selector)
        assert found is not None
        assert found[0].ended_at == later


def test_old_log_ins_are_forgotten_and_live_ones_are_not(sessions: Sessions) -> None:
    with sessions.begin() as db:
        assert staff_rows.forget_sessions(db, NOW) == 0
        assert staff_rows.forget_sessions(db, NOW + timedelta(seconds=1)) == 1
