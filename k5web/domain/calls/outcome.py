"""What a call's records say: how far it came, when its legs lived, how it ended. Order of arrival never matters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from k5web.domain.calls.call import CallState, EventKind, Outcome, SwitchEvent
from k5web.domain.calls.endings import Ending, Heard, LegVerdict, verdict_of

NONE = 0  # what the switch writes where it gave up by itself
NORMAL = 16  # Q.850 "normal call clearing": somebody hung up, or K5 did

_A_ENDED = {ending: Outcome(f"a_{ending}") for ending in Ending}
_B_ENDED = {ending: Outcome(f"b_{ending}") for ending in Ending}


@dataclass(frozen=True, slots=True)
class LegRecord:
    """One leg as its records tell it. A leg without `ended_at` is still up, or its switch died."""

    uuid: str
    is_a: bool
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    cause: int | None  # Q.850, with the hang-up
    source: str  # who hung up, as in SwitchEvent
    dial_status: str
    trunk: str = ""
    attempt: int = 1
    sip: int | None = None
    heard: Heard | None = None
    free_until: datetime | None = None  # as in Cdr

    @property
    def verdict(self) -> LegVerdict | None:
        """What follows from its end; None where it was answered, goes on, or was ended from here."""
        if self.answered_at is not None or self.cause is None or self.cause == NORMAL:
            return None
        if self.is_a and self.cause == NONE:  # the switch was told to stop: its own time-out of leg A is 19
            return LegVerdict(Ending.ROUTE_FAILED, another_trunk=not self.heard)
        return verdict_of(self.sip, self.cause, self.heard)


def state_of(events: Iterable[SwitchEvent]) -> CallState:
    """Return how far a try of the call came: placing (no record yet) … ended (its last record is here)."""
    seen = {(event.kind, event.is_a) for event in events}
    if any(kind is EventKind.LINKEDID_END for kind, _ in seen):
        return CallState.ENDED
    if (EventKind.ANSWER, False) in seen:
        return CallState.TALKING
    if (EventKind.CHAN_START, False) in seen:
        return CallState.CALLING_B
    if (EventKind.ANSWER, True) in seen and (EventKind.K5_ASKED, True) not in seen:
        return CallState.CALLING_B
    return CallState.CALLING_A if seen else CallState.PLACING


def legs_of(events: Iterable[SwitchEvent]) -> tuple[LegRecord, ...]:
    """Return the legs of one call, A first, then the B legs as they started.

    A leg whose hang-up record is missing ends with the last record of its try, without a cause.
    """
    last: dict[int, SwitchEvent] = {}
    by_leg: dict[str, list[SwitchEvent]] = {}
    for event in events:
        if event.kind is EventKind.LINKEDID_END:  # the switch writes it with the leg that ended last
            last[event.attempt] = min(last.get(event.attempt, event), event, key=lambda end: end.at)
        else:
            by_leg.setdefault(event.leg_uuid, []).append(event)
    found = [_leg(records, last.get(records[0].attempt)) for records in by_leg.values()]
    legs = sorted(found, key=lambda leg: (not leg.is_a, leg.started_at, leg.uuid))
    return tuple([*legs[:-1], _with_code_of_a(legs[-1], by_leg)] if legs else ())


def _with_code_of_a(leg: LegRecord, by_leg: Mapping[str, list[SwitchEvent]]) -> LegRecord:
    """Give the last leg B the code that stood with leg A, where its own end was not recorded: by older dialplans."""
    if leg.is_a or leg.heard is not None:
        return leg
    ends = [_earliest(records, EventKind.K5_END) for records in by_leg.values() if records[0].is_a]
    return replace(leg, sip=next((end.sip for end in ends if end and end.sip), None))


def outcome_of(events: Sequence[SwitchEvent], cancel_requested: bool = False) -> Outcome:
    """Return how a finished try of a call ended; the flag tells a cancel from a limit during the talk.

    Source: seen with Asterisk 22. A person must look where the records of its end or of an answer are missing: it is
    lost then.
    """
    legs = legs_of(events)
    a = next((leg for leg in legs if leg.is_a), None)
    if a is None or a.cause is None or unrecorded_answers(events):
        return Outcome.LOST
    if a.answered_at is None:
        if a.cause == NORMAL and not a.source:
            return Outcome.CANCELLED
        return _A_ENDED[a.verdict.ending if a.verdict else Ending.ROUTE_FAILED]
    if any(leg.answered_at for leg in legs if not leg.is_a):
        return _end_of_talk(a.source, cancel_requested)
    return _end_without_b(a, legs[-1], _earliest(events, EventKind.K5_END, of_a=True), cancel_requested)


def unrecorded_answers(events: Sequence[SwitchEvent]) -> tuple[str, ...]:
    """Return the legs of a try, "a" and "b", of whose answer the end of the dialplan speaks and no record does."""
    end = _earliest(events, EventKind.K5_END, of_a=True)
    if end is None:
        return ()
    answered = {event.is_a for event in events if event.kind is EventKind.ANSWER}
    said = {"a": bool(end.stage) and True not in answered, "b": end.dial_status == "ANSWER" and False not in answered}
    return tuple(leg for leg, is_missing in said.items() if is_missing)


def _end_of_talk(source: str, cancel_requested: bool) -> Outcome:
    if source == "a":
        return Outcome.DONE_A
    if source:  # B's phone, or the dialplan after B had gone
        return Outcome.DONE_B
    return Outcome.CANCELLED if cancel_requested else Outcome.LIMIT


def _end_without_b(a: LegRecord, b: LegRecord, end: SwitchEvent | None, cancel_requested: bool) -> Outcome:
    """A had answered, B never did. `b` is the last try of leg B, or A where there was none; `end` is A's own."""
    was_cancelled = cancel_requested and a.cause == NORMAL and not a.source
    if end is not None and end.stage == "not_confirmed":
        return Outcome.CANCELLED if was_cancelled else Outcome.A_NOT_CONFIRMED
    if a.source == "a":
        return Outcome.A_GAVE_UP
    if end is None or end.stage != "dialing_b":  # maxcalls, no such extension, no limits: B was never dialled
        return Outcome.CANCELLED if was_cancelled else Outcome.FAULT
    if not a.source and end.dial_status == "CANCEL":
        return Outcome.CANCELLED if a.cause == NORMAL else Outcome.LIMIT
    if not b.is_a and b.cause is None:  # its hang-up is not in the file: A's tells, which the switch ended after it
        b = replace(b, cause=NONE if end.dial_status == "NOANSWER" else a.cause)
    # A carrier's redirection that the switch did not follow may be over before its code is read: BUSY with no cause
    was_stopped = b.cause == NONE and end.dial_status not in {"NOANSWER", "BUSY"}
    verdict = None if b.is_a or was_stopped else b.verdict
    return _B_ENDED[verdict.ending if verdict else Ending.ROUTE_FAILED]


def _leg(records: list[SwitchEvent], last: SwitchEvent | None) -> LegRecord:
    answer = _earliest(records, EventKind.ANSWER)
    hangup = _earliest(records, EventKind.HANGUP)
    end = _earliest(records, EventKind.K5_END)
    over = hangup or last
    return LegRecord(
        uuid=records[0].leg_uuid,
        is_a=records[0].is_a,
        started_at=min(record.at for record in records),
        answered_at=answer.at if answer else None,
        ended_at=over.at if over else None,
        cause=hangup.cause if hangup else None,
        source=hangup.source if hangup else "",
        # The HANGUP of A carries an older word: NOANSWER where Dial ended with CHANUNAVAIL (seen with Asterisk 22).
        dial_status=end.dial_status if end else hangup.dial_status if hangup else "",
        trunk=records[0].trunk,
        attempt=records[0].attempt,
        sip=end.sip if end else None,
        heard=end.heard if end else None,
        free_until=_free_until(records, over),
    )


def _free_until(records: list[SwitchEvent], over: SwitchEvent | None) -> datetime | None:
    """Return when A pressed 1, or its end where it was asked and did not."""
    if _earliest(records, EventKind.K5_ASKED) is None:
        return None
    pressed = _earliest(records, EventKind.K5_CONFIRMED)
    return pressed.at if pressed else over.at if over else max(record.at for record in records)


def _earliest(events: Iterable[SwitchEvent], kind: EventKind, *, of_a: bool = False) -> SwitchEvent | None:
    found = (event for event in events if event.kind is kind and (event.is_a or not of_a))
    return min(found, key=lambda event: event.at, default=None)
