"""Questions of switches as rows."""

from dataclasses import replace
from datetime import datetime, timedelta

from k5web.domain.calls.call import CallKind
from k5web.storage.pbx import question_rows
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.services.pbx.office import MOBILE, Office


def test_a_question_is_known_by_its_switch_its_leg_and_its_number(sessions: Sessions, clock: Clock) -> None:
    office = Office(sessions, clock)
    asked = office.question(CallKind.FORWARD, MOBILE)
    with sessions.begin() as db:
        question_rows.add(db, asked, "no|funds", None, clock())
    with sessions.read() as db:
        assert question_rows.answer_of(db, asked) == "no|funds"
        for other in ({"switch": "b"}, {"leg_uuid": "k5-9.9"}, {"n": 2}, {"owner_id": 1}):
            assert question_rows.answer_of(db, replace(asked, **other)) is None
        assert not question_rows.is_known_conversation(db, asked)  # nothing was paid in it


def test_forwards_are_counted_by_caller_while_they_live(sessions: Sessions, clock: Clock) -> None:
    office = Office(sessions, clock)
    office.top_up("1.75")
    office.forward(caller="79160000001")
    with sessions.read() as db:
        assert question_rows.live_forwards(db, office.caller.id, "79160000001") == 1
        assert question_rows.live_forwards(db, office.caller.id, "79160000002") == 0
    office.end_all()
    with sessions.read() as db:
        assert question_rows.live_forwards(db, office.caller.id, "79160000001") == 0


def test_a_browsers_login_ends_by_its_time(sessions: Sessions, clock: Clock) -> None:
    office = Office(sessions, clock)
    with sessions.read() as db:
        assert question_rows.has_login(db, office.caller.id, office.login, clock())
        assert not question_rows.has_login(db, office.caller.id + 1, office.login, clock())
        assert not question_rows.has_login(db, office.caller.id, "u1-2", clock())


def test_old_questions_are_forgotten_when_their_calls_are_over(sessions: Sessions, clock: Clock) -> None:
    office = Office(sessions, clock)
    office.top_up("100.00")
    denied, held = office.question(CallKind.FORWARD, "102"), office.question(CallKind.FORWARD, MOBILE)
    assert office.ask(denied).startswith("no|")
    assert office.ask(held).startswith("yes|")
    before = clock() + timedelta(seconds=1)

    def forgotten(moment: datetime) -> int:
        with sessions.begin() as db:
            return question_rows.forget(db, moment)

    assert forgotten(clock()) == 0
    assert forgotten(before) == 1  # nothing was held for it
    with sessions.read() as db:
        assert question_rows.answer_of(db, held) is not None
    office.end_all()
    assert forgotten(before) == 1
