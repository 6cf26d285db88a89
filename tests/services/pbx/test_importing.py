"""What records make of a PBX: conversations, legs, sound, faults; and the money, however the records come."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from k5web.domain.calls import own_limit
from k5web.domain.calls.call import CallKind, CallOrder, CallState, split_call_id
from k5web.domain.calls.own_limit import OwnLimit
from k5web.domain.calls.pbx_record import PbxRecord, PbxRecordKind
from k5web.domain.money import Money
from k5web.domain.pbx.conversation import ConversationOutcome
from k5web.services.calls import safety
from k5web.storage.calls import call_rows, own_limit_rows
from k5web.storage.pbx import conversation_rows, recording_rows
from k5web.storage.session import Sessions
from k5web.telephony.cel import parse_record
from tests.conftest import Clock
from tests.processes import ROOT
from tests.services.pbx.office import CALLER, FREEPHONE, MOBILE, MOSCOW, Office


@pytest.fixture
def office(sessions: Sessions, clock: Clock) -> Office:
    found = Office(sessions, clock)
    found.top_up("100.00")
    return found


def test_a_forward_is_one_conversation_with_two_legs_and_its_call(office: Office) -> None:
    call = office.put_through("61")
    linked = call.asked_by
    with office.ports.sessions.read() as db:
        told = conversation_rows.find(db, office.caller.id, "fake", linked)
        legs = conversation_rows.legs(db, office.caller.id, "fake", linked)
    assert told is not None
    assert (told.direction, told.number, told.caller, told.answered_by) == ("in", MOSCOW, CALLER, MOBILE)
    assert (told.outcome, told.talk_s) == (ConversationOutcome.FORWARDED, 61)
    assert [(leg.call_n, leg.talk_s) for leg in legs] == [(None, 0), (1, 61)]


def test_the_owner_of_a_shared_number_is_who_the_caller_dials(office: Office) -> None:
    """D6: the last K5_IN counts."""
    owner = str(office.caller.id)
    office.write(PbxRecordKind.CHAN_START, "k5-s.1")
    office.write(PbxRecordKind.K5_IN, "k5-s.1", account="", facts=("0", "shared", "74952121562", CALLER))
    office.work()
    facts = (owner, f"{owner}r1", "74952121562", CALLER)
    office.write(PbxRecordKind.K5_IN, "k5-s.1", account=owner, facts=facts)
    office.work()
    with office.ports.sessions.read() as db:
        told = conversation_rows.find(db, office.caller.id, "fake", "k5-s.1")
    assert told is not None
    assert (told.number, told.rule_version) == ("74952121562", f"{owner}r1")


def test_sound_is_kept_by_its_name_and_only_its_owners(office: Office) -> None:
    owner = str(office.caller.id)
    office.write(PbxRecordKind.K5_REC, "k5-1.1", facts=(owner, f"rec-{owner}-k5-1.1.alaw"))
    office.write(PbxRecordKind.K5_REC, "k5-1.2", facts=(owner, "rec-1-k5-1.2.alaw"))
    office.write(PbxRecordKind.K5_VOICEMAIL, "k5-1.3", facts=(owner, "box", f"vm-{owner}-k5-1.3.wav", "HANGUP"))
    office.write(PbxRecordKind.K5_VOICEMAIL, "k5-1.4", facts=(owner, "box", f"vm-{owner}-k5-1.4.wav", "ERROR"))
    office.work()
    with office.ports.sessions.read() as db:
        kept = recording_rows.unmeasured(db, "fake", 10)
    assert sorted(each.file for each in kept) == [f"rec-{owner}-k5-1.1.alaw", f"vm-{owner}-k5-1.3.wav"]
    assert {each.day for each in kept} == {office.ports.today()}


def test_a_rule_that_cannot_be_followed_is_for_a_person_once(office: Office) -> None:
    for _ in range(2):
        asked = office.question(CallKind.FORWARD, MOBILE)
        office.comes_in(asked)
        owner = str(office.caller.id)
        fault = ("rule", f"{owner}r1", "gone", "3")
        office.write(PbxRecordKind.K5_FAULT, asked.leg_uuid, account=owner, facts=fault)
        office.work()
    assert office.incidents() == ["rule_fault"]


@pytest.mark.parametrize("batch", [1, 7, 2000])
def test_two_paid_legs_that_an_attended_transfer_joins_are_paid_each_to_its_own_end(office: Office, batch: int) -> None:
    """The file of Asterisk 22: a person speaks with two outside on two lines, joins them and is gone. The second one's
    leg goes on for three seconds in the other conversation, after the LINKEDID_END of its own."""
    office.clock.forward(seconds=132)
    let_two_minutes_at_most(office)
    first, second = "k5-1796115732.0", "k5-1796115733.2"
    calls = {}
    for leg, number, told in ((first, "79160000200", "8841-101"), (second, "79160000201", "8841-102")):
        calls[told] = office.asked(office.dial(number, leg_uuid=leg, linked_id=leg))
    records = attended_transfer(office.caller.id, {told: call.id for told, call in calls.items()})
    joined = next(n for n, one in enumerate(records) if one.kind is PbxRecordKind.LINKEDID_END) + 1
    office.switch.batch = batch
    office.switch.tell(*records[:joined])
    office.work()
    assert {office.call(call).state for call in calls.values()} == {CallState.TALKING}
    office.switch.tell(*records[joined:], *records)
    office.work()
    assert office.charges() == ["-1.75", "-1.75"]
    assert {told: seconds_of(office, call) for told, call in calls.items()} == {
        "8841-101": timedelta(seconds=6, microseconds=3320),
        "8841-102": timedelta(seconds=3, microseconds=928273),
    }
    assert office.incidents() == []
    office.assert_sound()


def attended_transfer(owner_id: int, calls: Mapping[str, str]) -> list[PbxRecord]:
    """Return what the file tells, as if it had been this owner's and today."""
    path = ROOT / "tests" / "telephony" / "samples" / "asterisk-22-attended-transfer.json"
    text = path.read_text("ascii").replace("179598553", "179611573")
    for told, call_id in calls.items():
        text = text.replace(told, call_id)
    text = re.sub(r"(?<![0-9])8841(?![0-9])", str(owner_id), text)
    found = (parse_record(line) for line in text.splitlines())
    return [one for one in found if isinstance(one, PbxRecord)]


def seconds_of(office: Office, call: CallOrder) -> timedelta:
    """Return how long the paid leg of a call talked."""
    with office.ports.sessions.read() as db:
        [leg] = call_rows.cdrs(db, *split_call_id(call.id))
    assert leg.answered_at
    return leg.ended_at - leg.answered_at


@dataclass(frozen=True)
class Story:
    """One call as its caller lives it."""

    kind: CallKind
    talked_s: int  # 0: nobody answered
    is_heard: bool  # the switch took our answer
    is_lost: bool  # the record of the hold is not in the file


STORIES = st.lists(
    st.builds(
        Story,
        kind=st.sampled_from([CallKind.INCOMING, CallKind.FORWARD, CallKind.OUTGOING]),
        talked_s=st.sampled_from([0, 0, 2, 3, 59, 60, 61, 119]),
        is_heard=st.booleans(),
        is_lost=st.booleans(),
    ),
    min_size=1,
    max_size=3,
)
A_MINUTE = {CallKind.INCOMING: 350, CallKind.FORWARD: 175, CallKind.OUTGOING: 175}


@given(stories=STORIES, seed=st.integers(0, 2**32), batch=st.integers(1, 9), again=st.booleans())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_records_come_each_leg_is_charged_once_and_every_hold_ends(
    office: Office, stories: list[Story], seed: int, batch: int, again: bool
) -> None:
    safety.set_limits(office.ports, office.caller.id, {"daily_minor": 10**9, "first_day_minor": 10**9})
    let_two_minutes_at_most(office)
    office.top_up("30.00")
    before, charges = office.balance(), len(office.charges())
    office.switch.batch = batch
    told = [lived(office, story) for story in stories]
    records = interleaved(told, Random(seed))
    office.switch.tell(*records, *(records if again else ()))
    office.work()
    office.clock.forward(hours=3)
    office.sweep()
    office.assert_sound()
    due = [due_of(story) for story in stories]
    assert office.balance() == before - Money(sum(due), "RUB")
    assert len(office.charges()) - charges == sum(cost > 0 for cost in due)


def let_two_minutes_at_most(office: Office) -> None:
    """Leave money for other calls."""
    with office.ports.sessions.begin() as db:
        own_limit_rows.keep(db, office.caller.id, OwnLimit(own_limit.MINUTES, 2))


def due_of(story: Story) -> int:
    """Return what a story costs, in kopecks: whole minutes, none below three seconds."""
    minutes = -(-story.talked_s // 60) if story.talked_s >= 3 and story.is_heard else 0
    return minutes * A_MINUTE[story.kind]


def lived(office: Office, story: Story) -> list[PbxRecord]:
    """Return the records of a story, whose money is held."""
    is_paid_by_caller = story.kind is CallKind.INCOMING
    asked = office.question(story.kind, FREEPHONE if is_paid_by_caller else MOBILE)
    place = len(office.switch.lines)
    office.comes_in(asked)
    answer = office.ask(asked)
    call = office.asked(answer)
    if not (story.is_lost and story.is_heard):
        office.hears(asked, answer if story.is_heard else "")
    leg = asked.leg_uuid if is_paid_by_caller else f"{asked.leg_uuid}.b"
    account = str(office.caller.id) if is_paid_by_caller else call.id
    if story.is_heard and story.talked_s:
        office.answers(asked, leg, account)
        office.clock.forward(seconds=story.talked_s)
    if story.is_heard and not is_paid_by_caller:
        office.ends(asked, leg, account)
    office.leaves(asked, "ANSWER" if story.talked_s else "NOANSWER")
    return office.switch.taken_from(place)


def interleaved(told: list[list[PbxRecord]], order: Random) -> list[PbxRecord]:
    """Return the records of several calls as a switch may write them: of each call in its order."""
    left, found = [records.copy() for records in told if records], []
    while left:
        one = order.choice(left)
        found.append(one.pop(0))
        left = [records for records in left if records]
    return found
