"""A switch in memory for tests of services: the test plays the phones, the records come out as the real ones do."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from k5web.domain.calls.call import CallOrder, DamagedRecord, EventKind, Records, SwitchEvent
from k5web.domain.calls.endings import Heard
from k5web.domain.calls.missed_calls import MissedCall
from k5web.domain.calls.pbx_record import PbxRecord
from k5web.domain.calls.trunk import Trunk
from k5web.errors import SwitchRefused, SwitchSilent

Leg = Literal["a", "b"]

NO_ANSWER_A, NO_ANSWER_B, BUSY = 19, 0, 17  # Q.850 causes as the switch writes them


class FakeSwitch:
    """Satisfies the Switch port. Every method that ends a call also writes its LINKEDID_END, as the switch does.

    `at` is always the switch's time of the record; left out, it is the clock's now.
    """

    is_read_here = True
    caller_id = "74950000000"

    def __init__(
        self,
        clock: Callable[[], datetime],
        batch: int = 2000,
        name: str = "fake",
        calls_at_once: int = 1000,
        trunks: Sequence[Trunk] = (Trunk("trunk", 2000),),
    ) -> None:
        self.clock = clock
        self.name = name
        self.calls_at_once = calls_at_once
        self.trunks = trunks
        self.batch = batch
        self.orders: list[CallOrder] = []
        self.cancelled: list[str] = []
        self.refuses = ""  # a reason: originate raises SwitchRefused, nothing rings
        self.silent: Literal["", "rings", "rings_not"] = ""  # originate raises SwitchSilent; did it ring?
        self.unreachable = False  # every request raises SwitchSilent; the records can still be read
        self._up_since = clock()
        self._lines: list[SwitchEvent | MissedCall | DamagedRecord | PbxRecord] = []
        self.legs: set[str] = set()  # of PBX, that it has now
        self.hung_up: list[str] = []
        self._placed: dict[str, CallOrder] = {}
        self._alive: dict[str, Literal["ringing_a", "asked", "ringing_b", "talking"]] = {}

    # The port

    def originate(self, call: CallOrder) -> None:
        """Record the order; leg A starts. The same try twice fails the test: it would ring a phone twice."""
        if any((call.id, call.attempt) == (earlier.id, earlier.attempt) for earlier in self.orders):
            raise AssertionError(f"call {call.id} was placed twice")
        self.orders.append(call)
        self._placed[call.id] = call
        if self.unreachable:
            raise SwitchSilent(reason="no answer")
        if self.refuses:
            raise SwitchRefused(reason=self.refuses)
        if self.silent != "rings_not":
            self._alive[call.id] = "ringing_a"
            self._write(call.id, "a", EventKind.CHAN_START, None)
        if self.silent:
            raise SwitchSilent(reason="no answer")

    def cancel(self, call_id: str, attempt: int = 1) -> None:
        """End both legs as DELETE does; a call that is not there is fine."""
        self._reach()
        self.cancelled.append(call_id)
        if self._is_up(call_id, attempt):
            self._end(call_id, a=(16, ""), b=(16, ""), dial_status=self._dial_status(call_id), at=None)

    def living(self) -> set[tuple[str, int]]:
        """Between originate and the end."""
        self._reach()
        return {(call_id, self._placed[call_id].attempt) for call_id in self._alive}

    def channels(self) -> set[str]:
        """The legs of PBX that live, by the test's word."""
        self._reach()
        return set(self.legs)

    def end_leg(self, channel: str) -> None:
        """End a leg of PBX."""
        self._reach()
        self.hung_up.append(channel)
        self.legs.discard(channel)

    def tell(self, *records: PbxRecord) -> None:
        """Write records of a PBX, as the test has them."""
        self._lines.extend(records)

    @property
    def lines(self) -> Sequence[object]:
        """What is in the file."""
        return self._lines

    def taken_from(self, place: int) -> list[PbxRecord]:
        """Take what was written of PBX since this place out of the file, as if it came later."""
        taken = [line for line in self._lines[place:] if isinstance(line, PbxRecord)]
        del self._lines[place:]
        return taken

    def started_at(self) -> datetime:
        """When the fake was made, or died last."""
        self._reach()
        return self._up_since

    def read_records(self, position: str) -> Records:
        """Positions are line numbers as text."""
        start = int(position or 0)
        lines = self._lines[start : start + self.batch]
        return Records(
            events=[line for line in lines if isinstance(line, SwitchEvent)],
            missed=[line for line in lines if isinstance(line, MissedCall)],
            damaged=[line for line in lines if isinstance(line, DamagedRecord)],
            pbx=[line for line in lines if isinstance(line, PbxRecord)],
            position=str(start + len(lines)),
            has_more=start + len(lines) < len(self._lines),
            is_elsewhere=start > len(self._lines),
        )

    # What the phones do

    def answer_a(self, call_id: str, at: datetime | None = None) -> None:
        """A picks up; the switch begins to ring B."""
        assert self._alive[call_id] == "ringing_a", self._alive[call_id]
        self._alive[call_id] = "ringing_b"
        self._write(call_id, "a", EventKind.ANSWER, at)
        self._write(call_id, "b", EventKind.CHAN_START, at)

    def ask_a(self, call_id: str) -> None:
        """A picks up and is asked to press 1."""
        assert self._alive[call_id] == "ringing_a", self._alive[call_id]
        self._alive[call_id] = "asked"
        self._write(call_id, "a", EventKind.ANSWER, None)
        self._write(call_id, "a", EventKind.K5_ASKED, None)

    def press_1(self, call_id: str) -> None:
        """A presses 1; the switch begins to ring B."""
        assert self._alive[call_id] == "asked", self._alive[call_id]
        self._alive[call_id] = "ringing_b"
        self._write(call_id, "a", EventKind.K5_CONFIRMED, None)
        self._write(call_id, "b", EventKind.CHAN_START, None)

    def press_nothing(self, call_id: str, source: str = "dialplan") -> None:
        """A presses nothing, or another key; by `a` it hangs up."""
        assert self._alive[call_id] == "asked", self._alive[call_id]
        self._end(call_id, a=(16, source), at=None)

    def fail_over(self, call_id: str, cause: int = 34, at: datetime | None = None, sip: int | None = None) -> None:
        """B's trunk fails before an answer; the switch goes on to the next one by itself."""
        assert self._alive[call_id] == "ringing_b", self._alive[call_id]
        if sip:
            self._say(call_id, "b", cause, sip, Heard.NOTHING)
        self._write(call_id, "b", EventKind.HANGUP, at, cause=cause, source="b")
        call = self._placed[call_id]
        self._placed[call_id] = replace(call, trunks_b=call.trunks_b[1:])
        self._write(call_id, "b", EventKind.CHAN_START, at)

    def answer_b(self, call_id: str, at: datetime | None = None) -> None:
        """B picks up; they talk."""
        assert self._alive[call_id] == "ringing_b", self._alive[call_id]
        self._alive[call_id] = "talking"
        self._write(call_id, "b", EventKind.ANSWER, at)

    def hang_up(self, call_id: str, leg: Leg = "b", at: datetime | None = None) -> None:
        """The person on this leg hangs up: A in any phase after its answer, B in the talk."""
        phase = self._alive[call_id]
        if phase == "talking":
            self._end(call_id, a=(16, leg), b=(16, leg), dial_status="ANSWER", at=at)
        else:
            assert (phase, leg) == ("ringing_b", "a"), (phase, leg)
            self._end(call_id, a=(0, "a"), b=(16, ""), dial_status="CANCEL", at=at)

    def reach_limit(self, call_id: str, at: datetime | None = None) -> None:
        """The time runs out: of the talk, or of leg A while B still rings."""
        cause = 16 if self._alive[call_id] == "talking" else 0
        self._end(call_id, a=(cause, ""), b=(16, ""), dial_status=self._dial_status(call_id), at=at)

    def no_answer(self, call_id: str, leg: Leg, at: datetime | None = None) -> None:
        """Nobody picks up on this leg."""
        if leg == "a":
            self._end(call_id, a=(NO_ANSWER_A, ""), at=at)
        else:
            self._end(call_id, a=(16, "dialplan"), b=(NO_ANSWER_B, ""), dial_status="NOANSWER", at=at)

    def busy(self, call_id: str, leg: Leg, at: datetime | None = None) -> None:
        """486 from this leg's phone."""
        self.refuse(call_id, leg, BUSY, "BUSY", at)

    def refuse(
        self,
        call_id: str,
        leg: Leg,
        cause: int,
        dial_status: str = "CHANUNAVAIL",
        at: datetime | None = None,
        sip: int | None = None,
        heard: Heard = Heard.NOTHING,
    ) -> None:
        """This leg fails with a Q.850 cause: 1 no such number, 21 refused, 34 no line, 38 out of order. With a SIP code
        its record is of the present dialplan, without one of an older."""
        if sip:
            self._say(call_id, leg, cause, sip, heard)
        if leg == "a":
            self._end(call_id, a=(cause, "a"), at=at)
        else:
            self._end(call_id, a=(cause, "dialplan"), b=(cause, "b"), dial_status=dial_status, at=at)

    def _say(self, call_id: str, leg: Leg, cause: int, sip: int, heard: Heard) -> None:
        self._write(call_id, leg, EventKind.K5_END, None, cause=cause, sip=sip, heard=heard)

    def miss(self, caller: str, access: str, at: datetime | None = None) -> None:
        """Somebody rings an access number and hears that it is busy."""
        self._lines.append(MissedCall(f"fake-{len(self._lines)}", caller, access, at or self.clock()))

    # What befalls the switch

    def die(self, at: datetime | None = None) -> None:
        """Killed and started again: calls under way are gone and leave no end records."""
        self._alive.clear()
        self.legs.clear()
        self._up_since = at or self.clock()

    def damage(self, text: str = '{"eventtime":') -> None:
        """Write a line that cannot be read."""
        self._lines.append(DamagedRecord(position=str(len(self._lines)), text=text, reason="not JSON"))

    def lose(self, call_id: str, leg: Leg, kind: EventKind) -> None:
        """Records that were written before are not in the file."""
        lost = (call_id, leg == "a", kind)
        self._lines = [
            line
            for line in self._lines
            if not (isinstance(line, SwitchEvent) and (line.call_id, line.is_a, line.kind) == lost)
        ]

    def hang_up_unjoined(self, call_id: str) -> None:
        """A picks up; the switch is full and drops it before its dialplan."""
        del self._alive[call_id]
        self._write(call_id, "a", EventKind.ANSWER, None)
        self._write(call_id, "a", EventKind.HANGUP, None, cause=0)
        self._write(call_id, "a", EventKind.LINKEDID_END, None)

    def ring_after_all(self, call_id: str) -> None:
        """An order that nobody heard of is taken up when K5 has given it up."""
        self._alive[call_id] = "ringing_a"
        self._write(call_id, "a", EventKind.CHAN_START, None)

    def write_late(self, call_id: str, leg: Leg = "b", kind: EventKind = EventKind.ANSWER) -> None:
        """Write a record, of B's answer by itself, for a call that K5 has closed already."""
        self._write(call_id, leg, kind, None)

    def write_again(self) -> None:
        """Every record so far once more, backwards: repetition and disorder must not matter."""
        self._lines.extend(reversed(self._lines.copy()))

    def _end(
        self,
        call_id: str,
        *,
        a: tuple[int, str],
        b: tuple[int, str] | None = None,
        dial_status: str = "",
        at: datetime | None,
    ) -> None:
        phase = self._alive.pop(call_id)
        if b is not None and phase not in {"ringing_a", "asked"}:
            self._write(call_id, "b", EventKind.HANGUP, at, cause=b[0], source=b[1])
        if phase == "ringing_a":
            dial_status = ""
        self._write(call_id, "a", EventKind.HANGUP, at, cause=a[0], source=a[1], dial_status=dial_status)
        if phase != "ringing_a":
            stage = "not_confirmed" if phase == "asked" else "dialing_b"
            self._write(call_id, "a", EventKind.K5_END, at, cause=a[0], dial_status=dial_status, stage=stage)
        self._write(call_id, "a", EventKind.LINKEDID_END, at)

    def _is_up(self, call_id: str, attempt: int) -> bool:
        return call_id in self._alive and self._placed[call_id].attempt == attempt

    def _dial_status(self, call_id: str) -> str:
        return "ANSWER" if self._alive[call_id] == "talking" else "CANCEL"

    def _reach(self) -> None:
        if self.unreachable:
            raise SwitchSilent(reason="no answer")

    def _write(
        self,
        call_id: str,
        leg: Leg,
        kind: EventKind,
        at: datetime | None,
        *,
        cause: int | None = None,
        source: str = "",
        dial_status: str = "",
        stage: str = "",
        sip: int | None = None,
        heard: Heard | None = None,
    ) -> None:
        call = self._placed[call_id]
        tries = f"{call.attempt}" if call.attempt > 1 else ""
        self._lines.append(
            SwitchEvent(
                call_id=call_id,
                leg_uuid=f"k5-{call_id}-a{tries}" if leg == "a" else f"{self.name}-{call_id}.{call.trunks_b[0]}",
                is_a=leg == "a",
                kind=kind,
                at=at or self.clock(),
                cause=cause,
                source=source,
                dial_status=dial_status,
                stage=stage,
                trunk=call.trunks_a[-1] if leg == "a" else call.trunks_b[0],
                attempt=call.attempt,
                sip=sip,
                heard=heard,
            )
        )
