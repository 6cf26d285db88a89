"""Calls that a switch asked about as rows."""

from datetime import timedelta

from k5web.domain.calls.call import CallKind
from k5web.storage.pbx import paid_rows
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.services.pbx.office import MOBILE, Office


def test_they_are_found_by_their_asker_while_they_live_and_by_their_id_always(sessions: Sessions, clock: Clock) -> None:
    office = Office(sessions, clock)
    office.top_up("100.00")
    asked = office.question(CallKind.FORWARD, MOBILE)
    call = office.asked(office.ask(asked))
    with sessions.read() as db:
        assert paid_rows.asked_by(db, "fake", [asked.leg_uuid, "other"]) == {asked.leg_uuid: [call]}
        assert paid_rows.asked_by(db, "other", [asked.leg_uuid]) == {}
        assert paid_rows.quiet(db, clock()) == []
        assert paid_rows.quiet(db, clock() + timedelta(seconds=1)) == [call]
    office.end_all()
    with sessions.read() as db:
        assert paid_rows.asked_by(db, "fake", [asked.leg_uuid]) == {}
        assert set(paid_rows.several(db, {call.id, "1-1"})) == {call.id}


def test_callbacks_are_none_of_them(sessions: Sessions, clock: Clock) -> None:
    office = Office(sessions, clock, plan="k5")
    office.top_up("100.00")
    call = office.order()
    with sessions.read() as db:
        assert paid_rows.several(db, {call.id}) == {}
        assert paid_rows.quiet(db, clock() + timedelta(hours=1)) == []
