"""Holds ahead: what the switch may take while K5 is silent, and when its money is free again."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from k5web.domain.calls.call import CallKind, CallState
from k5web.domain.calls.pbx_record import PbxRecordKind
from k5web.domain.money import rub
from k5web.domain.pbx.question import Question
from k5web.domain.pbx.switch_tables import AheadKey
from k5web.services import health
from k5web.services.calls import routing
from k5web.services.calls.settling import Importer
from k5web.services.desk import subscriber_view
from k5web.services.pbx import ahead, recordings
from k5web.services.pbx.importing import PbxRecords
from k5web.storage.pbx import ahead_rows, pbx_rows
from k5web.storage.session import Sessions
from k5web.storage.tables import PbxRow
from tests.conftest import Clock
from tests.fakes.switch_tables import FakeSwitchTables
from tests.services.house import OWN
from tests.services.pbx.office import CALLER, FREEPHONE, Office

PHONE = OWN.removeprefix("+")  # where a number without a rule leads when nobody answers


class Provident(Office):
    """An office whose switch is on this machine."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        super().__init__(sessions, clock)
        self.tables = FakeSwitchTables("fake")
        self.ports = replace(self.ports, switch_tables={"fake": self.tables})
        self.importers = [Importer(self.ports, self.switch, PbxRecords(self.ports))]
        self.incoming = AheadKey(self.caller.id, "in", FREEPHONE)
        self.onward = AheadKey(self.caller.id, "forward", PHONE)

    def release(self) -> int:
        """The worker frees what nobody can take."""
        return ahead.release(self.ports, {"fake": self.clock()})


@pytest.fixture
def office(sessions: Sessions, clock: Clock) -> Provident:
    found = Provident(sessions, clock)
    found.top_up("300.00")
    return found


def silent(office: Provident, kind: CallKind, answer: str, caller: str = CALLER) -> Question:
    """K5 is silent, and the switch takes what it has."""
    called = FREEPHONE if kind is CallKind.INCOMING else PHONE
    asked = office.question(kind, called, caller=caller)
    office.comes_in(asked)
    office.hears(asked, answer)
    return asked


def test_ten_minutes_are_held_for_a_caller_and_for_each_forward(office: Provident) -> None:
    ahead.keep(office.ports)
    owner = office.caller.id
    assert set(office.tables.ahead) == {office.incoming, office.onward}
    assert office.tables.ahead[office.incoming].startswith(f"yes|{owner}-")
    assert "|599000|647|trunk-a|" in office.tables.ahead[office.incoming]
    assert office.held() == rub("52.50")  # 10 minutes at 3.50 and at 1.75
    ahead.keep(office.ports)
    assert office.held() == rub("52.50")


def test_staff_and_monitoring_see_what_is_held_ahead(office: Provident) -> None:
    """Else money looks held for calls that are over."""
    ahead.keep(office.ports)
    figures, money = health.figures(office.ports), subscriber_view.show(office.ports, office.caller.id).money
    assert (figures.open_holds, figures.holds_ahead) == (2, {"forward": 1, "in": 1})
    assert {hold.reference: money.ahead[hold.reference] for hold in money.holds} == money.ahead
    assert set(money.ahead.values()) == {office.incoming, office.onward}
    silent(office, CallKind.FORWARD, office.tables.ahead.pop(office.onward))
    office.work()
    money = subscriber_view.show(office.ports, office.caller.id).money
    assert (len(money.holds), [*money.ahead.values()]) == (2, [office.incoming])
    assert health.figures(office.ports).holds_ahead == {"in": 1}


def test_whether_a_talk_is_recorded_says_the_number_and_no_answer_of_half_an_hour_ago(office: Provident) -> None:
    """B3, B7: a recording that is switched off is off at the next call, while K5 is silent too."""
    recordings.order(office.ports, office.caller.id, is_recorded=True)
    ahead.keep(office.ports)
    assert {answer.split("|")[6] for answer in office.tables.ahead.values()} == {""}


def test_a_hold_ahead_that_is_taken_becomes_the_calls_and_is_replaced(office: Provident) -> None:
    ahead.keep(office.ports)
    answer = office.tables.ahead.pop(office.onward)
    asked = silent(office, CallKind.FORWARD, answer)
    call_id = answer.split("|")[1]
    office.answers(asked, "k5-b", call_id)
    office.work()
    call = office.ordered_by(call_id)
    assert (call.kind, call.state, call.asked_by) == (CallKind.FORWARD, CallState.TALKING, asked.leg_uuid)
    office.clock.forward(seconds=61)
    office.ends(asked, "k5-b", call_id)
    office.leaves(asked, "ANSWER")
    office.work()
    assert office.charges() == ["-3.50"]
    assert office.held() == rub("35.00")
    ahead.keep(office.ports)
    assert office.held() == rub("52.50")
    assert office.tables.ahead[office.onward].split("|")[1] != call_id


def test_a_caller_of_an_8_800_is_paid_from_what_was_held_ahead(office: Provident) -> None:
    ahead.keep(office.ports)
    answer = office.tables.ahead.pop(office.incoming)
    asked = silent(office, CallKind.INCOMING, answer, "74951112233")
    office.answers(asked, asked.leg_uuid, str(office.caller.id))
    office.clock.forward(seconds=60)
    office.leaves(asked, "ANSWER")
    office.work()
    assert office.charges() == ["-2.00"]  # of Moscow, though 3.50 a minute was held for anybody
    office.switch.write_again()
    office.work()
    assert office.charges() == ["-2.00"]
    assert office.ordered_by(answer.split("|")[1]).quote.b_number == "74951112233"


def test_a_leg_proves_the_spending_where_the_record_of_the_hold_is_lost(office: Provident) -> None:
    ahead.keep(office.ports)
    call_id = office.tables.ahead.pop(office.onward).split("|")[1]
    office.write(PbxRecordKind.ANSWER, "k5-b", account=call_id)
    office.clock.forward(seconds=30)
    office.write(PbxRecordKind.HANGUP, "k5-b", account=call_id, cause=16, source="b")
    office.work()
    assert office.charges() == ["-1.75"]
    assert office.incidents() == []


def test_it_is_renewed_before_its_end_and_the_old_money_is_free_ten_seconds_later(office: Provident) -> None:
    ahead.keep(office.ports)
    first = dict(office.tables.ahead)
    office.clock.forward(minutes=21)
    ahead.keep(office.ports)
    assert office.tables.ahead.keys() == first.keys()
    assert not set(office.tables.ahead.values()) & set(first.values())
    assert office.held() == rub("105.00")
    assert office.release() == 0
    office.clock.forward(seconds=11)
    assert office.release() == 2
    assert office.held() == rub("52.50")


def test_what_is_being_spent_is_not_free_before_its_time(office: Provident) -> None:
    ahead.keep(office.ports)
    office.tables.ahead.clear()  # a call has taken them; its record is not here yet
    with office.ports.sessions.begin() as db:
        pbx_rows.touch(db, office.caller.id, office.clock())
        db.execute(update(PbxRow).values(holds_ahead=False))
    ahead.keep(office.ports)
    office.clock.forward(minutes=29)
    assert office.release() == 0
    office.clock.forward(minutes=1, seconds=11)
    assert office.release() == 2
    office.assert_sound()


def test_records_that_nobody_has_read_keep_the_money_held(office: Provident) -> None:
    ahead.keep(office.ports)
    read_until = office.clock()
    office.clock.forward(hours=1)
    assert ahead.release(office.ports, {"fake": read_until}) == 0
    assert ahead.release(office.ports, {}) == 0
    assert office.release() == 2


def test_who_has_little_money_keeps_it_for_calls_that_ask(sessions: Sessions, clock: Clock) -> None:
    office = Provident(sessions, clock)
    office.top_up("60.00")
    ahead.keep(office.ports)
    assert set(office.tables.ahead) == {office.onward}  # 17.50 is a third of 60.00, 35.00 is not
    assert office.ring_free().startswith("yes|")


def test_a_switch_that_cannot_be_told_keeps_the_hold_until_its_time(office: Provident) -> None:
    office.tables.is_closed = True
    ahead.keep(office.ports)
    assert office.held() > rub("0.00")  # the answer may be there
    office.clock.forward(minutes=31)
    office.release()
    office.assert_sound()


def test_a_spent_hold_is_not_given_back(office: Provident) -> None:
    ahead.keep(office.ports)
    with office.ports.sessions.begin() as db:
        for each in ahead_rows.live(db, "fake", [office.caller.id]):
            ahead_rows.spend(db, each.call_id, "fake", "k5-1.1", office.clock())
    office.clock.forward(hours=1)
    assert office.release() == 0


def test_an_answer_that_the_switch_may_not_have_is_given_anew(office: Provident) -> None:
    """The first one's money is free a little later; what may have arrived is replaced under the same key."""
    office.tables.is_closed = True
    ahead.keep(office.ports)
    assert office.tables.ahead == {}
    assert office.held() > rub("0.00")
    office.tables.is_closed = False
    ahead.keep(office.ports)
    assert set(office.tables.ahead) == {office.incoming, office.onward}
    office.clock.forward(seconds=21)
    assert office.release() == 1


def test_no_money_is_held_for_a_forward_that_no_line_takes(office: Provident, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "trunks_of_leg", lambda *_: ())
    ahead.keep(office.ports)
    assert set(office.tables.ahead) == {office.incoming}


def test_the_fault_of_one_owner_is_told_and_no_more(
    office: Provident, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(*_: object) -> None:
        raise ValueError("no answer")

    monkeypatch.setattr(ahead, "_hold", faulty)
    ahead.keep(office.ports)
    assert "a fault in one owner's holds ahead" in caplog.text
