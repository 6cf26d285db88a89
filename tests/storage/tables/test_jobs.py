"""The table of jobs refuses what no job can be."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from k5web.storage.session import Sessions
from k5web.storage.tables import DeskJobRow

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
ROW = {
    "form_key": "f1", "kind": "register", "file_name": "day.csv", "size": 1, "options": {}, "state": "waiting",
    "doing": "", "done": 0, "total": 0, "attempts": 0, "maker": "", "began_by": "staff:anna", "began_at": NOW,
}  # fmt: skip


def add(sessions: Sessions, **changes: Any) -> None:
    with sessions.begin() as db:
        db.execute(insert(DeskJobRow).values(**ROW | changes))


@pytest.mark.parametrize(
    "changes", [{"state": "lost"}, {"state": "done"}, {"ended_at": NOW}, {"done": -1}, {"size": -1}, {"attempts": -1}]
)
def test_a_state_and_its_end_belong_together_and_counts_are_never_below_zero(
    sessions: Sessions, changes: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError):
        add(sessions, **changes)


def test_a_form_makes_one_job(sessions: Sessions) -> None:
    add(sessions)
    add(sessions, form_key="f2")
    with pytest.raises(IntegrityError):
        add(sessions)
