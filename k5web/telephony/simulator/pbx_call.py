"""A call of the simulated switch to a rented number, or of a PBX user: what is known of it, and its records."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from k5web.domain.calls.endings import Heard
from k5web.telephony.simulator.phones import SECOND


@dataclass(frozen=True, slots=True)
class Ringing:
    """Somebody rings. Units: `_us` microseconds since the epoch, switch time.

    All that the switch looked up and was told stays with the call, so it can be played anew after a kill: `known` by
    what was looked up, `answers` to its questions with the moment each came.
    """

    caller: str  # digits, "" hidden; of a PBX user the login
    called: str  # digits
    placed_us: int  # no two calls share it
    number: int  # counts the channels
    trunk: str = "trunk"  # by which it comes
    keys: tuple[str, ...] = ()  # that are pressed, prompt by prompt; "": nothing
    hangs_up_s: int = 60  # the caller, so long after the beginning
    known: Mapping[str, str | None] = field(default_factory=dict)
    answers: tuple[tuple[int, str], ...] = ()
    cut_us: int | None = None

    @property
    def linked_id(self) -> str:
        """The switch's name of the conversation, and of its first leg."""
        return self.leg_uuid(0)

    def leg_uuid(self, leg: int) -> str:
        """The switch's name of its first leg, 0, or of a later one."""
        second, us = divmod(self.placed_us, SECOND)
        return f"k5-{second}.{us:06d}{leg:02d}"


@dataclass(slots=True)
class Leg:
    """One leg of it."""

    uuid: str
    channel: str
    number: str  # who is at its end
    account: str = ""  # whose it is, or the call that pays it
    extension: str = "s"
    is_up: bool = False
    sip: str = ""  # of a carrier's leg: the code that comes back last, where it is not answered; `heard` likewise
    heard: Heard = Heard.NOTHING


@dataclass(frozen=True, slots=True)
class PbxRecord:
    """One line to be written. Units: `at_us` microseconds since the epoch, switch time."""

    at_us: int
    kind: str
    leg_uuid: str
    text: str  # without the line end


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened, for whoever tries a number out: a word, and what it is about."""

    at_us: int
    what: str  # in, refused, node, heard, pressed, nothing_pressed, rings, answered, asked, no_answer, recorded, over …
    about: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What the switch asks K5 at some moment; the call stands still until there is an answer."""

    at_us: int
    form: Mapping[str, str]

    @property
    def ahead_key(self) -> str:
        """What an answer that K5 gave ahead lies under."""
        return f"{self.form['owner']}/{self.form['kind']}-{self.form['to']}"


@dataclass(frozen=True, slots=True)
class Played:
    """A call as far as it can be told: to its end, or to a question without an answer yet."""

    records: Sequence[PbxRecord]
    story: Sequence[Step]
    recordings: Sequence[tuple[str, int]]  # file, milliseconds
    question: Question | None
    known: Mapping[str, str | None]


def record(ringing: Ringing, at_us: int, kind: str, leg: Leg, extra: str = "") -> PbxRecord:
    """Return a record as `cel_custom` writes it."""
    is_own = kind.startswith("K5_")
    fields = {
        "eventtime": f"{at_us // SECOND}.{at_us % SECOND:06d}",
        "eventtype": kind,
        "linkedid": ringing.linked_id,
        "uniqueid": leg.uuid,
        "accountcode": "" if kind == "CHAN_START" and "-" in leg.account else leg.account,  # set just after
        "channame": leg.channel,
        "num": leg.number,
        "exten": leg.extension,
        "context": "k5-done" if kind == "K5_DONE" else "incoming",
        "userdeftype": kind if is_own else "",
        "eventextra": compact({"extra": extra}) if is_own else extra,
    }
    return PbxRecord(at_us, kind, leg.uuid, compact(fields))


def compact(fields: Mapping[str, object]) -> str:
    """Return JSON as the switch writes it."""
    return json.dumps(fields, separators=(",", ":"))
