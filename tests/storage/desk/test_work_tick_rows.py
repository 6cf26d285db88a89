"""What was ticked off is known by its name, once, and looked for from a moment on."""

from datetime import UTC, datetime, timedelta

from k5web.domain.desk.work import WorkKind
from k5web.storage.desk import work_tick_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def test_a_thing_is_ticked_off_once_and_found_by_kind_and_time(sessions: Sessions) -> None:
    with sessions.begin() as db:
        assert work_tick_rows.add(db, WorkKind.MESSAGE, 1, "act 1", "позвонили", "staff:anna", NOW)
        assert not work_tick_rows.add(db, WorkKind.MESSAGE, 1, "act 1", "ещё раз", "staff:boris", NOW)
        assert work_tick_rows.add(db, WorkKind.ACT, 1, "act 1", "не нужен", "staff:anna", NOW)
    with sessions.read() as db:
        assert work_tick_rows.ticked(db, WorkKind.MESSAGE, NOW) == {(1, "act 1")}
        assert work_tick_rows.ticked(db, WorkKind.MESSAGE, NOW + timedelta(seconds=1)) == set()
