"""A real switch asks K5 itself and is read by it: each leg that costs is charged once, by its own records (D4)."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from k5web.domain.calls.call import Records
from k5web.domain.calls.trunk import Trunk
from k5web.domain.pbx.conversation import ConversationOutcome
from k5web.domain.pbx.question import read_question
from k5web.domain.pbx.switch_tables import PbxImage
from k5web.storage.calls import call_rows, routes
from k5web.storage.pbx import conversation_rows
from k5web.storage.session import Sessions
from k5web.telephony import cel
from tests.conftest import Clock
from tests.fakes.switch import FakeSwitch
from tests.services.pbx.office import Office, rent
from tests.telephony.pbx.k5_side import Answers
from tests.telephony.pbx.lab import CALLER, Lab, Organisation

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk-pbx"), pytest.mark.timeout(300)]

FORWARD_TO = "79160000200"  # it answers at once and talks on


class ReadSwitch(FakeSwitch):
    """A switch of which K5 reads the real records."""

    lab: Lab

    def read_records(self, position: str) -> Records:
        """Read on in the switch's own file."""
        return cel.read_records(self.lab.switch.cel_file, position)


@pytest.fixture
def office(sessions: Sessions, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office with money whose switch is the real one: it asks here."""
    clock = Clock(datetime.now(UTC))
    switch = ReadSwitch(clock, name="asterisk", trunks=(Trunk("trunk-a", 100), Trunk("trunk-b", 100)))
    switch.lab = lab
    made = Office(sessions, clock, switch=switch)
    made.top_up("100.00")
    if lab.position:  # what is before is of other tests
        with sessions.begin() as db:
            call_rows.position(db, "asterisk")
            call_rows.move_position(db, "asterisk", f"{lab.switch.cel_file.stat().st_ino}:{lab.position}")

    def answer(answers: Answers, question: dict[str, str]) -> tuple[int, str]:
        return 200, made.ask(read_question(question))

    monkeypatch.setattr(lab.side, "_said", answer)
    return made


def organisation(lab: Lab, office: Office) -> Organisation:
    """The office as the switch knows it, with a number and an 8-800."""
    owner = office.caller.id
    found = Organisation(lab, owner, PbxImage(owner, 0, {}))
    rent(office.ports, owner, found.number, found.free_phone)
    return found


def test_a_forward_that_talks_over_three_seconds_costs_its_minute(lab: Lab, office: Office) -> None:
    shop, caller = organisation(lab, office), lab.outside()
    shop.rule(start=f"forward|{FORWARD_TO}|30|vm|vm|vm", vm="hang|17")
    talk(lab, caller.call, shop.number)
    time.sleep(3.5)
    caller.bye()
    lab.told()
    office.work()
    assert office.charges() == ["-1.75"]
    office.assert_sound()
    assert office.incidents() == []
    with office.ports.sessions.read() as db:
        [told] = conversation_rows.page(db, office.caller.id, conversation_rows.Wish())
    assert (told.caller, told.number, told.answered_by) == (CALLER, shop.number, FORWARD_TO)
    assert told.outcome is ConversationOutcome.FORWARDED


def test_a_carriers_refusal_of_a_forward_counts_against_its_trunk(lab: Lab, office: Office) -> None:
    shop, caller = organisation(lab, office), lab.outside()
    shop.rule(start="forward|79160000503|30|vm|vm|vm", vm="hang|17")
    assert caller.call(shop.number) == 486
    lab.told()
    office.work()
    with office.ports.sessions.read() as db:
        told = {trouble.name: (trouble.failures, trouble.doubts, trouble.reason) for trouble in routes.troubles(db)}
    assert told == dict.fromkeys(("trunk-a", "trunk-b"), (1, 0, "leg b: SIP 503, cause 34, nothing heard"))
    assert office.charges() == []
    office.assert_sound()


def test_an_8_800_call_put_through_pays_both_legs_and_one_not_put_through_none(lab: Lab, office: Office) -> None:
    shop, caller = organisation(lab, office), lab.outside()
    shop.rule(shop.free_phone, "in|", start=f"forward|{FORWARD_TO}|30|vm|vm|vm", vm="hang|17")
    talk(lab, caller.call, shop.free_phone)
    time.sleep(3.5)
    caller.bye()
    lab.told()
    office.work()
    assert sorted(office.charges()) == ["-1.75", "-3.50"]
    office.assert_sound()
    assert office.incidents() == []


def talk(lab: Lab, call: Callable[[str], int], number: str) -> None:
    """Ring a number until it answers."""
    assert call(number) == 200
    assert lab.side.asked
