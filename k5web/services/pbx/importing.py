"""What the switch's records tell of a PBX: conversations, their legs, recordings, faults, and which calls went on."""

import logging
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from k5web.domain.calls.call import CallKind, CallOrder, EventKind, SwitchEvent, split_call_id
from k5web.domain.calls.pbx_record import PbxRecord, PbxRecordKind
from k5web.domain.incident import IncidentKind
from k5web.domain.pbx import recording
from k5web.domain.pbx.conversation import Conversation, ConversationLeg, ConversationOutcome, how_it_ended
from k5web.domain.pbx.question import Question, caller_of
from k5web.domain.pbx.recording import Recording
from k5web.services.pbx import paid_calls
from k5web.services.ports import Ports
from k5web.storage import incidents
from k5web.storage.calls import call_rows
from k5web.storage.pbx import ahead_rows, conversation_rows, paid_rows, question_rows, recording_rows

logger = logging.getLogger(__name__)

OWNERS_KEPT = 20_000  # conversations whose owner is remembered: more than go on at once
LEG_KINDS = (PbxRecordKind.CHAN_START, PbxRecordKind.ANSWER, PbxRecordKind.HANGUP)
NOT_RECORDED = ("ERROR", "SKIP")  # how Record() says that there is no message


class PbxRecords:
    """Takes the records of one switch's PBX within the importer's transaction. Records may come again, in any batches.

    Whose a conversation is stands in its first records; it is remembered for those that do not say.
    """

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._owners: OrderedDict[tuple[str, str], int] = OrderedDict()

    def take(self, db: Session, switch: str, records: Sequence[PbxRecord]) -> list[str]:
        """Write down what the records tell; return the calls that may have come further by them."""
        self._remember(switch, records)
        owned = [(owner, record) for record in records if (owner := self._owner_of(switch, record))]
        calls = _Calls(self._ports, db, switch, owned)
        conversation_rows.hear(db, [told for owner, one in owned if (told := calls.conversation(owner, one))])
        conversation_rows.hear_legs(db, [leg for owner, one in owned if (leg := calls.leg(owner, one))])
        call_rows.add_events(db, switch, calls.events)
        for owner, record in owned:
            _note_sound(self._ports, db, switch, owner, record)
            _note_fault(db, owner, record)
        return list(dict.fromkeys(calls.moved))

    def advance(self, call_id: str) -> None:
        """Bring a call to the state that its records prove. Safe to repeat."""
        paid_calls.advance(self._ports, call_id)

    def _remember(self, switch: str, records: Iterable[PbxRecord]) -> None:
        for record in records:
            if record.owner_id and (record.kind is PbxRecordKind.K5_IN or not self._known(switch, record)):
                self._owners[switch, record.linked_id] = record.owner_id
                self._owners.move_to_end((switch, record.linked_id))
        while len(self._owners) > OWNERS_KEPT:
            self._owners.popitem(last=False)

    def _known(self, switch: str, record: PbxRecord) -> int | None:
        return self._owners.get((switch, record.linked_id))

    def _owner_of(self, switch: str, record: PbxRecord) -> int | None:
        return record.owner_id or self._known(switch, record)


@dataclass(slots=True)
class _Calls:
    """The calls that a batch speaks of, as they are found in the database."""

    ports: Ports
    db: Session
    switch: str
    records: Sequence[tuple[int, PbxRecord]]
    moved: list[str] = field(default_factory=list)  # those that may have come further
    paying: Mapping[str, CallOrder] = field(init=False)  # by their ids
    asked: Mapping[str, list[CallOrder]] = field(init=False)  # those that live, by the leg that asked for them

    def __post_init__(self) -> None:
        for owner, record in self.records:
            if record.kind is PbxRecordKind.K5_HOLD:
                self._hear_hold(owner, record)
        named = {record.call_id for _, record in self.records if record.call_id}
        found = paid_rows.several(self.db, named)
        for call_id in sorted(named - set(found)):
            self._learn(found, call_id)
        self.paying = found
        self.asked = paid_rows.asked_by(self.db, self.switch, {record.leg_uuid for _, record in self.records})
        self.moved += [record.call_id for _, record in self.records if record.call_id in found]
        for _, record in self.records:
            self.moved += [call.id for call in self.asked.get(record.leg_uuid, ()) if _may_move(call, record)]

    def _learn(self, found: dict[str, CallOrder], call_id: str) -> None:
        """Know a call by a hold ahead whose own record is missing; report what no call of this database is."""
        spent = ahead_rows.spend(self.db, call_id, self.switch, "", self.ports.clock())
        if spent is not None:
            found[call_id] = spent
        else:
            incidents.report(self.db, 0, IncidentKind.UNKNOWN_CALL, call_id, self.ports.clock())

    def _hear_hold(self, owner: int, record: PbxRecord) -> None:
        """Take what the switch understood of an answer: a hold that it did not name is not used any more."""
        _, n, kind, called, call_id, _ = record.facts
        if call_id and not paid_rows.several(self.db, {call_id}):
            ahead_rows.spend(self.db, call_id, self.switch, record.leg_uuid, record.at)
        heard = Question(
            self.switch,
            record.linked_id,
            record.leg_uuid,
            int(n),
            CallKind(kind),
            owner,
            "",
            "",
            called,
            record.endpoint,
        )
        unused = question_rows.hear(self.db, heard, call_id, record.at)
        self.moved += [unused] if unused else []

    @property
    def events(self) -> list[SwitchEvent]:
        """The records of the legs that cost, as those of their calls."""
        found = []
        for _, record in self.records:
            if record.kind in (*LEG_KINDS, PbxRecordKind.K5_END):
                found += [_event(call, record) for call in self._paying_for(record)]
        return found

    def _paying_for(self, record: PbxRecord) -> list[CallOrder]:
        if record.call_id in self.paying:
            return [self.paying[record.call_id]]
        return [call for call in self.asked.get(record.leg_uuid, ()) if call.kind is CallKind.INCOMING]

    def leg(self, owner: int, record: PbxRecord) -> ConversationLeg | None:
        """Return what a record tells of its leg."""
        if record.kind not in (*LEG_KINDS, PbxRecordKind.K5_IN, PbxRecordKind.K5_DONE):
            return None
        paying = self._paying_for(record)
        is_over = record.kind in (PbxRecordKind.HANGUP, PbxRecordKind.K5_DONE)
        return ConversationLeg(
            owner_id=owner,
            switch=self.switch,
            leg_uuid=record.leg_uuid,
            linked_id=record.linked_id,
            started_at=record.at,
            endpoint=record.endpoint,
            answered_at=record.at if record.kind is PbxRecordKind.ANSWER else None,
            ended_at=record.at if is_over else None,
            cause=record.cause,
            call_n=split_call_id(paying[0].id)[1] if paying else None,
        )

    def conversation(self, owner: int, record: PbxRecord) -> Conversation | None:
        """Return what a record tells of its conversation; None where it tells nothing."""
        is_first = record.leg_uuid == record.linked_id
        part = Conversation(owner, self.switch, record.linked_id, "inside", record.at)
        match record.kind:
            case PbxRecordKind.K5_IN:
                _, version, number, caller = record.facts
                return replace(
                    part, direction="in", number=number, caller=caller_of(caller), called=number, rule_version=version
                )
            case PbxRecordKind.K5_HOLD if record.facts[2] == CallKind.OUTGOING:
                called = record.facts[3] if is_first else ""
                return replace(part, direction="out", caller=record.endpoint if is_first else "", called=called)
            case PbxRecordKind.K5_DONE if is_first:
                _, _, dial_status, cause, _, why, _ = record.facts
                return replace(part, outcome=how_it_ended(dial_status, int(cause) if cause else None, why))
            case PbxRecordKind.K5_VOICEMAIL if record.facts[3] not in NOT_RECORDED:
                return replace(part, outcome=ConversationOutcome.VOICEMAIL)
            case PbxRecordKind.K5_FAULT:
                return replace(part, outcome=ConversationOutcome.FAULT)
            case PbxRecordKind.ANSWER if not is_first:
                return self._answered(part, record)
            case PbxRecordKind.CHAN_START if is_first:
                return replace(part, caller=record.endpoint if record.account else "")
            case PbxRecordKind.LINKEDID_END:
                return replace(part, ended_at=record.at)
            case _:
                return None

    def _answered(self, part: Conversation, record: PbxRecord) -> Conversation:
        paying = self._paying_for(record)
        by = paying[0].quote.b_number if paying else record.endpoint
        return replace(part, answered_at=record.at, answered_by=by)


def _may_move(call: CallOrder, record: PbxRecord) -> bool:
    """Return whether a record of the leg that asked for a call says that it came further."""
    if record.kind is PbxRecordKind.ANSWER:
        return call.kind is CallKind.INCOMING
    return record.kind in (PbxRecordKind.HANGUP, PbxRecordKind.K5_DONE)


def _event(call: CallOrder, record: PbxRecord) -> SwitchEvent:
    return SwitchEvent(
        call_id=call.id,
        leg_uuid=record.leg_uuid,
        is_a=False,
        kind=EventKind(record.kind),
        at=record.at,
        cause=record.cause,
        source=record.source,
        trunk=record.endpoint,
        sip=record.sip,
        heard=record.heard,
    )


def _note_sound(ports: Ports, db: Session, switch: str, owner: int, record: PbxRecord) -> None:
    """Keep the name of what is recorded, where it is a name that the owner's sound may have."""
    match record.kind:
        case PbxRecordKind.K5_REC:
            box, file = "", record.facts[1]
        case PbxRecordKind.K5_VOICEMAIL if record.facts[3] not in NOT_RECORDED:
            box, file = record.facts[1], record.facts[2]
        case _:
            return
    name = recording.named(file)
    if name is None or name.owner_id != owner:
        logger.error("a record names a file that nobody has", extra={"owner_id": owner, "switch": switch})
        return
    found = Recording(
        owner_id=owner,
        switch=switch,
        file=file,
        kind=name.kind,
        box=box,
        linked_id=record.linked_id,
        leg_uuid=record.leg_uuid,
        at=record.at,
        day=ports.day_of(record.at),
        size_bytes=None,
        heard_at=None,
        deleted_at=None,
        deleted_by=None,
    )
    recording_rows.add(db, found)


def _note_fault(db: Session, owner: int, record: PbxRecord) -> None:
    """List a rule that could not be followed for a person, once for each of its steps."""
    if record.kind is PbxRecordKind.K5_FAULT:
        what, version, step, steps = record.facts
        facts = {"what": what, "steps": steps}
        incidents.report(db, owner, IncidentKind.RULE_FAULT, f"{version}/{step}", record.at, facts)
