"""The switch's records of a PBX: legs by their own ids, and what the dialplan says of numbers, money and sound."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from k5web.domain.calls.endings import Heard


class PbxRecordKind(StrEnum):
    """The records that K5 reads. Source: docs/telephony.md, «Records of the PBX»."""

    CHAN_START = "CHAN_START"
    ANSWER = "ANSWER"
    HANGUP = "HANGUP"
    LINKEDID_END = "LINKEDID_END"
    K5_END = "K5_END"  # of a leg by a carrier, just before its HANGUP: the last SIP code, what was heard
    K5_IN = "K5_IN"  # owner, version of the rule, number, caller
    K5_HOLD = "K5_HOLD"  # owner, number of the question, kind, called, call or "", why or ""
    K5_XFER = "K5_XFER"  # owner, called, who put them through
    K5_REC = "K5_REC"  # owner, file
    K5_VOICEMAIL = "K5_VOICEMAIL"  # owner, box, file, how it ended
    K5_FAULT = "K5_FAULT"  # what, version of the rule, step, steps taken
    K5_DONE = "K5_DONE"  # owner, step, dial status, cause, SIP code, why, status of the queue


@dataclass(frozen=True, slots=True)
class PbxRecord:
    """One record about one leg."""

    kind: PbxRecordKind
    linked_id: str  # of the conversation; a transfer may change it
    leg_uuid: str
    at: datetime  # UTC, microseconds
    account: str  # "8841": the owner of a free leg; "8841-117": the call that pays for this one; "" before it is known
    endpoint: str  # an account's login, or a trunk
    facts: tuple[str, ...] = ()  # of the dialplan's own records, as above
    cause: int | None = None  # Q.850, with HANGUP
    sip: int | None = None  # with K5_END, as in SwitchEvent; `heard` likewise
    heard: Heard | None = None
    source: str = ""  # who hung up: "b" this leg itself, "a" another, "dialplan", or "" (a limit, the switch itself)

    @property
    def call_id(self) -> str:
        """The call that pays for the leg, "" where none does."""
        return self.account if "-" in self.account else ""

    @property
    def owner_id(self) -> int | None:
        """Whose it is by the record itself; None where it does not say."""
        told = self.account.partition("-")[0]
        if self.facts and self.kind is not PbxRecordKind.K5_FAULT:
            told = self.facts[0]
        return int(told) if told else None
