"""The audit in the database: two rows a deed, found by who, what, whom and when, never changed (S26, R14)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from k5web.domain.desk.audit import AuditFilter, Deed
from k5web.storage.desk import audit_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
BLOCK = Deed("staff:anna", "desk.block", 100001, "жалоба", {"n": "1"}, "r1")
RETURN = Deed("staff:boris", "k5 payment refund", None, "", {"reference": "K5-1"})


def written(sessions: Sessions, deed: Deed, at: datetime = NOW, outcome: str | None = "done") -> int:
    with sessions.begin() as db:
        begun = audit_rows.begin(db, deed, at)
        if outcome is not None:
            audit_rows.end(db, begun, deed, outcome, at)
    return begun


def found(sessions: Sessions, **wished: object) -> list[str]:
    with sessions.read() as db:
        return [line.action for line in audit_rows.lines(db, AuditFilter(**wished), UTC)]  # type: ignore[arg-type]


def test_a_deed_is_read_back_with_its_end(sessions: Sessions) -> None:
    begun = written(sessions, BLOCK)
    with sessions.read() as db:
        [line] = audit_rows.lines(db, AuditFilter(), UTC)
        assert [line] == list(audit_rows.stream(db, AuditFilter(), UTC))
    assert (line.id, line.at, line.actor, line.owner_id, line.reason) == (begun, NOW, "staff:anna", 100001, "жалоба")
    assert (dict(line.facts), line.outcome) == ({"n": "1", "request": "r1"}, "done")


def test_a_deed_that_was_cut_short_has_no_end(sessions: Sessions) -> None:
    written(sessions, BLOCK, outcome=None)
    with sessions.read() as db:
        assert [line.outcome for line in audit_rows.lines(db, AuditFilter(), UTC)] == [""]


def test_lines_are_found_by_who_what_whom_and_when(sessions: Sessions) -> None:
    written(sessions, BLOCK)
    written(sessions, RETURN, NOW + timedelta(days=1))
    both = ["k5 payment refund", "desk.block"]
    assert found(sessions) == both
    assert found(sessions, actor="staff:anna") == ["desk.block"]
    assert found(sessions, actor="staff:a") == []
    assert found(sessions, action="k5 payment") == ["k5 payment refund"]
    assert found(sessions, action="k5_payment") == []
    assert found(sessions, owner_id=100001) == ["desk.block"]
    assert found(sessions, since=NOW.date()) == both
    assert found(sessions, since=NOW.date() + timedelta(days=1)) == ["k5 payment refund"]
    assert found(sessions, until=NOW.date()) == ["desk.block"]


def test_whom_a_deed_was_about_may_be_known_only_at_its_end(sessions: Sessions) -> None:
    with sessions.begin() as db:
        begun = audit_rows.begin(db, RETURN, NOW)
        audit_rows.end(db, begun, Deed(RETURN.actor, RETURN.action, 100002), "done", NOW)
    assert found(sessions, owner_id=100002) == ["k5 payment refund"]


def test_pages_follow_one_another_by_key(sessions: Sessions) -> None:
    begun = [written(sessions, BLOCK) for _ in range(5)]
    with sessions.read() as db:
        first = audit_rows.lines(db, AuditFilter(), UTC, most=3)
        rest = audit_rows.lines(db, AuditFilter(), UTC, before=first[-1].id, most=3)
    assert [line.id for line in (*first, *rest)] == begun[::-1]


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_what_is_written_stays(sessions: Sessions, statement: str) -> None:
    written(sessions, BLOCK)
    with pytest.raises(DBAPIError), sessions.begin() as db:
        db.execute(text(statement))
    assert found(sessions) == ["desk.block"]


def test_a_deed_ends_once(sessions: Sessions) -> None:
    begun = written(sessions, BLOCK)
    with pytest.raises(DBAPIError), sessions.begin() as db:
        audit_rows.end(db, begun, BLOCK, "failed", NOW)
